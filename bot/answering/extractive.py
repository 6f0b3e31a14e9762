"""An answer without a model: the sentences that answer, verbatim, each with its citation.

Pure: from candidates to statements, or to nothing when none is probable enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.speech import said_by
from bot.answering.values import takes_back
from config import data
from retrieval.vocabulary import Citation, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Limits:
    """When a sentence is said, from ``config/thresholds.toml``.

    Args:
        refuse_below: a best sentence less probable than this answers nothing.
        keep_share: a further sentence must be as probable as this share of the best.
        sure: a best sentence as probable as this needs few others beside it.
        sure_share: the share a further sentence must reach beside a sure one.
        denied_share: a sentence that denies the premise counts from this share of the best.
    """

    refuse_below: float
    keep_share: float
    sure: float
    sure_share: float
    denied_share: float


def load_limits() -> Limits:
    """The limits that come with Kiosque."""
    return Limits(**data.load("thresholds.toml")["extractive"])


def chosen(found: Sequence[Candidate], limits: Limits, most: int) -> list[Candidate]:
    """The sentences to say, the best first; none when the evidence does not answer.

    Args:
        found: candidates, the most probable first.
        limits: when a sentence is said.
        most: how many at most.
    """
    found = [one for one in found if not is_taken_back(one)]
    if not found or found[0].probability < limits.refuse_below or denied(found, limits):
        return []
    best = found[0]
    share = limits.sure_share if best.probability >= limits.sure else limits.keep_share
    kept: list[Candidate] = []
    for one in found:
        if len(kept) == most or one.probability < share * best.probability:
            break
        if one.contradicts:
            continue  # it denies the premise: never part of an answer that accepts it
        if not any(_says_the_same(one, other) for other in kept):
            kept.append(one)
    return kept


def is_taken_back(one: Candidate) -> bool:
    """Whether the sentence that follows in the article says that this one is wrong."""
    following = one.evidence.article.text[one.span.end : one.span.end + 200]
    return takes_back(following.lstrip(' \n»”"'))


def denied(found: Sequence[Candidate], limits: Limits) -> bool:
    """Whether one of the best sentences says the opposite of what the question supposes."""
    if not found:
        return False
    floor = found[0].probability * limits.denied_share
    return any(one.contradicts and one.probability >= floor for one in found[:3])


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    """Whether two sentences share nearly all their terms."""
    smaller = min(len(one.terms), len(other.terms))
    return not smaller or len(one.terms & other.terms) >= 0.7 * smaller


def statements(kept: Sequence[Candidate], first: int = 1) -> tuple[Statement, ...]:
    """Cite each sentence; a number an article's sentence, in the order of the statements."""
    said = []
    for number, one in enumerate(kept, start=first):
        article = one.evidence.article
        quote = article.text[one.span.start : one.span.end]
        citation = Citation(number, article, quote, one.span.start, one.span.end)
        speaker = said_by(article.text, one.span)
        said.append(Statement(quote, (citation,), speaker.name if speaker else None))
    return tuple(said)
