"""Certain vetoes: a number or a date of a statement that nothing cited gives.

When in doubt there is no veto: small numbers may count things, sums, differences, shares,
roundings that say so and days named by a weekday are taken as given. What is left stands
neither in the cited passages, nor in their titles, nor in their days of publication.
"""

from __future__ import annotations

import math
import re
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from bot.answering.given_facts import (
    TIME,
    YEARS,
    measure,
    read_given_facts,
    unit_after,
    values_of,
    words_of,
)
from retrieval.text.analysis import fold, fold_in_place
from retrieval.text.dates import date_mentions
from retrieval.text.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.given_facts import GivenFacts
    from retrieval.text.dates import DateMention
    from retrieval.text.numbers import Number
    from retrieval.vocabulary import PublicationDate

_COUNTABLE = 12  # up to this, a number may count what the passages list
_ROUNDED = 0.25  # a rounding differs by less than this share
_MOST_YEARS = 60
_BESIDE = 24  # characters around a number in which a rounding says so
_LINKS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def first_veto(
    statement: str,
    grounds: Sequence[str],
    days: Sequence[PublicationDate | None],
    today: date,
) -> str | None:
    """The first number or date of a statement that is certainly given nowhere.

    Args:
        statement: one sentence of an answer.
        grounds: the whole texts of the passages that it cites, and their titles.
        days: when their articles were published; ``None`` for one that is not known.
        today: the day of the answer.

    Returns:
        Its words; ``None`` when all may be given.
    """
    held = read_given_facts(grounds, days, today)
    folded = fold_in_place(statement)
    dates = date_mentions(statement)
    wrong = [(one.start, one.end) for one in dates if not _is_given_date(one, held)]
    wrong += [
        (one.start, one.end)
        for one in numbers(statement)
        if all(one.end <= said.start or said.end <= one.start for said in dates)
        and not _is_given_number(one, folded, held)
    ]
    wrong += _wrong_times(statement, held)
    return statement[slice(*min(wrong))] if wrong else None


def _is_given_date(said: DateMention, held: GivenFacts) -> bool:
    if said.year and not (said.year in held.years or (said.year, said.month) in held.dated_months):
        return False
    if said.month and said.day:
        apart = said.day in held.loose_days and said.month in held.months
        if (said.month, said.day) not in held.days and not apart:
            return False
        return said.weekday in {0, *held.weekdays} or _falls_on(said, held)
    if said.month and said.month not in held.months:
        return False
    return said.weekday in {0, *held.weekdays}


def _falls_on(said: DateMention, held: GivenFacts) -> bool:
    """Whether a day has its weekday in its year, or in one beside publication."""
    years = {said.year} if said.year else {y + by for y in held.named_years for by in (-1, 0, 1)}
    for year in years:
        try:
            day = date(year, said.month, said.day)
        except ValueError:
            continue
        if day.isoweekday() == said.weekday:
            return True
    return False


def _is_given_number(one: Number, folded: str, held: GivenFacts) -> bool:
    unit = unit_after(folded, one.end)
    if _is_small(one, unit) or _is_century(unit):
        return True
    if any(_same(one.value, other) for other in held.values):
        return True
    if one.value in YEARS and one.value in held.years:
        return True
    if _is_time(one.value, unit, held):
        return True
    return _is_sum(one, unit, held) or _is_rounding(one, folded, held)


def _is_small(one: Number, unit: str) -> bool:
    """Whether a number may count what the passages list: no measure, no fraction."""
    countable = one.value <= _COUNTABLE and one.value == int(one.value) and not one.is_percent
    return countable and (one.is_ordinal or not measure(unit))


def _is_century(unit: str) -> bool:
    return unit in words_of("measures", "centuries")


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9)


def _is_time(value: float, unit: str, held: GivenFacts) -> bool:
    """Whether a length of time is another in another unit, or lies between two dates."""
    lasting = values_of("measures", "lengths").get(unit)
    if not lasting:
        return False
    days = value * lasting
    if any(
        other != lasting and abs(length - days) <= 0.1 * length for length, other in held.lengths
    ):
        return True
    if any(abs(gap - days) <= max(1.0, lasting / 2) for gap in held.gaps):
        return True
    return unit in words_of("measures", "years") and any(
        abs(last - first - value) <= 1
        for first, last in combinations(sorted(held.named_years)[-_MOST_YEARS:], 2)
    )


def _wrong_times(statement: str, held: GivenFacts) -> Iterator[tuple[int, int]]:
    """Times of day with minutes that are told nowhere, in figures or in words."""
    if held.words & words_of("times", "words"):
        return
    for match in TIME.finditer(statement):
        hour, minute = int(match[1]), int(match[2])
        known = {(hour % 12, minute), (hour % 12 + 12, minute)} & held.times
        if minute and not known and hour * 60 + minute not in held.values:
            yield match.span()


def _is_sum(one: Number, unit: str, held: GivenFacts) -> bool:
    """Whether a number is the sum or the difference of two; of a share, what is left."""
    if one.is_percent and any(_same(100 - one.value, other) for other in held.values):
        return True
    of = measure("%" if one.is_percent else unit)
    values = [value for value, measured in held.summed if not of or measured in ("", of)]
    return any(
        _same(a + b, one.value) or _same(abs(a - b), one.value) for a, b in combinations(values, 2)
    )


def _is_rounding(one: Number, folded: str, held: GivenFacts) -> bool:
    """Whether a number rounds one that is given, and says so."""
    said = one.is_round or any(
        word in words_of("rounding", "words") for word in _beside(one, folded)
    )
    step = _step(one.value)
    return said and any(
        abs(other - one.value) < step and abs(other - one.value) <= _ROUNDED * other
        for other in held.values
    )


def _beside(one: Number, folded: str) -> list[str]:
    before = folded[max(0, one.start - _BESIDE) : one.start]
    after = folded[one.end : one.end + _BESIDE]
    return [fold(word) for word in _LINKS.findall(before)[-3:] + _LINKS.findall(after)[:3]]


def _step(value: float) -> float:
    """What the last digit of a number that is no zero counts: 100 for 3,500."""
    step = 1.0
    while step * 10 <= value and value % (step * 10) == 0:
        step *= 10
    while value % step and step > 1e-6:
        step /= 10
    return step
