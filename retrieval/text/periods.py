"""Periods in questions: from "en 2017" or "l'an dernier" to an interval of days.

French and English expressions; today is an argument. A period is what a question names,
not what an answer must fall in: `names` tells whether a text speaks of the period itself,
since an article of 2021 may well answer a question about February 2020.
"""

from __future__ import annotations

import calendar
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from string import Template
from typing import TYPE_CHECKING

from retrieval.text.analysis import fold_in_place
from retrieval.text.dates import (
    MONTHS,
    UNITS,
    WEEKDAYS,
    WORDS,
    any_of,
    behind,
    not_behind,
    numbered,
)
from retrieval.vocabulary import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _Meaning = Callable[[re.Match[str], date], "Interval | None"]
    _Form = tuple[re.Pattern[str], _Meaning, bool]

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


# --- forms ---------------------------------------------------------------------------------------
# Expressions that name a period, and the interval of days that each means. A general date parser
# is no help: it gives a day where a month or a week is meant ("fin mai"), and not what bounds it.

Interval = tuple[date | None, date | None]
"""The first and the last day; None where it is open."""
_NUMBERS = numbered(WORDS["numbers"])
_SEASONS, _PARTS, _ORDERS, _BARE = (WORDS[name] for name in ("seasons", "parts", "orders", "bare"))
_TENS = {1: (1, 10), 5: (11, 20), 9: (21, 0)}


def _pieces() -> dict[str, str]:
    """The parts of the patterns, by name: those of the words, then those of the file."""
    ordinal = any_of(WORDS["ordinals"].split())
    pieces = {
        "months": any_of(MONTHS),
        "month": rf"(?P<month>{any_of(MONTHS)})\b\.?",
        "month_lead": behind(_BARE["month_after"]),
        "year": not_behind(WORDS["not_year_after"]) + r"(?P<year>(?:19|20)\d\d)"
        rf"(?![\d%]|[.,]\d|\s\d{{3}}\b|\s(?:{WORDS['counted']})\b)",
        "day": rf"(?P<day>\d{{1,2}})(?:{ordinal})?",
        "first_day": rf"(?P<first>\d{{1,2}})(?:{ordinal})?",
        "count": rf"(?P<count>\d{{1,3}}|{any_of(_NUMBERS)})",
        "unit": rf"(?P<unit>{any_of(UNITS)})\b(?!-end)",
        "season": rf"(?P<season>{any_of(_SEASONS)})\b",
        "part": rf"(?P<part>{any_of(_PARTS)})",
        "orders": any_of(_ORDERS),
        "named_day": rf"(?P<weekday>{any_of(WEEKDAYS)})\b",
        "no_habit": not_behind(_BARE["not_after"]),
        "no_weekday": _BARE["not_before"],
        "english_day": behind(_BARE["english_after"]),
    }
    for name, pattern in WORDS["pieces"].items():
        pieces[name] = Template(pattern).substitute(pieces)
    return pieces


# --- intervals of days -------------------------------------------------------------------


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def months(year: int, first: int, last: int) -> tuple[date, date]:
    """Whole months; ``last`` may run into later years (a winter, a decade)."""
    over, month = divmod(last - 1, 12)
    return date(year, first, 1), month_end(year + over, month + 1)


def unit_around(unit: str, day: date) -> tuple[date, date]:
    """The day, week (from Monday), month or year that holds a day; an hour's day."""
    if unit in ("hour", "day"):
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return day.replace(day=1), month_end(day.year, day.month)
    return date(day.year, 1, 1), date(day.year, 12, 31)


def weekend_before(day: date) -> tuple[date, date]:
    """The last Saturday and Sunday that have begun on a day."""
    saturday = day - timedelta(days=(day.weekday() - 5) % 7)
    return saturday, saturday + timedelta(days=1)


