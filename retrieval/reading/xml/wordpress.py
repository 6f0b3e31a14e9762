"""Parser of WordPress exports (WXR 1.0 to 1.2): the published posts, each as the site showed it.

What was not published is told as left out, with its reason; nothing of its text goes further.
A record without a status counts as a draft, and one without a type as a post: so does
WordPress when it imports them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from config.data import load
from retrieval.reading.claims import one_line
from retrieval.reading.pages.markup import html_field
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.xml.fields import iso_moment, until, with_standfirst
from retrieval.reading.xml.posttext import post_text
from retrieval.reading.xml.streams import XmlRecord, XmlRecords

if TYPE_CHECKING:
    from lxml.etree import _Element

# The version stands in the namespace; its elements bear these prefixes in every export.
_PREFIXES = (
    ("http://wordpress.org/export/", "/excerpt/", "excerpt:"),
    ("http://wordpress.org/export/", "/", "wp:"),
    ("http://purl.org/rss/1.0/modules/content/", "", "content:"),
    ("http://purl.org/dc/elements/1.1/", "", "dc:"),
)
# Readers' letters and addresses, and what programs note: no part of what an article says.
_NOT_KEPT = ("wp:comment", "wp:postmeta", "wp:commentmeta", "wp:termmeta")
_QUARTER = timedelta(minutes=15)
_FARTHEST = timedelta(hours=14)

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    """What an export says of the whole site: its name, its language, its authors by account."""

    title: str
    language: str
    authors: Fields


def parse_wordpress(file: BinaryIO) -> Iterator[Piece]:
    """The items of an export, each as one piece.

    Args:
        file: the export, open.

    Raises:
        Refused: it is no text, or no XML at all.
    """
    records = XmlRecords(file, ("item",))
    site = _site(records.beginning())
    for record in records:
        element = records.parse(record)
        fields = _fields(element) if element is not None else {}
        yield _piece(record, fields, element, site)


def _piece(record: XmlRecord, fields: Fields, element: _Element | None, site: Site) -> Piece:
    says = _claims(fields, site)
    name = fields.get("wp:post_id") or fields.get("guid") or fields.get("link") or says.title
    if element is None or not record.whole or "wp:status" not in fields:
        return Piece("", says, name=name or "?", problem="broken_record")
    reason, detail = _withheld(fields)
    if reason and reason not in ("scheduled", "page", "other_kind"):
        return Piece("", says, name=name, left_out=reason, detail=detail)
    text, removed = post_text(fields.get("content:encoded", ""))
    excerpt, _ = post_text(fields.get("excerpt:encoded", ""))
    return Piece(
        with_standfirst(text, " ".join(excerpt.split("\n"))),
        says,
        name=name,
        removed=removed,
        raw=_kept(element),
        left_out=reason,
        detail=detail,
        until=_due(fields) if reason == "scheduled" else "",
    )


def _withheld(fields: Fields) -> tuple[str, str]:
    """Why an item is not to be taken in, and its type if that is why; ``""`` when it is."""
    kind = fields.get("wp:post_type") or "post"
    reason = _reasons("kinds").get(kind.lower(), "other_kind")
    if reason in ("attachment", "menu_item", "revision"):
        return reason, ""
    state = _reasons("status").get(fields.get("wp:status", "").lower(), "draft")
    if state == "published" and fields.get("wp:post_password"):
        return "protected", ""
    if state != "published":
        return state, ""
    if reason == "articles":
        return "", ""
    return reason, kind if reason == "other_kind" else ""


@cache
def _reasons(table: str) -> dict[str, str]:
    """The words of an export, each with what it means."""
    reasons: dict[str, list[str]] = load("reading/wordpress.toml")[table]
    return {word: reason for reason, words in reasons.items() for word in words}


def _claims(fields: Fields, site: Site) -> Claims:
    account = fields.get("dc:creator", "")
    return Claims(
        "WordPress",
        title=one_line(" ".join(html_field(fields.get("title", "")).split())),
        published=_published(fields),
        outlet=site.title,
        author=site.authors.get(account, "" if _is_account(account) else one_line(account)),
        url=one_line(fields.get("link", "")),
        language=site.language,
    )


def _is_account(name: str) -> bool:
    """Whether a name is that of an account and nobody's: the address of a mailbox, ``admin``."""
    return "@" in name or _reasons("authors").get(name.strip().lower()) == "accounts"


def _published(fields: Fields) -> str:
    """When a post was published, by the newspaper's own clock where the export has it."""
    own, universal = _clock(fields, "wp:post_date"), _clock(fields, "wp:post_date_gmt")
    if own and universal:
        offset = own - universal
        if abs(offset) <= _FARTHEST and not offset % _QUARTER:
            return own.replace(tzinfo=timezone(offset)).isoformat()
    if own:
        return own.isoformat()
    if universal:
        return f"{universal.isoformat()}+00:00"
    return iso_moment(fields.get("pubDate", ""))


def _clock(fields: Fields, name: str) -> datetime | None:
    """A moment as WordPress writes it; a post without a date has one of zeros."""
    try:
        return datetime.fromisoformat(fields.get(name, "")).replace(tzinfo=None)
    except ValueError:
        return None


def _due(fields: Fields) -> str:
    """When a scheduled post is to be published."""
    universal = _clock(fields, "wp:post_date_gmt")
    return until(f"{universal.isoformat()}+00:00" if universal else _published(fields))


def _site(beginning: _Element) -> Site:
    fields: dict[str, str] = {}
    authors: dict[str, str] = {}
    for element in beginning.iter():
        name = _prefixed(element)
        if name in ("title", "language"):
            fields.setdefault(name, _words(element))
        elif name == "wp:author":
            about = _fields(element)
            shown = one_line(html_field(about.get("wp:author_display_name", "")))
            authors[about.get("wp:author_login", "")] = "" if _is_account(shown) else shown
    title = one_line(" ".join(html_field(fields.get("title", "")).split()))
    return Site(title, one_line(fields.get("language", "")), authors)


def _fields(item: _Element) -> dict[str, str]:
    """The first of each element of an item, by its name with the usual prefix."""
    fields: dict[str, str] = {}
    for child in item:
        name = _prefixed(child)
        if name and name not in _NOT_KEPT:
            fields.setdefault(name, _words(child))
    return fields


def _words(element: _Element) -> str:
    return "".join(element.itertext()).strip()


def _prefixed(element: _Element) -> str:
    """The name of an element with the prefix that exports give it; ``""`` for a comment."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    address, _, name = tag.rpartition("}")
    for start, end, prefix in _PREFIXES:
        if address.startswith(f"{{{start}") and address.endswith(end):
            return prefix + name
    # An export that lost or changed its namespaces still has the prefixes.
    return f"{element.prefix}:{name}" if element.prefix else name


def _kept(item: _Element) -> str:
    """The source of an item, without readers' comments."""
    from lxml import etree

    for child in list(item):
        if _prefixed(child) in _NOT_KEPT:
            item.remove(child)
    return str(etree.tostring(item, encoding="unicode", with_tail=False))
