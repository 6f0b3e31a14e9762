"""Date words: what people write for the day, the month or the year of an article.

The words are data (`config/words/dates.toml`). dateparser reads most languages and forms, but
no edition of two days ("samedi 3 et dimanche 4 avril 2021"), no season, not "7 juill. 2016", and
nothing that is followed by a page number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from retrieval.text.analysis import fold, fold_in_place
from retrieval.text.dates import MONTHS, WEEKDAYS, WORDS, any_of
from retrieval.vocabulary import PublicationDate

_WORDS = WORDS["published"]
_MAX_CHARS = 200
_MONTH = rf"(?:{any_of(MONTHS)})\b\.?"
_WEEKDAY = rf"(?:{any_of([*WEEKDAYS, *(name[:3] for name in WEEKDAYS)])})\b\.?,?\s"
# "ler" is what reading by machine makes of "1er".
_DAY = r"(?:\d{1,2}|[li](?=\s?er\b))\s?(?:er|ere|re|eme|e|st|nd|rd|th)?\b"
_YEAR = r"(?:1[6-9]|20)\d\d(?!\d)"
_JOINED = rf"\s?(?:{any_of(_WORDS['joined'])})\s?"
_DAY_FIRST = re.compile(
    rf"(?<![\w/.-])(?P<d>{_DAY})"
    rf"(?:(?:\s(?P<m0>{_MONTH}))?(?:\s(?P<y0>{_YEAR}))?{_JOINED}(?:{_WEEKDAY})?{_DAY}){{0,3}}"
    rf"\s(?:de\s)?(?P<m>{_MONTH}),?\s(?P<y>{_YEAR})"
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<m>{_MONTH})\s(?P<d>{_DAY})(?:{_JOINED}(?:{_MONTH}\s)?{_DAY})?,?\s(?P<y>{_YEAR})"
)
_NUMERIC = re.compile(
    r"(?<![\w/.-])(?P<d>\d{1,2})(?:-\d{1,2}(?=/))?\s?(?P<s>[/.-])\s?(?P<m>\d{1,2})\s?(?P=s)\s?"
    r"(?P<y>\d{4}|(?<=[/.])\d{2})(?![\w/]|[.-]\d)"
)
_YEAR_FIRST = re.compile(
    rf"(?<![\w/.-])(?P<y>{_YEAR})(?P<s>[/.-])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)(?![\d/.-])"
)
_MONTH_ONLY = re.compile(
    rf"(?<!\d)(?<!\d\s)\b(?P<m>{_MONTH})(?:(?:\s(?P<y0>{_YEAR}))?{_JOINED}{_MONTH})?"
    rf"\s(?:de\s)?(?P<y>{_YEAR})|(?<![\w/.-])(?P<mm>\d\d?)/(?P<yy>{_YEAR})(?![\w/.-])"
)
# Formats of spreadsheets: d-mmm-yy ("3-avr-18", "03-avr.-18") and mmm-yy ("avr.-18").
_SHEET_DAY = re.compile(
    rf"^(?P<d>\d{{1,2}})(?P<s>[-/])(?P<m>{_MONTH})(?P=s)(?P<y>{_YEAR}|\d{{2}})(?![\w/-])"
)
_SHEET_MONTH = re.compile(rf"^(?P<m>{_MONTH})[-/](?P<y>{_YEAR}|\d{{2}})$")
_SEASON = re.compile(
    rf"\b(?:{any_of(_WORDS['quarters'].split())})(?:{_JOINED}\w{{3,9}})?\s(?P<y>{_YEAR})"
    rf"|\b(?:[1-4](?:er|e|eme)\s?trimestre|[tq][1-4])\s(?P<yy>{_YEAR})"
)
_HOUR = re.compile(
    r"(?:\s?(?:,|-|\||·|•|a|at|t|de)){0,2}\s?(\d{1,2})\s?(?::|h(?:eures?)?)\s?(\d\d)?\b"
)
_UPDATED = re.compile(rf"(?<![^\W_])(?:{any_of(_WORDS['change'])})")
_PUBLISHED = re.compile(rf"(?<![^\W_])(?:{any_of(_WORDS['publication'])})")
# "N° 12 345": a number of the paper is no day.
_ISSUE = re.compile(r"\bn(?:o|um|umero)?\s?[°º.]?\s?\d{1,3}(?:[ .]?\d{3}){0,2}(?![\d/.-])")
_EDITION = re.compile(r"\b(?:date[es]? d[ue]|edition|numero|annee|supplement)\b")
# "LILLE, 4 mars 2019 (APP) - ", "Lille, le 4 mars 2019 /Agence/ -- ": a place, a day, an agency.
_DATELINE = re.compile(
    rf"[^\W\d_][^\d.;:!?]{{1,60}}?,?\s(?:le\s)?(?:{_WEEKDAY})?"
    rf"(?P<date>{_DAY}\s{_MONTH}\s{_YEAR}|{_MONTH}\s{_DAY},?\s{_YEAR})"
    r"\s?[(/](?P<agency>[a-z][\w .&-]{1,25})[)/]\s?-{1,2}"
)
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans({"–": "-", "—": "-", "‑": "-", "−": "-", "\u00ad": ""})


@dataclass(frozen=True, slots=True)
class Written:
    """A date that some words give, and the hour if they do."""

    date: PublicationDate
    hour: time | None = None


def read_written(words: str, today: date) -> Written | None:
    """The date that a short text gives; of an edition of several days or months, the first.

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
    plain = _of_publication(_ISSUE.sub("", squeezed))
    for form, meaning in _FORMS:
        found = form.search(plain)
        if found:
            return Written(meaning(found, today), _hour(plain, found.end()))
    return None


