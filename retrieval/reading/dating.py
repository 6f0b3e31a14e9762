"""Dating: the first believable date, from the surest place to the least.

Places are asked in their order: front matter or a metadata row, a date line, the page's own
metadata, the file name. A month stays a month and a year a year. Nothing is guessed from a
weekday or a relative word, whose meaning depends on a day that nobody wrote down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.vocabulary import PublicationDate

_OLDEST_YEAR = 1600  # the first newspapers
_AHEAD = timedelta(days=2)  # time zones, and papers dated tomorrow
_MAX_CHARS = 80
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_IN_NAME = re.compile(
    r"(?<![0-9A-Za-z])(?P<y>(?:19|20)\d\d)"
    r"(?:(?P<s>[-_.])(?P<m>\d\d)(?:(?P=s)(?P<d>\d\d))?|(?P<cm>\d\d)(?P<cd>\d\d))(?![0-9A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class DateClaim:
    """A date as some place writes it, such as ``24 mai 2017`` in a date line."""

    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Dating:
    """The date chosen, and the claims that could not be believed, each with its reason."""

    published: PublicationDate | None
    refused: tuple[tuple[DateClaim, str], ...] = ()


def choose_date(claims: Iterable[DateClaim], today: date) -> Dating:
    """The first believable date of several claims; silent ones (no words) are passed over."""
    refused: list[tuple[DateClaim, str]] = []
    for claim in claims:
        if not claim.words.strip():
            continue
        try:
            return Dating(read_date(claim.words, today), tuple(refused))
        except ValueError as error:
            refused.append((claim, str(error)))
    return Dating(None, tuple(refused))


def read_date(words: str, today: date) -> PublicationDate:
    """Read a date written by a program or a person, in French or English.

    Args:
        words: ``2017-05``, ``24 mai 2017 à 14h``, ``24/05/2017``; a year of four digits.
        today: later dates, by more than two days, are refused.

    Raises:
        ValueError: not a date, or not one that an article can have.
    """
    words = words.strip()
    compact = _COMPACT.fullmatch(words)
    if compact:
        words = "-".join(compact.groups())
    found = _iso(words) or _written(words)
    if found is None:
        raise ValueError("not a date")
    if found.year < _OLDEST_YEAR:
        raise ValueError(f"before {_OLDEST_YEAR}")
    if found.first_day > today + _AHEAD:
        raise ValueError("in the future")
    return found


def date_in_name(name: str) -> str:
    """The date that a file name carries (``2017-05-24-otan``, ``20170524``), or ``""``."""
    for match in _IN_NAME.finditer(name):
        parts = [match["y"], match["m"] or match["cm"], match["d"] or match["cd"]]
        words = "-".join(part for part in parts if part)
        if _iso(words):
            return words
    return ""


def _iso(words: str) -> PublicationDate | None:
    try:
        return PublicationDate.parse(words)
    except ValueError:
        return None


def _written(words: str) -> PublicationDate | None:
    """A date in words, by its own parts alone: nothing is filled in from the present."""
    if len(words) > _MAX_CHARS or not _YEAR.search(words):
        return None
    whole = _parsed(words, ["day", "month", "year"])
    if whole:
        return PublicationDate(whole.year, whole.month, whole.day)
    month = _parsed(words, ["month", "year"])
    return PublicationDate(month.year, month.month) if month else None


def _parsed(words: str, parts: list[str]) -> date | None:
    import dateparser

    settings = {
        "DATE_ORDER": "DMY",
        "PARSERS": ["absolute-time"],  # no "hier", no timestamps
        "REQUIRE_PARTS": parts,
    }
    try:
        found = dateparser.parse(words, languages=["fr", "en"], settings=settings)
    except (ValueError, OverflowError):
        return None
    return found.date() if found else None
