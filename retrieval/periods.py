"""Periods in questions: from "en 2017" or "l'an dernier" to an interval of days.

French and English expressions; today is an argument. A period is what a question names,
not what an answer must fall in: `names` tells whether a text speaks of the period itself,
since an article of 2021 may well answer a question about February 2020.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from retrieval.analysis import fold_in_place
from retrieval.vocabulary import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
_UNIT = rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"

Interval = tuple[date | None, date | None]


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _months(year: int, first: int, last: int) -> Interval:
    """Whole months; ``last`` may run into the next year (a winter)."""
    over, month = divmod(last - 1, 12)
    return date(year, first, 1), _month_end(year + over, month + 1)


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
    return _months(year - (first > last), first, last + 12 * (first > last))


def _calendar_month(match: re.Match[str], _today: date) -> Interval:
    month = _MONTHS[match["month"]]
    return _months(int(match["year"]), month, month)


def _season(match: re.Match[str], _today: date) -> Interval:
    first = _SEASONS[match["season"]]
    return _months(int(match["year"]), first, first + 2)


def _part_of_year(match: re.Match[str], _today: date) -> Interval:
    return _months(int(match["year"]), *_PARTS[match["part"]])


def _decade(match: re.Match[str], _today: date) -> Interval:
    year = int(match["decade"])
    return date(year, 1, 1), date(year + 9, 12, 31)


def _year(match: re.Match[str], _today: date) -> Interval:
    return _months(int(match["year"]), 1, 12)


def _current(match: re.Match[str], today: date) -> Interval:
    return _unit_around(_UNITS[match["unit"]], today)


def _previous(match: re.Match[str], today: date) -> Interval:
    unit = _UNITS[match["unit"]]
    start, _ = _unit_around(unit, today)
    return _unit_around(unit, start - timedelta(days=1))


def _yesterday(match: re.Match[str], today: date) -> Interval:
    day = today - timedelta(days=1 if match[0] in ("hier", "yesterday") else 2)
    return day, day


def _last_few(match: re.Match[str], today: date) -> Interval:
    return _back(match, today), today


def _ago(match: re.Match[str], today: date) -> Interval:
    return _unit_around(_UNITS[match["unit"]], _back(match, today))


def _back(match: re.Match[str], today: date) -> date:
    count = match["count"]
    number = int(count) if count.isdigit() else _NUMBERS[count]
    unit = _UNITS[match["unit"]]
    if unit in ("day", "week"):
        return today - timedelta(days=number * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def _unit_around(unit: str, day: date) -> tuple[date, date]:
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return day.replace(day=1), _month_end(day.year, day.month)
    return date(day.year, 1, 1), date(day.year, 12, 31)


_Form = tuple[re.Pattern[str], "Callable[[re.Match[str], date], Interval | None]"]
_FORMS: tuple[_Form, ...] = tuple(
    (re.compile(rf"\b{form}"), meaning)
    for form, meaning in (
        (rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b", _day),
        (rf"(?P<day>\d{{1,2}})[/.](?P<month>\d{{1,2}})[/.]{_YEAR}", _day),
        (rf"(?P<first>\d{{1,2}})(?:er)?{_AND}(?P<day>\d{{1,2}})\s+{_MONTH}\s+{_YEAR}", _days),
        (rf"(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\s+{_MONTH}\s*,?\s+{_YEAR}", _day),
        (rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}", _day),
        (rf"(?P<first>{_MONTH_NAMES}){_AND}{_MONTH}\s+(?:de\s+|of\s+)?{_YEAR}", _two_months),
        (rf"{_MONTH}\s+(?:de\s+|of\s+)?{_YEAR}", _calendar_month),
        (rf"(?P<season>{'|'.join(_SEASONS)})\s+(?:de\s+|of\s+)?{_YEAR}", _season),
        (rf"(?P<part>{'|'.join(_PARTS)})[\s-]+(?:of\s+|de\s+)?{_YEAR}", _part_of_year),
        (r"(?:annees\s+(?P<decade>(?:19|20)\d0))\b", _decade),
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

_TO = re.compile(r"^\s*(?:et|and|a|to|au|jusqu'a|until|-)\s+(?:le\s+|la\s+)?$")
_BEFORE = re.compile(r"\b(avant|before|jusqu'a|jusqu'en|jusqu'au|until|jusque)\b[^,;.?!]{0,40}$")
_AFTER = re.compile(r"\b(apres|after)\b[^,;.?!]{0,40}$")
_SINCE = re.compile(r"\b(depuis|since|a partir de|a partir du|des)\b[^,;.?!]{0,40}$")


def find_period(text: str, today: date) -> Period | None:
    """The period that a question names, or ``None``.

    Args:
        text: the question, in French or English.
        today: the day on which it is asked.

    Returns:
        Several dates give the interval that holds them all ("fin 2016 et 2017").
    """
    folded = fold_in_place(text[:2000])
    found = list(_dates(folded, today))
    if not found:
        return None
    intervals = [
        _bounded(folded[:start] if index == 0 else folded[found[index - 1][1] : start], interval)
        for index, (start, _, interval) in enumerate(found)
    ]
    words = text[found[0][0] : found[-1][1]].strip()
    if len(found) == 2 and _TO.match(folded[found[0][1] : found[1][0]]):
        intervals = [found[0][2], found[1][2]]
    firsts, lasts = zip(*intervals, strict=True)
    return Period(
        None if None in firsts else min(day for day in firsts if day),
        None if None in lasts else max(day for day in lasts if day),
        words,
    )


def _dates(folded: str, today: date) -> Iterator[tuple[int, int, Interval]]:
    """The dates of a text in their order; the longest form wins where forms overlap."""
    matches = [form.search(folded) for form, _ in _FORMS]
    while any(matches):
        _, end, index = min(
            (match.start(), -match.end(), index) for index, match in enumerate(matches) if match
        )
        match, meaning = matches[index], _FORMS[index][1]
        interval = meaning(match, today) if match else None
        if match and interval is not None:
            yield *match.span(), interval
        at = -end
        matches = [
            form.search(folded, at) if match and match.start() < at else match
            for match, (form, _) in zip(matches, _FORMS, strict=True)
        ]


def _bounded(before: str, interval: Interval) -> Interval:
    """Apply "avant", "après" or "depuis" that stands before a date."""
    first, last = interval
    if _SINCE.search(before):
        return first, None
    if _BEFORE.search(before):
        inclusive = re.search(r"\b(jusqu|until)", before)
        return None, last if inclusive else first and first - timedelta(days=1)
    if _AFTER.search(before):
        return last and last + timedelta(days=1), None
    return interval


_YEARS_IN_TEXT = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d)")


def names(text: str, period: Period) -> bool:
    """Whether a text speaks of a year of the period, whenever it was published."""
    return any(
        (period.first is None or int(year) >= period.first.year)
        and (period.last is None or int(year) <= period.last.year)
        for year in _YEARS_IN_TEXT.findall(text)
    )


_NOW = re.compile(
    r"\b(aujourd'hui|actuellement|actuel(le)?s?|maintenant|en ce moment|a l'heure actuelle|now"
    r"|currently|today|present|toujours|encore)\b"
)


def is_about_now(text: str) -> bool:
    """Whether a question asks how things stand today."""
    return bool(_NOW.search(fold_in_place(text.replace("’", "'"))))
