"""What the gate says of a sentence, and the limits that it judges by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from config import data
from retrieval.vocabulary import Evidence, Span


class Fault(StrEnum):
    """Why a sentence is not said."""

    NO_SUPPORT = "no_support"
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    NEGATION = "negation"
    AGENT = "agent"
    ORDER = "order"
    NOTHING_SAID = "nothing_said"


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an article, by its offsets in the article's text."""

    evidence: Evidence
    span: Span


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence judged.

    ``text`` is the sentence without its markers; ``fault`` is ``None`` when it passed;
    ``quotes`` support it, best first, and are empty when it failed; ``support`` is 0 to 1.
    """

    text: str
    fault: Fault | None
    quotes: tuple[Quote, ...]
    support: float


@dataclass(frozen=True, slots=True)
class GateLimits:
    """The rule of support: a logistic model of words and cosine, and the least it must give.

    The ``foreign`` weights are for a sentence in another language than the article's.
    """

    bias: float
    words: float
    cosine: float
    foreign_bias: float
    foreign_words: float
    foreign_cosine: float
    least: float

    def support(self, words: float, cosine: float, *, foreign: bool) -> float:
        """How surely a sentence of an article supports a statement, from 0 to 1."""
        if foreign:
            sum_ = self.foreign_bias + self.foreign_words * words + self.foreign_cosine * cosine
        else:
            sum_ = self.bias + self.words * words + self.cosine * cosine
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, sum_))))


def load_limits() -> GateLimits:
    """The limits of ``config/thresholds.toml``."""
    return GateLimits(**data.load("thresholds.toml")["gate"])
