"""The rules of `retrieval.text.numbers`: digits and words are the same values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.numbers import is_number_word, numbers


def values(text: str, language: str | None = None) -> list[float]:
    """What the numbers of a text are worth."""
    return [one.value for one in numbers(text, language)]


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("Vingt-et-un robots et dix-sept chiens", [21, 17]),
        ("quatre-vingt mille personnes", [80_000]),
        ("3.500, 3 500, 3\u202f500 et 3500 euros", [3500] * 4),
        ("3,5 et 3.5 degrés", [3.5, 3.5]),
        ("1 234 567,5 euros", [1_234_567.5]),
        ("1,2 million, 5 M€ et 3 Mds d'euros", [1_200_000, 5_000_000, 3e9]),
        ("un million et demi d'euros", [1_500_000]),
        ("3 millions et demi, 500 et demi", [3_500_000, 500.5]),
        ("une vingtaine de milliers de manifestants", [20_000]),
        ("trois dizaines de blessés", [30]),
        ("mille neuf cent quatre-vingt-quatre", [1984]),
        ("cinq pour cent ou 5 %", [5, 5]),
        ("le 12.05.2017 à 10h30", [12, 5, 2017, 10, 30]),
    ],
)
def test_french_numbers(text: str, worth: list[float]) -> None:
    """Words, separators, scales, halves and collectives are read as values."""
    assert values(text, "fr") == worth


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("two hundred and one people", [201]),
        ("twenty-one robots, a dozen dogs", [21, 12]),
        ("1,500 jobs and 2.5 billion dollars", [1500, 2.5e9]),
        ("two and a half million", [2_500_000]),
        ("seven percent of them", [7]),
    ],
)
def test_english_numbers(text: str, worth: list[float]) -> None:
    """English words and separators are read alike."""
    assert values(text, "en") == worth


@pytest.mark.parametrize(
    "text",
    ["un homme et une femme", "des milliers de gens", "le Covid-19 et l'A380", "le XXIe siècle"],
)
def test_what_is_no_number(text: str) -> None:
    """Articles, bare plurals, names with digits and Roman figures are none."""
    assert not numbers(text, "fr")


def test_ranks_and_shares_say_so() -> None:
    """An ordinal and a percentage are told from a count."""
    rank, share = numbers("Le 45e président a 38 % des voix", "fr")
    assert rank.is_ordinal
    assert not rank.is_percent
    assert share.is_percent
    assert not share.is_ordinal


def test_a_scale_may_be_meant_for_a_range() -> None:
    """The scale of the second number of a range is kept, for the first."""
    first, second = numbers("de 184 à 221 millions", "fr")
    assert (first.value, second.value, second.scale) == (184, 221e6, 1e6)


def test_a_word_alone_is_a_number_or_not() -> None:
    """Number words of both languages and collectives are; articles are not."""
    assert all(is_number_word(word) for word in ("vingt", "trente", "twelve", "dizaine", "million"))
    assert not any(is_number_word(word) for word in ("un", "une", "one", "maire", "pas"))


@given(st.text(max_size=300))
def test_offsets_stay_inside(text: str) -> None:
    """Any text gives numbers in their order, each inside the text."""
    last = 0
    for one in numbers(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end


@given(st.integers(0, 10**9))
def test_separators_do_not_change_a_value(value: int) -> None:
    """An integer is the same with French, English or no separators."""
    for written in (f"{value}", f"{value:,}", f"{value:,}".replace(",", " ")):
        assert values(f"il y a {written} pages", "fr") == [value]
