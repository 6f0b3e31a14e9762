"""Drafting: a text and the claims about it become a draft, mended, cleaned, titled and dated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from retrieval.reading.claims import first, language_code
from retrieval.reading.metadata import PlacedFile
from retrieval.reading.pieces import Claims
from retrieval.reading.text.cleaning import (
    BARE_DATE,
    EMBARGO,
    Cleaned,
    CleaningRules,
    clean,
    same_line,
)
from retrieval.reading.text.datewords import dateline_date
from retrieval.reading.text.dating import (
    Clock,
    DateClaim,
    Dating,
    ToCome,
    choose_date,
    date_in_name,
    read_date,
)
from retrieval.reading.text.mending import mend, mend_line
from retrieval.reading.text.titles import day_agrees, title_of
from retrieval.text.addresses import host_of, web_address
from retrieval.text.analysis import guess_language
from retrieval.text.file_names import kept_name
from retrieval.vocabulary import MOSTLY_REMOVED, Draft, LeftOut, PublicationDate, Unreadable

# Longer than any book: cleaning takes its time over each line.
_MAX_CHARS = 5_000_000
_MAX_LINES = 100_000
_HEAD_CHARS = 1000
_WORD = re.compile(r"[^\W\d_]{2}")
_SEEN = ("page", "page text")  # places that show what a page shows
_MAX_EMBARGO = timedelta(days=366)  # a page that declares more is wrong
_PRINTED = re.compile(r"\d[\d/.,\s-]{5,12}\d\W{1,3}\d{1,2}[:h]\d\d")
"""The day and hour that a browser puts at the head of what it prints: "29/11/2026 14:02"."""


@dataclass(frozen=True, slots=True)
class ArticleSource:
    """The source of a text.

    Args:
        origin: its permanent identifier.
        given: its name in reports.
        raw: its bytes.
        file_name: of a file, if that may date it.
        saved: the day when the file was written.
    """

    origin: str
    given: str
    raw: bytes
    file_name: str = ""
    saved: date | None = None


def file_source(file: PlacedFile, given: str, raw: bytes) -> ArticleSource:
    """A file as a source."""
    return ArticleSource(file_origin(file), given, raw, file.path.name, _saved(file.content))


def file_origin(file: PlacedFile) -> str:
    """The origin of a file: its real path, whatever path led to it."""
    return f"file:{kept_name(file.path.resolve().as_posix())}"


def _saved(path: Path) -> date | None:
    try:
        return date.fromtimestamp(path.stat().st_mtime)
    except (OSError, ValueError, OverflowError):  # no file any more, or a time of no calendar
        return None


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """The cleaning rules and the time of the reading, for every draft."""

    rules: CleaningRules
    clock: Clock

    @property
    def today(self) -> date:
        """The day of the reading, at the newspaper."""
        return self.clock.today


def make_draft(
    source: ArticleSource,
    text: str,
    external: Sequence[Claims],
    context: ReadingContext,
    page: Claims | None = None,
    left_out: Sequence[str] = (),
    *,
    tags_are_text: bool = False,
) -> Iterator[Draft | Unreadable | LeftOut]:
    """One draft, or the reason why there is none: an embargo is one.

    Args:
        source: where the text comes from.
        text: the text, not cleaned.
        external: claims by people (front matter, a row, a record), surest first.
        context: rules and time.
        page: claims of the page or the document itself; they rank below a date line.
        left_out: what the parser removed, for the report.
        tags_are_text: the markup was parsed already, so that a remaining tag is text.
    """
    places = [*external, page] if page else list(external)
    lines = text.count("\n") + 1
    if len(text) > _MAX_CHARS or lines > _MAX_LINES:
        yield Unreadable(source.given, "too_long", f"{len(text)} characters, {lines} lines")
        return
    rules = context.rules.of(first(places, "outlet"), host_of(first(places, "url")))
    mended = mend(text, tags_are_text=tags_are_text)
    cleaned, title = _cleaned(mended.text, mend_line(first(places, "title")), rules)
    if not _WORD.search(cleaned.text):
        reason = "no_text" if text.strip() else "empty"
        yield Unreadable(source.given, reason)
        return
    dating = _dated(source, title, cleaned, external, context.clock, page)
    if until := _embargo(cleaned, context.clock) or dating.until:
        yield LeftOut(source.given, "scheduled", until=until)
        return
    yield Draft(
        origin=source.origin,
        source=source.given,
        title=title,
        text=cleaned.text,
        published=dating.published,
        outlet=mend_line(first(places, "outlet")) or None,
        author=mend_line(first(places, "author")) or None,
        url=web_address(first(places, "url")),
        language=language_code(first(places, "language")) or guess_language(cleaned.text),
        raw=source.raw,
        removed=(*left_out, *mended.notes, *_report(cleaned, dating), *_mostly_removed(cleaned)),
        titled=bool(first(places, "title")) or not _is_beginning(title, cleaned.text),
    )


def _cleaned(text: str, title: str, rules: CleaningRules) -> tuple[Cleaned, str]:
    """The clean text and the title; a text that titles itself is cleaned twice."""
    cleaned = clean(text, title, rules)
    if title:
        return cleaned, title
    title = title_of(cleaned.text)
    again = clean(cleaned.text, title, rules)
    removed, dates = cleaned.removed + again.removed, cleaned.dates + again.dates
    return Cleaned(again.text, removed, dates), title


def _embargo(cleaned: Cleaned, clock: Clock) -> datetime | None:
    """The end of an embargo in the head of a text; None when it is over, or there is none."""
    for line in (removal.text for removal in cleaned.removed if removal.rule == EMBARGO):
        try:
            read_date(line, clock)
        except ToCome as embargo:
            return embargo.until
        except ValueError:  # a day that the calendar does not have
            continue
    return None


def _is_beginning(title: str, text: str) -> bool:
    """Whether a title is only the first words of the text, not a line of its own."""
    return title.endswith("…") or not f"{text}\n".startswith(f"{title}\n")


def _dated(
    source: ArticleSource,
    title: str,
    cleaned: Cleaned,
    external: Sequence[Claims],
    clock: Clock,
    page: Claims | None,
) -> Dating:
    claims = [DateClaim(place.place, place.published, declared=True) for place in external]
    claims += [_date_line(words, cleaned, source, clock.today, page) for words in cleaned.dates]
    claims.append(DateClaim("date line", _dateline(title, cleaned.text)))
    if page and page.due and _is_to_come(page.due, clock):
        claims.append(DateClaim("page", page.due, declared=True))
    if page:
        named = f"{title}\n{source.file_name}\n{cleaned.text}"
        claims.append(_of_page(page, source, named, clock))
    claims.append(DateClaim("file name", date_in_name(source.file_name)))
    return choose_date(claims, clock)


def _is_to_come(words: str, clock: Clock) -> bool:
    """Whether a page declares that it will be published, within the time that embargoes take."""
    try:
        read_date(words, clock)
    except ToCome as embargo:
        return embargo.until - clock.now <= _MAX_EMBARGO
    except ValueError:
        pass
    return False


def _dateline(title: str, text: str) -> str:
    """The date of the agency's dateline that opens a text, under its title."""
    head = [line for line in text[:_HEAD_CHARS].split("\n") if line.strip()]
    return next((dateline_date(line) for line in head if not same_line(line, title)), "")


