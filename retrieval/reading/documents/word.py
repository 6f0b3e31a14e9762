"""Parser of Word files: paragraphs, headings, tables and notes, as Word shows them.

The package is read as ECMA-376 describes it, with its strict variant, macro files and templates.
python-docx refuses these, and files with a missing part, which Word accepts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import partial
from typing import Any

from retrieval.reading.claims import one_line
from retrieval.reading.databases.splitting import split_lines
from retrieval.reading.documents.wordpackage import (
    Styles,
    WordPackage,
    child,
    child_value,
    inside,
    name_of,
    symbol,
    value_of,
)
from retrieval.reading.documents.wordprocessors import plain_text
from retrieval.reading.forms import LOCKED, OLE
from retrieval.reading.pages.markup import lines_of
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.text.decoding import NotText, decode
from retrieval.reading.text.titles import own_author, own_title, title_agrees

_SIGNS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_WRAPPERS = frozenset("sdt sdtContent ins moveTo customXml smartTag".split())
_NEVER = frozenset("Fallback moveFrom del pPr rPr sdtPr rt txbxContent comment".split())
"""Elements without text of the article: repeated, deleted, moved away, or formatting. Text boxes
stand beside their paragraph."""
_SHOWS_TODAY = re.compile(r"\s*(?:DATE|TIME|PRINTDATE|SAVEDATE|CREATEDATE)\b", re.I)
_TITLES = ("title", "titre")
_NOTES = (("footnoteReference", "footnotes"), ("endnoteReference", "endnotes"))
_MAX_LISTED = 20
_MAX_DEPTH = 2
_MAX_NOTES = 2000
_LIBRARY = "python-docx"  # the author of files made from its template, with a day of its own


@dataclass(slots=True)
class Story:
    """Reader of the story (the main text) of a document.

    Args:
        styles: which runs are hidden.
        hidden: takes the words that are.
        notes: takes the numbers of the notes that are referred to, by kind.
        chunk: reads what stands in a part of another format.
    """

    styles: Styles
    hidden: list[str]
    notes: dict[str, list[str]]
    chunk: Callable[[Any], str]

    def blocks(self, parent: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
        """The paragraphs and tables in an element, in their order, text boxes after theirs."""
        waiting = list(reversed(parent))
        while waiting:
            element = waiting.pop()
            name = name_of(element)
            if name == "p":
                yield self.text(element)
                waiting.extend(reversed(list(_boxes(element))))
            elif name == "tbl":
                yield "\n".join(self._rows(element))
            elif name == "altChunk":
                yield self.chunk(element)
            elif name == "txbxContent" or (name in _WRAPPERS and not _is_placeholder(element)):
                waiting.extend(reversed(element))

    def _rows(self, table: Any) -> Iterator[str]:  # noqa: ANN401
        for row in inside(table, "tr", _WRAPPERS):
            if child(row, "trPr", "del") is not None:  # deleted while changes were tracked
                continue
            cells = (
                " ".join(" ".join(self.blocks(cell)).split("\n")).strip()
                for cell in inside(row, "tc", _WRAPPERS)
            )
            yield " | ".join(cell for cell in cells if cell)

    def text(self, paragraph: Any) -> str:  # noqa: ANN401
        """The visible text of a paragraph: inserted text is, deleted and hidden text is not."""
        style = child_value(paragraph, "pPr", "pStyle")
        field = _Field()
        parts: list[str] = []
        waiting = list(reversed(paragraph))
        while waiting:
            element = waiting.pop()
            name = name_of(element)
            if name in _NEVER or field.passes_over(element, name) or _is_placeholder(element):
                continue
            if name == "r" and self.styles.hides(element, style):
                self.hidden.append("".join(_letters(element)))
                continue
            self._refer(element, name)
            parts.append(_letters_of(element, name))
            waiting.extend(reversed(element))
        return "".join(parts).strip()

    def _refer(self, element: Any, name: str) -> None:  # noqa: ANN401
        if name in self.notes and len(self.notes[name]) < _MAX_NOTES:
            self.notes[name].append(value_of(element, "id"))


@dataclass(slots=True)
class _Field:
    """The state within a field: its code is no text, and its result may be today's date."""

    depth: int = 0
    result: bool = True
    code: str = ""

    def passes_over(self, element: Any, name: str) -> bool:  # noqa: ANN401
        """Whether an element is no text of the article; goes on through the field."""
        if name == "fldChar":
            self._step(value_of(element, "fldCharType"))
        elif name == "instrText":
            self.code += element.text or ""
            return True
        elif name == "fldSimple":
            return _SHOWS_TODAY.match(value_of(element, "instr")) is not None
        if name not in ("t", "tab", "br"):
            return False
        return self.depth > 0 and (not self.result or bool(_SHOWS_TODAY.match(self.code)))

    def _step(self, kind: str) -> None:
        if kind == "begin":
            if not self.depth:
                self.result, self.code = False, ""
            self.depth += 1
        elif kind == "separate":
            self.result = self.result or self.depth == 1
        elif kind == "end" and self.depth:
            self.depth -= 1


