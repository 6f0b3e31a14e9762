"""Signatures of texts."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.likeness import (
    MOST_CHARS,
    RUN,
    agreement,
    bands,
    runs,
    signature,
    tokens,
    words,
)


def text_of(first: int, last: int) -> str:
    """A text of made-up words, each other in every place."""
    return " ".join(f"mot{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}x" for n in range(first, last))


def test_agreement_is_about_what_texts_share() -> None:
    """The share of the signatures that agrees is near the share of the runs, Jaccard."""
    whole = text_of(0, 400)
    for share in (0.9, 0.5, 0.2):
        part = text_of(0, int(400 * share))
        assert abs(agreement(signature(whole), signature(part)) - share) < 0.15


def test_copies_meet_in_a_band_and_strangers_do_not() -> None:
    """A text and its first half share a band; two texts of other words share none."""
    whole = set(bands(signature(text_of(0, 300))))
    assert whole & set(bands(signature(text_of(0, 150))))
    assert not whole & set(bands(signature(text_of(310, 600))))


def test_signature_is_the_same_for_ever() -> None:
    """It is kept in the archive: another process, another day make the same of a text."""
    assert signature("Le pont rouvre lundi matin.").hex()[:16] == "03794c9ae6dbb211"


def test_no_signature() -> None:
    """A text without words, or as long as a book, has no signature and is like nothing."""
    for text in ("", " 1", "\n…", "a " * MOST_CHARS):
        value = signature(text)
        assert bool(value) == bool(words(text) and len(text) <= MOST_CHARS)
    assert signature("mot " * MOST_CHARS) == b""
    assert bands(b"") == []
    assert agreement(b"", b"") == 0.0


def test_numbers_are_one_however_they_are_grouped() -> None:
    """``4.000``, ``4 000`` and ``4000`` are one word; ``24,5`` and ``245`` are two."""
    assert words("4.000 4\u202f000 4000") == ["4000"] * 3
    assert words("24,5 24.5 245 1.234.567,8") == ["24.5", "24.5", "245", "1234567.8"]
    assert words("En 2017 100 personnes") == ["en", "2017", "100", "personnes"]


@given(st.text(max_size=300))
def test_tokens_are_those_of_words(text: str) -> None:
    """The two ways to cut a text agree, whatever it is."""
    assert [token.word for token in tokens(text)] == words(text)
    assert len(runs(words(text))) <= max(1, len(words(text)) - RUN + 1)


def test_order_of_words_counts() -> None:
    """The same words in another order are another text."""
    shuffled = text_of(0, 200).split()
    random.Random(1).shuffle(shuffled)  # noqa: S311 - the same order each time
    assert agreement(signature(text_of(0, 200)), signature(" ".join(shuffled))) < 0.1
