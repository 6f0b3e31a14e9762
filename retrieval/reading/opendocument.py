"""Parser of OpenDocument texts (``.odt``): paragraphs and headings in their order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from retrieval.reading.claims import Claims, one_line
from retrieval.reading.databases.splitting import split_lines
from retrieval.reading.parsing import Parsed, Piece, Refused

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


def parse_odt(raw: bytes) -> Parsed:
    """Parse an OpenDocument text: an article, or the articles of a press database.

    Raises:
        Refused: it needs a password, grows too large, has no text, or is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            content, meta = _part(package, "content.xml"), _part(package, "meta.xml")
            manifest = _part(package, "META-INF/manifest.xml")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise Refused("damaged", str(error)) from error
    except RuntimeError as error:  # how zipfile says that a part is encrypted
        raise Refused("password", str(error)) from error
    if b"encryption-data" in manifest:
        raise Refused("password")
    text = "\n\n".join(block for block in _blocks(_tree(content)) if block.strip())
    if not text:
        raise Refused("no_text")
    if several := split_lines(text.split("\n")):
        return Parsed(several, Claims("document"))
    return Parsed((Piece(text, _says(meta)),), Claims("document"))


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """A part of a package, no more of it than an article can have; ``b""`` when it has none."""
    if name not in package.namelist():
        return b""
    with package.open(name) as file:
        part = file.read(_MAX_PART + 1)
    if len(part) > _MAX_PART:
        raise Refused("too_large", f"{_MAX_PART} bytes inflated allowed")
    return part


def _tree(part: bytes) -> Any:  # noqa: ANN401 - an element of lxml
    from lxml import etree

    try:
        return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Refused("damaged", str(error)[:200]) from error


def _blocks(tree: Any) -> Iterator[str]:  # noqa: ANN401
    """Paragraphs and headings in their order, whatever they stand in; rows are lines."""
    waiting = [tree]
    while waiting:
        element = waiting.pop()
        if element.tag in _SILENT or not isinstance(element.tag, str):
            continue
        if element.tag in _BLOCKS:
            yield "".join(_inline(element))
        elif element.tag == f"{_TABLE}table-row":
            cells = (" ".join(_blocks(cell)).strip() for cell in element)
            yield " | ".join(cell for cell in cells if cell)
        else:
            waiting.extend(reversed(element))


def _inline(block: Any) -> Iterator[str]:  # noqa: ANN401
    """The text in a paragraph, without comments and deleted text; no recursion."""
    waiting: list[tuple[Any, bool]] = [(block, False)]
    while waiting:
        element, left = waiting.pop()
        if left:
            yield element.tail or ""
            continue
        if element.tag not in _SILENT and isinstance(element.tag, str):
            yield _SIGNS.get(element.tag, "") + (element.text or "")
            children = [(child, False) for child in reversed(element)]
        else:
            children = []
        waiting += [(element, True)] if element is not block else []
        waiting += children


def _says(meta: bytes) -> Claims:
    """What the file says of itself; its dates are its own, not those of an article."""
    if not meta:
        return Claims("document")
    tree = _tree(meta)
    found = {
        name: one_line(next(tree.iter(f"{_DC}{name}"), tree).text) for name in ("title", "language")
    }
    return Claims("document", title=found["title"], language=found["language"])