def _date_line(
    words: str, cleaned: Cleaned, source: ArticleSource, today: date, page: Claims | None
) -> DateClaim:
    """A date in the head of a text; a bare one may be that of a visit or of printing."""
    bare = [one.text for one in cleaned.removed if one.rule == BARE_DATE and words in one.text]
    doubt = ""
    if page and bare:
        if page.place in _SEEN:
            doubt = _doubt_of_banner(words, source, today)
        elif _PRINTED.search(bare[0]) and _same_day(words, page.published, today):
            doubt = "the day of printing"
    return DateClaim("date line", words, doubt=doubt)


def _of_page(page: Claims, source: ArticleSource, text: str, clock: Clock) -> DateClaim:
    """The claim of a page or a document to a date, with a doubt when it may be another's."""
    doubt = ""
    if page.place == "page text":
        doubt = _doubt_of_banner(page.published, source, clock.today)
    elif page.place == "document" and (day := _day(page.published, clock.today)):
        agrees = day_agrees(day, _PRINTED.sub("", text), clock.today)
        doubt = "" if agrees else "of the file, and the text does not confirm it"
    return DateClaim(page.place, page.published, doubt=doubt)


def _doubt_of_banner(words: str, source: ArticleSource, today: date) -> str:
    """The reason why a day that a page shows may be that of a visit; ``""`` for none."""
    day = _day(words, today)
    if day is None or day not in (today, source.saved):
        return ""
    return "the day of the reading" if day == today else "the day when the file was saved"


def _same_day(words: str, other: str, today: date) -> bool:
    day = _day(words, today)
    return day is not None and day == _day(other, today)


def _day(words: str, today: date) -> date | None:
    """The day that some words give; None when they give only a month or a year, or nothing."""
    try:
        found: PublicationDate = read_date(words, today)
    except ValueError:
        return None
    return found.first_day if found.day else None


def _mostly_removed(cleaned: Cleaned) -> tuple[str, ...]:
    taken = sum(len(removal.text) for removal in cleaned.removed)
    share = taken / (taken + len(cleaned.text))
    return (f"{MOSTLY_REMOVED}: {share:.0%}",) if share > 0.5 else ()


def _report(cleaned: Cleaned, dating: Dating) -> tuple[str, ...]:
    refused = (
        f"refused date: {claim.words} ({claim.place}: {reason})" for claim, reason in dating.refused
    )
    return (*map(str, cleaned.removed), *refused)
