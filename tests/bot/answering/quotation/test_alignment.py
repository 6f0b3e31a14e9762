"""A quote beside a text: the same words, or the nearest and each difference."""

from __future__ import annotations

import pytest

from bot.answering.findings import DifferenceKind
from bot.answering.quotation.alignment import align, run_of

TEXT = (
    "La police est épuisée. Épuisée par le maintien de l'ordre, et ce gouvernement est "
    "responsable, ce président est responsable. Un autre sujet occupe la mairie de Brume, "
    "où le pont a rouvert lundi après deux ans de travaux."
)
HELD = run_of(TEXT)


def said(quote: str) -> str:
    """The words of the text that are nearest to a quote."""
    found = align(quote, HELD)
    assert found is not None
    return TEXT[found.span.start : found.span.end]


@pytest.mark.parametrize(
    "quote",
    [
        "Épuisée par le maintien de l'ordre, et ce gouvernement est responsable",
        "“epuisee par le maintien de l’ordre et ce gouvernement est RESPONSABLE”",
        "Épuisée par le maintien de l'ordre […] ce président est responsable",
        "Épuisée [la police] par le maintien de l'ordre",
        "pont",
    ],
)
def test_the_same_words_are_exact(quote: str) -> None:
    """Marks, accents, case, ellipses and insertions of the one who quotes do not count."""
    found = align(quote, HELD)
    assert found is not None
    assert found.is_exact
    assert found.likeness == 1


@pytest.mark.parametrize(
    ("quote", "kind", "asked", "published"),
    [
        (
            "Épuisée par le maintien de l'ordre, et ce gouvernement est coupable",
            DifferenceKind.CHANGED, "coupable", "responsable",
        ),
        (
            "le pont a vraiment rouvert lundi après deux ans",
            DifferenceKind.ADDED, "vraiment", "",
        ),
        (
            "Épuisée par l'ordre, et ce gouvernement est responsable",
            DifferenceKind.LEFT_OUT, "", "le maintien de",
        ),
        (
            "le pont a rouvert lundi aprés deux ans de travaus",
            DifferenceKind.SPELLING, "travaus", "travaux",
        ),
    ],
)  # fmt: skip
def test_each_difference_is_named(
    quote: str, kind: DifferenceKind, asked: str, published: str
) -> None:
    """Words changed, added, left out, or spelt otherwise."""
    found = align(quote, HELD)
    assert found is not None
    (difference,) = found.differences
    assert (difference.kind, difference.asked, difference.published) == (kind, asked, published)
    assert 0.6 < found.likeness < 1


def test_the_span_is_no_wider_than_it_must_be() -> None:
    """A word that stands twice is the one beside the others."""
    assert said("Épuisée par le maintient de l'ordre") == "Épuisée par le maintien de l'ordre"


def test_words_that_changed_places_bring_no_other() -> None:
    """Two last words in another order are those two words, and nothing after them."""
    assert said("la mairie de Brume, où le pont a lundi rouvert").endswith("a rouvert lundi")


def test_other_words_are_not_alike() -> None:
    """Words in common are not a quote in common."""
    found = align("La fonderie de Brézolans est reprise par un fonds italien", HELD)
    assert found is None or found.likeness < 0.5
    assert align("Zut", HELD) is None


@pytest.mark.parametrize(
    "hostile", ["« » …", "[" * 5_000, "mot " * 5_000, "\u0301" * 500, "…" * 900]
)
def test_hostile_quotes_end(hostile: str) -> None:
    """No quote is too odd to be aligned."""
    found = align(hostile, HELD)
    assert found is None or found.likeness < 0.5
