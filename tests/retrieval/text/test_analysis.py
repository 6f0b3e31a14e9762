"""Words and terms: what a reader may write differently, and what must stay distinct."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.text.analysis import (
    _fold_word,
    analyse,
    fold,
    guess_language,
    is_stop_word,
    number,
    related,
    terms,
    words,
)

FRENCH = st.text(
    "aàâbcçdeéèêëfghiîïjklmnoôœpqrstuùûvwxyzÉÀŒ0123456789 .,;:!?'’-\u00a0\u202f\n«»", max_size=200
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("président", "présidents"),
        ("président", "PRÉSIDENTS"),
        ("général", "généraux"),
        ("européenne", "européen"),
        ("européennes", "Europeens"),
        ("aujourd'hui", "aujourd’hui"),
        ("aujourd'hui", "Aujourd’hui"),
        ("États-Unis", "USA"),
        ("États-Unis", "etats unis"),
        ("United States", "U.S.A."),
        ("Covid-19", "covid 19"),
        ("Covid-19", "coronavirus"),
        ("C.G.T.", "CGT"),
        ("C.G.T", "cgt"),
        ("œuvre", "oeuvre"),
        ("ŒUVRES", "oeuvre"),
        ("4.000", "4000"),
        ("4 000", "4000"),
        ("4\u00a0000", "4000"),
        ("4\u202f000", "4000"),
        ("1.234.567", "1234567"),
        ("4,5", "4.5"),
        ("OTAN", "NATO"),
        ("l'Alliance atlantique", "Otan"),
        ("État islamique", "Daech"),
        ("ONU", "Nations unies"),
        ("l'Irak", "Irak"),
        ("l’Irak", "d'Irak"),
        ("prud’hommes", "prud'hommes"),
    ],
)
def test_same_terms(one: str, other: str) -> None:
    """Two ways of writing one thing have the same terms."""
    assert analyse(one) == analyse(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4.000", "4"),
        ("2016", "2017"),
        ("4,5", "45"),
        ("Irak", "Iran"),
        ("l'or", "lor"),
        ("Otan", "ONU"),
        ("général", "génération"),
    ],
)
def test_other_terms(one: str, other: str) -> None:
    """Two things that only look alike have different terms."""
    assert analyse(one) != analyse(other)


def test_aujourdhui_is_one_word() -> None:
    """``aujourd'hui`` is one word from its first letter to its last, with both apostrophes."""
    for text in ("Il pleut aujourd'hui encore", "Il pleut aujourd’hui encore"):
        (word,) = (word for word in words(text) if word.folded.startswith("auj"))
        assert (text[word.start : word.end], word.folded) == (text[9:20], "aujourdhui")
        assert "hui" not in analyse(text)


def test_elided_articles_are_no_words() -> None:
    """What stands before an apostrophe is left out, with both apostrophes; a name is not."""
    text = "L'Irak, l’Otan, qu'Emma, jusqu’ici, lorsqu'on, puisqu'Ève et O'Neill"
    found = [word.folded for word in words(text)]
    assert found == ["irak", "otan", "emma", "ici", "on", "eve", "et", "o", "neill"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "a quelle date le prefet a t il evacue la cite medievale",
            "à quelle date le préfet a t il évacué la cité médiévale",
        ),
        (
            "l'ecole superieure d'agronomie, le chateau, la foret",
            "l'école supérieure d'agronomie, le château, la forêt",
        ),
        ("Combien d'eleves a l'universite ?", "Combien d'élèves à l'université ?"),
        ("ou sont les heros noyes", "où sont les héros noyés"),
        ("l'annee derniere en Algerie", "l'année dernière en Algérie"),
    ],
)
def test_typing_without_accents(typed: str, meant: str) -> None:
    """A question typed without accents has the terms of the accented one."""
    assert analyse(typed) == analyse(meant)


@settings(deadline=None)
@given(FRENCH)
@example("Le préfet, l'œuvre")
def test_composition_changes_nothing(text: str) -> None:
    """Accents typed as separate marks (as a Mac's file names have them) give the same terms."""
    assert analyse(unicodedata.normalize("NFD", text)) == analyse(
        unicodedata.normalize("NFC", text)
    )


