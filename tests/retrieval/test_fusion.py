"""Fusion: one ranking out of two, whatever each side found."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.fusion import COSINE_FLOOR, fuse

SIDE = st.dictionaries(st.integers(1, 30), st.floats(0, 1), max_size=20)
LEXICAL = st.dictionaries(st.integers(1, 30), st.floats(0, 50), max_size=20)


def test_best_of_both_sides_is_first_and_scores_one() -> None:
    """A passage that is the best of each side has the whole score and the first place."""
    ranked = fuse({1: 0.82, 2: 0.9, 3: 0.75}, {1: 3.0, 2: 8.0, 4: 7.0})
    assert ranked[0].score == pytest.approx(1.0)
    assert [one.passage for one in ranked] == [2, 1, 4, 3]


def test_the_sum_is_convex() -> None:
    """A score is 0.7 of the dense share above the floor and 0.3 of the lexical share."""
    scores = {one.passage: one.score for one in fuse({1: 0.9, 2: 0.8}, {1: 2.0, 2: 4.0})}
    assert scores[1] == pytest.approx(0.7 + 0.3 * 0.5)
    assert scores[2] == pytest.approx(0.7 * 0.5 + 0.3)


def test_one_side_that_found_nothing_leaves_the_other_to_decide() -> None:
    """With nothing on one side, the other's own ranking and shares stand alone."""
    dense = fuse({1: 0.8, 2: 0.9}, {})
    assert [(one.passage, round(one.score, 6)) for one in dense] == [(2, 1.0), (1, 0.5)]
    lexical = fuse({}, {1: 1.0, 2: 4.0})
    assert [(one.passage, one.score) for one in lexical] == [(2, 1.0), (1, 0.25)]
    below = fuse({1: COSINE_FLOOR - 0.2}, {2: 4.0})
    assert [(one.passage, one.score) for one in below] == [(2, 1.0), (1, 0.0)]
    assert fuse({}, {}) == []


def test_raw_scores_are_kept() -> None:
    """Cosines and BM25 scores go on as they were, and are 0 where a side found nothing."""
    ranked = {one.passage: (one.dense, one.lexical) for one in fuse({1: 0.8}, {2: 5.0})}
    assert ranked == {1: (0.8, 0.0), 2: (0.0, 5.0)}


def test_ties_are_broken_by_number() -> None:
    """Equal scores stand in the order of the passages, however they were found."""
    scores = {5: 0.8, 3: 0.8, 9: 0.8}
    assert [one.passage for one in fuse(scores, {})] == [3, 5, 9]
    assert [one.passage for one in fuse(dict(reversed(scores.items())), {})] == [3, 5, 9]


@settings(deadline=None)
@given(SIDE, LEXICAL, st.floats(0, 1))
def test_every_passage_once_in_order(
    dense: dict[int, float], lexical: dict[int, float], weight: float
) -> None:
    """Whatever was found is ranked once, best first, with a score from 0 to 1."""
    ranked = fuse(dense, lexical, weight)
    assert sorted(one.passage for one in ranked) == sorted(dense.keys() | lexical.keys())
    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in scores)


@settings(deadline=None)
@given(SIDE, LEXICAL)
def test_more_of_either_score_is_never_worse(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    """A passage that another beats on both sides does not stand before it."""
    ranked = fuse(dense, lexical)
    for earlier, later in pairwise(ranked):
        beaten = later.dense > earlier.dense and later.lexical > earlier.lexical
        assert not beaten or later.score == earlier.score
