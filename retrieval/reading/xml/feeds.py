"""Parsers of feeds: RSS, Atom, the Atom exports of Blogger, sitemaps and OPML.

feedparser reads RSS and Atom, malformed ones too. Sitemaps and OPML hold no text of an article:
they list where articles and feeds are.
"""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from retrieval.reading.claims import one_line
from retrieval.reading.pages.markup import title_in
from retrieval.reading.pages.snippets import read_snippet
from retrieval.reading.pieces import Claims, Extract, Piece, Refused
from retrieval.reading.text.dating import moment_of
from retrieval.reading.text.decoding import decode
from retrieval.reading.xml.elements import (
    XmlRecord,
    XmlRecords,
    children,
    decoded,
    descendants,
    found,
    iso_moment,
    local,
    parsed,
    until,
    value,
)
from retrieval.text.addresses import web_address

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]+)""", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,500}\?>")
_CAPTION = re.compile(r"(<media:description\b[^<>]{0,500}>|</media:description\s{0,9}>)")
# The end of the outermost element; a feed without it was cut off on its way.
_ENDED = re.compile(r"</(?:[\w-]{1,40}:)?(?:rss|feed|rdf|channel)\s{0,9}>", re.IGNORECASE)
_MAX_OFFSET = timedelta(days=1)  # between two readings of a moment: time zones have names
_DATES = ("published", "date", "created", "updated")  # dc:date is `updated` to feedparser


def parse_feed(raw: bytes) -> tuple[Piece, ...]:
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
        last = pieces[-1].claims.title if pieces else ""
        pieces.append(Piece("", about, name="end", problem="cut_short", detail=last))
    return tuple(pieces)


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
    claims = Claims(
        "feed entry",
        title=title,
        published=_day(entry),
        outlet=_outlet(entry) or about.title,
        author=one_line(entry.get("author")),
        url=link,
        language=one_line(body.get("language")) or about.language,
    )
    shown = _extract(body)
    raw = {
        "title": title,
        "link": link,
        "published": next((entry[key] for key in _DATES if entry.get(key)), ""),
        "updated": entry.get("updated") or "",
        "author": claims.author,
        "outlet": claims.outlet,
        "content": body.get("value") or "",
    }
    # A title alone is all that some entries say.
    return Piece(
        shown.text or title,
        claims,
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
    parts = [*entry.get("content", ()), entry.get("summary_detail") or {}]
    return max(parts, key=lambda part: len(part.get("value") or ""))


def _extract(detail: Mapping[str, Any] | None) -> Extract:
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
    """The moment of publication of an entry, as the feed writes it, with its offset.

    A form that only feedparser reads is given as the moment in UTC that it makes of it.
    """
    for key in _DATES:
        parsed = entry.get(f"{key}_parsed")
        if not parsed:
            continue
        written = one_line(entry.get(key))
        universal = datetime.fromtimestamp(timegm(parsed), UTC)
        local = moment_of(written, UTC)
        if written[:10] == universal.date().isoformat() and len(written) == 10:
            return written
        near = local is not None and abs(local - universal) <= _MAX_OFFSET
        return written if near else universal.isoformat()
    # A date that feedparser does not read may be one for dating: "24 mai 2017".
    return next((words for key in _DATES if (words := one_line(entry.get(key)))), "")


def _moment(entry: Mapping[str, Any]) -> str:
    """The moment of publication in ISO 8601: a feed may list articles under an embargo."""
    moment = next((entry[f"{key}_parsed"] for key in _DATES if entry.get(f"{key}_parsed")), None)
    try:
        return datetime.fromtimestamp(timegm(moment), UTC).isoformat() if moment else ""
    except (ValueError, TypeError, OverflowError, OSError):
        return ""


# --- sitemaps and OPML -----------------------------------------------------------------------

_MAX_ADDRESSES = 50_000  # what the protocol allows a sitemap
_MAX_FEEDS = 5_000
_SHOWN = 3


def parse_sitemap(raw: bytes) -> tuple[Piece, ...]:
    """The pages of a sitemap, one piece each; of a news sitemap, with title, day and newspaper.

    The text of a piece is empty. Its ``raw`` changes when the page does.

    Raises:
        Refused: it lists other sitemaps (``sitemap_index``, with the first of them), or nothing.
    """
    records = XmlRecords(io.BytesIO(raw), ("url", "sitemap"), prefixed=True)
    pieces: list[Piece] = []
    for record in records:
        element = records.parse(record) if record.whole else None
        if element is not None and (piece := _sitemap_piece(element, record.text)):
            pieces.append(piece)
        if len(pieces) >= _MAX_ADDRESSES:
            break
    others = [piece.claims.url for piece in pieces if piece.name == "sitemap"]
    if others:
        raise Refused("sitemap_index", ", ".join(others[:_SHOWN]))
    if not pieces:
        raise Refused("no_records")
    return tuple(pieces)


def _sitemap_piece(entry: _Element, raw: str) -> Piece | None:
    address = web_address(value(entry, "loc"))
    if address is None:
        return None
    news = found(entry, "news")
    claims = Claims(
        "sitemap",
        title=value(news, "title"),
        published=iso_moment(value(news, "publication_date")),
        outlet=value(news, "publication/name"),
        url=address,
        language=value(news, "publication/language"),
    )
    return Piece("", claims, name="sitemap" if local(entry) == "sitemap" else address, raw=raw)


def parse_opml(raw: bytes) -> tuple[Piece, ...]:
    """The feeds of an OPML file, one piece each, in their order; each address once.

    Raises:
        Refused: it is no XML, or lists no feed.
    """
    root = parsed("".join(decoded(io.BytesIO(raw))))
    pieces = tuple(_opml_pieces(descendants(root, "outline")))
    if not pieces:
        raise Refused("no_records")
    return pieces


def _opml_pieces(outlines: Iterable[_Element]) -> Iterator[Piece]:
    met: set[str] = set()
    for outline in outlines:
        # Programs do not agree on how the attribute is written.
        given = {name.lower(): words for name, words in outline.attrib.items()}
        address = web_address(str(given.get("xmlurl") or "").strip())
        if address is None or address in met or len(met) >= _MAX_FEEDS:
            continue
        met.add(address)
        title = one_line(str(given.get("title") or given.get("text") or ""))
        yield Piece("", Claims("OPML", title=title, url=address), name=address)


# --- exports of Blogger ----------------------------------------------------------------------
# Up to 2023 the kind of an entry is a category, and a draft has ``app:draft``; since then
# ``blogger:type`` and ``blogger:status`` say both.

_KIND = "http://schemas.google.com/g/2005#kind"
_STATUS = {
    "": "",
    "live": "",
    "published": "",
    "draft": "draft",
    "scheduled": "scheduled",
    "soft_trashed": "trashed",
    "trashed": "trashed",
    "ghosted": "trashed",
}


def parse_blogger(file: BinaryIO) -> Iterator[Piece]:
    """The entries of an export: posts, and what is left out.

    Raises:
        Refused: it is no text, or no XML at all.
    """
    records = XmlRecords(file, ("entry",))
    blog = value(_blog(records.beginning()), "title")
    for number, record in enumerate(records, start=1):
        entry = records.parse(record) if record.whole else None
        yield _blogger_piece(record, entry, blog, str(number))


def _blog(beginning: _Element) -> _Element | None:
    return beginning if found(beginning, "title") is not None else found(beginning, "feed")


def _blogger_piece(record: XmlRecord, entry: _Element | None, blog: str, number: str) -> Piece:
    if entry is None:
        return Piece("", Claims("Blogger"), name=number, problem="broken_record")
    claims = _blogger_claims(entry, blog)
    name = value(entry, "id") or claims.url or number
    reason, detail = _blogger_withheld(entry)
    if reason and reason not in ("scheduled", "page"):
        return Piece("", claims, name=name, left_out=reason, detail=detail)
    content = found(entry, "content")
    shown = read_snippet("".join(content.itertext()) if content is not None else "")
    due = until(value(entry, "published")) if reason == "scheduled" else ""
    return Piece(shown.text, claims, name, shown.removed, record.text, reason, due)


def _blogger_withheld(entry: _Element) -> tuple[str, str]:
    kind = (value(entry, "type") or _blogger_kind(entry) or "post").lower()
    if kind not in ("post", "page"):
        return "other_kind", kind
    status = value(entry, "status").lower()
    draft = value(entry, "control/draft").lower() == "yes"
    reason = "draft" if draft else _STATUS.get(status, "draft")
    return reason or ("page" if kind == "page" else ""), ""


def _blogger_kind(entry: _Element) -> str:
    """The kind of an entry of an old export: ``post``, ``page``, ``comment``, ``settings``."""
    kinds = (each for each in children(entry, "category") if each.get("scheme") == _KIND)
    return next((one_line(each.get("term") or "").rpartition("#")[2] for each in kinds), "")


def _blogger_claims(entry: _Element, blog: str) -> Claims:
    links = (each for each in children(entry, "link") if each.get("rel") == "alternate")
    return Claims(
        "Blogger",
        title=value(entry, "title"),
        published=iso_moment(value(entry, "published")),
        outlet=blog,
        author=value(entry, "author/name"),
        url=next((one_line(each.get("href") or "") for each in links), ""),
    )
