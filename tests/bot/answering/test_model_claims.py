"""What models write is read tolerantly, and as it streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.model_claims import Claim, ClaimStream, DeclinedAnswer, Proof

QUOTE = "la facture s'élève à 1,2 million d'euros"
SAID = "Les travaux ont coûté 1,2 million d'euros."


def read(text: str, size: int = 7) -> list[Claim | DeclinedAnswer]:
    """What is read of a text that comes in pieces."""
    stream = ClaimStream()
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return [claim for piece in pieces for claim in stream.feed(piece)] + stream.finish()


@pytest.mark.parametrize(
    "line",
    [
        f"[2] « {QUOTE} » => {SAID}",
        f'[2] "{QUOTE}" -> {SAID}',
        f"- **[2]** «{QUOTE}» → {SAID}",
        f"1. [2] “{QUOTE}” => {SAID} [2]",
        f"« {QUOTE} » [2] => {SAID}",
        f"[2] {QUOTE} => {SAID}",
        f"【2】: « {QUOTE} => {SAID}",
        f"{SAID} [2] « {QUOTE} »",
        f"{SAID[:-1]} [2] « {QUOTE} ».",
        f"{SAID} => [2] « {QUOTE} »",
        f"[2] « {QUOTE} »\n{SAID}",
        f'{{"phrase": "{SAID}", "n": 2, "citation": "{QUOTE}"}}',
        f'[{{"quote": "{QUOTE}",\n"article": "[2]",\n"sentence": "{SAID}"}}]',
        f'```json\n{{"sentence": "{SAID}", "number": [2], "quote": ["{QUOTE}"]}}\n```',
    ],
)
def test_the_same_claim_in_the_forms_that_models_give(line: str) -> None:
    """The sentence and its proof are told apart, whatever the order and the marks."""
    assert read(line) == [Claim(SAID, (Proof(2, QUOTE),))]


def test_a_claim_is_given_as_soon_as_its_line_ends() -> None:
    """Before the next line is whole."""
    stream = ClaimStream()
    assert stream.feed(f"[1] « {QUOTE} » => {SAID}") == []
    assert stream.feed("\n[2] « la") == [Claim(SAID, (Proof(1, QUOTE),))]


def test_a_claim_may_have_several_proofs() -> None:
    """Each number with its own words."""
    (claim,) = read(f"[1] « un pont » [3] « {QUOTE} » => {SAID}")
    assert claim == Claim(SAID, (Proof(1, "un pont"), Proof(3, QUOTE)))


def test_quotes_within_a_quote_stay_in_it() -> None:
    """The outer marks bound the words."""
    (claim,) = read("[1] « il a dit « non » hier » => Il a refusé.")
    assert claim == Claim("Il a refusé.", (Proof(1, "il a dit « non » hier"),))


def test_a_sentence_without_words_keeps_its_number() -> None:
    """What proves it is looked for in that passage."""
    assert read(f"{SAID[:-1]} [2].") == [Claim(SAID, (Proof(2),))]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("RIEN : les articles parlent du pont.", "les articles parlent du pont"),
        ("NONE: the articles are about the bridge.", "the articles are about the bridge"),
        ("**RIEN**", ""),
        ("Les articles ne le disent pas.", "Les articles ne le disent pas."),
    ],
)
def test_a_model_may_decline(line: str, why: str) -> None:
    """In the form asked for, or in words of its own."""
    assert read(line) == [DeclinedAnswer(why)]


@pytest.mark.parametrize(
    "line",
    [
        f"[1] « {QUOTE} » => Rien n'a été payé, selon le maire.",
        "[1] « je ne peux pas accepter » => « Je ne peux pas accepter », a déclaré le maire.",
    ],
)
def test_a_proved_statement_is_no_refusal(line: str) -> None:
    """Words of a refusal in a statement that has its proof are the article's."""
    (claim,) = read(line)
    assert isinstance(claim, Claim)


def test_a_line_without_end_is_cut() -> None:
    """Memory stays bounded, and what comes after is read."""
    found = read("x" * 50_000 + f"\n[1] « {QUOTE} » => {SAID}", size=1_000)
    assert found[-1] == Claim(SAID, (Proof(1, QUOTE),))
    assert all(isinstance(one, Claim) and len(one.text) < 5_000 for one in found)


@given(st.text(alphabet='[]{}«»"=>-:,1 2ab\n', max_size=200), st.integers(1, 50))
def test_any_text_is_read_the_same_in_any_pieces(text: str, size: int) -> None:
    """Nothing raises, and where the stream is cut does not matter."""
    assert read(text, size) == read(text, 1_000)
