"""Parser of WordPress exports (WXR 1.0 to 1.2): the published posts, each as the site showed it.

What was not published is reported as left out, with its reason and without its text. A record
without a status counts as a draft, and one without a type as a post: so does WordPress when it
imports them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, BinaryIO

from config import data
from retrieval.reading.claims import one_line
from retrieval.reading.pages.snippets import html_field, read_snippet
from retrieval.reading.pieces import Claims, Piece, removal
from retrieval.reading.xml.elements import XmlRecord, XmlRecords, iso_moment, until, with_standfirst

if TYPE_CHECKING:
    from lxml.etree import _Element

_FILE = "reading/wordpress.toml"
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
_MAX_OFFSET = timedelta(hours=14)

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    """The site of an export: its name, its language, its authors by account."""

    title: str
    language: str
    authors: Fields


def parse_wordpress(file: BinaryIO) -> Iterator[Piece]:
    """The items of an export, each as one piece.

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
    claims = _claims(fields, site)
    name = fields.get("wp:post_id") or fields.get("guid") or fields.get("link") or claims.title
    if element is None or not record.whole or "wp:status" not in fields:
        return Piece("", claims, name=name or "?", problem="broken_record")
    reason, detail = _withheld(fields)
    if reason and reason not in ("scheduled", "page", "other_kind"):
        return Piece("", claims, name=name, left_out=reason, detail=detail)
    text, removed = post_text(fields.get("content:encoded", ""))
    excerpt, _ = post_text(fields.get("excerpt:encoded", ""))
    return Piece(
        with_standfirst(text, " ".join(excerpt.split("\n"))),
        claims,
        name=name,
        removed=removed,
        raw=_kept(element),
        left_out=reason,
        detail=detail,
        until=_due(fields) if reason == "scheduled" else "",
    )


def _withheld(fields: Fields) -> tuple[str, str]:
    kind = fields.get("wp:post_type") or "post"
    reason = data.headings(_FILE, "kinds").get(kind.lower(), "other_kind")
    if reason in ("attachment", "menu_item", "revision"):
        return reason, ""
    state = data.headings(_FILE, "status").get(fields.get("wp:status", "").lower(), "draft")
    if state == "published" and fields.get("wp:post_password"):
        return "protected", ""
    if state != "published":
        return state, ""
    if reason == "articles":
        return "", ""
    return reason, kind if reason == "other_kind" else ""


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
    """Whether a name is that of an account, not of a person: a mail address, ``admin``."""
    return "@" in name or data.headings(_FILE, "authors").get(name.strip().lower()) == "accounts"


def _published(fields: Fields) -> str:
    """The moment of publication of a post, in the local time of the site where it is given."""
    own, universal = _clock(fields, "wp:post_date"), _clock(fields, "wp:post_date_gmt")
    if own and universal:
        offset = own - universal
        if abs(offset) <= _MAX_OFFSET and not offset % _QUARTER:
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
    from lxml import etree

    for child in list(item):
        if _prefixed(child) in _NOT_KEPT:
            item.remove(child)
    return str(etree.tostring(item, encoding="unicode", with_tail=False))


# --- the text of a post ----------------------------------------------------------------------
# WordPress shows a post in steps: blocks and shortcodes are replaced by what they stand for, and
# in a post without blocks every line end is a break (`wpautop`). The same is done here, without
# embedded posts, pictures with their captions, and forms.

