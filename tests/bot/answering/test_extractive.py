"""Which sentences are said, in what order, and with which citations."""

from __future__ import annotations

import pytest

from bot.answering.candidates import Candidate
from bot.answering.extractive import Limits, chosen, denied, load_limits, statements
from tests.bot.answering.made import article, candidate

LIMITS = Limits(refuse_below=0.2, keep_share=0.5, sure=0.6, sure_share=0.75, denied_share=0.6)
SAID = (
    "La ligne coûtera 184 millions.",
    "Le maire réclame un audit indépendant.",
    "Un pont de pierre fut emporté.",
    "Les rameuses ont gagné dimanche.",
)


def _found(*probabilities: float) -> list[Candidate]:
    return [candidate(text, p) for text, p in zip(SAID, probabilities, strict=False)]


@pytest.mark.parametrize(
    ("probabilities", "most", "expected"),
    [
        ((), 3, 0),
        ((0.19,), 3, 0),
        ((0.2,), 3, 1),
        ((0.5, 0.25, 0.24), 3, 2),
        ((0.5, 0.4, 0.3, 0.3), 3, 3),
        ((0.5, 0.4, 0.3, 0.3), 1, 1),
        ((0.8, 0.61, 0.59), 3, 2),
        ((0.8, 0.5), 3, 1),
    ],
)
def test_how_many_sentences_are_said(
    probabilities: tuple[float, ...], most: int, expected: int
) -> None:
    """None below the threshold, those near the best, fewer beside a sure one, up to the most."""
    found = _found(*probabilities)
    assert chosen(found, LIMITS, most) == found[:expected]


def test_what_was_said_is_not_said_again() -> None:
    """Of sentences that share nearly all their words, the more probable is said."""
    title = candidate("La ligne coûtera 184 millions", 0.4)
    found = [*_found(0.5), title, candidate(SAID[2], 0.3)]
    assert chosen(found, LIMITS, 3) == [found[0], found[2]]


def test_a_denied_premise_is_not_answered() -> None:
    """A good sentence that says the opposite silences the others; a poor one does not."""
    good = [*_found(0.5), candidate(SAID[1], 0.3, contradicts=True)]
    poor = [*_found(0.5), candidate(SAID[1], 0.29, contradicts=True)]
    late = [*_found(0.5, 0.5, 0.5), candidate(SAID[3], 0.5, contradicts=True)]
    assert denied(good, LIMITS)
    assert chosen(good, LIMITS, 3) == []
    assert not denied(poor, LIMITS)
    assert chosen(poor, LIMITS, 1) == poor[:1]
    assert not denied(late, LIMITS)
    assert not denied([], LIMITS)


def test_statements_cite_what_they_say() -> None:
    """Each statement is a sentence of its article, letter for letter, numbered in order."""
    of = article("« Non », dit-elle.\nLa ligne coûtera 184 millions. Fin.")
    kept = [candidate(SAID[0], 0.5, of=of), candidate("« Non », dit-elle.", 0.4, of=of)]
    said = statements(kept)
    assert [one.text for one in said] == [SAID[0], "« Non », dit-elle."]
    assert [one.citations[0].number for one in said] == [1, 2]
    for one in said:
        (citation,) = one.citations
        assert of.text[citation.start : citation.end] == citation.quote == one.text


def test_the_limits_that_come_with_kiosque() -> None:
    """The thresholds file names every limit, each a share."""
    limits = load_limits()
    assert all(0 < getattr(limits, name) < 1 for name in Limits.__slots__)
