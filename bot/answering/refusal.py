"""Why a question has no answer: decided from its words, its period and the evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.answering.relevance import light_terms
from bot.answering.understanding import Kind, wording
from config import data
from retrieval.analysis import fold
from retrieval.vocabulary import Coverage, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.understanding import Asked
    from retrieval.vocabulary import Article, Evidence, Period

_NOT_ASKED = data.load("questions.toml")["not_a_question"]
_ORDERS = re.compile("|".join(_NOT_ASKED["orders"]))
_TALK = re.compile(rf"^\W*(?:(?:{'|'.join(map(re.escape, _NOT_ASKED['talk']))})(?:\W+|$))+$")
_ONLY_MARKS = re.compile(r"^[\W\d_]*$")


def before_searching(asked: Asked) -> Reason | None:
    """A refusal that needs no evidence: an order, a greeting, or nothing to look for."""
    folded = fold(asked.question.text.replace("’", "'"))
    if _ORDERS.search(folded) or _TALK.match(folded) or _ONLY_MARKS.match(folded):
        return Reason.NOT_A_QUESTION
    subject = [t for t in (*asked.terms, *asked.carried) if t.term not in light_terms()]
    if not subject:
        asks_when = asked.question.period is not None
        return (
            Reason.TOO_VAGUE
            if asked.terms or asks_when or wording("asks").search(folded)
            else (Reason.NOT_A_QUESTION)
        )
    if len(subject) == 1 and asked.kind is Kind.OTHER and not wording("asks").search(folded):
        return Reason.TOO_VAGUE
    return None


def after_searching(
    asked: Asked, coverage: Coverage, evidence: Sequence[Evidence], *, denied: bool
) -> Reason:
    """Why the evidence does not answer.

    Args:
        asked: the question understood.
        coverage: what the archive holds.
        evidence: what was found.
        denied: whether a good sentence says the opposite of what the question supposes.
    """
    if is_outside(asked.question.period, coverage):
        return Reason.OUT_OF_PERIOD
    if denied:
        return Reason.FALSE_PREMISE
    if asked.question.period is not None and not evidence:
        return Reason.OUT_OF_PERIOD
    return Reason.NOT_IN_ARCHIVE


def is_outside(period: Period | None, coverage: Coverage) -> bool:
    """Whether a period lies wholly before or after what the archive covers."""
    if period is None or coverage.first is None or coverage.last is None:
        return False
    too_late = period.first is not None and period.first > coverage.last.last_day
    too_early = period.last is not None and period.last < coverage.first.first_day
    return too_late or too_early


def nearest(evidence: Sequence[Evidence], most: int = 3) -> tuple[Article, ...]:
    """The articles that came nearest, each once, best first."""
    found: dict[str, Article] = {}
    for one in evidence:
        found.setdefault(one.article.id, one.article)
    return tuple(found.values())[:most]
