"""Which form some bytes have: by their beginning, by what was declared, by a file's name."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from pathlib import Path

from retrieval.reading.decoding import looks_binary
from retrieval.reading.xmlformats import without_junk, xml_form

_HEAD_BYTES = 4096
_SKIPPED = re.compile(
    rb"(?:\xef\xbb\xbf|\s+|<\?xml[^>]{0,500}\?>|<\?xml-stylesheet[^>]{0,500}\?>|<!--.*?-->)*", re.S
)
_HTML = re.compile(rb"<!DOCTYPE\s+html|<(?:html|head|body|meta|title|article|main|div|p)\b", re.I)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = ("html", "feed")
_SILENT = ("", "application/octet-stream", "binary/octet-stream")
_DECLARED = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
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
    if declared in ("pdf", "docx") or (looks_binary(raw[:_HEAD_BYTES]) and not _wide(raw)):
        return declared if declared in ("pdf", "docx") else ""
    return declared or ("text" if media_type in _SILENT else "")


def form_of_file(raw: bytes, named: str) -> str:
    """The form of a file whose name says one: names lie about PDF, Word, pages and feeds."""
    seen = seen_form(raw)
    if seen in ("pdf", "docx"):
        return seen
    if named in ("pdf", "docx") or (named in _MARKUP and seen):
        return seen or named
    return (xml_form(without_junk(raw)) or "xml") if named == "feed" else named


def seen_form(raw: bytes) -> str:
    """The form that the first bytes show: ``pdf``, ``docx``, ``html``, what `xml_form` tells."""
    head = raw[:_HEAD_BYTES]
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if _is_word(raw) else ""
    if head.startswith(_OLE):
        return "docx" if _locked(raw) else ""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    if found := xml_form(raw):
        return found
    skipped = _SKIPPED.match(head)
    return "html" if _HTML.match(head, skipped.end() if skipped else 0) else ""


def _is_word(raw: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            return "word/document.xml" in package.namelist()
    except Exception:  # a damaged listing may fail in any way; the name of the part may be there
        return b"word/document.xml" in raw


def _locked(raw: bytes) -> bool:
    """Whether an OLE file is a Word file behind a password, and not an old ``.doc``."""
    return "EncryptedPackage".encode("utf-16-le") in raw


def _wide(raw: bytes) -> bool:
    return raw.startswith((b"\xff\xfe", b"\xfe\xff"))