def days_before(today: date, number: int, unit: str) -> date:
    """The day that is so many hours, days, weeks, months or years before."""
    if unit == "hour":
        return today - timedelta(days=-(-number // 24))
    if unit in ("day", "week"):
        return today - timedelta(days=number * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


# --- what an expression means ------------------------------------------------------------


def _on(day: date) -> Interval:
    return day, day


def _year(match: re.Match[str]) -> int:
    return int(match["year"])


def _month(match: re.Match[str]) -> int:
    named = match["month"]
    return int(named) if named.isdigit() else MONTHS[named]


def _day(match: re.Match[str]) -> date:
    return date(_year(match), _month(match), int(match["day"]))


def _days(match: re.Match[str], _today: date) -> Interval:
    days = date(_year(match), _month(match), int(match["first"])), _day(match)
    return min(days), max(days)


def _across_months(match: re.Match[str], _today: date) -> Interval:
    before, last = MONTHS[match["before"]], _day(match)
    return date(last.year - (before > last.month), before, int(match["first"])), last


def _between_months(first: int, last: int, year: int) -> Interval:
    """Months of one year; "décembre et mars" began the year before."""
    return months(year - (first > last), first, last + 12 * (first > last))


def _begun(month: int, today: date) -> int:
    """The year in which a month has begun last."""
    return today.year - (month > today.month)


def _tens(year: int, month: int, part: str) -> Interval:
    """The first ten days of a month, the next ten, or what is left."""
    first, last = _TENS[_PARTS[part][0]]
    return date(year, month, first), date(year, month, last) if last else month_end(year, month)


def _season(match: re.Match[str], year: int) -> tuple[date, date]:
    first = _SEASONS[match["season"]]
    return months(year, first, first + 2)


def _last_season(match: re.Match[str], today: date) -> Interval:
    """The last one that is over."""
    seasons = (_season(match, year) for year in range(today.year, 0, -1))
    return next(season for season in seasons if season[1] < today)


def _this_season(match: re.Match[str], today: date) -> Interval:
    """That of the year; until spring, the winter that began the year before."""
    return _season(match, today.year - (_SEASONS[match["season"]] == 12 and today.month < 6))


def _weekday(match: re.Match[str], today: date, nearest: int) -> Interval:
    """The last day of a name; ``nearest`` is how far it is when today has that name."""
    back = (today.weekday() - WEEKDAYS[match["weekday"]] + 1) % 7 or nearest
    return _on(today - timedelta(days=back))


def _part_in_order(match: re.Match[str], _today: date) -> Interval:
    """A quarter or a half of a year; of one that no year has ("third half"), all the year."""
    length = 3 if match["length"].startswith(("trim", "quart")) else 6
    order = _ORDERS[match["order"]]
    if order * length > 12:
        return months(_year(match), 1, 12)
    start = (12 if order < 0 else order * length) - length + 1
    return months(_year(match), start, start + length - 1)


def _short_decade(match: re.Match[str], _today: date) -> Interval:
    """Of the last century from 1930 on."""
    tens = int(match["decade"])
    return months((1900 if tens >= 30 else 2000) + tens, 1, 120)


def _previous(match: re.Match[str], today: date) -> Interval:
    start, _ = unit_around(_unit(match), today)
    return unit_around(_unit(match), start - timedelta(days=1))


def _unit(match: re.Match[str]) -> str:
    return UNITS[match["unit"]]


def _few(match: re.Match[str], today: date) -> date:
    return days_before(today, WORDS["few"][_unit(match)], _unit(match))


def _back(match: re.Match[str], today: date) -> date:
    count = match["count"]
    number = int(count) if count.isdigit() else _NUMBERS[count]
    return days_before(today, number, _unit(match))


_MEANINGS: dict[str, _Meaning] = {
    # days
    "day": lambda match, _: _on(_day(match)),
    "day_of_century": lambda match, _: _on(
        date(2000 + int(match["short"]), _month(match), int(match["day"]))
    ),
    "days": _days,  # du 3 au 7 mai 2017
    "across_months": _across_months,  # du 28 février au 3 mars 2017; from December, of two years
    "last_weekday": lambda match, today: _weekday(match, today, 7),  # before today
    "this_weekday": lambda match, today: _weekday(match, today, 0),  # ce mardi
    "english_weekday": lambda match, today: (  # on Tuesday; French has no "on"
        _weekday(match, today, 7) if match["weekday"].endswith("day") else None
    ),
    "yesterday": lambda match, today: _on(
        today - timedelta(days=1 if match[0] in ("hier", "yesterday") else 2)
    ),
    # weeks
    "week_of": lambda match, _: unit_around("week", _day(match)),
    "this_weekend": lambda _, today: weekend_before(today),  # on a Monday, that just over
    "last_weekend": lambda _, today: weekend_before(  # on a Sunday, that of the week before
        today - timedelta(days=max(today.weekday() - 4, 0))
    ),
    # months
    "two_months": lambda match, _: _between_months(
        MONTHS[match["first"]], _month(match), _year(match)
    ),
    "two_last_months": lambda match, today: _between_months(
        MONTHS[match["first"]], _month(match), _begun(_month(match), today)
    ),
    "calendar_month": lambda match, _: months(_year(match), _month(match), _month(match)),
    "part_of_month": lambda match, _: _tens(_year(match), _month(match), match["part"]),
    "part_of_last_month": lambda match, today: _tens(
        _begun(_month(match), today), _month(match), match["part"]
    ),
    "last_named_month": lambda match, today: months(  # en février dernier: it is over
        today.year - (_month(match) >= today.month), _month(match), _month(match)
    ),
    "last_month_named": lambda match, today: months(  # en mai: it has begun
        _begun(_month(match), today), _month(match), _month(match)
    ),
    # seasons and parts of years
    "season": lambda match, _: _season(match, _year(match)),
    "last_season": _last_season,
    "this_season": _this_season,
    "part_of_year": lambda match, _: months(_year(match), *_PARTS[match["part"]]),
    "calendar_part": lambda match, today: months(
        today.year - bool(match["last"]), *_PARTS[match["part"]]
    ),
    "part_in_order": _part_in_order,
    # years
    "decade": lambda match, _: months(int(match["decade"]), 1, 120),
    "short_decade": _short_decade,
    "year": lambda match, _: months(_year(match), 1, 12),
    # counted from today
    "recently": lambda match, today: (_few(match, today), today),
    "last_few": lambda match, today: (_back(match, today), today),
    "since_back": lambda match, today: (_back(match, today), None),
    "since_few": lambda match, today: (_few(match, today), None),
    "ago": lambda match, today: unit_around(_unit(match), _back(match, today)),
    "previous": _previous,
    "current": lambda match, today: unit_around(_unit(match), today),
}
"""What each form of ``dates.toml`` means; a `ValueError` tells that there is no such day."""
_PIECES = _pieces()
_DAY_AND_MONTH, _NAME_AND_NUMBER = (
    Template(rf"\b{form}").substitute(_PIECES) for form in (r"$day\s+$month", r"$month\s+$day")
)
DAY_AND_MONTH = re.compile(
    rf"{_DAY_AND_MONTH}|"
    + _NAME_AND_NUMBER.replace("<month>", "<name>").replace("<day>", "<number>")
)
"""A day that no year follows; it is often the name of what happened then ("le 14 juillet")."""


def last_day_named(match: re.Match[str], today: date) -> date | None:
    """For "le 2 septembre": the last one, today included.

    Args:
        match: of `DAY_AND_MONTH`.
        today: the day on which it is said.
    """
    month, day = MONTHS[match["month"] or match["name"]], int(match["day"] or match["number"])
    for year in (today.year, today.year - 1):
        try:
            said = date(year, month, day)
        except ValueError:
            continue
        if said <= today:
            return said
    return None


FORMS: tuple[_Form, ...] = tuple(
    (
        re.compile(Template(rf"\b{form}").substitute(_PIECES)),
        _MEANINGS[name.removesuffix("?")],
        name.endswith("?"),
    )
    for name, form in WORDS["periods"]["forms"]
)
"""Each expression that names a period, what it means on a day, and whether that is a guess: the
last day or month of a name, where articles are older; in the order of the file."""
