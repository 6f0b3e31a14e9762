"""Dates in a sentence, and whether a text published on a day says them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.answering.gate.patterns import groups, pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.gate.tokens import Token
    from retrieval.vocabulary import PublicationDate

_YEARS = range(1000, 2100)
_COUNTING_BEFORE = frozenset("les ces des quelque environ plus pres moins the about some".split())
MOST = 40


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as far as it is said; 0 for what is not. ``weekday`` is 1 (Monday) to 7."""

    day: int = 0
    month: int = 0
    year: int = 0
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of a sentence, the tokens that say them, the years told by words."""

    said: tuple[Dated, ...]
    taken: frozenset[int]
    shifts: tuple[int, ...] = ()


def dates(found: Sequence[Token], folded: str) -> Dates:
    """Read the dates of a sentence.

    Args:
        found: its tokens.
        folded: its text folded, for "l'an dernier".
    """
    said: list[Dated] = []
    taken: set[int] = set()
    at = 0
    while at < len(found) and len(said) < MOST:
        one, end = _read(found, at)
        if one is None:
            at += 1
            continue
        said.append(one)
        taken |= set(range(at, end))
        at = end
    shifts = [-1] if pattern("dates", "last_year").search(folded) else []
    shifts += [1] if pattern("dates", "next_year").search(folded) else []
    return Dates(tuple(said), frozenset(taken), tuple(shifts))


def _read(found: Sequence[Token], at: int) -> tuple[Dated | None, int]:
    weekday, end = int(groups("dates", "weekdays").get(found[at].folded, 0)), at
    end += bool(weekday)
    if weekday and end < len(found) and found[end].folded in (",", "the", "le"):
        end += 1
    day, after = _day(found, end)
    month, past_month = _month(found, after, bare=not (day or weekday))
    if not month:
        if weekday:
            return Dated(weekday=weekday), at + 1
        year, end = _year(found, at)
        return (Dated(year=year), end) if year else (None, at)
    end = past_month
    if not day:  # "May 24, 2017"
        day, after = _day(found, end)
        end = after if day else end
    if end < len(found) and found[end].folded in (",", "of", "de"):
        year, after = _year(found, end + 1)
        return Dated(day, month, year, weekday), after if year else end
    year, after = _year(found, end)
    return Dated(day, month, year, weekday), after if year else end


def _day(found: Sequence[Token], at: int) -> tuple[int, int]:
    if at >= len(found) or not found[at].text.isdigit() or not 1 <= int(found[at].text) <= 31:
        return 0, at
    end = at + 1
    if end < len(found) and found[end].folded in ("er", "st", "nd", "rd", "th", "of"):
        end += 1
    if end < len(found) and found[end].folded == "of":
        end += 1
    return int(found[at].text), end


def _month(found: Sequence[Token], at: int, *, bare: bool) -> tuple[int, int]:
    if at >= len(found):
        return 0, at
    word = found[at].folded
    month = int(groups("dates", "months").get(word, 0))
    if word in ("may", "march", "mars") and bare:
        # The verb, the walk, the planet.
        next_ = found[at + 1] if at + 1 < len(found) else None
        dated = found[at].has_capital if word != "mars" else not found[at].has_capital
        if not dated and not (next_ and next_.text.isdigit()):
            return 0, at
    return month, at + bool(month)


def _year(found: Sequence[Token], at: int) -> tuple[int, int]:
    if at >= len(found) or not (found[at].text.isdigit() and len(found[at].text) == 4):
        return 0, at
    year = int(found[at].text)
    if year not in _YEARS or (at and found[at - 1].folded in _COUNTING_BEFORE - {"des"}):
        follows = at + 1 < len(found) and found[at + 1].is_word
        follows = follows and found[at + 1].folded != "s"  # "the 1740s"
        if year not in _YEARS or follows:
            return 0, at
    counted = at + 1 < len(found) and found[at + 1].folded in ("euros", "%", "€", "habitants")
    return (0, at) if counted else (year, at + 1)


def holds(claimed: Dated, ground: Dates, published: PublicationDate | None, now: Dates) -> bool:
    """Whether a date of a statement is one that its support says.

    Args:
        claimed: the date.
        ground: those of the support.
        published: when its article appeared.
        now: all the dates of the statement.
    """
    if any(_same(claimed, other, published) for other in ground.said):
        return True
    if any(_says_its_own(claimed, other) for other in ground.said if other not in now.said):
        return False
    return _of_publication(claimed, ground, published)


def _same(claimed: Dated, other: Dated, published: PublicationDate | None) -> bool:
    """Whether one date is the other, said with more or fewer of its parts."""
    if _agree(claimed, other) and _no_more(claimed, other):
        return True
    return any(_agree(claimed, day) for day in _days(other, published))


def _agree(a: Dated, b: Dated) -> bool:
    """Whether no part that both say differs."""
    pairs = ((a.day, b.day), (a.month, b.month), (a.year, b.year), (a.weekday, b.weekday))
    return all(not x or not y or x == y for x, y in pairs)


def _no_more(a: Dated, b: Dated) -> bool:
    """Whether a date says no part that the other lacks."""
    pairs = ((a.day, b.day), (a.month, b.month), (a.year, b.year), (a.weekday, b.weekday))
    return all(y or not x for x, y in pairs)


def _days(other: Dated, published: PublicationDate | None) -> list[Dated]:
    """The days that a date may mean in an article of that day."""
    if published is None:
        return []
    years = [other.year] if other.year else [published.year + by for by in (-1, 0, 1)]
    if other.day and other.month:
        return [full for year in years if (full := _full(year, other.month, other.day))]
    if other.month:
        near = years if other.year else _nearest(other.month, published)
        return [replace(other, year=year, weekday=0) for year in near]
    if other.weekday:
        return _around(other.weekday, published)
    return []


def _nearest(month: int, published: PublicationDate) -> list[int]:
    """The years of a bare month: the last one, or the next."""
    if not published.month:
        return [published.year]
    same = published.year
    return [same, same - 1] if month > published.month else [same, same + 1]


def _full(year: int, month: int, day: int) -> Dated | None:
    try:
        return Dated(day, month, year, date(year, month, day).isoweekday())
    except ValueError:
        return None


def _around(weekday: int, published: PublicationDate) -> list[Dated]:
    """The days of that name: up to ten days before publication, or in the week after."""
    first, last = published.first_day, published.last_day
    span = (last - first).days
    if span > 31:
        return []
    days = [first + timedelta(days=by) for by in range(-7, span + 7)]
    return [Dated(d.day, d.month, d.year, weekday) for d in days if d.isoweekday() == weekday]


def _says_its_own(claimed: Dated, other: Dated) -> bool:
    """Whether a date of the support has in its place a part of the one that is claimed."""
    return bool(
        (claimed.month and other.month)
        or (claimed.weekday and other.weekday)
        or (claimed.year and other.year)
    )


def _of_publication(claimed: Dated, ground: Dates, published: PublicationDate | None) -> bool:
    if published is None:
        return False
    first = published.first_day
    years = {published.year} | {published.year + by for by in ground.shifts}
    if claimed.year and claimed.year not in years:
        return False
    if claimed.month and claimed.month != published.month:
        return False
    if claimed.day and claimed.day != published.day:
        return False
    return not claimed.weekday or bool(published.day and claimed.weekday == first.isoweekday())
