"""The facts that the cited passages give: numbers, days, months, years and weekdays.

Grounds are the cited passages with their titles, and the days of their publication, from
which "jeudi", "hier" or "il y a dix ans" are resolved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from config import data
from retrieval.text.analysis import fold, fold_in_place, word_list, word_values
from retrieval.text.dates import UNITS, WORDS, date_mentions
from retrieval.text.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.text.dates import DateMention
    from retrieval.text.numbers import Number
    from retrieval.vocabulary import PublicationDate

MAX_CHARS = 20_000  # of all grounds together
YEARS = range(1000, 2100)
_DAYS_OF = {"day": 1, "week": 7}
_AROUND = 7  # days, for a weekday
_MOST_MOVED = 400  # days or years that a count of them moves a date by
_MOST_MOVES = 40
_MOST_SUMMED = 40
_MOST_SAID = 30  # days between which gaps are counted
_FILE, _DATES = "words/vetoes.toml", "words/dates.toml"
words_of, values_of = partial(word_list, _FILE), partial(word_values, _FILE)
"""The words of ``vetoes.toml``, by section and key; and those with a value."""
_ONE, _LOOSE_DAY = (re.compile(WORDS["moves"][name]) for name in ("one", "loose_day"))
TIME = re.compile(r"(?<![\d.,:])([01]?\d|2[0-3])\s?[hH:]\s?([0-5]\d)(?![\d:])")
_ROMAN = re.compile(r"\b([IVXLC]{1,7})(?:e|er|ème|ième|th|st|nd|rd)?\b")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SHORT_YEAR = re.compile(r"\b((?:1\d|20)\d\d)\s?[-/–]\s?(\d\d)\b")


@dataclass(frozen=True, slots=True)
class GivenFacts:
    """The facts of the cited passages.

    Args:
        words: the folded words of their texts.
        values: what their numbers are worth, shares of a hundred included.
        summed: the values of which sums and differences may be taken, each with its `measure`.
        days: months and days that they say or mean.
        loose_days: days of a month that they say apart from it ("le 4").
        months: that they say or mean.
        years: that they say or mean.
        dated_months: years and months that a bare month may mean.
        weekdays: that they say or mean, 1 for Monday.
        lengths: of time, in days, each with how long its unit lasts.
        gaps: days between two days that they say, or one and its publication.
        times: of day, hours and minutes.
        named_years: that they say, with those of publication and of today.
    """

    words: frozenset[str]
    values: frozenset[float]
    summed: tuple[tuple[float, str], ...]
    days: frozenset[tuple[int, int]]
    loose_days: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    dated_months: frozenset[tuple[int, int]]
    weekdays: frozenset[int]
    lengths: frozenset[tuple[float, float]]
    gaps: frozenset[int]
    times: frozenset[tuple[int, int]]
    named_years: frozenset[int]


def read_given_facts(
    grounds: Sequence[str], days: Sequence[PublicationDate | None], today: date
) -> GivenFacts:
    """Read the facts of the cited passages.

    Args:
        grounds: texts; the first 20,000 characters of all are read.
        days: when they were published; ``None`` for one that is not known.
        today: the day of the answer.
    """
    text = "\n".join(grounds)[:MAX_CHARS]
    folded = fold_in_place(text)
    words = frozenset(word for one in _WORD.findall(folded) for word in (one, *one.split("-")))
    dates, known = date_mentions(text), [day for day in days if day is not None]
    found = (*numbers(text, "fr"), *numbers(text, "en"))
    moves = _Moves.read(words, folded, found)
    calendar = frozenset(_calendar(dates, known, moves))
    values = frozenset(_values(text, words, found))
    loose = _loose_days(folded, dates)
    return GivenFacts(
        words=words,
        values=values,
        summed=_summed(folded, found, dates),
        days=_days(calendar, dates, today),
        loose_days=loose,
        months=frozenset(_months(words, calendar, dates, known, moves)),
        years=frozenset(_years(values, dates, known, moves)),
        dated_months=frozenset(_dated_months(dates, known)),
        weekdays=frozenset(day.isoweekday() for day in calendar) | {one.weekday for one in dates},
        lengths=frozenset(_lengths(folded, found)),
        gaps=frozenset(_gaps(_said_days(dates, known), [*loose, *(one.day for one in dates)])),
        times=times(text),
        named_years=_named_years(values, known, today),
    )


def _loose_days(folded: str, dates: Sequence[DateMention]) -> frozenset[int]:
    apart = (one for one in _LOOSE_DAY.finditer(folded) if _apart(one.start(1), dates))
    return frozenset(int(one[1]) for one in apart)


def _days(
    calendar: Iterable[date], dates: Sequence[DateMention], today: date
) -> frozenset[tuple[int, int]]:
    meant = {(day.month, day.day) for day in (*calendar, today)}
    return frozenset(meant | {(one.month, one.day) for one in dates if one.day})


def _named_years(
    values: Iterable[float], known: Sequence[PublicationDate], today: date
) -> frozenset[int]:
    said = {int(value) for value in values if value in YEARS}
    return frozenset(said | {today.year, *(day.year for day in known)})


@dataclass(frozen=True, slots=True)
class _Moves:
    """The shifts (in days, months, years) that the words of a text may apply to a date."""

    days: frozenset[int]
    beside: bool
    weekend: bool
    months: frozenset[int]
    years: frozenset[int]

    @classmethod
    def read(cls, words: frozenset[str], folded: str, found: Sequence[Number]) -> _Moves:
        """Read them from a text's words, and from its numbers of days, months and years."""
        days = {
            int(by) for word, by in word_values(_DATES, "moves", "days").items() if word in words
        }
        months = {1} if _beside_unit("month").search(folded) else set()
        years = {1} if _beside_unit("year").search(folded) else set()
        for one in found:
            unit = unit_after(folded, one.end)
            if len(days) + len(years) > _MOST_MOVES:
                break
            if not _moves(folded, one, unit):
                continue
            count = int(min(one.value, _MOST_MOVED))
            lasts = _DAYS_OF.get(UNITS.get(unit, ""), 0) * count
            days |= {lasts, -lasts} if 0 < lasts <= _MOST_MOVED else set()
            months |= {count} if UNITS.get(unit) == "month" else set()
            years |= {count - 1, count, count + 1} if unit in _unit_words("year") else set()
        beside = bool(words & word_list(_DATES, "moves", "beside"))
        weekend = bool(words & word_list(_DATES, "moves", "weekend"))
        return cls(frozenset(days), beside, weekend, frozenset(months), frozenset(years))