def parse_docx(raw: bytes, depth: int = 0) -> tuple[Piece, ...]:
    """Parse a Word file; macros and outside references are ignored.

    Args:
        raw: the bytes.
        depth: how many Word files it stands in, as a chunk of them.

    Raises:
        Refused: a password is needed, it would grow too large, or the file is damaged.
    """
    package, story, body = opened_story(raw, depth)
    blocks = [*body.blocks(story), *_notes(body, package)]
    text = "\n\n".join(block for block in blocks if block.strip())
    if not text:
        raise Refused("no_text")
    if several := split_lines(text.split("\n")):
        return several
    claims = _document_claims(package, _titled(story, body), text)
    return (Piece(text, claims, removed=_left_out(body.hidden)),)


def opened_story(raw: bytes, depth: int = 0) -> tuple[WordPackage, Any, Story]:
    """The package of a Word file, the element of its main text, and what reads that.

    Raises:
        Refused: a password is needed, it would grow too large, or the file is damaged.
    """
    if raw.startswith(OLE[:4]):
        raise Refused("password" if LOCKED in raw else "old_word")
    package = WordPackage(raw)
    found = package.main()
    story = next(inside(found, "body", _WRAPPERS), None)
    if story is None:
        raise Refused("no_text")
    notes: dict[str, list[str]] = {reference: [] for reference, _ in _NOTES}
    chunk = partial(_chunk, package, depth)
    return package, story, Story(Styles(package.beside("styles")), [], notes, chunk)


def notes_by_number(package: WordPackage, kind: str) -> dict[str, Any]:
    """The elements of the notes of a kind (``footnotes``), by the numbers that refer to them."""
    part = package.beside(kind)
    found = () if part is None else part
    return {value_of(note, "id"): note for note in found if name_of(note) == kind[:-1]}


def _chunk(package: WordPackage, depth: int, element: Any) -> str:  # noqa: ANN401
    """The text of a part of another format, which Word takes in when it opens the file."""
    raw = package.referred(element)
    if not is_word(raw):
        return chunk_text(raw)
    if depth >= _MAX_DEPTH:
        return ""
    try:
        return "\n\n".join(piece.text for piece in parse_docx(raw, depth + 1))
    except Refused:
        return ""


def _notes(body: Story, package: WordPackage) -> Iterator[str]:
    """The footnotes and endnotes that the text refers to, in its order: they belong to it."""
    for reference, kind in _NOTES:
        wanted = body.notes[reference]
        there = notes_by_number(package, kind) if wanted else {}
        for number in dict.fromkeys(wanted):
            if number in there:
                yield "\n".join(block for block in body.blocks(there[number]) if block)


