"""How near one word comes to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.closeness import EXACT, RELATED, SHARED_ROOT, best_match, closeness
from retrieval.analysis import terms


def _close(asked: str, found: str) -> float:
    (one,), (other,) = terms(asked), terms(found)
    return closeness(one.term, other.term)


@pytest.mark.parametrize(
    ("asked", "found", "expected"),
    [
        ("navire", "navires", EXACT),
        ("hopital", "Hôpital", EXACT),
        ("OTAN", "NATO", EXACT),
        ("4000", "4.000", EXACT),
        ("soldat", "militaire", RELATED),
        ("Irak", "irakien", RELATED),
        ("attaque", "attentat", RELATED),
        ("fonderie", "fondeur", SHARED_ROOT),
        ("grippe", "gripe", SHARED_ROOT),
        ("tramway", "tramwya", SHARED_ROOT),
        ("Quillivic", "quilivic", SHARED_ROOT),
        ("Castagnet", "Castagmet", SHARED_ROOT),
        ("Oriol", "Orriol", SHARED_ROOT),
        ("pain", "bain", 0.0),
        ("chat", "chien", 0.0),
        ("Castagnet", "Delteil", 0.0),
    ],
)
def test_words_come_close(asked: str, found: str, expected: float) -> None:
    """The same word, a related one, one of the same root or mistyped, or nothing."""
    assert _close(asked, found) == expected


@pytest.mark.parametrize(
    ("asked", "found"),
    [("2016", "2017"), ("184", "1840"), ("12345", "12354"), ("100000", "1000000"), ("17", "17.5")],
)
def test_numbers_are_the_same_or_nothing_alike(asked: str, found: str) -> None:
    """A slip in a number makes it another number."""
    assert _close(asked, found) == 0.0


@given(st.text("abcdeilnrst", min_size=1, max_size=9), st.text("abcdeilnrst", max_size=9))
def test_closeness_is_bounded_and_mutual_for_slips(one: str, other: str) -> None:
    """From 0 to 1; 1 only for the same term; one slip is one slip from either side."""
    value = closeness(one, other)
    assert 0.0 <= value <= EXACT
    assert (value == EXACT) == (one == other)
    assert value in (EXACT, RELATED) or value == closeness(other, one)


def test_the_best_of_a_text() -> None:
    """A term is as close to a text as to the closest of its words, and to no words not at all."""
    ground = frozenset(term.term for term in terms("Les militaires du port ont vu 3.200 navires"))
    assert best_match("navir", ground) == EXACT
    assert best_match("soldat", ground) == RELATED
    assert best_match("3201", ground) == 0.0
    assert best_match("navir", frozenset()) == 0.0
