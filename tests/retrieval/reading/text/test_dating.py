"""Dates: as precise as the source, believable, never guessed."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.reading.text.dating import Clock, DateClaim, choose_date, date_in_name, read_date

_TODAY = date(2026, 11, 23)
_AFTERNOON = Clock(datetime(2026, 11, 23, 15, tzinfo=ZoneInfo("Europe/Paris")))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2017", "2017"), ("2017-05", "2017-05"), ("2017-05-24", "2017-05-24"),
        ("2017-05-24T14:31:31+02:00", "2017-05-24"), ("20170524", "2017-05-24"),
        ("24 mai 2017", "2017-05-24"), ("mercredi 24 mai 2017 à 14h30", "2017-05-24"),
        ("1er mars 2017", "2017-03-01"), ("mai 2017", "2017-05"), ("24/05/2017", "2017-05-24"),
        ("03/04/2017", "2017-04-03"), ("May 24, 2017", "2017-05-24"), ("24.05.2017", "2017-05-24"),
        ("Wed, 24 May 2017 14:00:00 +0200", "2017-05-24"), ("12 déc. 2016", "2016-12-12"),
    ],
)  # fmt: skip
def test_dates_are_read_as_precisely_as_written(words: str, meant: str) -> None:
    """A month stays a month, a year a year; French days come before months."""
    assert str(read_date(words, _TODAY)) == meant


@pytest.mark.parametrize(
    "words",
    [
        "mercredi", "hier", "il y a 3 jours", "24 mai", "aujourd'hui 2017", "31 février 2017",
        "2017-13-45", "vendredi 2017", "1495634400", "bientôt", "24 mai 17", "x" * 500 + " 2017",
    ],
)  # fmt: skip
def test_what_is_no_whole_date_is_refused(words: str) -> None:
    """Nothing is filled in from the present: no weekday, no relative word, no missing year."""
    with pytest.raises(ValueError, match="not a date"):
        read_date(words, _TODAY)


@pytest.mark.parametrize("words", ["1599", "0001-01-01", "2026-11-24", "2030", "1er mars 2027"])
def test_dates_that_no_article_has_are_refused(words: str) -> None:
    """Neither before newspapers nor later than the reading."""
    with pytest.raises(ValueError, match=r"before 1600|in the future"):
        read_date(words, _TODAY)


@pytest.mark.parametrize("words", ["2026-11-23", "2026-11", "2026", "1600"])
def test_dates_at_the_edge_are_believed(words: str) -> None:
    """Today, this month and this year are believable."""
    assert str(read_date(words, _TODAY)) == words


def test_the_first_believable_claim_wins() -> None:
    """Silent places are passed over, bad dates are reported with their place."""
    claims = [DateClaim("a row", ""), DateClaim("front", "2099-01-01"), DateClaim("page", "2017")]
    dating = choose_date([*claims, DateClaim("file name", "2016")], _TODAY)
    assert str(dating.published) == "2017"
    assert [(claim.place, why) for claim, why in dating.refused] == [("front", "in the future")]


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+01:00"), ("2026-12", "2026-12-01T00:00:00+01:00"),
        ("1er décembre 2026", "2026-12-01T00:00:00+01:00"),
        ("2026-11-23T18:00:00", "2026-11-23T18:00:00+01:00"),
        ("2026-11-23 17:30:00Z", "2026-11-23T18:30:00+01:00"),
        ("Mon, 23 Nov 2026 18:30:00 +0100", "2026-11-23T18:30:00+01:00"),
        ("le 1er décembre 2026 à 6h30", "2026-12-01T06:30:00+01:00"),
        ("1796065200", "2026-11-30T20:00:00+01:00"),
    ],
)  # fmt: skip
def test_what_is_told_for_later_is_an_embargo(words: str, until: str) -> None:
    """A day waits for its beginning, a moment for its hour; other places are not asked."""
    claims = [DateClaim("front matter", words, declared=True), DateClaim("page", "2016")]
    dating = choose_date(claims, _AFTERNOON)
    assert dating.published is None
    assert dating.until is not None
    assert dating.until.isoformat() == until


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2026-11-23", "2026-11-23"), ("2026-11-23T14:59:59", "2026-11-23"),
        ("2026-11-24T00:30:00+12:00", "2026-11-24"), ("2026-11", "2026-11"), ("2026", "2026"),
    ],
)  # fmt: skip
def test_what_is_told_for_now_is_no_embargo(words: str, meant: str) -> None:
    """Today, an hour ago, and the day that it is already at an overseas newspaper."""
    dating = choose_date([DateClaim("record", words, declared=True)], _AFTERNOON)
    assert (str(dating.published), dating.until) == (meant, None)


def test_a_doubt_refuses_a_date_that_could_be() -> None:
    """A doubtful claim is reported with its doubt, and the next place is asked."""
    claims = [DateClaim("page text", "2026-11-23", doubt="the day of the reading")]
    dating = choose_date([*claims, DateClaim("file name", "2016")], _AFTERNOON)
    assert str(dating.published) == "2016"
    assert [why for _, why in dating.refused] == ["the day of the reading"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2017-05-24-otan.txt", "2017-05-24"), ("20170524.html", "2017-05-24"),
        ("otan_2017-05.md", "2017-05"), ("otan-20170524-v2.txt", "2017-05-24"),
        ("001_5c7975108ed9e4b1.txt", ""), ("a20170524b.txt", ""), ("2017-13-45.txt", ""),
        ("article-201705.txt", ""), ("99999999.txt", ""), ("2017.txt", ""),
    ],
)  # fmt: skip
def test_dates_in_file_names(name: str, words: str) -> None:
    """A file name dates an article only when it plainly carries a date."""
    assert date_in_name(name) == words


@settings(max_examples=60, deadline=None)
@given(st.text() | st.from_regex(r"\d{1,4}[-/ ][\dmai]{1,3}[-/ ]\d{4}.{0,9}", fullmatch=True))
def test_reading_a_date_fails_in_one_way(words: str) -> None:
    """Whatever the words, there is a believable date or a ValueError."""
    try:
        found = read_date(words, _TODAY)
    except ValueError:
        return
    assert date(1600, 1, 1) <= found.first_day <= date(2026, 11, 24)


@pytest.mark.parametrize(
    "words", ["1970-01-01T00:00:00Z", "1970-01-01 00:00:00", "1970-01-01T01:00:00+01:00"]
)
def test_an_empty_timestamp_is_no_date(words: str) -> None:
    """The first second of Unix time is what programs write for no time; a later one is a date."""
    with pytest.raises(ValueError, match="empty timestamp"):
        read_date(words, _TODAY, declared=True)
    assert str(read_date("1970-01-01", _TODAY)) == "1970-01-01"
    assert str(read_date("1970-01-01T18:00:00Z", _TODAY)) == "1970-01-01"
