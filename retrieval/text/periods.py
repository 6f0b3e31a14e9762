"""Periods in questions: from "en 2017" or "l'an dernier" to an interval of days.

French and English expressions; today is an argument. A period is what a question names,
not what an answer must fall in: `names` tells whether a text speaks of the period itself,
since an article of 2021 may well answer a question about February 2020.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from retrieval.text.analysis import fold_in_place
from retrieval.text.dates import WORDS
from retrieval.text.period_forms import DAY_AND_MONTH, FORMS, Interval, last_day_named
from retrieval.vocabulary import Period

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ = 2000
"""Characters of a question that are looked at."""
_BOUNDS = {name: re.compile(pattern) for name, pattern in WORDS["bounds"].items()}


@dataclass(frozen=True, slots=True)
class _Dated:
    """A date expression: its offsets, its interval, and whether its year is a guess."""

    start: int
    end: int
    interval: Interval
    guessed: bool


def find_period(text: str, today: date) -> Period | None:
    """The period that a question names, or ``None``.

    Args:
        text: the question, in French or English.
        today: the day on which it is asked.

    Returns:
        Several dates give the interval that holds them all ("fin 2016 et 2017"). A bare month
        or day of the week ("en mai", "mardi") is the last one, unless another date is named.
    """
    folded = fold_in_place(text[:_READ])
    found = _found(folded, today)
    if not found:
        return None
    intervals = [
        _bounded(text[found[index - 1].end if index else 0 : one.start], one.interval)
        for index, one in enumerate(found)
    ]
    words = text[found[0].start : found[-1].end].strip()
    if len(found) == 2 and _BOUNDS["to"].match(folded[found[0].end : found[1].start]):
        intervals = [one.interval for one in found]
    firsts, lasts = zip(*intervals, strict=True)
    return Period(
        None if None in firsts else min(day for day in firsts if day),
        None if None in lasts else max(day for day in lasts if day),
        words,
    )


def find_day(text: str, today: date) -> Period | None:
    """The day without a year that a question of news names: the last 2 September.

    `find_period` leaves it out, for elsewhere it may be the name of what happened then ("les
    attentats du 13 novembre").
    """
    match = DAY_AND_MONTH.search(fold_in_place(text[:_READ]))
    day = match and last_day_named(match, today)
    return Period(day, day, text[slice(*match.span())]) if match and day else None


def is_guessed(text: str, today: date) -> bool:
    """Whether the period of a question is a bare month or day of the week ("en mai", "mardi").

    It is then the last one before today; an archive of older articles may be asked of another.
    """
    found = _found(fold_in_place(text[:_READ]), today)
    return bool(found) and all(one.guessed for one in found)


def _found(folded: str, today: date) -> list[_Dated]:
    """The date expressions; those with a guessed year only when there are no others."""
    found = list(_dates(folded, today))
    return [one for one in found if not one.guessed] or found


def _dates(folded: str, today: date) -> Iterator[_Dated]:
    """The dates of a text in their order; the longest form wins where forms overlap."""
    matches = [form.search(folded) for form, *_ in FORMS]
    while any(matches):
        _, end, index = min(
            (match.start(), -match.end(), index) for index, match in enumerate(matches) if match
        )
        match, (_, meaning, guessed) = matches[index], FORMS[index]
        interval: Interval | None = None
        with suppress(ValueError):
            interval = meaning(match, today) if match else None
        if match and interval is not None:
            yield _Dated(*match.span(), interval, guessed)
        at = -end
        matches = [
            form.search(folded, at) if match and match.start() < at else match
            for match, (form, *_) in zip(matches, FORMS, strict=True)
        ]


def _bounded(before: str, interval: Interval) -> Interval:
    """Apply "avant", "après" or "depuis" that stands before a date."""
    first, last = interval
    typed, before = before, fold_in_place(before)
    if _BOUNDS["since"].search(before) or _BOUNDS["from_then_on"].search(typed):
        return first, None
    if _BOUNDS["before"].search(before):
        inclusive = _BOUNDS["inclusive"].search(before)
        return None, last if inclusive else first and first - timedelta(days=1)
    if _BOUNDS["after"].search(before):
        return last and last + timedelta(days=1), None
    return interval


_YEARS_IN_TEXT = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d)")


def names(text: str, period: Period) -> bool:
    """Whether a text mentions a year of the period."""
    return any(
        (period.first is None or int(year) >= period.first.year)
        and (period.last is None or int(year) <= period.last.year)
        for year in _YEARS_IN_TEXT.findall(text)
    )


def is_about_now(text: str) -> bool:
    """Whether a question asks about the present."""
    return bool(_BOUNDS["now"].search(fold_in_place(text.replace("’", "'"))))
