"""The one vocabulary of dates, and the dates that a text says, French and English.

The words are in ``config/words/dates.toml``. All who read dates take the names of months and
days from here: what a text says (`date_mentions`, for vetoes: a day, a month or a weekday, each as
far as it is said), what a question asks for (`retrieval.text.periods`), what "jeudi" means in an
article (`retrieval.text.relative_days`), when an article was published
(`retrieval.reading.text.datewords`). Those differ in how much they take for a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import TYPE_CHECKING

from config import data
from retrieval.text.analysis import fold_in_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CHARS = 20_000
MAX_DATES = 150

WORDS = data.load("words/dates.toml")
"""The whole of ``config/words/dates.toml``."""


def numbered(lines: Iterable[str]) -> dict[str, int]:
    """The words of each line with its number, from 1."""
    return {word: at for at, line in enumerate(lines, 1) for word in line.split()}


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of some words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def behind(words: Iterable[str]) -> str:
    """A pattern for a position after one of some words."""
    return "(?:" + "|".join(rf"(?<=\b{one})" for one in words) + ")"


def not_behind(words: Iterable[str]) -> str:
    """A pattern for a position after none of some words."""
    return "".join(rf"(?<!\b{one})" for one in words)


MONTHS = numbered(WORDS["months"])
"""Folded names of months and their abbreviations, 1 for January."""
WEEKDAYS = numbered(WORDS["weekdays"])
"""Folded names of days of the week, 1 for Monday."""
UNITS: dict[str, str] = {
    word: unit for unit, words in WORDS["units"].items() for word in words.split()
}
"""Folded words of units of time: ``hour``, ``day``, ``week``, ``month``, ``year``."""
_FIRST, _AMBIGUOUS = (frozenset(WORDS[name].split()) for name in ("first", "ambiguous"))


def full_names(of: str, language: str) -> tuple[str, ...]:
    """The names of the months or days of one language in their order, not abbreviated.

    Args:
        of: ``months`` (from January) or ``weekdays`` (from Monday).
        language: ``fr`` or ``en``.
    """
    return tuple(line.split()[0 if language == "fr" else 1] for line in WORDS[of])


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text, as far as it is given; 0 for a missing part.

    Args:
        start: where it begins in the text.
        end: where it ends.
        day: 1 to 31.
        month: 1 to 12.
        year: of four digits.
        weekday: 1 (Monday) to 7.
    """

    start: int
    end: int
    day: int = 0
    month: int = 0
    year: int = 0
    weekday: int = 0


def date_mentions(text: str) -> tuple[DateMention, ...]:
    """The dates of a text with a day, a month or a weekday; a year alone is a number.

    Args:
        text: its first 20,000 characters are read, up to 150 dates; both of "les 4 et 5 mai".
    """
    folded = fold_in_place(text[:MAX_CHARS])
    found: list[DateMention] = []
    for match in _pattern().finditer(folded):
        found += _read(match, text)
        if len(found) >= MAX_DATES:
            break
    return tuple(found)


def _read(match: re.Match[str], text: str) -> Iterator[DateMention]:
    start, end = match.span()
    said = {name: value for name, value in match.groupdict().items() if value}
    if "iso_day" in said:
        parts = (said["iso_day"], said["iso_month"], said["iso_year"])
        yield _checked(start, end, *(int(part) for part in parts))
        return
    if "figures_day" in said:
        day, month = int(said["figures_day"]), int(said["figures_month"])
        year = int(said["figures_year"])
        yield _checked(start, end, day, month, year + (2000 if year < 100 else 0))
        return
    weekday = WEEKDAYS.get(said.get("weekday") or said.get("lone") or "", 0)
    month = MONTHS.get(said.get("month") or said.get("us_month") or said.get("bare") or "", 0)
    year = int(said.get("year") or said.get("us_year") or said.get("bare_year") or 0)
    if "bare" in said and not year and _is_no_month(said["bare"], text[start:end]):
        return
    days = said.get("days") or said.get("us_days") or ""
    for day in _days_of(days) or [0]:
        yield _checked(start, end, day, month, year, weekday)


def _is_no_month(folded: str, written: str) -> bool:
    if folded == "mars":
        return written[0].isupper()
    return folded in _AMBIGUOUS


def _days_of(written: str) -> list[int]:
    if written in _FIRST:
        return [1]
    return [int(day) for day in re.findall(r"\d{1,2}", written)]


def _checked(
    start: int, end: int, day: int, month: int, year: int = 0, weekday: int = 0
) -> DateMention:
    """A date without a month or a day that does not exist."""
    month = month if month <= 12 else 0
    return DateMention(start, end, day if day <= 31 else 0, month, year, weekday)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    pieces = {"weekday": any_of(WEEKDAYS), "month": any_of(MONTHS), "first": any_of(_FIRST)}
    pieces["ordinal"] = any_of(WORDS["ordinals"].split())
    for name in ("day", "days", "year"):
        pieces[name] = Template(WORDS["mentions"][name]).substitute(pieces)
    return re.compile(Template(WORDS["mentions"]["date"]).substitute(pieces), re.VERBOSE)
