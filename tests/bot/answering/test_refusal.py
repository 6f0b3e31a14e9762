"""Why there is no answer."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answering.refusal import is_outside, reason_after_searching, refusal
from retrieval.vocabulary import Citation, Coverage, Period, PublicationDate, Reason
from tests.bot.answering.made import article

COVERAGE = Coverage(3, PublicationDate(2017, 5), PublicationDate(2021, 2, 18))


@pytest.mark.parametrize(
    ("period", "found", "reason"),
    [
        (None, 0, Reason.NOT_IN_ARCHIVE),
        (Period(date(1990, 1, 1), date(1990, 12, 31)), 5, Reason.OUT_OF_PERIOD),
        (Period(date(2022, 1, 1), None), 5, Reason.OUT_OF_PERIOD),
        (Period(date(2018, 1, 1), date(2018, 1, 31)), 0, Reason.OUT_OF_PERIOD),
        (Period(date(2018, 1, 1), date(2018, 1, 31)), 5, Reason.NOT_IN_ARCHIVE),
    ],
)
def test_the_reason(period: Period | None, found: int, reason: Reason) -> None:
    """A period that the archive does not cover, or in which nothing was found, is the reason."""
    assert reason_after_searching(period, COVERAGE, found) is reason


def test_an_archive_without_dates_excludes_nothing() -> None:
    """What is not dated may be of any time."""
    assert not is_outside(Period(date(1990, 1, 1), None), Coverage(2, None, None))


def test_articles_that_come_near_are_named_once() -> None:
    """Two passages of an article name it once."""
    text = article("Le pont a rouvert. Il a coûté cher.")
    near = (Citation(1, text, "Le pont a rouvert.", 0, 18), Citation(2, text, "Il a", 19, 23))
    assert refusal(Reason.NOT_IN_ARCHIVE, COVERAGE, near).nearest == (text,)
