"""Publication dates as people write them: the day, month or year of an article.

The words are data (`config/words/dates.toml`). dateparser reads most languages and forms, but
no edition of two days ("samedi 3 et dimanche 4 avril 2021"), no season, not "7 juill. 2016", and
nothing that is followed by a page number.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from itertools import islice
from string import Template

from retrieval.text.analysis import fold, fold_in_place
from retrieval.text.dates import MONTHS, WEEKDAYS, WORDS, any_of
from retrieval.vocabulary import PublicationDate

_WORDS = WORDS["published"]
_MAX_CHARS = 200
_MAX_DATES = 50


def _patterns() -> dict[str, re.Pattern[str]]:
    pieces = {
        "month": rf"(?:{any_of(MONTHS)})\b\.?",
        "weekday": rf"(?:{any_of([*WEEKDAYS, *(name[:3] for name in WEEKDAYS)])})\b\.?,?\s",
        "joined": rf"\s?(?:{any_of(_WORDS['joined'])})\s?",
        "quarters": any_of(_WORDS["quarters"].split()),
        "change": any_of(_WORDS["change"]),
        "publication": any_of(_WORDS["publication"]),
        **_WORDS["pieces"],
    }
    return {
        name: re.compile(Template(pattern).substitute(pieces))
        for name, pattern in _WORDS["patterns"].items()
    }


_PATTERNS = _patterns()
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans({"–": "-", "—": "-", "‑": "-", "−": "-", "\u00ad": ""})


@dataclass(frozen=True, slots=True)
class Written:
    """A date that a short text gives, with its hour if it has one."""

    date: PublicationDate
    hour: time | None = None


def read_written(words: str, today: date) -> Written | None:
    """Read the date of a short text; of an edition of several days or months, the first.

    A weekend paper is out on Saturday, and a double issue with its first month: that is when
    its readers had it. A season tells a year.

    Args:
        words: such as ``samedi 3 et dimanche 4 avril 2021, p. 12``.
        today: tells the century of a year of two digits: the last one that is not to come.

    Returns:
        the date, or None when none of these forms is there.

    Raises:
        ValueError: the form is there, and the calendar has no such date; or the date is only
            said to be that of a change.
    """
    if len(words) > _MAX_CHARS:
        return None
    squeezed = _SPACES.sub(" ", fold(words.translate(_DASHES))).strip()
    plain = _of_publication(_PATTERNS["issue"].sub("", squeezed))
    for form, meaning in _FORMS:
        found = form.search(plain)
        if found:
            return Written(meaning(found, today), _hour(plain, found.end()))
    return None


def dates_in(text: str, today: date) -> list[PublicationDate]:
    """The full days that a text names in these forms, at most 50 a form."""
    plain = _SPACES.sub(" ", fold_in_place(text.translate(_DASHES)))
    found: list[PublicationDate] = []
    for form in ("day_first", "month_first", "numeric", "year_first"):
        for match in islice(_PATTERNS[form].finditer(plain), _MAX_DATES):
            with suppress(ValueError):
                found.append(_whole(match, today))
    return found


def masthead_date(line: str) -> str:
    """The date in a masthead or running head, in its own words.

    Args:
        line: such as ``Quarante-troisième année — N° 12 345 — Lundi 4 mars 1907``; a date counts
            with its weekday, or beside the number or the edition of the paper. The day that a
            browser prints with the hour is none.

    Returns:
        the words of the date, or ``""``.
    """
    if len(line) > _MAX_CHARS:
        return ""
    plain = _SPACES.sub(" ", fold_in_place(line.translate(_DASHES)))
    numbered = (
        _PATTERNS["issue"].search(plain) is not None
        or _PATTERNS["edition"].search(plain) is not None
    )
    rest = _PATTERNS["issue"].sub(" ", plain)
    found = _PATTERNS["day_first"].search(rest) or (
        _PATTERNS["numeric"].search(rest) if numbered else None
    )
    if not found or _PATTERNS["hour"].match(rest, found.end()):
        return ""
    dated = _PATTERNS["named_day"].search(rest[: found.start()]) is not None
    return found[0].strip() if dated or numbered else ""


def dateline_date(line: str) -> str:
    """The date of an agency's dateline, which opens the first paragraph of its dispatch.

    Args:
        line: such as ``LILLE, 4 mars 2019 (APP) - Le conseil municipal a voté…``. A day without
            a year, or without the name of an agency behind it, is none.

    Returns:
        the words of the date, or ``""``.
    """
    if "(" not in line[:_MAX_CHARS] and "/" not in line[:_MAX_CHARS]:  # around the agency
        return ""
    head = _SPACES.sub(" ", line[:_MAX_CHARS].translate(_DASHES))
    found = _PATTERNS["dateline"].match(fold_in_place(head))
    named = found is not None and head[found.start("agency")].isupper()
    return head[slice(*found.span("date"))] if found and named else ""


def _of_publication(plain: str) -> str:
    """The words without those that date a change."""
    updated, published = _PATTERNS["updated"].search(plain), _PATTERNS["published"].search(plain)
    if updated is None:
        return plain
    if published and published.start() > updated.start():
        return plain[published.start() :]
    if not re.search(r"\d", plain[: updated.start()]):
        raise ValueError("the date of a change")
    return plain[: updated.start()]


def _whole(match: re.Match[str], today: date) -> PublicationDate:
    groups = match.groupdict()
    last, month = _number(groups["m"]), _number(groups.get("m0") or groups["m"])
    year = int(groups["y"])
    if groups.get("y0"):
        year = int(groups["y0"])
    elif month > last and groups.get("m0"):  # "31 décembre-1er janvier 2021"
        year -= 1
    if len(groups["y"]) == 2:
        year = _in_century(year, today)
    day = _number(groups["d"])
    if month > 12 >= day and len(groups["y"]) == 4:  # an American's 05/24/2017
        day, month = month, day
    return PublicationDate(year, month, day)


def _in_century(year: int, today: date) -> int:
    """The last past year with the given two digits."""
    year += today.year // 100 * 100
    return year - 100 if year > today.year else year


def _sheet_month(match: re.Match[str], today: date) -> PublicationDate:
    year = int(match["y"])
    return PublicationDate(_in_century(year, today) if year < 100 else year, _number(match["m"]))


def _month(match: re.Match[str], _today: date) -> PublicationDate:
    if match["mm"]:
        return PublicationDate(int(match["yy"]), int(match["mm"]) or 13)
    return PublicationDate(int(match["y0"] or match["y"]), _number(match["m"]))


def _season(match: re.Match[str], _today: date) -> PublicationDate:
    return PublicationDate(int(match["y"] or match["yy"]))


_FORMS = (
    (_PATTERNS["year_first"], _whole),
    (_PATTERNS["day_first"], _whole),
    (_PATTERNS["numeric"], _whole),
    (_PATTERNS["month_first"], _whole),
    (_PATTERNS["sheet_day"], _whole),
    (_PATTERNS["sheet_month"], _sheet_month),
    (_PATTERNS["month_only"], _month),
    (_PATTERNS["season"], _season),
)


def _number(words: str) -> int:
    name = words.rstrip(". ")
    if name in MONTHS:
        return MONTHS[name]
    digits = re.match(r"\d+", name)
    number = int(digits[0]) if digits else 1
    if not number:
        raise ValueError("no day or month 0")
    return number


def _hour(plain: str, end: int) -> time | None:
    found = _PATTERNS["hour"].match(plain, end)
    try:
        return time(int(found[1]), int(found[2] or 0)) if found else None
    except ValueError:
        return None
