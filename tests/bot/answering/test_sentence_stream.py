"""Sentences come out of a stream whole, as soon as they can, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.sentence_stream import SentenceStream

WRITTEN = (
    "La mission passera de 500 à 4.000 militaires. [1] M. Stoltenberg l'a dit [2]. « Nous "
    "restons », a-t-il dit [1][2].\n- Une liste (3).\n1. Deux choses. **Rien** [1, 2]. "
    "En 1.500 ans. Fin"
)
SENTENCES = [
    "La mission passera de 500 à 4.000 militaires [1].",
    "M. Stoltenberg l'a dit [2].",
    "« Nous restons », a-t-il dit [1][2].",
    "Une liste (3).",
    "Deux choses.",
    "Rien [1, 2].",
    "En 1.500 ans.",
    "Fin",
]


def _fed(text: str, size: int) -> list[str]:
    stream = SentenceStream()
    found = [one for at in range(0, len(text), size) for one in stream.feed(text[at : at + size])]
    return found + stream.finish()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 1000])
def test_however_a_text_is_cut_its_sentences_are_the_same(size: int) -> None:
    """Marks stay with their sentence, numbers and titles do not end one."""
    assert _fed(WRITTEN, size) == SENTENCES


def test_a_sentence_comes_when_the_next_has_begun() -> None:
    """Nothing waits for the end of the answer."""
    stream = SentenceStream()
    assert stream.feed("Le pont a rouvert. ") == []
    assert stream.feed("[1]") == []
    assert stream.feed(" Il avait") == ["Le pont a rouvert [1]."]
    assert stream.feed(" fermé.") == []
    assert stream.finish() == ["Il avait fermé."]


@given(st.text(alphabet='ab .!?\n[1]«»"(-*', max_size=200), st.integers(1, 30))
def test_no_letter_is_lost(text: str, size: int) -> None:
    """Whatever is written, its letters come out once and in their order."""
    letters = [c for c in text if c.isalpha()]
    assert [c for one in _fed(text, size) for c in one if c.isalpha()] == letters


def test_what_never_ends_is_cut() -> None:
    """A line without an end is given in pieces of bounded length, in linear time."""
    found = _fed("mot " * 25_000, 50)
    assert max(map(len, found)) <= 1_500
    assert sum(one.count("mot") for one in found) >= 24_900


@pytest.mark.parametrize("text", ["", "   ", "[1]", "1.", "***", "…\n\n…"])
def test_nothing_said_is_no_sentence(text: str) -> None:
    """Marks and bullets alone are dropped."""
    assert _fed(text, 1) == []