def _moves(folded: str, one: Number, unit: str) -> bool:
    """Whether a count of days, months or years shifts a date: "il y a", "plus tard"."""
    if not unit:
        return False
    before = _WORD.findall(folded[max(0, one.start - 12) : one.start])[-2:]
    if any(word in word_list(_DATES, "moves", "counting") for word in before):
        return True
    rest = folded[one.end : one.end + 40].partition(unit)[2]
    return any(word in word_list(_DATES, "moves", "moved") for word in _WORD.findall(rest)[:1])


@lru_cache(maxsize=2)
def _unit_words(unit: str) -> frozenset[str]:
    """The words of a unit of time; for a year, also what occurs once a year."""
    yearly = word_list(_DATES, "moves", "yearly") if unit == "year" else frozenset()
    return yearly | {word for word, one in UNITS.items() if one == unit}


@lru_cache(maxsize=2)
def _beside_unit(of: str) -> re.Pattern[str]:
    """A unit beside a word that moves a date by one."""
    unit, moved = "|".join(_unit_words(of)), "|".join(word_list(_DATES, "moves", "moved"))
    return re.compile(rf"\b(?:(?:{moved})\s(?:{unit})|(?:{unit})\s(?:{moved}))\b")


def unit_after(folded: str, end: int) -> str:
    """The folded word or sign that follows a number; nothing without one."""
    match = re.match(
        r"[\s-]{0,2}(?:d['e’]\s?)?([^\W\d_]+(?:-old)?|[%€$£°])", folded[end : end + 40]
    )
    return match[1] if match else ""


def _calendar(
    dates: Sequence[DateMention], known: Sequence[PublicationDate], moves: _Moves
) -> Iterator[date]:
    """The days that are named or implied."""
    days = {day for one in dates for day in _resolved(one, known)}
    for published in known:
        if published.day:
            days |= {published.first_day, *_named(dates, published.first_day)}
            days |= set(_moved(published.first_day, moves.days))
            days |= _weekend(published.first_day) if moves.weekend else set()
        elif published.month:
            days |= set(_span(published))
    yield from days
    by = {*moves.days, *((-2, -1, 1, 2) if moves.beside else ())}
    for day in days:
        yield from _moved(day, by)


def _said_days(dates: Sequence[DateMention], known: Sequence[PublicationDate]) -> list[date]:
    published = {day.first_day for day in known if day.day}
    return sorted({day for one in dates for day in _resolved(one, known)} | published)


def _resolved(one: DateMention, known: Sequence[PublicationDate]) -> Iterator[date]:
    """The possible days of a date with a day: in its year, or in the years around publication."""
    if not (one.day and one.month):
        return
    years = [one.year] if one.year else {day.year + by for day in known for by in (-1, 0, 1)}
    for year in years:
        try:
            yield date(year, one.month, one.day)
        except ValueError:
            continue


def _named(dates: Sequence[DateMention], published: date) -> Iterator[date]:
    """The days near publication whose weekday is named."""
    names = {one.weekday for one in dates if one.weekday}
    for by in range(-_AROUND, _AROUND + 1):
        day = published + timedelta(days=by)
        if day.isoweekday() in names:
            yield day


def _weekend(published: date) -> set[date]:
    near = (published + timedelta(days=by) for by in range(-_AROUND, _AROUND + 1))
    return {day for day in near if day.isoweekday() >= date(2021, 1, 1).isoweekday()}


