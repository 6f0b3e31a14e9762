"""Figures: what each means, on outcomes small enough to count by hand."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluation.measures import (
    AnswerOutcome,
    RankedOutcome,
    answer_figures,
    failures,
    mean,
    ranking_figures,
    share,
)


def ranked(*ranks: int | None) -> list[RankedOutcome]:
    """Questions whose right passage has these ranks."""
    return [RankedOutcome(f"q{at}", f"Q{at} ?", rank) for at, rank in enumerate(ranks)]


def answered(
    answerable: bool, refused: bool, right: bool = False, cited: bool = False, inexact: int = 0
) -> AnswerOutcome:
    """A question with this outcome."""
    return AnswerOutcome("q", "Q ?", "", answerable, refused, right, cited, inexact, "said", 10.0)


def test_ranking_figures() -> None:
    """Recall counts ranks within k, MRR their inverse, nDCG their discount; ten at most."""
    figures = ranking_figures(ranked(0, 3, 9, 10, None), passages=42)
    assert (figures["recall@1"], figures["recall@5"], figures["recall@10"]) == (0.2, 0.4, 0.6)
    assert figures["mrr@10"] == pytest.approx((1 + 1 / 4 + 1 / 10) / 5, abs=1e-4)
    assert figures["ndcg@10"] == pytest.approx((1 + 1 / log2(5) + 1 / log2(11)) / 5, abs=1e-4)
    assert (figures["questions"], figures["passages"]) == (5, 42)


def test_answer_figures() -> None:
    """Right and cited are shares of what can be answered; refusals have precision and recall."""
    figures = answer_figures(
        [
            answered(True, False, right=True, cited=True),
            answered(True, False, right=True, inexact=2),
            answered(True, False),
            answered(True, True),
            answered(False, True),
            answered(False, True),
            answered(False, False),
        ]
    )
    assert (figures["right"], figures["cited"]) == (0.5, 0.25)
    assert figures["refusal_precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["refusal_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert (figures["answerable"], figures["unanswerable"], figures["refused"]) == (4, 3, 3)
    assert figures["inexact_quotes"] == 2
    assert figures["p50_ms"] == figures["p95_ms"] == 10.0


def test_nothing_has_no_share() -> None:
    """A share of nothing is None, never 0 nor an error."""
    assert ranking_figures([], 0)["recall@1"] is None
    assert answer_figures([])["right"] is None
    assert answer_figures([])["p50_ms"] is None
    assert share([]) is mean([]) is None
    assert share([True, False, False]) == 0.3333


def test_failures_are_what_did_not_succeed() -> None:
    """A first place, a right and cited answer and a due refusal are no failures."""
    listed = failures(
        ranked(0, 1, None),
        [
            answered(True, False, right=True, cited=True),
            answered(True, False, right=True),
            answered(False, True),
            answered(False, False),
        ],
    )
    assert [(one["what"], one["question"]) for one in listed] == [
        ("retrieval", "Q1 ?"),
        ("retrieval", "Q2 ?"),
        ("answer", "Q ?"),
        ("answer", "Q ?"),
    ]


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 50), min_size=1, max_size=50))
def test_figures_are_ordered_shares(ranks: list[int | None]) -> None:
    """Recall grows with k, and MRR lies between recall@1 and recall@10."""
    figures = ranking_figures(ranked(*ranks), 1)
    assert 0 <= figures["recall@1"] <= figures["recall@5"] <= figures["recall@10"] <= 1
    assert figures["recall@1"] - 1e-4 <= figures["mrr@10"] <= figures["ndcg@10"] + 1e-4
    assert figures["ndcg@10"] <= figures["recall@10"] + 1e-4
