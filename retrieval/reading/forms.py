"""Which form some bytes have: by their beginning, by what was declared, by a file's name."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Container
from pathlib import Path

from retrieval.reading.columns import has_text
from retrieval.reading.decoding import looks_binary

_HEAD_BYTES = 4096
_SKIPPED = re.compile(
    rb"(?:\xef\xbb\xbf|\s+|<\?xml[^>]{0,500}\?>|<\?xml-stylesheet[^>]{0,500}\?>|<!--.*?-->)*", re.S
)
_FEED = re.compile(rb"(?:<!DOCTYPE[^>]{0,300}>\s*)?<(?:[\w-]+:)?(?:rss|feed|rdf)\b", re.I)
_HTML = re.compile(rb"<!DOCTYPE\s+html|<(?:html|head|body|meta|title|article|main|div|p)\b", re.I)
_XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = ("html", "feed")
_PACKED = ("pdf", "docx", "xlsx")
# The first element of an XML file, in lower case and without its prefix, and the form it tells.
_ROOTS: dict[str, str] = {}
_MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_SILENT = ("", "application/octet-stream", "binary/octet-stream")
_DECLARED = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/feed+json": "json",
    "application/ld+json": "json",
    "application/json": "json",
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/xml": "feed",
    "text/xml": "feed",
    "text/markdown": "markdown",
    "text/x-markdown": "markdown",
    "text/plain": "text",
}


_HEAD_OF_FILE = 65_536
_WHOLE_PACKAGE = 64_000_000  # the list of what a zip file holds stands at its end


def beginning(path: Path) -> bytes:
    """The first bytes of a file, unpacked if its name ends in ``.gz``; of a package, all.

    Raises:
        OSError: the file cannot be read.
    """
    packed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            head = file.read(_HEAD_OF_FILE)
            if head.startswith((b"PK\x03\x04", _OLE)) and not packed:
                head += file.read(_WHOLE_PACKAGE)
    except (EOFError, zlib.error, gzip.BadGzipFile):  # the reader tells it, with its place
        return b""
    return head


def form_of_content(raw: bytes, content_type: str = "") -> str:
    """The form of some bytes: ``html``, ``pdf``, ``docx``, ``text``, ``markdown``, ``feed``.

    Args:
        raw: the bytes; what they are beats what is said of them.
        content_type: as a server declares it, with or without parameters.

    Returns:
        the form, or ``""`` for a picture, a sound, an archive and whatever else is unknown.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    declared = _DECLARED.get(media_type, "")
    seen = seen_form(raw)
    if seen:  # Markdown may well begin with a tag
        return declared if (seen, declared) == ("html", "markdown") else seen
    if declared in _PACKED or (looks_binary(raw[:_HEAD_BYTES]) and not _wide(raw)):
        return declared if declared in _PACKED else ""
    return declared or ("text" if media_type in _SILENT else "")


def form_of_file(raw: bytes, named: str) -> str:
    """The form of a file whose name says one: names lie about PDF, Word, pages and feeds."""
    seen = seen_form(raw)
    if seen in _PACKED:
        return seen
    if named in ("json", "jsonl"):
        return json_form(raw, named)
    if named == "foreign_sheet" and raw and not looks_binary(raw[:_HEAD_BYTES]):
        return "csv" if not seen else named  # what a database calls .xls is often text
    if named in _PACKED or (named in _MARKUP and seen):
        return seen or named
    return named


def seen_form(raw: bytes) -> str:
    """The form that the first bytes show: ``pdf``, ``docx``, ``feed``, ``html``, or ``""``."""
    head = raw[:_HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office_form(raw)
    if head.startswith(_OLE):
        return "docx" if _locked(raw) else ""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    skipped = _SKIPPED.match(head)
    start = skipped.end() if skipped else 0
    if found := _xml_form(head, start):
        return found
    return "html" if _HTML.match(head, start) else ""


def _xml_form(head: bytes, start: int) -> str:
    """What the first element of some XML makes it; ``""`` when that is not known."""
    if _FEED.match(head, start):
        return "feed"
    root = _XML_ROOT.match(head, start)
    return _ROOTS.get(root[1].decode().lower(), "") if root else ""


def json_form(head: bytes, named: str) -> str:
    """Whether a file is one JSON value, or one a line, whatever its name says.

    Args:
        head: the beginning of the file.
        named: ``json`` or ``jsonl``, returned when the beginning does not tell.
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
    """Whether a value is one article, and not an object around a list of them."""
    if not isinstance(value, dict):
        return False
    lists = (part for part in value.values() if isinstance(part, list))
    return has_text(tuple(value)) or not any(part and isinstance(part[0], dict) for part in lists)


def _as_text(head: bytes) -> str:
    return head.decode("utf-16" if _wide(head) else "utf-8", "replace")


def _office_form(raw: bytes) -> str:
    """What a package of Office is, by the main part in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            names: Container[str] = package.namelist()
    except Exception:  # a damaged listing may fail in any way; the name of the part may be there
        return next((form for form, name in _MAIN_PARTS.items() if name.encode() in raw), "")
    return next((form for form, name in _MAIN_PARTS.items() if name in names), "")


def _locked(raw: bytes) -> bool:
    """Whether an OLE file is a Word file behind a password, and not an old ``.doc``."""
    return "EncryptedPackage".encode("utf-16-le") in raw


def _wide(raw: bytes) -> bool:
    return raw.startswith((b"\xff\xfe", b"\xfe\xff"))
