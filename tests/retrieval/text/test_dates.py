"""The vocabulary of dates, and the dates that a text gives."""

from __future__ import annotations

import pytest

from retrieval.text.analysis import fold
from retrieval.text.dates import (
    MONTHS,
    UNITS,
    WEEKDAYS,
    WORDS,
    DateMention,
    date_mentions,
    full_names,
)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_month_and_weekday_has_a_full_name(language: str) -> None:
    """A language names twelve months and seven days, in their order."""
    months, weekdays = full_names("months", language), full_names("weekdays", language)
    assert [MONTHS[name] for name in months] == list(range(1, 13))
    assert [WEEKDAYS[name] for name in weekdays] == list(range(1, 8))


def test_the_words_are_folded() -> None:
    """Texts are folded before they are compared with the words."""
    words = [*MONTHS, *WEEKDAYS, *UNITS, *WORDS["seasons"], *WORDS["parts"], *WORDS["orders"]]
    assert [word for word in words if fold(word) != word] == []


def test_what_is_ambiguous_is_a_month() -> None:
    """A word is only ambiguous among those that may name a month."""
    assert set(WORDS["ambiguous"].split()) <= set(MONTHS)


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("le 7 juill. 2016", DateMention(3, 16, 7, 7, 2016)),
        ("6 fév 2018", DateMention(0, 10, 6, 2, 2018)),
        ("May 4, 2017", DateMention(0, 11, 4, 5, 2017)),
        ("en février 2020", DateMention(3, 15, 0, 2, 2020)),
        ("2017-05-04", DateMention(0, 10, 4, 5, 2017)),
        ("4/5/17", DateMention(0, 6, 4, 5, 2017)),
        ("jeudi", DateMention(0, 5, weekday=4)),
        ("jeudi 4 mai", DateMention(0, 11, 4, 5, weekday=4)),
    ],
)
def test_a_date_is_read_as_far_as_it_is_given(text: str, mention: DateMention) -> None:
    """What a date leaves out is 0; the offsets are those of the text."""
    assert date_mentions(text) == (mention,)


@pytest.mark.parametrize("text", ["he may come", "sept communes", "Mars", "2017", "le 4"])
def test_what_names_no_date(text: str) -> None:
    """A bare word with another meaning is no month, and a number alone no date."""
    assert date_mentions(text) == ()


def test_two_days_of_one_month_are_two_dates() -> None:
    """ "les 4 et 5 mai" names two days."""
    assert [(one.day, one.month) for one in date_mentions("les 4 et 5 mai")] == [(4, 5), (5, 5)]
