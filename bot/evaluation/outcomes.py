"""What became of each question that was put: values that figures, charts and runs are made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class RankedOutcome:
    """Where the right passage of a question was found: from 0, or None."""

    id: str
    question: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """How a question was answered.

    Args:
        id: of the question.
        question: its text.
        kind: its kind in the question file; of an unanswerable one, why it has no answer.
        style: how it is worded.
        status: of the answer.
        answerable: whether the archive answers it.
        said: whether an answer was said: neither a refusal nor the nearest passages.
        right_by_quote: whether it cites words that overlap a gold quote.
        right_by_span: whether it holds the words that answer.
        right: whether it is right, all considered.
        cited: whether it is right and cites a right article.
        corrected: whether it cites what is wrong with an unanswerable question.
        shown: whether the gold passage is cited or among those shown; None when not known.
        nearest_right: whether what is said is right or, where nothing is said, the first of
            the passages shown overlaps a gold quote.
        inexact_quotes: quotes that are not spans of a live article.
        text: what was said; else the reason of the refusal, or the status.
        confidence: the probability that the answer gave itself, 0 to 1; None when it gave none.
        milliseconds: what the answer took.
    """

    id: str
    question: str
    kind: str
    style: str
    status: str
    answerable: bool
    said: bool
    right_by_quote: bool
    right_by_span: bool
    right: bool
    cited: bool
    corrected: bool
    shown: bool | None
    nearest_right: bool
    inexact_quotes: int
    text: str
    confidence: float | None
    milliseconds: float

    @property
    def wrong(self) -> bool:
        """Whether something was said that is neither right nor a due correction."""
        return self.said and not (self.right or self.corrected)

    @property
    def rightly_refused(self) -> bool:
        """Whether an unanswerable question was not answered, or was rightly corrected."""
        return not self.answerable and (not self.said or self.corrected)

    @property
    def succeeded(self) -> bool:
        """Whether it is right, or rightly refused."""
        return self.right if self.answerable else self.rightly_refused


def as_values(outcomes: Sequence[AnswerOutcome]) -> list[dict[str, Any]]:
    """The outcomes for programs, each with whether it ``succeeded``."""
    return [{**asdict(one), "succeeded": one.succeeded} for one in outcomes]


def failures(
    ranked: Sequence[RankedOutcome], answered: Sequence[AnswerOutcome]
) -> list[dict[str, Any]]:
    """The questions that did not succeed, for reading one by one."""
    failed = [
        {"what": "retrieval", **asdict(outcome)}
        for outcome in ranked
        if outcome.rank is None or outcome.rank > 0
    ]
    return failed + [
        {"what": "answer", **asdict(outcome)}
        for outcome in answered
        if not (outcome.cited if outcome.answerable else outcome.rightly_refused)
    ]
