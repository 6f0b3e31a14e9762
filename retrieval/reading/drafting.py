"""From a text and what is claimed about it to a draft: cleaned, dated, titled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from retrieval.analysis import guess_language
from retrieval.reading.claims import Claims, first, language_code, web_address
from retrieval.reading.cleaning import Cleaned, clean
from retrieval.reading.dating import DateClaim, Dating, choose_date, date_in_name
from retrieval.reading.rules import CleaningRules
from retrieval.reading.titles import title_of
from retrieval.vocabulary import MOSTLY_REMOVED, Draft, Unreadable

# Longer than any book: cleaning takes its time over each line.
_MAX_CHARS = 5_000_000
_MAX_LINES = 100_000
_WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from: its names, its bytes, and the file name if that may date it."""

    origin: str
    given: str
    raw: bytes
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every draft is made with: the cleaning rules and today's date."""

    rules: CleaningRules
    today: date


def make_draft(
    source: Source,
    text: str,
    told: Sequence[Claims],
    desk: Desk,
    page: Claims | None = None,
    left_out: Sequence[str] = (),
) -> Iterator[Draft | Unreadable]:
    """One draft, or the reason why there is none.

    Args:
        source: where the text comes from.
        text: the text, not cleaned.
        told: what people wrote about it (front matter, a row, a record), surest first.
        desk: rules and date.
        page: what a page or a document says of itself, which comes after a date line.
        left_out: what the reader itself took out, for the report.
    """
    places = [*told, page] if page else list(told)
    lines = text.count("\n") + 1
    if len(text) > _MAX_CHARS or lines > _MAX_LINES:
        yield Unreadable(source.given, "too_long", f"{len(text)} characters, {lines} lines")
        return
    rules = desk.rules.of(first(places, "outlet"), _host(first(places, "url")))
    cleaned, title = _cleaned(text, first(places, "title"), rules)
    if not _WORD.search(cleaned.text):
        reason = "no_text" if text.strip() else "empty"
        yield Unreadable(source.given, reason)
        return
    dating = _dated(source, cleaned, told, desk.today, page)
    yield Draft(
        origin=source.origin,
        source=source.given,
        title=title,
        text=cleaned.text,
        published=dating.published,
        outlet=first(places, "outlet") or None,
        author=first(places, "author") or None,
        url=web_address(first(places, "url")),
        language=language_code(first(places, "language")) or guess_language(cleaned.text),
        raw=source.raw,
        removed=(*left_out, *_report(cleaned, dating), *_mostly_removed(cleaned)),
        titled=bool(first(places, "title")) or not _is_beginning(title, cleaned.text),
    )


def _host(url: str) -> str:
    """The host of an address, without ``www.``; ``""`` when it is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _cleaned(text: str, title: str, rules: CleaningRules) -> tuple[Cleaned, str]:
    """The clean text and the title; a text that titles itself is looked at twice."""
    cleaned = clean(text, title, rules)
    if title:
        return cleaned, title
    title = title_of(cleaned.text)
    again = clean(cleaned.text, title, rules)
    removed, dates = cleaned.removed + again.removed, cleaned.dates + again.dates
    return Cleaned(again.text, removed, dates), title


def _is_beginning(title: str, text: str) -> bool:
    """Whether a title is only the first words of the text, not a line of its own."""
    return title.endswith("…") or not f"{text}\n".startswith(f"{title}\n")


def _dated(
    source: Source, cleaned: Cleaned, told: Sequence[Claims], today: date, page: Claims | None
) -> Dating:
    claims = [DateClaim(place.place, place.published) for place in told]
    claims += [DateClaim("date line", words) for words in cleaned.dates]
    if page:
        claims.append(DateClaim(page.place, page.published))
    claims.append(DateClaim("file name", date_in_name(source.file_name)))
    return choose_date(claims, today)


def _mostly_removed(cleaned: Cleaned) -> tuple[str, ...]:
    """Says so when cleaning took out more than it left."""
    taken = sum(len(removal.text) for removal in cleaned.removed)
    share = taken / (taken + len(cleaned.text))
    return (f"{MOSTLY_REMOVED}: {share:.0%}",) if share > 0.5 else ()


def _report(cleaned: Cleaned, dating: Dating) -> tuple[str, ...]:
    refused = (
        f"refused date: {claim.words} ({claim.place}: {reason})" for claim, reason in dating.refused
    )
    return (*map(str, cleaned.removed), *refused)