def dates_in(text: str, today: date, max_dates: int = 50) -> list[PublicationDate]:
    """The whole days that a text names in one of these forms, the first ``max_dates`` of them."""
    plain = _SPACES.sub(" ", fold_in_place(text.translate(_DASHES)))
    found: list[PublicationDate] = []
    for form in (_DAY_FIRST, _MONTH_FIRST, _NUMERIC, _YEAR_FIRST):
        for _, match in zip(range(max_dates), form.finditer(plain), strict=False):
            try:
                found.append(_whole(match, today))
            except ValueError:
                continue
    return found


def masthead_date(line: str) -> str:
    """The date in a line as mastheads and running headers have them, in the line's own words.

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
    numbered = _ISSUE.search(plain) is not None or _EDITION.search(plain) is not None
    rest = _ISSUE.sub(" ", plain)
    found = _DAY_FIRST.search(rest) or (_NUMERIC.search(rest) if numbered else None)
    if not found or _HOUR.match(rest, found.end()):
        return ""
    dated = re.search(rf"(?:{_WEEKDAY})$", rest[: found.start()]) is not None
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
    found = _DATELINE.match(fold_in_place(head))
    named = found is not None and head[found.start("agency")].isupper()
    return head[slice(*found.span("date"))] if found and named else ""


def _of_publication(plain: str) -> str:
    """The words without those that tell when something was changed."""
    updated, published = _UPDATED.search(plain), _PUBLISHED.search(plain)
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
    """The last year with two given digits that is not to come."""
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
    (_YEAR_FIRST, _whole),
    (_DAY_FIRST, _whole),
    (_NUMERIC, _whole),
    (_MONTH_FIRST, _whole),
    (_SHEET_DAY, _whole),
    (_SHEET_MONTH, _sheet_month),
    (_MONTH_ONLY, _month),
    (_SEASON, _season),
)


def _number(words: str) -> int:
    """Of a day or a month, in digits or as a word; 0 is none that the calendar has."""
    name = words.rstrip(". ")
    if name in MONTHS:
        return MONTHS[name]
    digits = re.match(r"\d+", name)
    number = int(digits[0]) if digits else 1
    if not number:
        raise ValueError("no day or month 0")
    return number


def _hour(plain: str, end: int) -> time | None:
    """The hour that follows a date."""
    found = _HOUR.match(plain, end)
    try:
        return time(int(found[1]), int(found[2] or 0)) if found else None
    except ValueError:
        return None
