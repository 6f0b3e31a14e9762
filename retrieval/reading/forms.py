"""Forms: what a file or some bytes are, by their beginning, the declared type and the file name."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from config.data import load
from retrieval.reading.claims import has_text
from retrieval.reading.text.decoding import DAMAGED, looks_binary, opened

_HEAD_BYTES = 4096
_SKIPPED = re.compile(
    rb"(?:\xef\xbb\xbf|\s+|<\?xml[^>]{0,500}\?>|<\?xml-stylesheet[^>]{0,500}\?>|<!--.*?-->)*", re.S
)
_HTML = re.compile(rb"<!DOCTYPE\s+html|<(?:html|head|body|meta|title|article|main|div|p)\b", re.I)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an old ``.doc`` begins, or what Word wraps a file with a password in."""
LOCKED = "EncryptedPackage".encode("utf-16-le")
"""What is in the latter."""
# Some programs number the part, or write its name in their own way.
_MAIN_PARTS = {
    "docx": re.compile(r"/?word[/\\]document\d{0,3}\.xml", re.I),
    "xlsx": re.compile(r"/?xl[/\\]workbook\d{0,3}\.xml", re.I),
}
_MARKUP = ("html", "feed", "mhtml")
# Forms that the first bytes show whatever a file's name is.
_SURE = ("pdf", "docx", "xlsx", "rtf", "odt", "ebook")
_PACKED = ("pdf", "docx", "xlsx")
_PACKAGES = {
    b"mimetypeapplication/vnd.oasis.opendocument.text": "odt",
    b"mimetypeapplication/epub+zip": "ebook",
}
# What browsers write into the head of a page that they save in one file (RFC 2557).
_MHTML = re.compile(rb"^(?:From: <Saved by |Snapshot-Content-Location: )", re.I | re.M)
_SILENT = ("", "application/octet-stream", "binary/octet-stream")
_APPLICATIONS = {
    "html": "xhtml+xml",
    "mhtml": "x-mimearchive",
    "pdf": "pdf x-pdf",
    "docx": "vnd.openxmlformats-officedocument.wordprocessingml.document",
    "rtf": "rtf",
    "odt": "vnd.oasis.opendocument.text",
    "old_word": "msword",
    "ebook": "epub+zip",
    "outlook_message": "vnd.ms-outlook",
    "mail": "mbox",
    "xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "feed+json ld+json json",
    "feed": "rss+xml atom+xml rdf+xml xml",
}
_DECLARED = {
    **{
        f"application/{name}": form
        for form, names in _APPLICATIONS.items()
        for name in names.split()
    },
    "text/html": "html",
    "multipart/related": "mhtml",
    "text/rtf": "rtf",
    "message/rfc822": "mail",
    "text/xml": "feed",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
}


# The keys of an object have no order: the version may follow the items.
_JSON_FEED = re.compile(rb'"version"\s{0,20}:\s{0,20}"https?:(?:\\?/){2}jsonfeed\.org\\?/version')
_HEAD_OF_FILE = 65_536
_WHOLE_PACKAGE = 64_000_000  # the list of what a zip file holds stands at its end


def beginning(path: Path) -> bytes:
    """The first bytes of a file, unpacked if its name ends in ``.gz``; of a package, all.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        with opened(path) as file:
            head = file.read(_HEAD_OF_FILE)
            if head.startswith((b"PK\x03\x04", OLE)) and path.suffix.lower() != ".gz":
                head += file.read(_WHOLE_PACKAGE)
    except DAMAGED:  # the reader reports it, with its place
        return b""
    return head


def form_of_content(raw: bytes, content_type: str = "") -> str:
    """The form of some bytes: ``html``, ``pdf``, ``docx``, ``text``, ``markdown``, ``feed``.

    Args:
        raw: the bytes; their own form wins over the declared one.
        content_type: as a server declares it, with or without parameters.

    Returns:
        the form, or ``""`` for a picture, a sound, an archive and whatever else is unknown.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    declared = _DECLARED.get(media_type, "")
    seen = seen_form(raw)
    if seen:  # Markdown may well begin with a tag
        return declared if (seen, declared) == ("html", "markdown") else _or_export(seen, raw)
    if declared in _PACKED or (looks_binary(raw[:_HEAD_BYTES]) and not _wide(raw)):
        return declared if declared in _PACKED else ""
    return _or_export(declared or ("text" if media_type in _SILENT else ""), raw)


def form_of_file(raw: bytes, named: str) -> str:
    """The form of a file whose name says one: names lie about PDF, Word, pages and feeds."""
    seen = seen_form(raw)
    if seen in _SURE:
        return seen
    if named in ("json", "jsonl"):
        return json_form(raw, named)
    if named == "foreign_sheet" and raw and not looks_binary(raw[:_HEAD_BYTES]):
        return "csv" if not seen else named  # what a database calls .xls is often text
    if named in _SURE or (named in (*_MARKUP, "old_word") and seen):
        return _or_export(seen or named, raw)
    if named == "feed":
        return xml_form(without_junk(raw)) or "xml"
    return _or_export(named, raw)


def _or_export(form: str, raw: bytes) -> str:
    """A text or page that a press database wrote is a collection of articles."""
    if form not in ("text", "html"):
        return form
    from retrieval.reading.databases.splitting import is_export

    return "database" if is_export(raw[:_HEAD_OF_FILE]) else form


