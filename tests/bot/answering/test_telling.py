"""A statement says whose words it reports, and only then."""

from __future__ import annotations

import pytest

from bot.answering.gate import Quote
from bot.answering.telling import ended, told
from retrieval.vocabulary import Span
from tests.bot.answering.made import article, evidence

TEXT = (
    "La maire de Brume, Ana Lys, a annoncé que le pont rouvrirait lundi. "
    "« Nous avons tenu le délai », a ajouté Ana Lys, citant la nomination de l'architecte Hugo "
    "Vasseur à la tête du chantier. "
    "Le pont mesure 320 mètres."
)


def _quote(words: str) -> Quote:
    place = article(TEXT)
    start = next(
        at
        for at in (0, *(i + 2 for i, c in enumerate(TEXT) if TEXT[i : i + 2] == ". "))
        if words in TEXT[at : at + 160].partition(". ")[0] + "."
    )
    return Quote(evidence(place), Span(start, start + len(TEXT[start:].partition(". ")[0]) + 1))


@pytest.mark.parametrize(
    ("text", "words", "language", "expected"),
    [
        ("Le pont rouvrira lundi.", "rouvrirait", "fr",
         ("Selon Ana Lys, le pont rouvrira lundi.", None)),
        ("Oui, le pont rouvrira lundi.", "rouvrirait", "fr",
         ("Oui, selon Ana Lys, le pont rouvrira lundi.", None)),
        ("The bridge will reopen on Monday.", "rouvrirait", "en",
         ("According to Ana Lys, the bridge will reopen on Monday.", None)),
        ("Ana Lys a annoncé sa réouverture lundi.", "rouvrirait", "fr",
         ("Ana Lys a annoncé sa réouverture lundi.", None)),
        ("Le pont rouvrira lundi, a-t-elle annoncé.", "rouvrirait", "fr",
         ("Le pont rouvrira lundi, a-t-elle annoncé.", "Ana Lys")),
        ("Hugo Vasseur a été nommé à la tête du chantier.", "délai", "fr",
         ("Hugo Vasseur a été nommé à la tête du chantier.", None)),
        ("Le délai a été tenu.", "délai", "fr", ("Selon Ana Lys, le délai a été tenu.", None)),
        ("Le pont mesure 320 mètres.", "320", "fr", ("Le pont mesure 320 mètres.", None)),
    ],
)  # fmt: skip
def test_who_says_it(
    text: str, words: str, language: str, expected: tuple[str, str | None]
) -> None:
    """Reported speech names its speaker; what the article says itself does not."""
    assert told(text, _quote(words), language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22 morts et 59 blessés,", "22 morts et 59 blessés."),
        ("Le pont est ouvert.", "Le pont est ouvert."),
        ("« Le pont est ouvert »", "« Le pont est ouvert »"),
        ("Le pont – ", "Le pont."),
    ],
)
def test_a_sentence_has_its_full_stop(text: str, expected: str) -> None:
    """Models leave it out after a mark of citation."""
    assert ended(text) == expected
