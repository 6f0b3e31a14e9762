"""Parser of RSS and Atom feeds: feedparser takes the malformed ones too."""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from retrieval.reading.claims import one_line, web_address
from retrieval.reading.pages.markup import read_snippet, title_in
from retrieval.reading.pieces import Claims, Extract, Parsed, Piece, Refused
from retrieval.reading.text.decoding import decode
from retrieval.reading.text.moments import moment_of

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]+)""", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")
_CAPTION = re.compile(r"(<media:description\b[^<>]{0,500}>|</media:description\s{0,9}>)")
# The end of the outermost element; a feed without it was cut off on its way.
_ENDED = re.compile(r"</(?:[\w-]{1,40}:)?(?:rss|feed|rdf|channel)\s{0,9}>", re.IGNORECASE)
_FARTHEST = timedelta(days=1)  # between two readings of a moment: time zones have names
_DATES = ("published", "date", "created", "updated")  # dc:date is `updated` to feedparser


def parse_feed(raw: bytes) -> Parsed:
    """Parse a feed: one piece an entry.

    Raises:
        Refused: it is no text, or no feed.
    """
    import feedparser

    declared = _DECLARED.search(raw[:500])
    text = _DECLARATION.sub("", decode(raw, declared[1].decode() if declared else ""), count=1)
    # A stream, never a string: that might be taken for an address or a path, and opened.
    found = feedparser.parse(
        io.BytesIO(_without_captions(text).encode("utf-8", "ignore")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
    )
    if not found.get("version") and not found.entries:
        raise Refused("not_a_feed")
    about = _about(found.feed)
    pieces = [_piece(entry, at, about) for at, entry in enumerate(found.entries, start=1)]
    if not _ENDED.search(text):
        last = pieces[-1].says.title if pieces else ""
        pieces.append(Piece("", about, name="end", problem="cut_short", detail=last))
    return Parsed(tuple(pieces), about)


def _without_captions(text: str) -> str:
    """The feed without descriptions of its pictures, which feedparser takes for the entry's."""
    parts = _CAPTION.split(text)  # texts and tags in turn
    for place in range(1, len(parts) - 2, 2):
        if not parts[place].startswith("</") and parts[place + 2].startswith("</"):
            parts[place + 1] = ""
    return "".join(parts)


def _about(feed: Mapping[str, Any]) -> Claims:
    return Claims(
        "feed",
        title=_shown(feed.get("title_detail")),
        url=web_address(one_line(feed.get("link"))) or "",
        language=one_line(feed.get("language")),
    )


def _piece(entry: Mapping[str, Any], number: int, about: Claims) -> Piece:
    title = _shown(entry.get("title_detail"))
    link = one_line(entry.get("feedburner_origlink")) or one_line(entry.get("link"))
    body = _body(entry)
    says = Claims(
        "feed entry",
        title=title,
        published=_day(entry),
        outlet=_outlet(entry) or about.title,
        author=one_line(entry.get("author")),
        url=link,
        language=one_line(body.get("language")) or about.language,
    )
    shown = _read(body)
    raw = {
        "title": title,
        "link": link,
        "published": next((entry[key] for key in _DATES if entry.get(key)), ""),
        "updated": entry.get("updated") or "",
        "author": says.author,
        "outlet": says.outlet,
        "content": body.get("value") or "",
    }
    # A title alone is all that some entries say.
    return Piece(
        shown.text or title,
        says,
        name=one_line(entry.get("id")) or str(number),
        removed=shown.removed,
        raw=json.dumps(raw, ensure_ascii=False),
        left_out="draft" if _is_draft(entry) else "",
        until=_moment(entry),
    )


def _is_draft(entry: Mapping[str, Any]) -> bool:
    """Whether the entry is marked ``app:draft`` (RFC 5023)."""
    return one_line(entry.get("app_draft") or entry.get("draft")).lower() == "yes"


def _body(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole article if the feed carries it, else its summary."""
    parts = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    return max(parts, key=lambda part: len(part.get("value") or ""))


def _read(detail: Mapping[str, Any] | None) -> Extract:
    """The text of a value that may be HTML."""
    if not detail or not detail.get("value"):
        return Extract("")
    value = str(detail["value"])
    return read_snippet(value) if "html" in str(detail.get("type")) else Extract(value)


def _shown(detail: Mapping[str, Any] | None) -> str:
    if not detail or not detail.get("value"):
        return ""
    value = str(detail["value"])
    return one_line(title_in(value) if "html" in str(detail.get("type")) else value)


def _outlet(entry: Mapping[str, Any]) -> str:
    """Whom an aggregator took the entry from."""
    source = entry.get("source")
    return one_line(source.get("title")) if isinstance(source, Mapping) else ""


def _day(entry: Mapping[str, Any]) -> str:
    """When the entry was published, as the feed writes it: the offset of its clock is kept.

    A form that only feedparser reads is given as the moment in UTC that it makes of it.
    """
    for key in _DATES:
        parsed = entry.get(f"{key}_parsed")
        if not parsed:
            continue
        written = one_line(entry.get(key))
        universal = datetime.fromtimestamp(timegm(parsed), UTC)
        told = moment_of(written, UTC)
        if written[:10] == universal.date().isoformat() and len(written) == 10:
            return written
        near = told is not None and abs(told - universal) <= _FARTHEST
        return written if near else universal.isoformat()
    # A date that feedparser does not read may be one for dating: "24 mai 2017".
    return next((words for key in _DATES if (words := one_line(entry.get(key)))), "")


def _moment(entry: Mapping[str, Any]) -> str:
    """When it is published, in ISO 8601: a feed may list what is under an embargo."""
    moment = next((entry[f"{key}_parsed"] for key in _DATES if entry.get(f"{key}_parsed")), None)
    try:
        return datetime.fromtimestamp(timegm(moment), UTC).isoformat() if moment else ""
    except (ValueError, TypeError, OverflowError, OSError):
        return ""
