"""Whether to answer: what the evidence says, what the model says of it, and the gate, in one sum.

Pure. A sentence of an article answers with some probability (`bot.answering.candidates`); the
model was asked whether the answer is there (log-odds of yes against no), it may have written
that it is not, and it may have chosen the sentence itself. The weights are calibrated on
questions with known answers (``config/thresholds.toml``) and hold for small models, which
invent; a stronger one seldom says yes in vain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from config import data

_MOST_ODDS = 3.0


@dataclass(frozen=True, slots=True)
class Trust:
    """How much each sign weighs, in nats, from ``config/thresholds.toml``.

    Args:
        evidence: of the log-odds that the evidence gives.
        odds: of each nat of the model's own log-odds that the answer is there.
        odds_middle: log-odds that say nothing either way.
        chosen: that the model wrote a sentence which the quote supports.
        declined: that the model wrote that the passages do not say it.
        ask_above: a best sentence that stays below this is not put to the model.
        say_above: a statement below this is not said.
        sure: a best sentence this probable is sure to answer;
        share: beside it, one below this share of it is not said.
    """

    evidence: float
    odds: float
    odds_middle: float
    chosen: float
    declined: float
    ask_above: float
    say_above: float
    sure: float
    share: float


def load_trust() -> Trust:
    """The weights that come with Kiosque."""
    return Trust(**data.load("thresholds.toml")["trust"])


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model makes of the evidence.

    Args:
        odds: its log-odds that the passages hold the answer; None when it gives none.
        declined: whether it wrote that they do not.
    """

    odds: float | None = None
    declined: bool = False


def belief(evidence: float, opinion: Opinion, trust: Trust, *, chosen: bool) -> float:
    """The probability that a sentence answers, all told.

    Args:
        evidence: its probability by the evidence alone.
        opinion: what the model makes of it.
        trust: how much each sign weighs.
        chosen: whether the model wrote a statement that the sentence supports.
    """
    sure = min(max(evidence, 1e-4), 1 - 1e-4)
    total = trust.evidence * math.log(sure / (1 - sure))
    if opinion.odds is not None:
        told = opinion.odds - trust.odds_middle
        total += trust.odds * min(max(told, -_MOST_ODDS), _MOST_ODDS)
    total += trust.chosen * chosen - trust.declined * opinion.declined
    return 1 / (1 + math.exp(-total))
