"""The rules of `bot.answering.quotes`: what stands in a text is found, and nothing else."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.quotes import locate, sentence_around
from retrieval.text.analysis import fold
from retrieval.vocabulary import Span

TEXT = (
    "Le maire de Rouen, Nicolas Mayer, a déclaré jeudi que « l’État n'a pas versé les "
    "3\u202f500 euros promis ». Il viendra en octobre. La porte-parole de Saint-Denis, elle, a "
    "confirmé la fermeture de l'école pendant deux semaines. Un œuf ﬁn, selon [le préfet] : "
    "la tempéra\u00adture baisse de -5 % chaque année."
)


def found(quote: str, text: str = TEXT) -> list[str]:
    """What the spans of a quote say."""
    return [text[span.start : span.end] for span in locate(quote, text)]


@pytest.mark.parametrize(
    ("quote", "held"),
    [
        ("l'Etat n'a pas versé les 3500 euros promis", "l’État n'a pas versé les 3\u202f500 euros"),
        ("L\u02bcETAT  N\u2019A PAS VERSE LES 3.500 EUROS PROMIS.", "l’État n'a pas versé"),
        ('"l’État n\'a pas versé\nles 3 500 euros promis"', "l’État n'a pas versé"),
        ("Un oeuf fin, selon (le préfet)", "Un œuf ﬁn, selon [le préfet]"),
        ("la température baisse de −5 % chaque année,", "la tempéra\u00adture baisse de -5 %"),
        ("Le maire de Rouen – Nicolas Mayer – a déclaré", "Le maire de Rouen, Nicolas Mayer, a"),
        (unicodedata.normalize("NFD", "a déclaré jeudi"), "a déclaré jeudi"),
    ],
)
def test_marks_do_not_count(quote: str, held: str) -> None:
    """Spaces, marks, case, accents, ligatures and unseen signs change nothing."""
    (whole,) = found(quote)
    assert held in whole


@pytest.mark.parametrize(
    "quote",
    [
        "l'État n'a pas versé les 3 600 euros promis",
        "l'État n'a pas versé les 3,500 millions d'euros promis",
        "l'État a versé les 3 500 euros promis",
        "l'État n'a jamais versé les 3 500 euros promis",
        "Le maire de Rennes, Nicolas Mayer, a déclaré jeudi que",
        "a confirmé la fermeture de l'école pendant trois semaines",
        "a confirmé l'ouverture de l'école pendant deux semaines",
        "la température baisse de 5 % chaque année",
        "Denis, elle, a confirmé la fermeture",
        "elle, a confirmé la fermeture de l'école pendant deux années",
        "Le maire de Rouen a remercié les électeurs de son quartier",
        "tempéra",
        "",
        "« … »",
    ],
)
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    """Another number, name, negation or content word, or a part of a word, is no quote."""
    assert not found(quote)


@pytest.mark.parametrize(
    ("quote", "held"),
    [
        ("a confirmé fermeture de l'école pendant deux semaines", "a confirmé la fermeture de"),
        ("a confirmé la fermetture de l'école pendant deux semaines", "a confirmé la fermeture"),
        ("a confirmé la fermeture l'école de pendant deux semaines", "la fermeture de l'école"),
        (
            "elle a bien confirmé la fermeture de l'école",
            "elle, a confirmé la fermeture de l'école",
        ),
    ],
)
def test_a_near_copy_moves_to_the_words_that_stand_there(quote: str, held: str) -> None:
    """A word left out or added, a letter changed or two words swapped still find the words."""
    (whole,) = found(quote)
    assert held in whole


def test_a_privative_prefix_is_no_changed_letter() -> None:
    """One letter that makes the contrary makes no near copy."""
    text = "Les experts jugent que cette situation normale durera encore longtemps."
    assert not found(text.replace("normale", "anormale"), text)


def test_near_pieces_are_one_span() -> None:
    """An ellipsis inside a sentence gives the words from the first piece to the last."""
    assert found("Le maire de Rouen […] a déclaré jeudi") == [
        "Le maire de Rouen, Nicolas Mayer, a déclaré jeudi"
    ]


def test_far_pieces_are_a_span_each() -> None:
    """Pieces over 300 characters apart are shown apart, in the order of the text."""
    text = f"Le conseil a voté le budget. {'Rien à dire. ' * 40}La séance est levée à midi."
    quote = "Le conseil a voté le budget... La séance est levée à midi"
    assert found(quote, text) == ["Le conseil a voté le budget", "La séance est levée à midi"]
    assert not found("La séance est levée à midi … Le conseil a voté le budget", text)


def test_a_short_piece_is_no_quote_alone() -> None:
    """Two words far from the rest prove nothing; as the whole of a quote they stand."""
    text = f"Le conseil a voté le budget. {'Rien à dire. ' * 40}La séance est levée à midi."
    assert not found("Le conseil a voté … à midi", text)
    assert found("à midi", text) == ["à midi"]


def test_a_bracketed_insertion_is_left_out() -> None:
    """What a writer puts in brackets is not looked for, nor what it replaces."""
    assert found("Il [le maire] viendra en octobre") == ["Il viendra en octobre"]
    text = "Selon lui, il viendra en octobre pour ouvrir la grande halle du marché."
    assert found("[Le maire] viendra en octobre pour ouvrir la grande halle", text)


def test_a_number_in_brackets_is_not_left_out() -> None:
    """An insertion with another number than the text's makes no quote; "[2]" is a citation."""
    text = "La halle a rouvert hier [plutôt que six semaines plus tard], a dit le maire."
    assert not found("La halle a rouvert hier [plutôt que dix semaines plus tard], a dit", text)
    assert found("La halle a rouvert hier [2]", text)


