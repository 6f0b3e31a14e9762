"""Parser of Word files (``.docx``): paragraphs, headings and tables in their order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retrieval.reading.claims import Claims, one_line
from retrieval.reading.databases.splitting import split_lines
from retrieval.reading.parsing import Parsed, Piece, Refused

if TYPE_CHECKING:
    from docx.document import Document

_MAX_INFLATED = 200_000_000
_MAX_PARTS = 5_000
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0"  # an old ``.doc``, or what Word wraps a file with a password in
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "p": "\n"}
_WRAPPERS = frozenset(f"{_WORDS}{name}" for name in "sdt sdtContent ins customXml smartTag".split())
_NOBODY = "python-docx"  # with a date of its own, in files made from its template
_TITLES = ("Title", "Titre")


def parse_docx(raw: bytes) -> Parsed:
    """Parse a Word file; macros and outside references are not looked at.

    Raises:
        Refused: a password is needed, it would grow too large, or the file is damaged.
    """
    from docx import Document

    if raw.startswith(_OLE):
        raise Refused("password") if _LOCKED in raw else Refused("old_word")
    _check_sizes(raw)
    document = Document(io.BytesIO(raw))
    blocks = [block for block in _blocks(document.element.body) if block.strip()]
    if not blocks:
        raise Refused("no_text")
    text = "\n\n".join(blocks)
    if several := split_lines(text.split("\n")):
        return Parsed(several, Claims("document"))
    return Parsed((Piece(text, _says(document)),), Claims("document"))


def _check_sizes(raw: bytes) -> None:
    """Refuse what would grow too large: by what it declares, then by what comes out."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            parts = package.infolist()
            declared = sum(part.file_size for part in parts)
            if declared > _MAX_INFLATED or len(parts) > _MAX_PARTS:
                raise Refused("too_large", f"{declared} bytes inflated, {_MAX_INFLATED} allowed")
            left = _MAX_INFLATED
            for part in parts:
                with package.open(part) as file:
                    while chunk := file.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise Refused("too_large", f"{_MAX_INFLATED} bytes inflated allowed")
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise Refused("damaged", str(error)) from error
    except RuntimeError as error:  # how zipfile says that a part is encrypted
        raise Refused("password", str(error)) from error


def _blocks(parent: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
    """The paragraphs and rows in an element, in their order."""
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if element.tag == f"{_WORDS}p":
            yield _text(element)
        elif element.tag == f"{_WORDS}tbl":
            yield "\n".join(_rows(element))
        elif element.tag in _WRAPPERS:
            waiting.extend(reversed(element))


def _rows(table: Any) -> Iterator[str]:  # noqa: ANN401
    for row in _inside(table, "tr"):
        cells = (" ".join(_text(cell).split("\n")).strip() for cell in _inside(row, "tc"))
        yield " | ".join(cell for cell in cells if cell)


def _inside(parent: Any, name: str) -> Iterator[Any]:  # noqa: ANN401
    """The rows of a table or the cells of a row, those of tables within it left out."""
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if element.tag == f"{_WORDS}{name}":
            yield element
        elif element.tag in _WRAPPERS:
            waiting.extend(reversed(element))


def _text(parent: Any) -> str:  # noqa: ANN401
    """The text in an element, inserted text included; deleted text has other names."""
    parts: list[str] = []
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if element.tag in (_FALLBACK, f"{_WORDS}moveFrom"):
            continue  # said a second time
        name = str(element.tag).removeprefix(_WORDS)
        if name == "t":
            parts.append(element.text or "")
        else:
            parts.append(_SIGNS.get(name, ""))
            waiting.extend(reversed(element))
    return "".join(parts).strip()


def _says(document: Document) -> Claims:
    properties = document.core_properties
    created = properties.created
    if properties.author == _NOBODY:
        return Claims("document", title=one_line(properties.title) or _titled(document))
    return Claims(
        "document",
        title=one_line(properties.title) or _titled(document),
        published=created.date().isoformat() if isinstance(created, datetime) else "",
        author=one_line(properties.author),
        language=one_line(properties.language),
    )


def _titled(document: Document) -> str:
    """The first paragraph that has the style of a title."""
    for paragraph in document.element.body.iter(f"{_WORDS}p"):
        style = paragraph.find(f"{_WORDS}pPr/{_WORDS}pStyle")
        if style is not None and style.get(f"{_WORDS}val") in _TITLES:
            return one_line(_text(paragraph).replace("\n", " "))
    return ""
