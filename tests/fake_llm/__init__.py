"""A chat model's server that says what a test has written for it.

with FakeLlm(says("Bonjour [1].")) as server:
    …  # server.url is the base URL; server.asked holds what it was asked
"""

from tests.fake_llm.asked import Asked
from tests.fake_llm.echo import echo
from tests.fake_llm.replies import (
    Reply,
    answers,
    cut,
    endless,
    fails,
    flood,
    hangs,
    hears,
    html,
    redirects,
    says,
    unknown_model,
)
from tests.fake_llm.server import FakeLlm, Script, closed_port, in_turn

__all__ = [
    "Asked",
    "FakeLlm",
    "Reply",
    "Script",
    "answers",
    "closed_port",
    "cut",
    "echo",
    "endless",
    "fails",
    "flood",
    "hangs",
    "hears",
    "html",
    "in_turn",
    "redirects",
    "says",
    "unknown_model",
]
