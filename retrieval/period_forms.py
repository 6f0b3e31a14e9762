"""The expressions that name a period, each with the interval of days that it means.

Folded French and English ("la semaine du 22 mai 2017", "last spring"); today is an argument.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from retrieval.intervals import Interval, days_before, month_end, months, unit_around

if TYPE_CHECKING:
    from collections.abc import Callable

_MONTHS = {
    name: index // 4 + 1
    for index, name in enumerate(
        "janvier january janv jan fevrier february fevr feb mars march mar mar "
        "avril april avr apr mai may mai may juin june juin jun juillet july juil jul "
        "aout august aout aug septembre september sept sep octobre october oct oct "
        "novembre november nov nov decembre december dec dec".split()
    )
}
_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MONTH = rf"(?P<month>{_MONTH_NAMES})\b\.?"
_AND = r"\s*(?:et|and|a|to|au|-)\s*(?:le\s+)?"
# "2000 euros" and "les 2000 soldats" count something: no year.
_COUNTED = (
    r"\s(?:euros?|dollars?|personnes?|habitants?|hommes|femmes|soldats|militaires|morts|blesses"
    r"|emplois|postes|places|km|kilometres|metres|tonnes|hectares|people|soldiers|troops|jobs)\b"
)
_YEAR = (
    r"(?<!\bles )(?<!\bces )(?<!\bplus de )(?<!\bpres de )(?<!\bmoins de )"
    rf"(?P<year>(?:19|20)\d\d)(?![\d%]|[.,]\d|\s\d{{3}}\b|{_COUNTED})"
)
_NUMBERS = {
    word: value
    for value, words in enumerate(
        "un une one a;deux two;trois three;quatre four;cinq five;six;sept seven;huit eight;"
        "neuf nine;dix ten".split(";"),
        start=1,
    )
    for word in words.split()
}
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_SEASONS = {
    "printemps": 3, "spring": 3, "ete": 6, "summer": 6, "automne": 9, "autumn": 9, "hiver": 12,
    "winter": 12,
}  # fmt: skip
_PARTS = {
    "debut": (1, 4), "early": (1, 4), "mi": (5, 8), "mid": (5, 8), "milieu": (5, 8),
    "fin": (9, 12), "late": (9, 12),
}  # fmt: skip
_UNITS = {
    "jour": "day", "jours": "day", "day": "day", "days": "day",
    "semaine": "week", "semaines": "week", "week": "week", "weeks": "week",
    "mois": "month", "month": "month", "months": "month",
    "an": "year", "ans": "year", "annee": "year", "annees": "year", "year": "year",
    "years": "year",
}  # fmt: skip
_FEW = {"day": 10, "week": 6, "month": 6, "year": 5}
_TENS = {1: (1, 10), 5: (11, 20), 9: (21, 0)}
_WEEKDAYS = {
    name: index // 2
    for index, name in enumerate(
        "lundi monday mardi tuesday mercredi wednesday jeudi thursday vendredi friday "
        "samedi saturday dimanche sunday".split()
    )
}
_ORDER = {
    "premier": 1, "1er": 1, "first": 1, "deuxieme": 2, "second": 2, "2e": 2, "troisieme": 3,
    "third": 3, "3e": 3, "quatrieme": 4, "fourth": 4, "4e": 4, "dernier": 4, "last": 4,
}  # fmt: skip
_UNIT = rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"


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
    year, month = int(match["year"]), _MONTHS[match["month"]]
    first, last = _TENS[_PARTS[match["part"]][0]]
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
    return days_before(today, _FEW[unit], unit), today


def _last_weekday(match: re.Match[str], today: date) -> Interval:
    back = (today.weekday() - _WEEKDAYS[match["weekday"]]) % 7 or 7
    day = today - timedelta(days=back)
    return day, day


def _short_decade(match: re.Match[str], _today: date) -> Interval:
    """For "les années 80": of the last century from 1930 on."""
    tens = int(match["decade"])
    year = (1900 if tens >= 30 else 2000) + tens
    return date(year, 1, 1), date(year + 9, 12, 31)


def _part_in_order(match: re.Match[str], _today: date) -> Interval:
    """A quarter or a half of a year."""
    length = 3 if match["length"].startswith(("trim", "quart")) else 6
    start = (_ORDER[match["order"]] - 1) * length + 1
    return months(int(match["year"]), start, min(start + length - 1, 12))


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


_Form = tuple[re.Pattern[str], "Callable[[re.Match[str], date], Interval | None]"]
FORMS: tuple[_Form, ...] = tuple(
    (re.compile(rf"\b{form}"), meaning)
    for form, meaning in (
        (rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b", _day),
        (rf"(?P<day>\d{{1,2}})[/.](?P<month>\d{{1,2}})[/.]{_YEAR}", _day),
        (rf"(?:semaine|week)\s+(?:du|of)\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\s+"
         rf"{_MONTH}\s*,?\s+{_YEAR}", _week_of),
        (rf"week\s+of\s+{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _week_of),
        (rf"(?P<first>\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?P<before>{_MONTH_NAMES}){_AND}"
         rf"(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\s+{_MONTH}\s*,?\s+{_YEAR}", _across_months),
        (rf"(?P<before>{_MONTH_NAMES})\s+(?P<first>\d{{1,2}}){_AND}{_MONTH}\s+(?P<day>\d{{1,2}})"
         rf",?\s+{_YEAR}", _across_months),
        (rf"(?P<first>\d{{1,2}})(?:er)?{_AND}(?P<day>\d{{1,2}})\s+{_MONTH}\s+{_YEAR}", _days),
        (rf"(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\s+{_MONTH}\s*,?\s+{_YEAR}", _day),
        (rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _day),
        (rf"(?P<first>{_MONTH_NAMES}){_AND}{_MONTH}\s+(?:de\s+|of\s+)?{_YEAR}", _two_months),
        (rf"{_MONTH}\s+(?:de\s+|of\s+)?{_YEAR}", _calendar_month),
        (rf"(?P<season>{'|'.join(_SEASONS)})\s+(?:de\s+|of\s+)?{_YEAR}", _season),
        (rf"(?P<part>{'|'.join(_PARTS)})[\s-]+(?:of\s+|de\s+)?{_YEAR}", _part_of_year),
        (rf"(?P<part>{'|'.join(_PARTS)})[\s-]+{_MONTH}\s+{_YEAR}", _part_of_month),
        (rf"(?P<order>{'|'.join(_ORDER)})\s+(?P<length>trimestre|semestre|quarter|half)\s+"
         rf"(?:de\s+|of\s+)?{_YEAR}", _part_in_order),
        (r"(?:annees\s+(?P<decade>(?:19|20)\d0))\b", _decade),
        (r"the\s+(?P<decade>(?:19|20)\d0)s\b", _decade),
        (r"annees\s+(?P<decade>\d0)\b", _short_decade),
        (r"the\s+'?(?P<decade>\d0)s\b", _short_decade),
        (rf"{_MONTH}\s+(?:dernier|passe)\b", _last_named_month),
        (rf"last\s+{_MONTH}", _last_named_month),
        (rf"(?P<season>{'|'.join(_SEASONS)})\s+(?:dernier|passe)\b", _last_season),
        (rf"last\s+(?P<season>{'|'.join(_SEASONS)})\b", _last_season),
        (rf"(?:cet|ce|cette|this)\s+(?P<season>{'|'.join(_SEASONS)})\b", _this_season),
        (rf"(?P<weekday>{'|'.join(_WEEKDAYS)})\s+(?:dernier|passe)\b", _last_weekday),
        (rf"last\s+(?P<weekday>{'|'.join(_WEEKDAYS)})\b", _last_weekday),
        (rf"(?:ces|les)\s+(?:tout\s+)?derniere?s\s+{_UNIT}", _recently),
        (rf"(?:recent|(?:the\s+)?(?:last|past)\s+few)\s+{_UNIT}", _recently),
        (_YEAR, _year),
        (rf"(?:ces|les|the|in the)\s+(?:last\s+)?{_COUNT}\s+(?:derniers?\s+|dernieres?\s+"
         rf"|last\s+)?{_UNIT}(?:\s+(?:ecoules|passes|ecoulees|passees))?(?<!an)", _last_few),
        (rf"il y a\s+{_COUNT}\s+{_UNIT}", _ago),
        (rf"{_COUNT}\s+{_UNIT}\s+ago\b", _ago),
        (rf"(?:l['\s]|la\s+|le\s+)?{_UNIT}\s+(?:dernier|derniere|passe|passee|precedente?)\b",
         _previous),
        (rf"last\s+{_UNIT}", _previous),
        (rf"(?:cette|ce|cet|this)\s+{_UNIT}", _current),
        (r"(?:avant[\s-]hier|the day before yesterday|hier|yesterday)\b", _yesterday),
    )
)  # fmt: skip
