"""Parsers of other word processors: RTF and OpenDocument texts (``.odt``).

Hidden and deleted text is not read. The title and the author in the properties of a file count only
where its text has them too; its dates are those of the file, not of an article.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from retrieval.reading.claims import one_line
from retrieval.reading.databases.splitting import split_lines
from retrieval.reading.documents.wordpackage import xml_tree, zip_faults
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.text.cleaning import same_line

# A control word, a control sign, a brace, or text without any of these.
_TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'[0-9a-f]{2}|\\[^a-z]|[{}]|[^\\{}]+", re.I)
_FIELD = re.compile(r"(\\fldinst\b[^{}\\]{0,40}(?:\{[^{}]{0,80}?)?)HYPERLINK\b", re.I)
_TITLE = re.compile(
    r"\{\\title\b ?((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d{1,6}+ ?+\??+){1,400}+)\}", re.I
)
_AUTHOR = re.compile(
    r"\{\\author\b ?((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d{1,6}+ ?+\??+){1,200}+)\}", re.I
)
_INFO_CHARS = 20_000
_HIDING = ("v", "deleted")
_PICTURE = re.compile(rb"\\bin(\d{1,9}) ?")
_MAX_BINARIES = 10_000
_MAX_PART = 100_000_000
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_BLOCKS = (f"{_TEXT}p", f"{_TEXT}h")
# Comments, deleted text, notes' numbers, indexes: nothing of the text.
_SILENT = frozenset(
    [f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation"]
    + [f"{_TEXT}{name}" for name in ("table-of-content", "sequence-decls", "hidden-text")]
)
_SIGNS = {f"{_TEXT}s": " ", f"{_TEXT}tab": " ", f"{_TEXT}line-break": "\n"}
_HEAD_CHARS = 5_000
_HEAD_LINES = 8


def parse_rtf(raw: bytes) -> tuple[Piece, ...]:
    """Parse an RTF file: an article, or the articles of a press database.

    Raises:
        Refused: it has no text, or holds several articles that cannot be separated.
    """
    source = _without_binaries(raw).decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \r\n\t")
    text = plain_text("".join(_shown(_FIELD.sub(r"\1LINK", source))))
    if not text.strip():
        raise Refused("no_text")
    if several := split_lines(text.split("\n")):
        return several
    head = source[:_INFO_CHARS]
    claims = _confirmed(_rtf_value(_TITLE, head), _rtf_value(_AUTHOR, head), text)
    return (Piece(text, claims),)


def plain_text(source: str) -> str:
    """The text of RTF, a paragraph a line.

    Raises:
        ValueError: the source is damaged beyond what the library reads.
    """
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    return text.replace("\x00", "")


def _without_binaries(raw: bytes) -> bytes:
    """The source without the bytes of its pictures, which may look like anything."""
    parts: list[bytes] = []
    start = 0
    for _ in range(_MAX_BINARIES):
        match = _PICTURE.search(raw, start)
        if match is None:
            break
        parts.append(raw[start : match.start()])
        start = min(len(raw), match.end() + int(match[1]))
    return b"".join([*parts, raw[start:]])


def _shown(source: str) -> Iterator[str]:
    """The source without the text that is hidden (``\\v``) or deleted; braces stay in pairs."""
    states: list[bool] = []
    hidden = False
    for token in _TOKEN.finditer(source):
        word = token[1]
        if token[0] == "{":
            states.append(hidden)
        elif token[0] == "}":
            hidden = states.pop() if states else False
        elif word in _HIDING:
            hidden = token[2] != "0"
        elif word == "plain":
            hidden = False
        elif hidden and not word:
            continue
        yield token[0]


def _rtf_value(pattern: re.Pattern[str], head: str) -> str:
    match = pattern.search(head)
    if match is None:
        return ""
    codepage = re.search(r"\\ansicpg\d{3,5}", head)
    start = f"{{\\rtf1\\ansi{codepage[0] if codepage else ''} "
    return one_line(plain_text(f"{start}{match[1]}}}"))


def parse_odt(raw: bytes) -> tuple[Piece, ...]:
    """Parse an OpenDocument text: an article, or the articles of a press database.

    Raises:
        Refused: it needs a password, grows too large, has no text, or is damaged.
    """
    with zip_faults(), zipfile.ZipFile(io.BytesIO(raw)) as package:
        content, meta = _part(package, "content.xml"), _part(package, "meta.xml")
        manifest = _part(package, "META-INF/manifest.xml")
    if b"encryption-data" in manifest:
        raise Refused("password")
    text = "\n\n".join(block for block in _blocks(_text_tree(content)) if block.strip())
    if not text:
        raise Refused("no_text")
    if several := split_lines(text.split("\n")):
        return several
    title, author = _properties(meta)
    return (Piece(text, _confirmed(title, author, text)),)


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """A part of a package, no more of it than an article can have; ``b""`` when it has none."""
    if name not in package.namelist():
        return b""
    with package.open(name) as file:
        part = file.read(_MAX_PART + 1)
    if len(part) > _MAX_PART:
        raise Refused("too_large", f"{_MAX_PART} bytes inflated allowed")
    return part


def _text_tree(content: bytes) -> Any:  # noqa: ANN401
    """The tree of a text with its signs written out, without comments and deleted text."""
    from lxml import etree

    tree = xml_tree(content)
    etree.strip_elements(tree, *_SILENT, etree.Comment, etree.PI, etree.Entity, with_tail=False)
    for element in tree.iter(*_SIGNS):
        element.text = _SIGNS[element.tag] + (element.text or "")
    return tree


def _blocks(tree: Any) -> Iterator[str]:  # noqa: ANN401
    """Paragraphs and headings in their order, whatever they stand in; rows are lines."""
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if element.tag in _BLOCKS:
            yield "".join(element.itertext())
        elif element.tag == f"{_TABLE}table-row":
            cells = (" ".join(_blocks(cell)).strip() for cell in element)
            yield " | ".join(cell for cell in cells if cell)
        else:
            waiting.extend(reversed(element))


def _properties(meta: bytes) -> tuple[str, str]:
    if not meta:
        return "", ""
    tree = xml_tree(meta)
    title, author = (next(tree.iter(f"{_DC}{name}"), None) for name in ("title", "creator"))
    return one_line(getattr(title, "text", "")), one_line(getattr(author, "text", ""))


def _confirmed(title: str, author: str, text: str) -> Claims:
    """The title and the author that a file says, where the beginning of its text has them too."""
    lines = [line for line in text[:_HEAD_CHARS].split("\n") if line.strip()][:_HEAD_LINES]
    titled = title if any(same_line(title, line) for line in lines) else ""
    written = author if author and any(author in line for line in lines) else ""
    return Claims("document", title=titled, author=written)
