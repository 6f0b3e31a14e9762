"""Moments: when something is read or published, on the newspaper's own clock.

A moment in UTC is another day at the newspaper for an hour or two of each night. One that
carries an offset of its own was written at the newspaper: its day stays. One without is local.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from datetime import time as hour_of_day
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

ZONE = "Europe/Paris"
"""The time zone of the newspaper, unless the settings give another."""

_MAX_CHARS = 60
_ISO = re.compile(
    r"(\d{4})([-/]?)(\d\d)\2(\d\d)[T ]\s?(\d\d:?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)"
    r"\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?:\[[\w/+-]{1,40}\])?",
    re.I,
)
_COMPACT = re.compile(r"(\d{8})(\d{2}|\d{4}|\d{6})")
_MAIL = re.compile(r"(?:[A-Za-z]{3,9},?\s{1,2})?\d{1,2}\s[A-Za-z]{3,9}\s\d{4}\s\d\d:\d\d.{0,20}")
_UNIX = re.compile(r"(\d{10})(\d{3})?(?:\.\d{1,9})?")
_UNKNOWN_OFFSET = "-0000"  # of RFC 5322: a moment in UTC, written at an unknown place


@dataclass(frozen=True, slots=True)
class Clock:
    """When something is read.

    Args:
        now: the moment, in the time zone of the newspaper.
    """

    now: datetime

    @classmethod
    def at(cls, seconds: float, zone: str = ZONE) -> Clock:
        """The clock of a time zone, so many seconds after the epoch."""
        return cls(datetime.fromtimestamp(seconds, ZoneInfo(zone)))

    @classmethod
    def of(cls, when: Clock | date | None) -> Clock:
        """A clock as it is, at the end of a day, or at the moment of the call for None."""
        if isinstance(when, Clock):
            return when
        if when is None:
            return cls.at(time.time())
        return cls(datetime.combine(when, hour_of_day(23, 59, 59), ZoneInfo(ZONE)))

    @property
    def today(self) -> date:
        """The day that it shows."""
        return self.now.date()

    @property
    def zone(self) -> tzinfo:
        """The time zone of the newspaper."""
        return self.now.tzinfo or UTC


def moment_of(words: str, zone: tzinfo) -> datetime | None:
    """The moment that some words give with an hour, on the newspaper's clock.

    Args:
        words: ISO 8601 (``2020-03-01T23:30:00Z``, ``20200301T2330``, ``2020-03-01 23:30``) or
            RFC 5322 (``Sun, 01 Mar 2020 23:30:00 GMT``).
        zone: the time zone of the newspaper.

    Returns:
        the moment with an offset, its date being the newspaper's day; None for other words.
    """
    words = words.strip()
    if len(words) > _MAX_CHARS:
        return None
    found = _iso(words) or _mail(words)
    return _placed(found, zone) if found else None


def local_day(words: str, zone: tzinfo) -> date | None:
    """The newspaper's day at the moment that some words give; None when they give none."""
    moment = moment_of(words, zone)
    return moment.date() if moment else None


def unix_moment(words: str, zone: tzinfo) -> datetime | None:
    """The moment of a count of seconds (10 digits) or milliseconds (13) since the epoch."""
    match = _UNIX.fullmatch(words.strip())
    return datetime.fromtimestamp(int(match[1]), UTC).astimezone(zone) if match else None


def _iso(words: str) -> datetime | None:
    match = _ISO.fullmatch(words)
    if match:
        year, _, month, day, hour, offset = match.groups()
        offset = "Z" if (offset or "").upper() in ("UTC", "GMT") else offset or ""
        return _read(f"{year}-{month}-{day}T{hour}{offset.upper()}")
    compact = _COMPACT.fullmatch(words)
    return _read(f"{compact[1]}T{compact[2]}") if compact else None


def _read(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words.replace(",", "."))
    except ValueError:
        return None


def _mail(words: str) -> datetime | None:
    if not _MAIL.fullmatch(words):
        return None
    try:
        found = parsedate_to_datetime(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if words.endswith(_UNKNOWN_OFFSET) else found


def _placed(moment: datetime, zone: tzinfo) -> datetime:
    """A moment on the newspaper's clock.

    Midnight in UTC is how programs write a day without an hour: that day stays.
    """
    offset = moment.utcoffset()
    if offset is None:
        return moment.replace(tzinfo=zone)
    if offset:
        return moment
    if moment.time() == hour_of_day(0):
        return moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the first or the last day of the calendar
        return moment
