"""What an overview shows: an article once, a text once, in the order of time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answering.overview import MAX_ARTICLES, by_article
from retrieval.vocabulary import Evidence, PublicationDate
from tests.bot.answering.made import article, evidence

QUAKE = "Un séisme de magnitude 5,4 a secoué Port-Alban jeudi, tuant deux personnes au marché."
DOG = "Marcelle Aubry, 91 ans, a été sauvée sous les décombres par le chien Ulysse, vendredi."
SHELTER = "La mairesse a ouvert le gymnase du lycée aux sans-abri, qui y dorment depuis la nuit."


def _of(text: str, day: PublicationDate | None, title: str = "") -> Evidence:
    return evidence(replace(article(text, title), published=day))


def test_the_order_of_time() -> None:
    """Oldest first; a month is at its first day; what has no date comes last."""
    held = [
        _of(SHELTER, None),
        _of(DOG, PublicationDate(2021, 9, 3)),
        _of(QUAKE, PublicationDate(2021, 9)),
    ]
    assert [one.passage.text for one in by_article(held)] == [QUAKE, DOG, SHELTER]


def test_an_article_is_there_once() -> None:
    """By its best passage, the first."""
    whole = article(f"{QUAKE} {DOG}")
    end = len(QUAKE)
    held = [evidence(whole, end + 1), evidence(whole, 0, end)]
    assert [one.passage.text for one in by_article(held)] == [DOG]


def test_a_text_is_there_once() -> None:
    """An agency's text in two newspapers is shown as it was found first."""
    held = [
        _of(QUAKE, PublicationDate(2021, 9, 3)),
        _of(f"(Agence) {QUAKE} Le bilan est provisoire.", PublicationDate(2021, 9, 2)),
        _of(DOG, PublicationDate(2021, 9, 2)),
    ]
    assert [one.passage.text for one in by_article(held)] == [DOG, QUAKE]


@pytest.mark.parametrize(
    ("title", "day", "kept"),
    [
        ("Séisme de Port-Alban : le bilan", PublicationDate(2021, 9, 3), 1),
        ("Séisme de Port-Alban : le bilan", None, 1),
        ("Séisme de Port-Alban : le bilan", PublicationDate(2022, 9, 3), 2),
        ("Port-Alban : le gymnase ouvert", PublicationDate(2021, 9, 3), 2),
    ],
)
def test_one_title_at_one_time_is_one_text(
    title: str, day: PublicationDate | None, kept: int
) -> None:
    """Two articles of a title are of one event when they are of one time."""
    first = _of(QUAKE, PublicationDate(2021, 9, 2), "Séisme de Port-Alban : le bilan")
    assert len(by_article([first, _of(SHELTER, day, title)])) == kept


def test_titles_that_name_no_event() -> None:
    """Articles without a title, or of one word, are not the same for that."""
    for title in ("", "Météo"):
        held = [_of(text, PublicationDate(2021, 9, 2), title) for text in (QUAKE, DOG)]
        assert len(by_article(held)) == 2


def test_no_more_than_asked_for() -> None:
    """The best are kept, thirty at most."""
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(40)]
    held = [
        _of(" ".join(f"{word}{one}x" for one in words), PublicationDate(2000 + n, 1, 1))
        for n, word in enumerate(words)
    ]
    assert len(by_article(held)) == MAX_ARTICLES
    assert by_article(held, 2) == tuple(held[:2])
    assert by_article(()) == ()