@settings(deadline=None)
@given(st.text(max_size=300))
def test_offsets_are_exact(text: str) -> None:
    """Words stand where they say, in their order, without overlap; any text has its words."""
    end = 0
    for word in words(text):
        assert text[word.start : word.end] == word.text
        assert end <= word.start < word.end
        end = word.end


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(["fr", "en"]))
def test_terms_stand_in_their_text(text: str, language: str) -> None:
    """Every term has a spelling, and the text that it stands for is in its place."""
    for term in terms(text, language):
        assert term.term
        assert text[term.start : term.end] == term.text


@settings(deadline=None)
@given(st.text(max_size=300))
@example("\U0001d468 ẞ İ Œ ﬁ")
def test_folding_twice_is_folding_once(text: str) -> None:
    """What is folded has no capitals, accents or typographic apostrophes left to fold."""
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("4.000", "4000"),
        ("4 000", "4000"),
        ("4,000", "4000"),
        ("4,5", "4.5"),
        ("0,31", "0.31"),
        ("1 234 567,89", "1234567.89"),
        ("12", "12"),
    ],
)
def test_numbers_have_one_spelling(written: str, meant: str) -> None:
    """French and English thousands and decimals come to one spelling."""
    assert number(written) == meant


def test_years_are_not_thousands() -> None:
    """A year that follows a number does not join it, nor do a day and a price."""
    assert [w.folded for w in words("en 2016 2017")] == ["en", "2016", "2017"]
    assert [w.folded for w in words("le 12 2017 signatures")] == ["le", "12", "2017", "signatures"]


def test_stop_words_go_and_subjects_stay() -> None:
    """Function words of the language are no terms; a question word is none either."""
    assert analyse("Qui est-ce que les avec pour dans") == []
    assert analyse("What is the of and with", "en") == []
    assert analyse("Le maire de Mirvolle") == ["mair", "mirvoll"]
    (the,) = words("the")
    assert is_stop_word(the, "en")
    assert not is_stop_word(the, "fr")


def test_english_is_stemmed_as_english() -> None:
    """English words lose English endings, and equivalents hold in both languages."""
    assert analyse("running ships", "en") == ["run", "ship"]
    assert analyse("NATO", "en") == analyse("l'Otan", "fr")


def test_related_words() -> None:
    """Readers' synonyms are known to each other, both ways, and stay distinct terms."""
    (soldier,), (military,) = analyse("soldats"), analyse("militaires")
    assert soldier != military
    assert military in related(soldier)
    assert soldier in related(military)
    assert soldier not in related(soldier)
    assert related("zzz") == frozenset()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Combien de soldats sont en Irak ?", "fr"),
        ("How many soldiers are in Iraq?", "en"),
        ("what is the new tram line", "en"),
        ("c quoi la T2", "fr"),
        ("Mirvolle", "fr"),
        ("", "fr"),
        ("évacué", "fr"),
        ("Hello!", "en"),
        ("hi kiosque", "en"),
        ("Thanks", "en"),
        ("bonjour", "fr"),
        ("hello prix tramway Mirvolle", "fr"),
        ("hello, c quoi la T2", "fr"),
    ],
)
def test_language_of_a_question(text: str, language: str) -> None:
    """Function words decide, accents and greetings decide short texts, and doubt is French."""
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("12\u2009450\u2009000", "12450000"),
        ("12\u2008450", "12 450"),
        ("L\u02bcHénoret", "L'Hénoret"),
        ("d\u00b4Aubry", "d'Aubry"),
        ("l`école", "l'école"),
        ("l\u2032eau", "l’eau"),
        ("aujourd\u02bchui", "aujourd'hui"),
        ("so\u00adleil", "soleil"),
        ("so\u200bleil", "soleil"),
        ("\uff11\uff12 euros", "12 euros"),
        ("la \ufb01n", "la fin"),
    ],
)
def test_signs_that_look_alike_are_one(written: str, asked: str) -> None:
    """Apostrophes, spaces in numbers, wide digits and signs that are not seen do not count."""
    assert analyse(written) == analyse(asked)


def test_words_stand_as_they_are_written() -> None:
    """A word keeps its own signs and its place, whatever it is taken for."""
    text = "L\u02bcHénoret a 12\u2009450 aujourd\u02bchui"
    for word in words(text):
        assert text[word.start : word.end] == word.text


def test_whole_texts_are_not_kept_in_memory() -> None:
    """Words are remembered as they are folded; texts, which are long, are not."""
    before = _fold_word.cache_info().currsize
    assert fold("L’Été " * 1000) == "l'ete " * 1000
    assert _fold_word.cache_info().currsize == before
