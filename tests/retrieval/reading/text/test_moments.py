"""Moments: the day of the newspaper, whatever clock wrote them."""

from __future__ import annotations

from datetime import date, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.reading.text.dating import Clock, moment_of, read_date, unix_moment

_PARIS, _MONTREAL = ZoneInfo("Europe/Paris"), ZoneInfo("America/Montreal")


def local_day(words: str, zone: tzinfo) -> date | None:
    """The day of the moment that some words give, on the clock of a zone."""
    moment = moment_of(words, zone)
    return moment.date() if moment else None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2020-03-01T23:30:00Z", "2020-03-02"), ("2020-03-01T22:30:00Z", "2020-03-01"),
        ("2020-07-01T22:30:00.000Z", "2020-07-02"), ("2020-03-01 23:30:00 +0000", "2020-03-02"),
        ("2020-03-01 23:30:00 UTC", "2020-03-02"), ("2020-03-01T23:30Z", "2020-03-02"),
        ("20200301T233000Z", "2020-03-02"), ("2020-03-01T23:30:00+00:00", "2020-03-02"),
        ("2020-03-01T23:30:00+02:00", "2020-03-01"), ("2020-03-01T23:30:00-05:00", "2020-03-01"),
        ("2020-03-01T23:30:00+01:00[Europe/Paris]", "2020-03-01"),
        ("2020-03-01T23:30:00", "2020-03-01"), ("2020-03-01 23:30", "2020-03-01"),
        ("2020/03/01 23:30", "2020-03-01"), ("202003012330", "2020-03-01"),
        ("2020-03-01T00:00:00Z", "2020-03-01"), ("2020-03-01T23:30:00.123456789Z", "2020-03-02"),
        ("Sun, 01 Mar 2020 23:30:00 GMT", "2020-03-02"),
        ("Sun, 01 Mar 2020 23:30:00 -0000", "2020-03-02"),
        ("Sun, 01 Mar 2020 23:30:00 EST", "2020-03-01"),
        ("1 Mar 2020 23:30 +0000", "2020-03-02"),
        ("2020-03-01", "None"), ("hier à 23:30", "None"), ("2020-13-01T10:00", "None"),
        ("2020-03-01T25:00Z", "None"), ("x" * 200, "None"),
    ],
)  # fmt: skip
def test_the_day_at_the_newspaper(words: str, day: str) -> None:
    """UTC becomes local; an offset of its own and no offset are the newspaper's own clock."""
    assert str(local_day(words, _PARIS)) == day


def test_the_zone_is_a_choice() -> None:
    """The same moment is of one day in Paris and of the one before in Montréal."""
    words = "2020-03-02T03:30:00Z"
    assert [local_day(words, zone) for zone in (_PARIS, _MONTREAL)] == [
        date(2020, 3, 2),
        date(2020, 3, 1),
    ]
    assert local_day("2020-03-02T00:00:00Z", _MONTREAL) == date(2020, 3, 2)


@pytest.mark.parametrize(
    ("words", "day"),
    [("1583105400", "2020-03-02"), ("1583105400000", "2020-03-02"), ("1583105400.5", "2020-03-02"),
     ("123456789", "None"), ("12345678901", "None"), ("deux", "None")],
)  # fmt: skip
def test_counts_of_seconds(words: str, day: str) -> None:
    """Ten digits are seconds, thirteen are milliseconds; others are no time."""
    moment = unix_moment(words, _PARIS)
    assert str(moment and moment.date()) == day


def test_a_count_of_seconds_counts_where_it_is_told() -> None:
    """In a record it is a moment; ten digits in a text are anything."""
    assert str(read_date("1583105400", date(2026, 1, 1), declared=True)) == "2020-03-02"
    assert str(read_date("2019051208", date(2026, 1, 1), declared=True)) == "2019-05-12"
    with pytest.raises(ValueError, match="not a date"):
        read_date("1583105400", date(2026, 1, 1))


def test_a_clock_shows_the_day_of_its_zone() -> None:
    """The same second is of two days on two clocks; a day stands for its end."""
    seconds = 1583105400.0  # 2020-03-01T23:30:00Z
    assert Clock.at(seconds).today == date(2020, 3, 2)
    assert Clock.at(seconds, "America/Montreal").today == date(2020, 3, 1)
    assert Clock.of(date(2020, 3, 1)).today == date(2020, 3, 1)
    assert Clock.of(Clock.at(seconds)) == Clock.at(seconds)


@settings(max_examples=100, deadline=None)
@given(
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?",
        fullmatch=True,
    )
)
def test_any_moment_is_read_or_is_none(words: str) -> None:
    """Whatever the numbers, the first and last years of the calendar too, nothing is raised."""
    moment = moment_of(words, _PARIS)
    assert moment is None or moment.tzinfo is not None
