"""Looking pieces up gives the tokens of the whole vocabulary, for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.embedding.model import model_folder
from retrieval.embedding.tokens import FewTexts, ManyTexts
from tests.retrieval.embedding.sentences import PASSAGES, QUERIES

HARD = ("", "a", "\0", "x\0y", "😀🎉 𓀀", "\ud800", "   ", "﷽﷽", "ﬁn  l’été", "\t1\u00a0000\u200b€")


@pytest.fixture(scope="module")
def few(home: Path) -> FewTexts:
    """The tokeniser that looks pieces up."""
    return FewTexts(model_folder(home))


@pytest.fixture(scope="module")
def many(home: Path) -> ManyTexts:
    """The tokeniser with the whole vocabulary."""
    return ManyTexts(model_folder(home) / "tokenizer.json")


def test_chosen_texts_have_the_same_tokens(few: FewTexts, many: ManyTexts) -> None:
    """Sentences and awkward strings, one by one and together."""
    texts = [*QUERIES, *PASSAGES, *HARD]
    assert few.ids(texts) == many.ids(texts)
    assert [few.ids([text])[0] for text in texts] == many.ids(texts)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_the_same_tokens(few: FewTexts, many: ManyTexts, text: str) -> None:
    """Whatever Unicode comes."""
    assert few.ids([text]) == many.ids([text])


def test_an_empty_text_has_its_two_ends(few: FewTexts) -> None:
    """The model always has something to look at."""
    assert few.ids([""]) == [[0, 2]]


def test_512_tokens_at_most(few: FewTexts, many: ManyTexts) -> None:
    """Both ends are kept when a text is cut."""
    for tokens in (few, many):
        (ids,) = tokens.ids(["budget voté " * 1000])
        assert len(ids) == 512
        assert (ids[0], ids[-1]) == (0, 2)
