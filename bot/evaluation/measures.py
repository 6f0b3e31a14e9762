"""The figures: recall, MRR, nDCG of rankings; precision and recall of refusals. Pure.

Definitions as in Manning, Raghavan, Schütze, "Introduction to Information Retrieval",
chapter 8, with one relevant thing a question: the first passage that holds a gold quote.
"""

from __future__ import annotations

import math
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
        kind: its kind in the question file, for details.
        answerable: whether the archive answers it.
        refused: whether it was refused.
        right: whether the answer holds what it must.
        cited: whether it is right and cites a right article.
        inexact_quotes: quotes that are not spans of a live article.
        said: what was answered, or the reason of the refusal.
        milliseconds: what the answer took.
    """

    id: str
    question: str
    kind: str
    answerable: bool
    refused: bool
    right: bool
    cited: bool
    inexact_quotes: int
    said: str
    milliseconds: float


def ranking_figures(outcomes: Sequence[RankedOutcome], passages: int) -> dict[str, Any]:
    """The ``retrieval`` figures of ``evaluate --json``; shares are None without questions."""
    ranks = [outcome.rank for outcome in outcomes]
    figures: dict[str, Any] = {
        f"recall@{k}": share(rank is not None and rank < k for rank in ranks) for k in (1, 5, 10)
    }
    within = [rank if rank is not None and rank < 10 else None for rank in ranks]
    figures["mrr@10"] = mean([0.0 if rank is None else 1 / (rank + 1) for rank in within])
    figures["ndcg@10"] = mean([0.0 if r is None else 1 / math.log2(r + 2) for r in within])
    return {**figures, "questions": len(ranks), "passages": passages}


def answer_figures(outcomes: Sequence[AnswerOutcome]) -> dict[str, Any]:
    """The ``answers`` figures of ``evaluate --json``."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    refused = [outcome for outcome in outcomes if outcome.refused]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    times = sorted(outcome.milliseconds for outcome in outcomes)
    return {
        "right": share(outcome.right for outcome in answerable),
        "cited": share(outcome.cited for outcome in answerable),
        "refusal_precision": share(not outcome.answerable for outcome in refused),
        "refusal_recall": share(outcome.refused for outcome in unanswerable),
        "inexact_quotes": sum(outcome.inexact_quotes for outcome in outcomes),
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "refused": len(refused),
        "p50_ms": round(times[len(times) // 2], 1) if times else None,
        "p95_ms": round(times[int(len(times) * 0.95)], 1) if times else None,
    }


def share(truths: Any) -> float | None:  # noqa: ANN401 - any iterable of truths
    """The share that is true, to four decimals; None of nothing."""
    return mean([1.0 if truth else 0.0 for truth in truths])


def mean(values: Sequence[float]) -> float | None:
    """The mean to four decimals; None of nothing."""
    return round(sum(values) / len(values), 4) if values else None


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
        if not (outcome.cited if outcome.answerable else outcome.refused)
    ]