def test_the_nearest_place_of_a_repeated_piece_is_taken() -> None:
    """A piece that stands twice is the one beside the next piece."""
    text = f"Il a dit ceci hier. {'Rien de plus. ' * 40}Il a dit ceci, puis le silence est venu."
    assert found("Il a dit ceci … le silence est venu", text) == [
        "Il a dit ceci, puis le silence est venu"
    ]


def test_only_the_part_that_is_searched_counts() -> None:
    """Offsets are those of the text; a word that the part cuts is not found."""
    text = "La halle ouvre. La halle ferme. La halle ouvre."
    assert locate("La halle ouvre", text, 10) == (Span(32, 46),)
    assert not locate("La halle ouvre", text, 32, 44)


WORDS = ["maire", "école", "n'a", "pas", "versé", "Rouen", "œuvre", "3 500", "5 %", "l’État"]
GAPS = [" ", "\u00a0", "\u202f", "\n", "  "]


def letters(text: str) -> str:
    """A text without its marks, folded."""
    return "".join(char for char in fold(text) if char.isalnum())


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=30), st.data())
def test_a_quote_cut_from_a_text_is_found(words: list[str], data: st.DataObject) -> None:
    """Whatever marks are changed, whole words cut from a text are found, and only they."""
    first = data.draw(st.integers(0, len(words) - 2))
    last = data.draw(st.integers(first + 2, len(words)))
    cut = data.draw(st.sampled_from(GAPS)).join(words[first:last])
    cut = cut.upper().replace("’", data.draw(st.sampled_from(["'", "\u02bc", "’"])))
    form: Literal["NFC", "NFD", "NFKC"] = data.draw(st.sampled_from(["NFC", "NFD", "NFKC"]))
    end = data.draw(st.sampled_from([".", " »", "…", ","]))
    (held,) = found(f"« {unicodedata.normalize(form, cut)}{end}", " ".join(words))
    assert letters(held) == letters(cut.replace("\u02bc", "'"))


@given(st.text(max_size=80), st.text(max_size=300), st.integers(0, 40), st.integers(0, 400))
def test_a_span_is_always_inside(quote: str, text: str, start: int, end: int) -> None:
    """No text of any kind gives a span outside the part, an empty one, or an error."""
    last = 0
    for span in locate(quote, text, start, end):
        assert start <= span.start < span.end <= min(end, len(text))
        assert span.start >= last
        last = span.end
        assert text[span.start : span.end].strip() == text[span.start : span.end]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_a_text_is_found_in_itself(text: str) -> None:
    """A text that has a word stands in itself."""
    assert bool(locate(text, text)) == bool(locate(text, f"{text} "))


@pytest.mark.parametrize(
    "quote", ["a" * 10_000, "a … " * 1_000, "... " * 1_000, "[" * 10_000, "le la les " * 1_000]
)
def test_a_hostile_quote_is_bounded(quote: str) -> None:
    """What is too long is cut or refused, and the answer comes."""
    assert all(span.end <= len(TEXT) for span in locate(quote, TEXT))


def test_the_sentence_around_a_span() -> None:
    """The whole sentences that hold a span, or the span when they are longer than asked."""
    start = TEXT.index("viendra")
    around = sentence_around(TEXT, Span(start, start + 7))
    assert TEXT[around.start : around.end] == "Il viendra en octobre."
    assert sentence_around(TEXT, Span(start, start + 7), max_chars=10) == Span(start, start + 7)
    two = sentence_around(TEXT, Span(start, TEXT.index("porte-parole")))
    assert TEXT[two.start : two.end].startswith("Il viendra")
    assert TEXT[two.start : two.end].endswith("deux semaines.")


@given(st.text(max_size=300), st.integers(0, 300), st.integers(1, 50))
def test_the_sentence_around_holds_the_span(text: str, start: int, length: int) -> None:
    """It never cuts the span, and stays inside the text."""
    span = Span(min(start, len(text)), min(start + length, len(text)))
    around = sentence_around(text, span)
    assert 0 <= around.start <= span.start <= span.end <= around.end <= len(text)
