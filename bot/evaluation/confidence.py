"""How far the confidence of answers can be relied on. Pure.

A question counts as well answered when what is said is right or, where nothing is said, when
the first of the passages shown overlaps a gold quote: a confidence is that of the best there is,
said or not. Questions whose answers have no confidence are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.evaluation.measures import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.evaluation.outcomes import AnswerOutcome

_BINS = 10


@dataclass(frozen=True, slots=True)
class Reached:
    """The most confident answers taken so far: their share of all questions, and of them the right.

    Args:
        coverage: how many were taken, of all questions.
        precision: the share of them that is right.
        confidence: the lowest that was taken.
    """

    coverage: float
    precision: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies in one tenth of the scale.

    Args:
        confidence: their mean confidence.
        right: the share of them that is right.
        interval: of that share, 95 %.
        count: how many they are.
    """

    confidence: float
    right: float
    interval: tuple[float, float]
    count: int


def precision_by_coverage(outcomes: Sequence[AnswerOutcome]) -> list[Reached]:
    """What would be right if only the most confident answers were said, for each number of them.

    Answers of the same confidence are taken together: no order among them is known.
    """
    pairs = sorted(_pairs(outcomes), reverse=True)
    reached, right = [], 0
    for taken, (confidence, is_right) in enumerate(pairs, 1):
        right += is_right
        if taken == len(pairs) or pairs[taken][0] < confidence:
            reached.append(Reached(taken / len(outcomes), right / taken, confidence))
    return reached


def reliability(outcomes: Sequence[AnswerOutcome]) -> list[Bin]:
    """How often answers are right, by how confident they are; empty bins are left out."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, is_right in _pairs(outcomes):
        bins[min(int(confidence * _BINS), _BINS - 1)].append((confidence, is_right))
    return [_bin(pairs) for pairs in bins if pairs]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """The expected calibration error: the mean distance of confidence and share, by count.

    Guo and others (2017), "On calibration of modern neural networks", equation 3.
    """
    total = sum(one.count for one in bins)
    if not total:
        return None
    return round(sum(one.count * abs(one.confidence - one.right) for one in bins) / total, 4)


def _bin(pairs: Sequence[tuple[float, bool]]) -> Bin:
    right, count = sum(is_right for _, is_right in pairs), len(pairs)
    low, high = wilson(right, count) or (0.0, 1.0)
    return Bin(sum(one for one, _ in pairs) / count, right / count, (low, high), count)


def _pairs(outcomes: Sequence[AnswerOutcome]) -> list[tuple[float, bool]]:
    """The confidences with whether each is of a right answer."""
    return [
        (min(max(0.0, one.confidence), 1.0), one.nearest_right or one.corrected)
        for one in outcomes
        if one.confidence is not None
    ]
