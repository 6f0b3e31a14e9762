"""The figures: recall, MRR, nDCG of rankings; shares of answers with intervals; two runs compared.

Definitions as in Manning, Raghavan, Schütze, "Introduction to Information Retrieval",
chapter 8, with one relevant thing a question: the first passage that holds a gold quote.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

from bot.evaluation.outcomes import as_values
from retrieval.errors import BadUse, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from bot.evaluation.outcomes import AnswerOutcome, RankedOutcome

    Truths = Sequence[bool]

_Z = 1.959964
"""Of the normal distribution, 95 % lie within so many standard deviations."""


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
    """The ``answers`` figures of ``evaluate --json``.

    Each share has a 95 % interval under ``intervals``. ``by_style`` and ``by_unanswerable``
    hold the figures of the questions of one style, and of one kind of unanswerable question.
    """
    truths = _truths(outcomes)
    times = sorted(outcome.milliseconds for outcome in outcomes)
    return {
        **{name: share(values) for name, values in truths.items()},
        "inexact_quotes": sum(outcome.inexact_quotes for outcome in outcomes),
        **_counts(outcomes),
        "p50_ms": round(times[len(times) // 2], 1) if times else None,
        "p95_ms": round(times[int(len(times) * 0.95)], 1) if times else None,
        "intervals": {name: wilson(sum(values), len(values)) for name, values in truths.items()},
        "by_style": _grouped(outcomes, lambda one: one.style, _STYLED),
        "by_unanswerable": _grouped(
            [one for one in outcomes if not one.answerable], lambda one: one.kind, _REFUSED
        ),
    }


def _truths(outcomes: Sequence[AnswerOutcome]) -> dict[str, Truths]:
    """What each share counts: one truth for each question that it is a share of."""
    answerable = [one for one in outcomes if one.answerable]
    unanswerable = [one for one in outcomes if not one.answerable]
    unsaid = [one for one in outcomes if not one.said]
    return {
        "right": [one.right for one in answerable],
        "right_by_quote": [one.right_by_quote for one in answerable],
        "right_by_span": [one.right_by_span for one in answerable],
        "cited": [one.cited for one in answerable],
        "wrong_when_said": [one.wrong for one in outcomes if one.said],
        "shown": [one.shown for one in answerable if one.shown is not None],
        "refused_rightly": [one.rightly_refused for one in unanswerable],
        "refusal_precision": [not one.answerable for one in unsaid],
        "refusal_recall": [not one.said for one in unanswerable],
    }


_STYLED = ("right", "cited", "wrong_when_said", "shown", "refused_rightly")
_REFUSED = ("refused_rightly",)


def _counts(outcomes: Sequence[AnswerOutcome]) -> dict[str, int]:
    return {
        "answerable": sum(one.answerable for one in outcomes),
        "unanswerable": sum(not one.answerable for one in outcomes),
        "said": sum(one.said for one in outcomes),
        "refused": sum(not one.said for one in outcomes),
    }


def _grouped(
    outcomes: Sequence[AnswerOutcome], key: Callable[[AnswerOutcome], str], names: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Some of the shares for each group of questions, in the order of the groups' names."""
    groups: dict[str, list[AnswerOutcome]] = defaultdict(list)
    for one in outcomes:
        groups[key(one)].append(one)
    figures: dict[str, Mapping[str, Any]] = {}
    for group in sorted(filter(None, groups)):
        truths = {name: _truths(groups[group])[name] for name in names}
        figures[group] = {
            **_counts(groups[group]),
            **{name: share(values) for name, values in truths.items()},
            "intervals": {n: wilson(sum(values), len(values)) for n, values in truths.items()},
        }
    return figures


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % interval of a share, to four decimals; None of nothing.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not trials:
        return None
    observed, z2 = successes / trials, _Z * _Z
    centre = (observed + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = math.sqrt(observed * (1 - observed) / trials + z2 / (4 * trials * trials))
    half = _Z * spread / (1 + z2 / trials)
    return round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)


def share(truths: Iterable[object]) -> float | None:
    """The share that is true, to four decimals; None of nothing."""
    return mean([1.0 if truth else 0.0 for truth in truths])


def mean(values: Sequence[float]) -> float | None:
    """The mean to four decimals; None of nothing."""
    return round(sum(values) / len(values), 4) if values else None


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


_MAX_BYTES = 200_000_000


def compared(this: Sequence[AnswerOutcome], that: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The ``comparison`` figures of ``evaluate --json``: this run beside an earlier one.

    Questions are matched by id and text; one succeeds when it is right or rightly refused. ``p``
    is McNemar's exact p: how often as unequal a change would come by chance. ``changed`` are the
    questions that succeed in one run only.
    """
    now, then = _by_question(as_values(this)), _by_question(that)
    matched = [(now[key], then[key]) for key in now if key in then]
    counts = Counter((a["succeeded"], b["succeeded"]) for a, b in matched)
    only_this, only_that = counts[True, False], counts[False, True]
    return {
        "both": counts[True, True],
        "only_this": only_this,
        "only_that": only_that,
        "neither": counts[False, False],
        "unmatched": len(now.keys() ^ then.keys()),
        "p": mcnemar(only_this, only_that),
        "changed": [
            {
                "id": a["id"],
                "question": a["question"],
                "succeeds": a["succeeded"],
                "said": a["text"],
                "said_then": b["text"],
            }
            for a, b in matched
            if a["succeeded"] != b["succeeded"]
        ],
    }


def mcnemar(only_this: int, only_that: int) -> float:
    """McNemar's exact p, two-sided: the binomial test of one half, on what changed.

    McNemar (1947), "Note on the sampling error of the difference between correlated
    proportions or percentages".
    """
    trials = only_this + only_that
    tail = sum(comb(trials, k) for k in range(min(only_this, only_that) + 1))
    chance: float = 2 * tail / (1 << trials)
    return round(min(1.0, chance), 6)


def earlier_run(path: Path) -> list[dict[str, Any]]:
    """The questions of a run that was saved (``--save``, or ``--json --details``).

    Raises:
        NotFound: there is no such file.
        BadUse: it is no such run (``run_unreadable``).
    """
    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("the file is too large")
        rows = json.loads(path.read_text(encoding="utf-8"))["questions"]
        return [_checked(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise BadUse("run_unreadable", path=str(path), detail=detail) from error


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    kinds = {"id": str, "question": str, "succeeded": bool, "text": str}
    for name, kind in kinds.items():
        if not isinstance(row[name], kind):
            raise TypeError(f"{name}: {row[name]!r:.40}")
    return {name: row[name] for name in kinds}


def _by_question(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(row["id"], row["question"]): row for row in rows}
