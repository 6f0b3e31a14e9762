"""Parser of PDF files: pdfium gives the characters and their places, lines make paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from statistics import median
from typing import TYPE_CHECKING

from retrieval.reading.claims import Claims, one_line
from retrieval.reading.databases.splitting import split_pages
from retrieval.reading.pagelines import (
    PageLine,
    join_paragraphs,
    lines_apart,
    without_furniture,
)
from retrieval.reading.parsing import Parsed, Piece, Refused

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?")
_FILE_NAME = re.compile(r"\.(?:docx?|odt|rtf|pdf|indd|qxp|qxd|pages|tex|html?|txt|pptx?)$", re.I)
_NO_TITLE = re.compile(r"untitled|sans titre|document\d*|\W*|\(anonymous\)", re.I)
_WRITTEN_BY = re.compile(r"^microsoft (?:word|office word|powerpoint) - ", re.I)
_TITLE_SIZE = 1.25  # of the text's size, or it is no title
_TITLE_CHARS = 300
_SAMPLES = 6  # characters that tell the size of a line
_LOOKED_AT = 5  # pages, to tell a scan from an empty file
# pdfium writes one of these for a hyphen at the end of a line, and no line end.
_HYPHENS = "\x02\ufffe"


def parse_pdf(raw: bytes, max_pages: int) -> Parsed:
    """Parse a PDF file.

    Raises:
        Refused: a password is needed, there are too many pages or no text in them, or the
            file is damaged.
    """
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        document = PdfDocument(raw)
    except PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise Refused("password") from error
        raise Refused("damaged", str(error)) from error
    with document:
        count = len(document)
        if count > max_pages:
            raise Refused("too_many_pages", f"{count} / {max_pages}")
        pages = [_lines(document, number) for number in range(count)]
        if not any(line.text.strip() for page in pages for line in page):
            raise Refused("scanned" if _has_pictures(document) else "no_text")
        says = _says(document.get_metadata_dict(skip_empty=True), pages)
    if several := split_pages(lines_apart(pages)):
        return Parsed(several, Claims("document"))
    kept, removed = without_furniture(pages)
    return Parsed((Piece(join_paragraphs(kept), says, removed=removed),), Claims("document"))


def _lines(document: PdfDocument, number: int) -> list[PageLine]:
    """The lines of a page in the order of reading; a page that is damaged has none."""
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
    except PdfiumError:
        return []
    try:
        return _page_lines(page)
    except PdfiumError:
        return []
    finally:
        page.close()


def _page_lines(page: PdfPage) -> list[PageLine]:
    from pypdfium2.raw import FPDFText_GetUnicode

    textpage = page.get_textpage()
    lines: list[PageLine] = []
    text, first, last = "", -1, -1

    def end(hyphen: bool) -> None:
        nonlocal text, first
        if text.strip():
            lines.append(_line(textpage, text, first, last, hyphen))
        text, first = "", -1

    for place in range(textpage.count_chars()):
        character = chr(min(FPDFText_GetUnicode(textpage, place), 0x10FFFF))
        if character in _HYPHENS or character in "\r\n":
            end(character in _HYPHENS)
        elif character != "\x00":
            text += character
            if not character.isspace():
                first, last = (place if first < 0 else first), place
    end(False)
    return lines


def _line(textpage: PdfTextPage, text: str, first: int, last: int, hyphen: bool) -> PageLine:
    """A line from its first to its last character; a bullet or an initial is not its size."""
    places = [*range(first, last, max(1, (last - first) // _SAMPLES)), last]
    boxes = [textpage.get_charbox(place, loose=True) for place in places]
    size = median(top - bottom for _, bottom, _, top in boxes)
    bottom = median(bottom for _, bottom, _, _ in boxes)
    return PageLine(text.strip(" "), boxes[0][0], boxes[-1][2], bottom, size, hyphen)


def _has_pictures(document: PdfDocument) -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    for number in range(min(_LOOKED_AT, len(document))):
        page = document[number]
        pictures = page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=3)
        if next(iter(pictures), None) is not None:
            return True
    return False


def _says(info: Mapping[str, str], pages: list[list[PageLine]]) -> Claims:
    found = _DATE.match(info.get("CreationDate", "").strip())
    day = "-".join(part for part in found.groups() if part) if found else ""
    title = _WRITTEN_BY.sub("", one_line(info.get("Title", "")))
    if _NO_TITLE.fullmatch(title) or _FILE_NAME.search(PurePath(title).name):
        title = _biggest(pages)
    return Claims("document", title=title, published=day, author=one_line(info.get("Author", "")))


def _biggest(pages: list[list[PageLine]]) -> str:
    """The first lines in the biggest letters of the first page, if they stand out."""
    lines = next((page for page in pages if page), [])
    sizes = [line.size for page in pages for line in page for _ in line.text]
    biggest = max((line.size for line in lines), default=0.0)
    if not sizes or biggest < _TITLE_SIZE * median(sizes):
        return ""
    start = next(place for place, line in enumerate(lines) if line.size == biggest)
    end = start
    while end < len(lines) and abs(lines[end].size - biggest) < 0.05 * biggest:
        end += 1
    title = one_line(join_paragraphs([lines[start:end]]))
    return title if len(title) <= _TITLE_CHARS else ""
