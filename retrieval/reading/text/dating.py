"""Dating: the first credible date, from the surest place to the least sure; moments and the clock.

The order of places: front matter or a metadata row, a date line, the metadata of the page, the file
name. A month stays a month and a year a year. Weekdays and relative words are not resolved: the day
that they refer to is unknown.

A future date is refused where a page or a document shows it. Where a person declared it for the
article (a header, a row, a record) it is an embargo: the article waits.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from datetime import time as hour_of_day
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from retrieval.reading.text.datewords import read_written
from retrieval.vocabulary import PublicationDate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # what programs write for a time that is not set
_MIN_YEAR = 1600  # the first newspapers
_MAX_CHARS = 80
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_IN_NAME = re.compile(
    r"(?<![0-9A-Za-z])(?P<y>(?:19|20)\d\d)"
    r"(?:(?P<s>[-_.])(?P<m>\d\d)(?:(?P=s)(?P<d>\d\d))?|(?P<cm>\d\d)(?P<cd>\d\d))(?![0-9A-Za-z])"
)


class ToCome(ValueError):
    """A date later than the reading; ``until`` is the moment when it will not be any more."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("in the future")


@dataclass(frozen=True, slots=True)
class DateClaim:
    """A date as some place writes it, such as ``24 mai 2017`` in a date line.

    Args:
        place: where it stands.
        words: as they stand there.
        declared: a person wrote it down for the article; else a page or a document shows it.
        doubt: why it is not to be believed, if it is not.
    """

    place: str
    words: str
    declared: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Dating:
    """The date chosen, and the claims that could not be believed, each with its reason.

    ``until`` is the end of an embargo; None when the article may be taken in.
    """

    published: PublicationDate | None
    refused: tuple[tuple[DateClaim, str], ...] = ()
    until: datetime | None = None


def choose_date(claims: Iterable[DateClaim], when: Clock | date) -> Dating:
    """The first believable date of several claims; silent ones (no words) are passed over."""
    refused: list[tuple[DateClaim, str]] = []
    for claim in claims:
        if not claim.words.strip():
            continue
        try:
            published = read_date(claim.words, when, declared=claim.declared)
        except ToCome as embargo:
            if claim.declared:
                return Dating(None, tuple(refused), embargo.until)
            refused.append((claim, str(embargo)))
        except ValueError as error:
            refused.append((claim, str(error)))
        else:
            if not claim.doubt:
                return Dating(published, tuple(refused))
            refused.append((claim, claim.doubt))
    return Dating(None, tuple(refused))


def read_date(words: str, when: Clock | date, *, declared: bool = False) -> PublicationDate:
    """Read a date written by a program or a person, in French or English.

    Args:
        words: ``2017-05``, ``24 mai 2017 à 14h``, ``24/05/2017``; a moment becomes the day of
            the newspaper; a year has four digits.
        when: the reading: later dates are refused.
        declared: a person wrote it down for the article: it may be a count of seconds (Unix).

    Raises:
        ToCome: it is later than the reading.
        ValueError: not a date, or not one that an article can have.
    """
    clock = Clock.of(when)
    published, moment = _said(words.strip(), clock, declared=declared)
    if published.year < _MIN_YEAR:
        raise ValueError(f"before {_MIN_YEAR}")
    if moment is None and published.first_day > clock.today:
        moment = datetime.combine(published.first_day, hour_of_day(), clock.zone)
    if moment is not None and moment > clock.now:
        raise ToCome(moment)
    return published


def _said(words: str, clock: Clock, *, declared: bool) -> tuple[PublicationDate, datetime | None]:
    compact = _COMPACT.fullmatch(words)
    if compact:
        words = "-".join(compact.groups())
    moment = moment_of(words, clock.zone) or (unix_moment(words, clock.zone) if declared else None)
    if moment:
        if _EPOCH in (moment, moment.replace(tzinfo=UTC)):
            raise ValueError("an empty timestamp")
        return PublicationDate(moment.year, moment.month, moment.day), moment
    if found := _iso(words):
        return found, None
    try:
        written = read_written(words, clock.today)
    except ValueError:
        raise ValueError("not a date") from None
    if written:
        return written.date, _at(written.date, written.hour, clock)
    if found := _parsed(words):
        return found, None
    raise ValueError("not a date")


def _at(day: PublicationDate, hour: hour_of_day | None, clock: Clock) -> datetime | None:
    return datetime.combine(day.first_day, hour, clock.zone) if hour and day.day else None


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


def _parsed(words: str) -> PublicationDate | None:
    """A date in words of another form, by its own parts: nothing is filled in from the present."""
    if len(words) > _MAX_CHARS or not _YEAR.search(words):
        return None
    whole = _with_parts(words, ["day", "month", "year"])
    if whole:
        return PublicationDate(whole.year, whole.month, whole.day)
    month = _with_parts(words, ["month", "year"])
    return PublicationDate(month.year, month.month) if month else None


def _with_parts(words: str, parts: list[str]) -> date | None:
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


# --- moments ---------------------------------------------------------------------------------
# A moment in UTC is another day at the newspaper for an hour or two of each night. One with an
# offset was written at the newspaper: its day stays. One without is local.

ZONE = "Europe/Paris"
"""The time zone of the newspaper, unless the settings give another."""

_MAX_MOMENT_CHARS = 60
_ISO = re.compile(
    r"(\d{4})([-/]?)(\d\d)\2(\d\d)[T ]\s?(\d\d:?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)"
    r"\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?:\[[\w/+-]{1,40}\])?",
    re.I,
)
_COMPACT_MOMENT = re.compile(r"(\d{8})(\d{2}|\d{4}|\d{6})")
_MAIL = re.compile(r"(?:[A-Za-z]{3,9},?\s{1,2})?\d{1,2}\s[A-Za-z]{3,9}\s\d{4}\s\d\d:\d\d.{0,20}")
_UNIX = re.compile(r"(\d{10})(\d{3})?(?:\.\d{1,9})?")
_UNKNOWN_OFFSET = "-0000"  # of RFC 5322: a moment in UTC, written at an unknown place


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of a reading.

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
    if len(words) > _MAX_MOMENT_CHARS:
        return None
    found = _iso_moment(words) or _mail_moment(words)
    return _on_clock(found, zone) if found else None


def unix_moment(words: str, zone: tzinfo) -> datetime | None:
    """The moment of a count of seconds (10 digits) or milliseconds (13) since the epoch."""
    match = _UNIX.fullmatch(words.strip())
    return datetime.fromtimestamp(int(match[1]), UTC).astimezone(zone) if match else None


def _iso_moment(words: str) -> datetime | None:
    match = _ISO.fullmatch(words)
    if match:
        year, _, month, day, hour, offset = match.groups()
        offset = "Z" if (offset or "").upper() in ("UTC", "GMT") else offset or ""
        return _read_iso(f"{year}-{month}-{day}T{hour}{offset.upper()}")
    compact = _COMPACT_MOMENT.fullmatch(words)
    return _read_iso(f"{compact[1]}T{compact[2]}") if compact else None


def _read_iso(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words.replace(",", "."))
    except ValueError:
        return None


def _mail_moment(words: str) -> datetime | None:
    if not _MAIL.fullmatch(words):
        return None
    try:
        found = parsedate_to_datetime(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if words.endswith(_UNKNOWN_OFFSET) else found


def _on_clock(moment: datetime, zone: tzinfo) -> datetime:
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