def _left_out(hidden: list[str]) -> tuple[str, ...]:
    words = (" ".join(one.split())[:200] for one in hidden[: 10 * _MAX_LISTED])
    return tuple(f"hidden text: {one}" for one in dict.fromkeys(words) if one)[:_MAX_LISTED]


def _boxes(paragraph: Any) -> Iterator[Any]:  # noqa: ANN401
    """The text boxes that are anchored in a paragraph, those of its fallbacks left out."""
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        name = name_of(element)
        if name == "txbxContent":
            yield element
        elif name not in _NEVER:
            waiting.extend(reversed(element))


def _letters(run: Any) -> Iterator[str]:  # noqa: ANN401
    return (element.text or "" for element in run.iter() if name_of(element) == "t")


def _letters_of(element: Any, name: str) -> str:  # noqa: ANN401
    """The letters that an element stands for: a sign of a symbol font is its letter or a space."""
    if name == "t":
        return element.text or ""
    if name == "sym":
        return symbol(value_of(element, "font"), value_of(element, "char"))
    return _SIGNS.get(name, "")


def _is_placeholder(element: Any) -> bool:  # noqa: ANN401
    """Whether a form control still shows what to fill in."""
    return name_of(element) == "sdt" and child(element, "sdtPr", "showingPlcHdr") is not None


def _titled(story: Any, body: Story) -> str:  # noqa: ANN401
    for paragraph in story.iter():
        if name_of(paragraph) != "p":
            continue
        if body.styles.called(child_value(paragraph, "pPr", "pStyle")) in _TITLES:
            return own_title(one_line(body.text(paragraph).replace("\n", " ")))
    return ""


def _document_claims(package: WordPackage, titled: str, text: str) -> Claims:
    """The claims of the document: of its text first, then of its credible properties."""
    values = package.properties()
    given = own_title(one_line(values.get("title")))
    title = titled or (given if title_agrees(given, text) else "")
    creator = one_line(values.get("creator"))
    created = "" if creator == _LIBRARY else one_line(values.get("created"))[:10]
    language = one_line(values.get("language"))
    return Claims(
        "document", title=title, published=created, author=own_author(creator), language=language
    )


# --- chunks of other formats (``w:altChunk``) ------------------------------------------------
# Word reads them when it opens the file. Their format is recognised by their first bytes.

_MAX_BYTES = 20_000_000
_HEAD_BYTES = 2_000
_PACKAGE = b"PK\x03\x04"
_RTF = b"{\\rtf"
_MAIL = re.compile(rb"\s{0,9}(?:MIME-Version|Content-Type|From|Subject|Date):", re.I)
_HTML = re.compile(r"<(?:!doctype html|html|head|body|p|div|h[1-6]|span|table)\b", re.I)
_CHARSET = re.compile(rb"charset\s{0,3}=\s{0,3}[\"']?([\w-]{1,40})", re.I)


def is_word(raw: bytes) -> bool:
    """Whether a chunk is a Word file itself."""
    return raw.startswith(_PACKAGE)


def chunk_text(raw: bytes) -> str:
    """The text of a chunk of HTML, MHTML, RTF or plain text; ``""`` for another format."""
    if len(raw) > _MAX_BYTES:
        return ""
    try:
        if raw.startswith(_RTF):
            return plain_text(raw.decode("latin-1")).strip()
        return _page_of_mail(raw) if _MAIL.match(raw) else _shown(raw)
    except (NotText, ValueError, LookupError):
        return ""


def _page_of_mail(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "text/plain"):
            body = part.get_payload(decode=True)
            charset = part.get_content_charset() or ""
            return _shown(body, charset) if isinstance(body, bytes) else ""
    return ""


def _shown(raw: bytes, charset: str = "") -> str:
    declared = _CHARSET.search(raw[:_HEAD_BYTES])
    text = decode(raw, charset or (declared[1].decode() if declared else ""))
    return lines_of(text).strip() if _HTML.search(text[:_HEAD_BYTES]) else text.strip()