_BLOCK = re.compile(
    r"<!--\s{1,9}(?P<end>/)?wp:(?P<name>[a-z][\w/-]{0,99})(?:\s[^<>]{0,20000}?)?"
    r"(?P<alone>/)?-->"
)
_CODE = re.compile(
    r"\[(?P<twice>\[)?(?P<end>/)?(?P<name>[a-z][a-z0-9_-]{0,60})(?P<given>(?:\s[^\[\]]{0,2000}|/)?)"
    r"\](?(twice)\])"
)
_NAMED_VALUE = re.compile(r"\s{1,9}[A-Za-z][\w-]{0,60}=")
_PLAIN_VALUE = re.compile(r"\s{1,9}(?:https?://|\d|[\"'])")
_TAG_OR_LINE_END = re.compile(r"<[^<>]{1,20000}>|\r\n?|\n")
_ADDRESS_LINE = re.compile(r"https?://\S+")
_TAGS = re.compile(r"<[^<>]{0,20000}>")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark of a block or a shortcode, where it stands, and the one that ends what it began."""

    start: int
    end: int
    silent: bool
    opens: str = ""
    closes: str = ""


def post_text(content: str) -> tuple[str, tuple[str, ...]]:
    """The text of a post, a line for each paragraph, and what was left out of it.

    Returns:
        The text, and what was left out, each as ``rule: words``.
    """
    if not content.strip():
        return "", ()
    removed: list[str] = []
    blocks = list(_BLOCK.finditer(content))
    html = _without(content, list(map(_block_mark, blocks)), removed)
    html = _without(html, _code_marks(list(_CODE.finditer(html))), removed)
    shown = read_snippet(html if blocks else _with_breaks(html))
    removed += shown.removed
    return "\n".join(_own_lines(shown.text, removed)), tuple(removed)


def without_codes(text: str) -> tuple[str, tuple[str, ...]]:
    """A text of no known system without shortcodes, and what they enclosed.

    Args:
        text: it is changed only when one of them has named values: ``[gallery ids="1,2"]``.
    """
    codes = list(_CODE.finditer(text)) if "[" in text else []
    if not any(_NAMED_VALUE.match(code["given"]) and not code["twice"] for code in codes):
        return text, ()
    removed: list[str] = []
    return _without(text, _code_marks(codes), removed), tuple(removed)


def _block_mark(block: re.Match[str]) -> _Mark:
    name = block["name"].removeprefix("core/")
    known = data.words(_FILE, "marks", "silent_blocks")
    silent = not known.isdisjoint((name, name.partition("/")[0]))
    opens = "" if block["end"] or block["alone"] else name
    return _Mark(block.start(), block.end(), silent, opens, name if block["end"] else "")


def _code_marks(codes: list[re.Match[str]]) -> list[_Mark]:
    closed = {code["name"] for code in codes if code["end"]}
    return [mark for code in codes if (mark := _code_mark(code, closed))]


def _code_mark(code: re.Match[str], closed: set[str]) -> _Mark | None:
    """A shortcode; None for words in brackets, such as ``[sic]`` or ``[le maire]``.

    Which names are shortcodes, only the site knows: one is when it is closed, has attributes,
    or bears the name of a common one. Two brackets are how one writes of a shortcode.
    """
    name, given = code["name"], code["given"]
    silent = name in data.words(_FILE, "marks", "silent_codes")
    known = silent or name in data.words(_FILE, "marks", "bare_codes")
    alone = given.rstrip().endswith("/")
    shaped = name in closed or alone or bool(_NAMED_VALUE.match(given))
    common = known and bool(not given.strip() or _PLAIN_VALUE.match(given))
    if code["twice"] or not (shaped or common):
        return None
    opens = name if name in closed and not code["end"] and not alone else ""
    ends = name if code["end"] else ""
    return _Mark(code.start(), code.end(), silent, opens, ends)


def _without(text: str, marks: list[_Mark], removed: list[str]) -> str:
    """The text without some marks, nor what silent ones enclose; a paragraph ends at each."""
    parts: list[str] = []
    at = 0
    silent: list[str] = []  # the names of what is open within a silent one, itself first
    for mark in marks:
        if not silent:
            parts += (text[at : mark.start], "\n\n")
            at = mark.end
            if mark.silent and mark.opens:
                silent = [mark.opens]
        elif mark.opens == silent[0]:
            silent.append(mark.opens)
        elif mark.closes == silent[0]:
            silent.pop()
            if not silent:
                words = _TAGS.sub(" ", text[at : mark.start])
                removed += [removal(mark.closes, words)] if words.strip() else []
                at = mark.end
    parts.append(text[at:])  # of what is never closed, nothing is lost
    return "".join(parts)


def _with_breaks(html: str) -> str:
    """The HTML of a post without blocks, in which every line end outside a tag is a break."""
    return _TAG_OR_LINE_END.sub(lambda m: m[0] if m[0].startswith("<") else "<br>\n", html)


def _own_lines(text: str, removed: list[str]) -> Iterator[str]:
    """The lines of a text; one that is only an address stands for what lies there."""
    for line in text.split("\n"):
        if _ADDRESS_LINE.fullmatch(line):
            removed.append(removal("embed", line))
        else:
            yield line