def seen_form(raw: bytes) -> str:
    """The form that the first bytes show: ``pdf``, ``docx``, ``html``, or that of `xml_form`."""
    head = raw[:_HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _package(head) or _office_form(raw)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(OLE):
        return "docx" if LOCKED in raw else ""
    if _MHTML.search(head[:1000]):
        return "mhtml"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    if found := xml_form(raw):
        return found
    skipped = _SKIPPED.match(head)
    return "html" if _HTML.match(head, skipped.end() if skipped else 0) else ""


def _package(head: bytes) -> str:
    """The form that the first part of a package declares, as in OpenDocument and EPUB."""
    return next((form for name, form in _PACKAGES.items() if name in head[:200]), "")


def is_json_feed(raw: bytes) -> bool:
    """Whether some bytes are a JSON Feed: an object with the version that the format asks for."""
    head = raw[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith(b"{") and _JSON_FEED.search(raw) is not None


def json_form(head: bytes, named: str) -> str:
    """Whether a file is one JSON value, or one a line, whatever its name says.

    Args:
        head: the beginning of the file.
        named: ``json`` or ``jsonl``, returned when the beginning is not enough.
    """
    text = _as_text(head).lstrip("\ufeff \r\n\t")
    line, _, rest = text.partition("\n")
    line, rest = line.strip(), rest.lstrip()
    if not line or (not rest and len(head) >= _HEAD_OF_FILE):
        return named
    if line[-1] in "[{,":
        return "json"
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return named
    if rest:
        return "jsonl" if isinstance(value, dict) and rest.startswith("{") else named
    return "jsonl" if named == "jsonl" and _is_record(value) else "json"


def _is_record(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    lists = (part for part in value.values() if isinstance(part, list))
    return has_text(tuple(value)) or not any(part and isinstance(part[0], dict) for part in lists)


def _as_text(head: bytes) -> str:
    return head.decode("utf-16" if _wide(head) else "utf-8", "replace")


def _office_form(raw: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            names = package.namelist()
    except Exception:  # a damaged listing may fail in any way; the name of the part may be there
        listed = (("docx", b"word/document.xml"), ("xlsx", b"xl/workbook.xml"))
        return next((form for form, name in listed if name in raw), "")
    return next((form for form, main in _MAIN_PARTS.items() if any(map(main.fullmatch, names))), "")


def _wide(raw: bytes) -> bool:
    return raw.startswith((b"\xff\xfe", b"\xfe\xff"))


# --- XML -------------------------------------------------------------------------------------
# Its form is recognised by the first element and the bytes near it, without parsing.

_XML_HEAD_BYTES = 65_536
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
_NEWSML = "newsmessage newsitem packageitem conceptitem knowledgeitem planningitem catalogitem"
_FORMS = {
    **dict.fromkeys(("urlset", "sitemapindex"), "sitemap"),
    **dict.fromkeys(("newsml", *_NEWSML.split()), "newsml"),
    "opml": "opml",
    "nitf": "nitf",
}
_WORDPRESS = b"wordpress.org/export/"
# Feeds of living blogs have neither; only the address of an old export's kinds ends so.
_BLOGGER = (b"blogger/2008/kind#", b"schemas.google.com/blogger/2018")


def xml_form(raw: bytes) -> str:
    """The form of some XML: ``feed``, ``wordpress``, ``sitemap``, … or ``xml`` when it is not read.

    Returns:
        ``""`` when this is HTML, or no XML at all.
    """
    head = _xml_head(raw)
    root = _root(head)
    if root in _FEEDS:
        return _kind_of_feed(head, root)
    if form := _FORMS.get(root):
        return form
    declared = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml")
    unknown = declared and root not in _OF_HTML
    return "xml" if root and (unknown or _xml_format_of(head, root)) else ""


def without_junk(raw: bytes) -> bytes:
    """The beginning of an XML file without what a program printed before its declaration."""
    head = _xml_head(raw)
    match = _BEGINNING.search(head)
    return head[match.start() :] if match else head


def unread_xml(raw: bytes) -> tuple[str, str]:
    """The reason why some XML is not read (a key under ``unreadable``), and its name."""
    head = _xml_head(raw)
    root = _root(head)
    if not root:
        return "not_xml", ""
    found = _xml_format_of(head, root)
    if found:
        return found["kind"], found["name"]
    name = _ELEMENT.match(head, _root_start(head))
    return "xml_unknown", f"<{name[0][1:].decode('ascii', 'replace') if name else root}>"


def _kind_of_feed(head: bytes, root: str) -> str:
    if root == "rss" and _WORDPRESS in head:
        return "wordpress"
    if root == "feed" and any(mark in head for mark in _BLOGGER):
        return "blogger"
    of_rss = b"purl.org/rss/" in head or b"<item" in head
    return "xml" if root == "rdf" and not of_rss and _xml_format_of(head, root) else "feed"


def _xml_head(raw: bytes) -> bytes:
    """The beginning, in letters of one byte where it is ASCII."""
    head = raw[:_XML_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode()
    for name, start in (("utf-16-le", b"<\x00"), ("utf-16-be", b"\x00<")):
        if head.startswith(start):
            return head.decode(name, "replace").encode()
    return head


def _root_start(head: bytes) -> int:
    match = _PROLOGUE.match(head)
    return match.end() if match else 0


def _root(head: bytes) -> str:
    """The first element, in lower case and without its prefix; ``""`` when there is none."""
    match = _ELEMENT.match(head, _root_start(head))
    return match[1].decode("ascii", "replace").lower() if match else ""


def _xml_format_of(head: bytes, root: str) -> dict[str, Any] | None:
    """The row of ``xml_formats.toml`` that an element and the bytes near it are of."""
    near = head[:_NEAR_BYTES].lower()
    rows = (row for row in load("reading/xml_formats.toml")["format"] if root in row["root"])
    return next((row for row in rows if row.get("mark", "").encode() in near), None)
