"""Which XML some bytes are: by their first element, and by what stands near it.

Everything is decided from the beginning of a file, without parsing it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from config.data import load

_HEAD_BYTES = 65_536
_NEAR_BYTES = 4096
_PROLOGUE = re.compile(
    rb"(?:\xef\xbb\xbf|\s+|<\?[^>]{0,500}\?>|<!--(?:[^-]|-(?!->))*-->"
    rb"|<!DOCTYPE[^>\[]{0,500}(?:\[[^\]]*\]\s*)?>)*+",
    re.I,
)
_ELEMENT = re.compile(rb"<(?:[\w.-]{1,40}:)?([A-Za-z_][\w.-]{0,60})(?=[\s/>])")
_BEGINNING = re.compile(rb"<\?xml\s{1,20}version|<(?:rss|feed|rdf:RDF)[\s>]")
_FEEDS = frozenset(("rss", "feed", "rdf", "channel"))
_OF_HTML = frozenset("html head body meta title article main section div p span table".split())
_FORMS = {
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "opml": "opml",
    "nitf": "nitf",
    "newsml": "newsml",
    "newsmessage": "newsml",
    "newsitem": "newsml",
    "packageitem": "newsml",
    "conceptitem": "newsml",
    "knowledgeitem": "newsml",
    "planningitem": "newsml",
    "catalogitem": "newsml",
}
_WORDPRESS = b"wordpress.org/export/"
# Feeds of living blogs have neither; only the address of an old export's kinds ends so.
_BLOGGER = (b"blogger/2008/kind#", b"schemas.google.com/blogger/2018")


@dataclass(frozen=True, slots=True)
class XmlFormat:
    """A row of ``xml_formats.toml``."""

    name: str
    kind: str
    root: tuple[str, ...]
    mark: str = ""


def xml_form(raw: bytes) -> str:
    """The form of some XML: ``feed``, ``wordpress``, ``sitemap``, … or ``xml`` when it is not read.

    Returns:
        ``""`` when this is HTML, or no XML at all.
    """
    head = _head(raw)
    root = _root(head)
    if root in _FEEDS:
        return _kind_of_feed(head, root)
    if form := _FORMS.get(root):
        return form
    declared = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml")
    unknown = declared and root not in _OF_HTML
    return "xml" if root and (unknown or _format_of(head, root)) else ""


def without_junk(raw: bytes) -> bytes:
    """The beginning of an XML file without what a program printed before its declaration."""
    head = _head(raw)
    found = _BEGINNING.search(head)
    return head[found.start() :] if found else head


def unread_xml(raw: bytes) -> tuple[str, str]:
    """Why some XML is not read, as a key under ``unreadable``, and what it is called."""
    head = _head(raw)
    root = _root(head)
    if not root:
        return "not_xml", ""
    found = _format_of(head, root)
    if found:
        return found.kind, found.name
    name = _ELEMENT.match(head, _start(head))
    return "xml_unknown", f"<{name[0][1:].decode('ascii', 'replace') if name else root}>"


def _kind_of_feed(head: bytes, root: str) -> str:
    if root == "rss" and _WORDPRESS in head:
        return "wordpress"
    if root == "feed" and any(mark in head for mark in _BLOGGER):
        return "blogger"
    of_rss = b"purl.org/rss/" in head or b"<item" in head
    return "xml" if root == "rdf" and not of_rss and _format_of(head, root) else "feed"


def _head(raw: bytes) -> bytes:
    """The beginning, in letters of one byte where it is ASCII."""
    head = raw[:_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode()
    for name, start in (("utf-16-le", b"<\x00"), ("utf-16-be", b"\x00<")):
        if head.startswith(start):
            return head.decode(name, "replace").encode()
    return head


def _start(head: bytes) -> int:
    found = _PROLOGUE.match(head)
    return found.end() if found else 0


def _root(head: bytes) -> str:
    """The first element, in lower case and without its prefix; ``""`` when there is none."""
    found = _ELEMENT.match(head, _start(head))
    return found[1].decode("ascii", "replace").lower() if found else ""


def _format_of(head: bytes, root: str) -> XmlFormat | None:
    near = head[:_NEAR_BYTES].lower()
    rows = (row for row in _formats() if root in row.root)
    return next((row for row in rows if row.mark.encode() in near), None)


@cache
def _formats() -> tuple[XmlFormat, ...]:
    rows = load("reading/xml_formats.toml")["format"]
    return tuple(XmlFormat(**{**row, "root": tuple(row["root"])}) for row in rows)
