"""The expressions that name a period, each with the interval of days that it means.

Folded French and English ("la semaine du 22 mai 2017", "last spring"); today is an argument.
The words are data, in ``config/words/dates.toml``. A general date parser is no help here: it
gives a day where a month or a week is meant ("fin mai", "cette semaine"), and not what bounds it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from config import data
from retrieval.text.intervals import (
    Interval,
    days_before,
    month_end,
    months,
    unit_around,
    weekend_before,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WORDS = data.load("words/dates.toml")


def _numbered(lists: Iterable[str], first: int) -> dict[str, int]:
    return {word: at for at, words in enumerate(lists, first) for word in words.split()}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def _behind(words: Iterable[str]) -> str:
    """A place behind one of some words."""
    return "(?:" + "|".join(rf"(?<=\b{one})" for one in words) + ")"


def _not_behind(words: Iterable[str]) -> str:
    return "".join(rf"(?<!\b{one})" for one in words)


_MONTHS = _numbered(_WORDS["months"], 1)
_WEEKDAYS = _numbered(_WORDS["weekdays"], 0)
_NUMBERS = _numbered(_WORDS["numbers"], 1)
_UNITS = {word: unit for unit, words in _WORDS["units"].items() for word in words.split()}
_SEASONS, _PARTS, _ORDERS = _WORDS["seasons"], _WORDS["parts"], _WORDS["orders"]
_BARE = _WORDS["bare"]
_TENS = {1: (1, 10), 5: (11, 20), 9: (21, 0)}

_MONTH_NAMES = _any(_MONTHS)
_MONTH = rf"(?P<month>{_MONTH_NAMES})\b\.?"
_AND = r"\s*(?:et|and|a|to|au|-)\s*(?:le\s+)?"
# "2000 euros" and "les 2000 soldats" count something: no year.
_YEAR = (
    r"(?<!\bles )(?<!\bces )(?<!\bplus de )(?<!\bpres de )(?<!\bmoins de )"
    r"(?P<year>(?:19|20)\d\d)"
    rf"(?![\d%]|[.,]\d|\s\d{{3}}\b|\s(?:{_WORDS['counted']})\b)"
)
_DAY = r"(?P<day>\d{1,2})(?:er|st|nd|rd|th)?"
_FIRST_DAY = r"(?P<first>\d{1,2})(?:er|st|nd|rd|th)?"
_COUNT = rf"(?P<count>\d{{1,3}}|{_any(_NUMBERS)})"
_FEW = r"(?:quelques|plusieurs|a few|several|some|des)"
_UNIT = rf"(?P<unit>{_any(_UNITS)})\b(?!-end)"
_SEASON = rf"(?P<season>{_any(_SEASONS)})\b"
_PART = rf"(?P<part>{_any(_PARTS)})"
_WEEKEND = r"week[\s-]?ends?\b"
_NAMED_DAY = rf"(?P<weekday>{_any(_WEEKDAYS)})\b"
# French names a day that was by its name alone ("mardi", not "le mardi"), English by "on".
_WEEKDAY = (
    rf"(?:(?<=\bjusqu'a )|{_not_behind(_BARE['not_after'])})"
    rf"{_NAMED_DAY}(?!\s*,?\s*(?:le\s+|the\s+)?(?:{_BARE['not_before']}))"
)
_ENGLISH_DAY = _behind(_BARE["english_after"])
# A month that no year follows.
_LONE_MONTH = rf"{_MONTH}(?!\s*(?:,|de\b|of\b|-)?\s*(?:\d|dernier|passe|prochain|{_MONTH_NAMES}))"


def _day(match: re.Match[str], _today: date) -> Interval | None:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTHS[month]
    try:
        day = date(int(match["year"]), number, int(match["day"]))
    except ValueError:
        return None
    return day, day


def _days(match: re.Match[str], _today: date) -> Interval | None:
    """Days of one month: "du 3 au 7 mai 2017"."""
    year, month = int(match["year"]), _MONTHS[match["month"]]
    try:
        days = date(year, month, int(match["first"])), date(year, month, int(match["day"]))
    except ValueError:
        return None
    return min(days), max(days)


def _two_months(match: re.Match[str], _today: date) -> Interval:
    """Months of one year: "entre mai et juin 2017"; "décembre et mars" began the year before."""
    first, last, year = _MONTHS[match["first"]], _MONTHS[match["month"]], int(match["year"])
    return months(year - (first > last), first, last + 12 * (first > last))


def _calendar_month(match: re.Match[str], _today: date) -> Interval:
    month = _MONTHS[match["month"]]
    return months(int(match["year"]), month, month)


def _across_months(match: re.Match[str], _today: date) -> Interval | None:
    """Days of two months: "du 28 février au 3 mars 2017"; from December, of two years."""
    year, named = int(match["year"]), (_MONTHS[match["before"]], _MONTHS[match["month"]])
    try:
        first = date(year - (named[0] > named[1]), named[0], int(match["first"]))
        return first, date(year, named[1], int(match["day"]))
    except ValueError:
        return None


def _week_of(match: re.Match[str], today: date) -> Interval | None:
    """The week, from Monday, that holds a day."""
    interval = _day(match, today)
    return unit_around("week", interval[0]) if interval and interval[0] else None


def _part_of_month(match: re.Match[str], _today: date) -> Interval:
    """The first ten days of a month, the next ten, or what is left."""
    return _tens(int(match["year"]), _MONTHS[match["month"]], match["part"])


def _tens(year: int, month: int, part: str) -> Interval:
    first, last = _TENS[_PARTS[part][0]]
    return date(year, month, first), date(year, month, last) if last else month_end(year, month)


def _last_named_month(match: re.Match[str], today: date) -> Interval:
    """For "en février dernier": the last one that is over."""
    month = _MONTHS[match["month"]]
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
    unit = _UNITS[match["unit"]]
    return days_before(today, _WORDS["few"][unit], unit), today


def _last_weekday(match: re.Match[str], today: date) -> Interval:
    """For "mardi dernier": the last one before today."""
    back = (today.weekday() - _WEEKDAYS[match["weekday"]]) % 7 or 7
    day = today - timedelta(days=back)
    return day, day


def _last_weekday_named(match: re.Match[str], today: date) -> Interval:
    """For "mardi": as "mardi dernier"."""
    return _last_weekday(match, today)


def _this_weekday(match: re.Match[str], today: date) -> Interval:
    """For "ce mardi": the last one, today included."""
    day = today - timedelta(days=(today.weekday() - _WEEKDAYS[match["weekday"]]) % 7)
    return day, day


def _english_weekday(match: re.Match[str], today: date) -> Interval | None:
    """For "on Tuesday"; French has no "on"."""
    return _last_weekday(match, today) if match["weekday"].endswith("day") else None


def _last_month_named(match: re.Match[str], today: date) -> Interval:
    """For "en mai": the last one that has begun."""
    month = _MONTHS[match["month"]]
    return months(today.year - (month > today.month), month, month)


def _two_last_months(match: re.Match[str], today: date) -> Interval:
    """For "entre mars et mai": the last such months that have begun."""
    first, last = _MONTHS[match["first"]], _MONTHS[match["month"]]
    year = today.year - (last > today.month)
    return months(year - (first > last), first, last + 12 * (first > last))


def _part_of_last_month(match: re.Match[str], today: date) -> Interval:
    """For "fin mai": of the last one that has begun."""
    month = _MONTHS[match["month"]]
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
    return unit_around(_UNITS[match["unit"]], today)


def _previous(match: re.Match[str], today: date) -> Interval:
    unit = _UNITS[match["unit"]]
    start, _ = unit_around(unit, today)
    return unit_around(unit, start - timedelta(days=1))


def _yesterday(match: re.Match[str], today: date) -> Interval:
    day = today - timedelta(days=1 if match[0] in ("hier", "yesterday") else 2)
    return day, day


def _last_few(match: re.Match[str], today: date) -> Interval:
    return _back(match, today), today


def _ago(match: re.Match[str], today: date) -> Interval:
    return unit_around(_UNITS[match["unit"]], _back(match, today))


def _back(match: re.Match[str], today: date) -> date:
    count = match["count"]
    number = int(count) if count.isdigit() else _NUMBERS[count]
    return days_before(today, number, _UNITS[match["unit"]])


DAY_AND_MONTH = re.compile(
    rf"\b{_DAY}\s+{_MONTH}|\b{_MONTH.replace('month', 'name')}\s+{_DAY.replace('day', 'number')}"
)
"""A day that no year follows; it is often the name of what happened then ("le 14 juillet")."""


def last_day_named(match: re.Match[str], today: date) -> date | None:
    """For "le 2 septembre": the last one, today included.

    Args:
        match: of `DAY_AND_MONTH`.
        today: the day on which it is said.
    """
    month, day = _MONTHS[match["month"] or match["name"]], int(match["day"] or match["number"])
    for year in (today.year, today.year - 1):
        try:
            said = date(year, month, day)
        except ValueError:
            continue
        if said <= today:
            return said
    return None


_Form = tuple[re.Pattern[str], "Callable[[re.Match[str], date], Interval | None]"]
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
FORMS: tuple[_Form, ...] = tuple(
    (re.compile(rf"\b{form}"), meaning)
    for form, meaning in (
        # days
        (rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b", _day),
        (rf"(?P<day>\d{{1,2}})[/.](?P<month>\d{{1,2}})[/.]{_YEAR}", _day),
        (r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<short>\d\d)(?![\d/])", _day_of_century),
        (rf"{_DAY}\s+{_MONTH}\s*,?\s+{_YEAR}", _day),
        (rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}", _day),
        (rf"{_FIRST_DAY}\s+(?P<before>{_MONTH_NAMES}){_AND}{_DAY}\s+{_MONTH}\s*,?\s+{_YEAR}",
         _across_months),
        (rf"(?P<before>{_MONTH_NAMES})\s+{_FIRST_DAY}{_AND}{_MONTH}\s+{_DAY},?\s+{_YEAR}",
         _across_months),
        (rf"{_FIRST_DAY}{_AND}{_DAY}\s+{_MONTH}\s+{_YEAR}", _days),
        (rf"{_NAMED_DAY}\s+(?:dernier|passe)\b", _last_weekday),
        (rf"last\s+{_NAMED_DAY}", _last_weekday),
        (rf"(?:ce|this)\s+{_WEEKDAY}", _this_weekday),
        (rf"{_ENGLISH_DAY}{_WEEKDAY}", _english_weekday),
        (rf"{_WEEKDAY}(?<!day)", _last_weekday_named),
        (r"(?:avant[\s-]hier|the day before yesterday|hier|yesterday)\b", _yesterday),
        # weeks
        (rf"(?:semaine|week)\s+(?:du|of)\s+(?:the\s+)?{_DAY}\s+{_MONTH}\s*,?\s+{_YEAR}", _week_of),
        (rf"week\s+of\s+{_MONTH}\s+{_DAY},?\s+{_YEAR}", _week_of),
        (rf"(?:ce|this)\s+{_WEEKEND}(?!\s+(?:d|of|prochain))", _this_weekend),
        (rf"(?:ce\s+|le\s+)?{_WEEKEND}\s+(?:dernier|passe)\b", _last_weekend),
        (rf"(?:last|past)\s+{_WEEKEND}", _last_weekend),
        # months
        (rf"(?P<first>{_MONTH_NAMES}){_AND}{_MONTH}\s+(?:de\s+|of\s+)?{_YEAR}", _two_months),
        (rf"(?:entre|de|between|from)\s+(?P<first>{_MONTH_NAMES}){_AND}{_LONE_MONTH}",
         _two_last_months),
        (rf"{_MONTH}\s+(?:de\s+|of\s+)?{_YEAR}", _calendar_month),
        (rf"(?P<month>0?[1-9]|1[0-2])/{_YEAR}", _month_of_year),
        (rf"{_PART}[\s-]+{_MONTH}\s+{_YEAR}", _part_of_month),
        (rf"{_PART}[\s-]+{_LONE_MONTH}", _part_of_last_month),
        (rf"{_MONTH}\s+(?:dernier|passe)\b", _last_named_month),
        (rf"last\s+{_MONTH}", _last_named_month),
        (rf"{_behind(_BARE['month_after'])}{_LONE_MONTH}", _last_month_named),
        # seasons and parts of years
        (rf"{_SEASON}\s+(?:de\s+|of\s+)?{_YEAR}", _season),
        (rf"{_SEASON}\s+(?:dernier|passe)\b", _last_season),
        (rf"last\s+{_SEASON}", _last_season),
        (rf"(?:cet|ce|cette|this)\s+{_SEASON}", _this_season),
        (rf"{_PART}[\s-]+(?:of\s+|de\s+)?{_YEAR}", _part_of_year),
        (rf"{_PART}\s+(?:de\s+(?:l'|cette\s+)|d'|of\s+the\s+|this\s+)(?:annee|year)\b"
         r"(?P<last>\s+(?:derniere|passee))?", _calendar_part),
        (rf"(?P<order>{_any(_ORDERS)})\s+(?P<length>trimestre|semestre|quarter|half)\s+"
         rf"(?:de\s+|of\s+)?{_YEAR}", _part_in_order),
        # years
        (r"(?:annees\s+(?P<decade>(?:19|20)\d0))\b", _decade),
        (r"the\s+(?P<decade>(?:19|20)\d0)s\b", _decade),
        (r"annees\s+(?P<decade>\d0)\b", _short_decade),
        (r"the\s+'?(?P<decade>\d0)s\b", _short_decade),
        (_YEAR, _year),
        # counted from today
        (rf"(?:ces|les|des)\s+(?:tout\s+)?derniere?s\s+{_UNIT}", _recently),
        (rf"(?:recent|(?:the\s+)?(?:last|past)\s+few)\s+{_UNIT}", _recently),
        (rf"(?:(?:ces|les|des|the)\s+)?{_COUNT}\s+(?:derniere?s?|passee?s|last|past)\s+{_UNIT}",
         _last_few),
        (rf"(?:ces|les|des)\s+{_COUNT}\s+{_UNIT}\s+(?:ecoulee?s|passee?s)\b", _last_few),
        (rf"(?:ces|les|des)\s+derniere?s\s+{_COUNT}\s*{_UNIT}", _last_few),
        (rf"(?:last|past)\s+{_COUNT}\s*{_UNIT}", _last_few),
        (rf"(?:depuis|since)\s+(?:(?:plus|pres|moins|environ|more|less|about)\s+(?:de\s+|than\s+|d')?)?"
         rf"{_COUNT}\s+{_UNIT}(?!\s+(?:dernier|passe))", _since_back),
        (rf"for the (?:last|past)\s+{_COUNT}\s+{_UNIT}", _since_back),
        (rf"(?:depuis|since)\s+{_FEW}\s+{_UNIT}", _since_few),
        (rf"il y a\s+{_COUNT}\s+{_UNIT}", _ago),
        (rf"{_COUNT}\s+{_UNIT}\s+ago\b", _ago),
        (rf"(?:l['\s]|la\s+|le\s+)?{_UNIT}\s+(?:derniere?|passee?|precedente?)\b", _previous),
        (rf"last\s+{_UNIT}", _previous),
        (rf"(?:cette|ce|cet|this)\s+{_UNIT}", _current),
    )
)  # fmt: skip
