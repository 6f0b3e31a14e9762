"""Parser of PDF files: pdfium gives the characters and their places, lines make paragraphs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from config.data import load
from retrieval.reading.claims import one_line
from retrieval.reading.databases.clippings import outlet_of_head
from retrieval.reading.databases.splitting import split_pages
from retrieval.reading.documents.pagelines import (
    PageLine,
    join_paragraphs,
    lines_apart,
    without_furniture,
)
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.text.datewords import masthead_date
from retrieval.reading.text.dating import date_in_name
from retrieval.reading.text.decoding import looks_garbled
from retrieval.reading.text.titles import own_author, own_title, title_agrees
from retrieval.text.analysis import fold

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?")
_TITLE_SIZE = 1.25  # of the text's size, or it is no title
_TITLE_CHARS = 300
_SAMPLES = 6  # characters that are measured for the size of a line
_LOOKED_AT = 5  # pages, to distinguish a scan from an empty file
# pdfium writes one of these for a hyphen at the end of a line, and no line end.
_HYPHENS = "\x02\ufffe"


def parse_pdf(raw: bytes, max_pages: int) -> tuple[Piece, ...]:
    """Parse a PDF file.

    Raises:
        Refused: a password is needed, there are too many pages or no text in them, its letters
            cannot be made out, or the file is damaged.
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
        info = document.get_metadata_dict(skip_empty=True)
    if several := split_pages(lines_apart(pages)):
        return several
    cover = library_cover(pages)
    pages = pages[cover.pages :]
    kept, removed = without_furniture(pages)
    text = join_paragraphs(kept)
    claims = _dated(_document_claims(info, pages, text, removed), cover)
    if looks_garbled(text):
        raise Refused("garbled")
    return (Piece(text, claims, removed=(*cover.removed, *removed)),)


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


def _document_claims(
    info: Mapping[str, str], pages: list[list[PageLine]], text: str, removed: Sequence[str]
) -> Claims:
    """The claims of the document: of its pages first, then of its credible properties."""
    given = one_line(info.get("Title", ""))
    title = own_title(given)
    outlet, biggest = _headed(pages)
    if not title_agrees(title, text):
        title = biggest
    heads = [line.partition(": ")[2] for line in removed]
    outlet = outlet or next(filter(None, map(outlet_of_head, heads)), "")
    place, day = _when(info, given, heads)
    author = own_author(one_line(info.get("Author", "")))
    return Claims(place, title=title, published=day, outlet=outlet, author=author)


def _dated(claims: Claims, cover: LibraryCover) -> Claims:
    """The claims with the day of a library's cover, unless the paper itself gives one.

    The file was then made by the library, and its own day is that of a download.
    """
    if not cover.pages or claims.place == "masthead":
        return claims
    return replace(claims, place="library cover", published=cover.published)


def _when(info: Mapping[str, str], title: str, heads: Sequence[str]) -> tuple[str, str]:
    """A date and the place that gives it: a running header, a file's name, the file."""
    header = next((words for line in heads if (words := masthead_date(line))), "")
    if header:
        return "masthead", header
    if named := date_in_name(title):
        return "name in the document", named
    match = _DATE.match(info.get("CreationDate", "").strip())
    return "document", "-".join(part for part in match.groups() if part) if match else ""


def _headed(pages: list[list[PageLine]]) -> tuple[str, str]:
    """The newspaper and the title, by the biggest letters of the first page.

    Big letters over a line with a masthead's date are the name of the newspaper; the title is
    then the biggest below.
    """
    first = next((page for page in pages if page), [])
    block = _biggest(first, pages)
    end = block.stop
    if block and end < len(first) and masthead_date(first[end].text):
        return _title(first[block.start : end]), _title(_part(first[end + 1 :], pages))
    return "", _title(first[block.start : end])


def _part(lines: list[PageLine], pages: list[list[PageLine]]) -> list[PageLine]:
    block = _biggest(lines, pages)
    return lines[block.start : block.stop]


def _title(lines: Sequence[PageLine]) -> str:
    title = one_line(join_paragraphs([lines]))
    return title if len(title) <= _TITLE_CHARS else ""


def _biggest(lines: Sequence[PageLine], pages: list[list[PageLine]]) -> range:
    sizes = [line.size for page in pages for line in page for _ in line.text]
    biggest = max((line.size for line in lines), default=0.0)
    if not sizes or biggest < _TITLE_SIZE * median(sizes):
        return range(0)
    start = next(place for place, line in enumerate(lines) if line.size == biggest)
    end = start
    while end < len(lines) and abs(lines[end].size - biggest) < 0.05 * biggest:
        end += 1
    return range(start, end)


# --- cover pages of digital libraries --------------------------------------------------------
# The cover names the paper and often its day; the next pages hold the terms of use. They are no
# pages of the paper, and the years that they name (of laws, of digitisation) are not its own.

_COVER_MARKS: Mapping[str, list[str]] = load("reading/pages.toml")["library_covers"]
_COVER_LINES, _COVER_CHARS = 10, 600
_MAX_TERMS = 3  # pages of terms, after the cover
_DAY = re.compile(r"(?<!\d)(1[6-9]\d\d|20\d\d)[-/](0[1-9]|1[0-2])[-/]([0-2]\d|3[01])\.?$")


@dataclass(frozen=True, slots=True)
class LibraryCover:
    """The pages that a library put before a paper.

    Args:
        pages: how many of its pages come first.
        published: the day of the paper as the cover gives it, ``""`` for none.
        removed: the lines of these pages, for the report.
    """

    pages: int = 0
    published: str = ""
    removed: tuple[str, ...] = ()


def library_cover(pages: Sequence[Sequence[PageLine]]) -> LibraryCover:
    """The pages of a library at the beginning of a document; none where nothing else would stay."""
    count = 1 if pages and _is_cover(pages[0]) else 0
    while count < min(len(pages), _MAX_TERMS + 1) and _tells_terms(pages[count]):
        count += 1
    if not count or not any(line.text.strip() for page in pages[count:] for line in page):
        return LibraryCover()
    lines = [line.text.strip() for page in pages[:count] for line in page]
    days = (match for line in lines[:_COVER_LINES] if (match := _DAY.search(line)))
    day = next(days, None)
    if count == 1 and day is None and not _tells_terms(pages[0]):
        return LibraryCover()  # a picture's credit stands on pages of articles, too
    removed = tuple(f"library cover: {line}" for line in lines if line)
    return LibraryCover(count, "-".join(day.groups()) if day else "", removed)


def _is_cover(page: Sequence[PageLine]) -> bool:
    """Whether a page holds a few lines, a library's mark among them, and no masthead."""
    lines = [line.text for line in page]
    if len(lines) > _COVER_LINES or sum(map(len, lines)) > _COVER_CHARS:
        return False
    marked = any(mark in fold(line) for line in lines for mark in _COVER_MARKS["cover"])
    return marked and not any(map(masthead_date, lines))


def _tells_terms(page: Sequence[PageLine]) -> bool:
    head = fold(" ".join(line.text for line in page[:_COVER_LINES]))
    return any(mark in head for mark in _COVER_MARKS["terms"])
