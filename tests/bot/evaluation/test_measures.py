"""Figures: what each means, on outcomes small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluation.measures import answer_figures, mean, ranking_figures, share, wilson
from bot.evaluation.outcomes import RankedOutcome, as_values, failures
from tests.bot.evaluation.samples import DUE, FALSE, RIGHT, SAID, UNSAID


def ranked(*ranks: int | None) -> list[RankedOutcome]:
    """Questions whose right passage has these ranks."""
    return [RankedOutcome(f"q{at}", f"Q{at} ?", rank) for at, rank in enumerate(ranks)]


def test_ranking_figures() -> None:
    """Recall counts ranks within k, MRR their inverse, nDCG their discount; ten at most."""
    figures = ranking_figures(ranked(0, 3, 9, 10, None), passages=42)
    assert (figures["recall@1"], figures["recall@5"], figures["recall@10"]) == (0.2, 0.4, 0.6)
    assert figures["mrr@10"] == pytest.approx((1 + 1 / 4 + 1 / 10) / 5, abs=1e-4)
    assert figures["ndcg@10"] == pytest.approx((1 + 1 / log2(5) + 1 / log2(11)) / 5, abs=1e-4)
    assert (figures["questions"], figures["passages"]) == (5, 42)


OUTCOMES = [
    RIGHT,
    replace(RIGHT, cited=False, inexact_quotes=2, style="broad"),
    SAID,
    UNSAID,
    DUE,
    replace(DUE, kind="false-premise"),
    FALSE,
]


def test_answer_figures() -> None:
    """Right is a share of what can be answered, wrong of what is said; refusals have both ways."""
    figures = answer_figures(OUTCOMES)
    assert (figures["right"], figures["cited"], figures["shown"]) == (0.5, 0.25, 0.5)
    assert (figures["right_by_quote"], figures["right_by_span"]) == (0.5, 0.0)
    assert figures["wrong_when_said"] == 0.5
    assert figures["refusal_precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["refusal_recall"] == figures["refused_rightly"]
    assert figures["refusal_recall"] == pytest.approx(2 / 3, abs=1e-4)
    counts = [figures[name] for name in ("answerable", "unanswerable", "said", "refused")]
    assert counts == [4, 3, 4, 3]
    assert figures["inexact_quotes"] == 2
    assert figures["p50_ms"] == figures["p95_ms"] == 10.0


def test_each_share_has_its_interval() -> None:
    """The interval of a share is that of its own count of questions, and holds the share."""
    figures = answer_figures(OUTCOMES)
    assert figures["intervals"]["right"] == wilson(2, 4)
    assert figures["intervals"]["refused_rightly"] == wilson(2, 3)
    for name, (low, high) in figures["intervals"].items():
        assert low <= figures[name] <= high


def test_groups_have_figures_of_their_own() -> None:
    """A style is counted apart, and so is a kind of unanswerable question."""
    figures = answer_figures(OUTCOMES)
    assert list(figures["by_style"]) == ["broad", "plain"]
    assert figures["by_style"]["broad"]["right"] == 1.0
    assert figures["by_style"]["plain"]["right"] == pytest.approx(1 / 3, abs=1e-4)
    kinds = figures["by_unanswerable"]
    assert {kind: kinds[kind]["refused_rightly"] for kind in kinds} == {
        "false-premise": 1.0,
        "near-miss": 0.5,
    }


def test_due_correction_is_no_wrong_answer() -> None:
    """Who cites what is wrong with a question neither answers wrongly nor needed to refuse."""
    figures = answer_figures([replace(FALSE, corrected=True)])
    assert (figures["wrong_when_said"], figures["refused_rightly"]) == (0.0, 1.0)
    assert figures["refusal_recall"] == 0.0


def test_shown_passages_are_no_answer() -> None:
    """The nearest passages count as not answered, and as shown when the gold one is there."""
    passages = replace(UNSAID, status="passages", shown=True, nearest_right=True)
    figures = answer_figures([passages, replace(DUE, status="passages")])
    assert (figures["right"], figures["shown"], figures["wrong_when_said"]) == (0.0, 1.0, None)
    assert (figures["refused_rightly"], figures["said"]) == (1.0, 0)


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    [(0, 10, (0.0, 0.2775)), (5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1.0)), (0, 0, None)],
)
def test_wilson_interval(successes: int, trials: int, interval: tuple[float, float] | None) -> None:
    """The interval is that of the published tables, within 0 and 1; nothing has none."""
    assert wilson(successes, trials) == interval


def test_nothing_has_no_share() -> None:
    """A share of nothing is None, never 0 nor an error."""
    figures = answer_figures([])
    assert ranking_figures([], 0)["recall@1"] is None
    assert figures["right"] is figures["p50_ms"] is figures["intervals"]["right"] is None
    assert figures["by_style"] == {}
    assert share([]) is mean([]) is None
    assert share([True, False, False]) == 0.3333


def test_failures_are_what_did_not_succeed() -> None:
    """A first place, a right and cited answer and a due refusal are no failures."""
    listed = failures(ranked(0, 1, None), [RIGHT, replace(RIGHT, cited=False), DUE, FALSE])
    assert [(one["what"], one["question"]) for one in listed] == [
        ("retrieval", "Q1 ?"),
        ("retrieval", "Q2 ?"),
        ("answer", "Q ?"),
        ("answer", "Q ?"),
    ]


def test_success_is_told_to_programs() -> None:
    """Each question of a run says whether it is right or rightly refused."""
    told = [row["succeeded"] for row in as_values([RIGHT, SAID, UNSAID, DUE, FALSE])]
    assert told == [True, False, False, True, False]


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(1, 400))
def test_interval_holds_its_share(successes: int, trials: int) -> None:
    """Whatever the counts, the share lies in its interval, and the interval between 0 and 1."""
    found = wilson(min(successes, trials), trials)
    assert found is not None
    low, high = found
    assert 0 <= low <= min(successes, trials) / trials + 1e-4
    assert min(successes, trials) / trials - 1e-4 <= high <= 1


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 50), min_size=1, max_size=50))
def test_figures_are_ordered_shares(ranks: list[int | None]) -> None:
    """Recall grows with k, and MRR lies between recall@1 and recall@10."""
    figures = ranking_figures(ranked(*ranks), 1)
    assert 0 <= figures["recall@1"] <= figures["recall@5"] <= figures["recall@10"] <= 1
    assert figures["recall@1"] - 1e-4 <= figures["mrr@10"] <= figures["ndcg@10"] + 1e-4
    assert figures["ndcg@10"] <= figures["recall@10"] + 1e-4
