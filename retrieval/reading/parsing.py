"""Parsing: what the bytes of a form hold, as pieces of text with what they say of themselves.

What parses hostile bytes goes through libraries that they may crash, hang or bloat.
`parse` is that part alone; `retrieval.reading.sandbox` runs it in a bounded process.

A parser of one article takes bytes. A parser of a collection (an export, a mailbox) takes an
open file and gives its articles one by one, so that memory holds one of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from retrieval.reading.claims import Claims

_WHOLE = {
    "html": "pages.webpage:parse_html",
    "beginning": "pages.webpage:parse_beginning",  # of a page whose rest is sold
    "mhtml": "pages.saved:parse_mhtml",
    "docx": "documents.word:parse_docx",
    "feed": "xml.feeds:parse_feed",
    "feed_links": "pages.feedlinks:parse_feed_links",  # what a page names, to be followed
    "markdown": "documents.markdown:parse_markdown",
    "record": "records.records:parse_record",
    "foreign_sheet": "records.spreadsheets:refuse_sheet",
    "rtf": "documents.wordprocessors:parse_rtf",
    "odt": "documents.wordprocessors:parse_odt",
    "sitemap": "xml.addresslists:parse_sitemap",
    "opml": "xml.addresslists:parse_opml",
}
"""Forms of one article, or of a feed: ``(raw: bytes) -> Parsed``."""

_COLLECTIONS: dict[str, str] = {
    "database": "databases.splitting:read_export",
    "mail": "mail.messages:read_mail",
    "json": "records.jsonfiles:parse_json",
    "xlsx": "records.spreadsheets:parse_xlsx",
    "wordpress": "xml.wordpress:parse_wordpress",
    "blogger": "xml.blogger:parse_blogger",
    "newsml": "xml.newsml:parse_newsml",
    "nitf": "xml.nitf:parse_nitf",
}
"""Forms of many articles: ``(file: BinaryIO) -> Iterator[Piece]``."""

COLLECTIONS = frozenset(_COLLECTIONS)
"""The forms that are streamed, whatever the size of the file; only a piece is bounded."""

PARSED = frozenset({*_WHOLE, "pdf", *_COLLECTIONS})
"""The forms that a parser reads; plain text needs none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one source may cost, and what else than articles is taken in.

    Args:
        pages: of a PDF file.
        seconds: for a source; of a collection, for one of its articles.
        memory_mb: of the process.
        admit: kinds of items of a site that are read as articles, such as ``page``.
    """

    pages: int = 500
    seconds: float = 30.0
    memory_mb: int = 1024
    admit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One article of a source.

    Args:
        text: as the parser found it, not cleaned.
        says: what the source says of it.
        name: tells it apart in a source of several; ``""`` in a source of one.
        removed: what the parser left out of the text, each as ``rule: words``.
        raw: its own part of the source, if any.
        left_out: why it is not to be taken in (a key under ``left_out``); ``""`` when it is.
        until: when it may be taken in, in ISO 8601; ``""`` when that is not a matter of time.
        problem: why it gave no article (a key under ``unreadable``): a broken record.
        detail: tells ``left_out`` or ``problem`` apart, such as the columns that are there.
    """

    text: str
    says: Claims
    name: str = ""
    removed: tuple[str, ...] = ()
    raw: str = ""
    left_out: str = ""
    until: str = ""
    problem: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The articles of a source, and what a source of several says of itself.

    ``pieces`` can be gone through once.
    """

    pieces: Iterable[Piece]
    about: Claims


class Refused(ValueError):
    """A source that gives no article; ``reason`` is a key of the catalogue."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class Parser(Protocol):
    """Reads one of the `PARSED` forms."""

    def __call__(self, form: str, source: bytes | str) -> Parsed:
        """What a source holds.

        Args:
            form: one of `PARSED`.
            source: the bytes, or the path of a file.

        Raises:
            Refused: it holds no article, or costs more than it may; also raised in the midst
                of the pieces.
        """


def parse(form: str, source: bytes | str, limits: Limits) -> Parsed:
    """Parse in this process; only the number of pages is bounded here.

    Args:
        form: one of `PARSED`.
        source: the bytes, or the path of a file.
        limits: what it may cost.

    Raises:
        Refused: there is no article in it.
        Exception: whatever a library raises on what it does not understand.
    """
    if form in _COLLECTIONS:
        stream = cast("Callable[[BinaryIO], Iterator[Piece]]", _named(_COLLECTIONS[form]))
        return Parsed(_streamed(stream, source, frozenset(limits.admit)), Claims(form))
    raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    if form == "pdf":
        from retrieval.reading.documents.pdf import parse_pdf

        return parse_pdf(raw, limits.pages)
    whole = cast("Callable[[bytes], Parsed]", _named(_WHOLE[form]))
    return whole(raw)


def _streamed(
    stream: Callable[[BinaryIO], Iterator[Piece]], source: bytes | str, admit: frozenset[str]
) -> Iterator[Piece]:
    with io.BytesIO(source) if isinstance(source, bytes) else _file(source) as file:
        yield from (_admitted(piece, admit) for piece in stream(file))


def _admitted(piece: Piece, admit: frozenset[str]) -> Piece:
    """A piece that is left out only for its kind, if that kind is taken in; else nothing of it."""
    if not piece.left_out or piece.left_out == "scheduled":
        return piece
    kind = piece.detail if piece.left_out == "other_kind" else piece.left_out
    if kind in admit and piece.text:
        return replace(piece, left_out="", detail="")
    return replace(piece, text="", raw="")


def _file(path: str) -> BinaryIO:
    """A file, unpacked if its name says that it is packed."""
    if path.lower().endswith(".gz"):
        import gzip

        return cast("BinaryIO", gzip.open(path, "rb"))
    return open(path, "rb")


def _named(place: str) -> object:
    """A function of this package by ``module:name``: what is not needed is not imported."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"retrieval.reading.{module}"), name)
