"""The quote gate: a sentence of a model is said only when the passages given support it."""

from bot.answering.gate.checking import Gate
from bot.answering.gate.verdict import Checked, Fault, GateLimits, Quote, load_limits

__all__ = ["Checked", "Fault", "Gate", "GateLimits", "Quote", "load_limits"]