def _span(published: PublicationDate) -> Iterator[date]:
    for by in range((published.last_day - published.first_day).days + 1):
        yield published.first_day + timedelta(days=by)


def _moved(day: date, by: Iterable[int]) -> Iterator[date]:
    for one in by:
        if date.min.toordinal() < day.toordinal() + one < date.max.toordinal():
            yield day + timedelta(days=one)


def _months(
    words: frozenset[str],
    calendar: Iterable[date],
    dates: Sequence[DateMention],
    known: Sequence[PublicationDate],
    moves: _Moves,
) -> Iterator[int]:
    yield from (day.month for day in calendar)
    yield from (one.month for one in dates if one.month)
    if words & word_list(_DATES, "moves", "parts"):
        yield from range(1, 13)
    for published in known:
        yield from (
            (published.month - 1 + by) % 12 + 1
            for one in (0, *moves.months)
            for by in (one, -one)
            if published.month
        )


def _years(
    values: Iterable[float],
    dates: Sequence[DateMention],
    known: Sequence[PublicationDate],
    moves: _Moves,
) -> Iterator[int]:
    said = {int(value) for value in values if value in YEARS} | {one.year for one in dates}
    yield from said
    for year in {day.year for day in known}:
        yield from (year + by for one in (0, *moves.years) for by in (one, -one))
    for year in said - {0}:
        yield from (year + by for one in moves.years for by in (one, -one))


def _dated_months(
    dates: Sequence[DateMention], known: Sequence[PublicationDate]
) -> Iterator[tuple[int, int]]:
    """The years that a month said without one may belong to: a year around publication."""
    for one in dates:
        for published in known if one.month and not one.year else ():
            yield from ((published.year + by, one.month) for by in (-1, 0, 1))


def _values(text: str, words: frozenset[str], found: Sequence[Number]) -> Iterator[float]:
    for one in found:
        yield one.value
    for one, after in pairwise(found):
        if after.scale > 1 and 0 < after.start - one.end <= len(" jusqu'à "):
            yield one.value * after.scale  # "de 184 à 221 millions"
    for match in _ROMAN.finditer(text):
        yield _roman(match[1])
    for match in _SHORT_YEAR.finditer(text):
        yield float(match[1][:2] + match[2])
    if words & word_list(_DATES, "moves", "decades"):
        short = (one.value for one in found if one.value < 100)
        yield from (century + year for year in short for century in (1800, 1900, 2000))
    for word, share in values_of("shares", "words").items():
        if word in words:
            yield from (share, 100 - share, share * 2, share * 3)


def _roman(written: str) -> float:
    values = [_ROMAN_VALUES[letter] for letter in written]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return float(sum(-one if one < after else one for one, after in pairs))


def _summed(
    folded: str, found: Sequence[Number], dates: Sequence[DateMention]
) -> tuple[tuple[float, str], ...]:
    """Numbers that are not in dates, years or ranks, each once, with their measures."""
    apart = (
        (one.value, measure("%" if one.is_percent else unit_after(folded, one.end)))
        for one in found
        if not one.is_ordinal and one.value not in YEARS and _apart(one.start, dates)
    )
    return tuple(dict.fromkeys(apart))[:_MOST_SUMMED]


def measure(unit: str) -> str:
    """The measure that a unit is of, the same for "euros" and "€"; nothing for no unit."""
    if unit in values_of("measures", "lengths"):
        return f"{values_of('measures', 'lengths')[unit]} days"
    return _measures().get(unit, "")


@lru_cache(maxsize=1)
def _measures() -> dict[str, str]:
    lines = (fold(line).split() for line in data.load(_FILE)["measures"]["units"])
    return {word: line[0] for line in lines for word in line}


def _apart(at: int, dates: Sequence[DateMention]) -> bool:
    """Whether a position of a text is outside all its dates."""
    return not any(one.start <= at < one.end for one in dates)


def _lengths(folded: str, found: Sequence[Number]) -> Iterator[tuple[float, float]]:
    """Lengths of time in days, each with how long its unit lasts."""
    lasting = values_of("measures", "lengths")
    for one in found:
        unit = lasting.get(unit_after(folded, one.end))
        if unit:
            yield one.value * unit, unit
    for match in _ONE.finditer(folded):
        unit = lasting.get(match[1])
        if unit:
            yield (1.5 * unit if match[2] else unit), unit


def _gaps(days: Sequence[date], of_months: Sequence[int]) -> Iterator[int]:
    """The days between two named days, or between two days of one month."""
    for first, last in combinations(days[:_MOST_SAID], 2):
        yield abs((last - first).days)
    for one, other in combinations(of_months[:_MOST_SAID], 2):
        yield abs(one - other)


def times(text: str) -> frozenset[tuple[int, int]]:
    """The times of day of a text, hours and minutes in figures ("7h45", "7:45")."""
    return frozenset((int(one), int(two)) for one, two in TIME.findall(text))
