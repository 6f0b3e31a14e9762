"""The expressions that name a period, and the interval of days that each means.

Folded French and English ("la semaine du 22 mai 2017", "last spring"); today is an argument.
The words are data, in ``config/words/dates.toml``. A general date parser is no help here: it
gives a day where a month or a week is meant ("fin mai", "cette semaine"), and not what bounds it.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from string import Template
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Callable

    _Meaning = Callable[[re.Match[str], date], "Interval | None"]
    _Form = tuple[re.Pattern[str], _Meaning]

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


def months(year: int, first: int, last: int) -> Interval:
    """Whole months; ``last`` may run into the next year (a winter)."""
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


def _day(match: re.Match[str], _today: date) -> Interval | None:
    month = match["month"]
    number = int(month) if month.isdigit() else MONTHS[month]
    try:
        day = date(int(match["year"]), number, int(match["day"]))
    except ValueError:
        return None
    return day, day


def _days(match: re.Match[str], _today: date) -> Interval | None:
    """Days of one month: "du 3 au 7 mai 2017"."""
    year, month = int(match["year"]), MONTHS[match["month"]]
    try:
        days = date(year, month, int(match["first"])), date(year, month, int(match["day"]))
    except ValueError:
        return None
    return min(days), max(days)


def _two_months(match: re.Match[str], _today: date) -> Interval:
    """Months of one year: "entre mai et juin 2017"; "décembre et mars" began the year before."""
    first, last, year = MONTHS[match["first"]], MONTHS[match["month"]], int(match["year"])
    return months(year - (first > last), first, last + 12 * (first > last))


def _calendar_month(match: re.Match[str], _today: date) -> Interval:
    month = MONTHS[match["month"]]
    return months(int(match["year"]), month, month)


def _across_months(match: re.Match[str], _today: date) -> Interval | None:
    """Days of two months: "du 28 février au 3 mars 2017"; from December, of two years."""
    year, named = int(match["year"]), (MONTHS[match["before"]], MONTHS[match["month"]])
    try:
        first = date(year - (named[0] > named[1]), named[0], int(match["first"]))
        return first, date(year, named[1], int(match["day"]))
    except ValueError:
        return None


def _week_of(match: re.Match[str], today: date) -> Interval | None:
    interval = _day(match, today)
    return unit_around("week", interval[0]) if interval and interval[0] else None


def _part_of_month(match: re.Match[str], _today: date) -> Interval:
    """The first ten days of a month, the next ten, or what is left."""
    return _tens(int(match["year"]), MONTHS[match["month"]], match["part"])


def _tens(year: int, month: int, part: str) -> Interval:
    first, last = _TENS[_PARTS[part][0]]
    return date(year, month, first), date(year, month, last) if last else month_end(year, month)


def _last_named_month(match: re.Match[str], today: date) -> Interval:
    """For "en février dernier": the last one that is over."""
    month = MONTHS[match["month"]]
    return months(today.year - (month >= today.month), month, month)


def _last_season(match: re.Match[str], today: date) -> Interval:
    """For "au printemps dernier": the last one that is over."""
    first = _SEASONS[match["season"]]
    year = next(year for year in range(today.year, 0, -1) if _ended(year, first, today))
    return months(year, first, first + 2)


def _ended(year: int, first: int, today: date) -> bool:
    last = months(year, first, first + 2)[1]
    return last is not None and last < today


def _this_season(match: re.Match[str], today: date) -> Interval:
    """For "cet été": that of the year; until spring, the winter that began the year before."""
    first = _SEASONS[match["season"]]
    return months(today.year - (first == 12 and today.month < 6), first, first + 2)


def _recently(match: re.Match[str], today: date) -> Interval:
    """For "ces derniers mois": a few of them, up to today."""
    unit = UNITS[match["unit"]]
    return days_before(today, WORDS["few"][unit], unit), today


def _last_weekday(match: re.Match[str], today: date) -> Interval:
    """For "mardi dernier": the last one before today."""
    back = (today.weekday() - WEEKDAYS[match["weekday"]] + 1) % 7 or 7
    day = today - timedelta(days=back)
    return day, day


def _last_weekday_named(match: re.Match[str], today: date) -> Interval:
    """For "mardi": as "mardi dernier"."""
    return _last_weekday(match, today)


def _this_weekday(match: re.Match[str], today: date) -> Interval:
    """For "ce mardi": the last one, today included."""
    day = today - timedelta(days=(today.weekday() - WEEKDAYS[match["weekday"]] + 1) % 7)
    return day, day


def _english_weekday(match: re.Match[str], today: date) -> Interval | None:
    """For "on Tuesday"; French has no "on"."""
    return _last_weekday(match, today) if match["weekday"].endswith("day") else None


def _last_month_named(match: re.Match[str], today: date) -> Interval:
    """For "en mai": the last one that has begun."""
    month = MONTHS[match["month"]]
    return months(today.year - (month > today.month), month, month)


def _two_last_months(match: re.Match[str], today: date) -> Interval:
    """For "entre mars et mai": the last such months that have begun."""
    first, last = MONTHS[match["first"]], MONTHS[match["month"]]
    year = today.year - (last > today.month)
    return months(year - (first > last), first, last + 12 * (first > last))


def _part_of_last_month(match: re.Match[str], today: date) -> Interval:
    """For "fin mai": of the last one that has begun."""
    month = MONTHS[match["month"]]
    return _tens(today.year - (month > today.month), month, match["part"])


def _this_weekend(_match: re.Match[str], today: date) -> Interval:
    """The weekend that has begun last: on a Monday, the one that is just over."""
    return weekend_before(today)


def _last_weekend(_match: re.Match[str], today: date) -> Interval:
    """The weekend that was over last: on a Sunday, that of the week before."""
    return weekend_before(today - timedelta(days=max(today.weekday() - 4, 0)))


def _since_back(match: re.Match[str], today: date) -> Interval:
    """For "depuis trois mois"."""
    return _back(match, today), None


def _since_few(match: re.Match[str], today: date) -> Interval:
    """For "depuis quelques jours"."""
    return _recently(match, today)[0], None


def _calendar_part(match: re.Match[str], today: date) -> Interval:
    """For "au début de l'année", "fin de l'année dernière"."""
    return months(today.year - bool(match["last"]), *_PARTS[match["part"]])


def _month_of_year(match: re.Match[str], _today: date) -> Interval:
    month = int(match["month"])
    return months(int(match["year"]), month, month)


def _day_of_century(match: re.Match[str], _today: date) -> Interval | None:
    """For "24/05/17": of this century."""
    try:
        day = date(2000 + int(match["short"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    return day, day


def _short_decade(match: re.Match[str], _today: date) -> Interval:
    """For "les années 80": of the last century from 1930 on."""
    tens = int(match["decade"])
    year = (1900 if tens >= 30 else 2000) + tens
    return date(year, 1, 1), date(year + 9, 12, 31)


def _part_in_order(match: re.Match[str], today: date) -> Interval:
    """A quarter or a half of a year; of one that no year has ("third half"), all the year."""
    length = 3 if match["length"].startswith(("trim", "quart")) else 6
    order = _ORDERS[match["order"]]
    if order * length > 12:
        return _year(match, today)
    start = (12 if order < 0 else order * length) - length + 1
    return months(int(match["year"]), start, start + length - 1)


def _season(match: re.Match[str], _today: date) -> Interval:
    first = _SEASONS[match["season"]]
    return months(int(match["year"]), first, first + 2)


def _part_of_year(match: re.Match[str], _today: date) -> Interval:
    return months(int(match["year"]), *_PARTS[match["part"]])


def _decade(match: re.Match[str], _today: date) -> Interval:
    year = int(match["decade"])
    return date(year, 1, 1), date(year + 9, 12, 31)


def _year(match: re.Match[str], _today: date) -> Interval:
    return months(int(match["year"]), 1, 12)


def _current(match: re.Match[str], today: date) -> Interval:
    return unit_around(UNITS[match["unit"]], today)


def _previous(match: re.Match[str], today: date) -> Interval:
    unit = UNITS[match["unit"]]
    start, _ = unit_around(unit, today)
    return unit_around(unit, start - timedelta(days=1))


def _yesterday(match: re.Match[str], today: date) -> Interval:
    day = today - timedelta(days=1 if match[0] in ("hier", "yesterday") else 2)
    return day, day


def _last_few(match: re.Match[str], today: date) -> Interval:
    return _back(match, today), today


def _ago(match: re.Match[str], today: date) -> Interval:
    return unit_around(UNITS[match["unit"]], _back(match, today))


def _back(match: re.Match[str], today: date) -> date:
    count = match["count"]
    number = int(count) if count.isdigit() else _NUMBERS[count]
    return days_before(today, number, UNITS[match["unit"]])


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


GUESSED: frozenset[object] = frozenset(
    (
        _last_weekday_named,
        _english_weekday,
        _last_month_named,
        _two_last_months,
        _part_of_last_month,
    )
)
"""Meanings that take the last day or month of a name: where articles are older, a guess."""
_MEANINGS: tuple[_Meaning, ...] = (
    _day, _day_of_century, _across_months, _days, _last_weekday, _this_weekday,
    _english_weekday, _last_weekday_named, _yesterday, _week_of, _this_weekend, _last_weekend,
    _two_months, _two_last_months, _calendar_month, _month_of_year, _part_of_month,
    _part_of_last_month, _last_named_month, _last_month_named, _season, _last_season,
    _this_season, _part_of_year, _calendar_part, _part_in_order, _decade, _short_decade, _year,
    _recently, _last_few, _since_back, _since_few, _ago, _previous, _current,
)  # fmt: skip
_BY_NAME = {meaning.__name__.removeprefix("_"): meaning for meaning in _MEANINGS}
FORMS: tuple[_Form, ...] = tuple(
    (re.compile(Template(rf"\b{form}").substitute(_PIECES)), _BY_NAME[name])
    for name, form in WORDS["periods"]["forms"]
)
"""Each expression that names a period, and what it means on a day; in the order of the file."""
