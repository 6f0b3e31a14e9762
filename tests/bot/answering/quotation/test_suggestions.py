"""Sentences suggested for words that somebody types, over the sample archive."""

from __future__ import annotations

import pytest

from bot.app import Kiosque
from tests.sample_home import TODAY


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("transporte 38.500 personne par jour", "La ligne transporte 38 500 personnes par jour."),
        ("marionnette géante", "La Grande Jeanne, marionnette géante"),
        ("combien de lichens mesurés", "ont ainsi mesuré 1 260 lichens"),
        ("un seul axe", "ne peut plus vivre avec un seul axe"),
        ("night ferry ireland", "cast off from it for Ballycarrick"),
    ],
)
def test_what_is_typed_is_found(app: Kiosque, typed: str, said: str) -> None:
    """A question, words of a subject or of a quote, in either language; each cut from its
    article, and none twice."""
    found = app.suggestions.found(typed, TODAY, 20)
    assert any(said in " ".join(one.quote.split()) for one in found[:3])
    assert len({(one.article.id, one.start) for one in found}) == len(found)
    assert [one.number for one in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize(
    "typed", ["recette de gâteau", "xyzzy", "bonjour", "?", "football", "de la"]
)
def test_what_the_archive_does_not_have(app: Kiosque, typed: str) -> None:
    """However near the nearest passage: no sentence is suggested for words of no article."""
    assert app.suggestions.found(typed, TODAY, 20) == ()


def test_a_newspaper_and_a_year_limit_it(app: Kiosque) -> None:
    """As in a question; their words need not stand in the sentence."""
    found = app.suggestions.found("marionnettes en 2022 selon Le Fanal", TODAY, 20)
    assert {(one.article.outlet, str(one.article.published)[:4]) for one in found} == {
        ("Le Fanal", "2022")
    }


def test_so_many_at_most(app: Kiosque) -> None:
    """And no article fills the list."""
    found = app.suggestions.found("tramway", TODAY, 20)
    assert len(app.suggestions.found("tramway", TODAY, 1)) == 1
    assert max(sum(other.article.id == one.article.id for other in found) for one in found) <= 3
