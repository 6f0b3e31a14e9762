"""Parsing: from the bytes of a form to its pieces.

The libraries that read hostile bytes may crash, hang or take all memory.
`parse` calls them; `retrieval.reading.sandbox` runs it in a bounded process.

A parser of one article takes bytes. A parser of a collection (an export, a mailbox) takes an
open file and gives its articles one by one, so that memory holds one of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from retrieval.reading.pieces import Claims, Limits, Parsed, Piece
from retrieval.reading.text.decoding import opened

_WHOLE = {
    "html": "pages.webpage:parse_html",
    "beginning": "pages.webpage:parse_beginning",  # of a page whose rest is sold
    "mhtml": "pages.webpage:parse_mhtml",
    "pdf": "documents.pdf:parse_pdf",
    "docx": "documents.word:parse_docx",
    "feed": "xml.feeds:parse_feed",
    "feed_links": "pages.links:parse_feed_links",  # what a page names, to be followed
    "markdown": "documents.markdown:parse_markdown",
    "record": "records.record:parse_record",
    "foreign_sheet": "records.tables:refuse_sheet",
    "rtf": "documents.wordprocessors:parse_rtf",
    "odt": "documents.wordprocessors:parse_odt",
    "sitemap": "xml.feeds:parse_sitemap",
    "opml": "xml.feeds:parse_opml",
    "markdown_notes": "documents.footnotes:parse_markdown_notes",  # of a dossier, to verify it
    "docx_notes": "documents.footnotes:parse_docx_notes",
}
"""Forms of one article, or of a feed: ``(raw: bytes) -> Parsed``; of PDF, pages are bounded."""

_COLLECTIONS: dict[str, str] = {
    "database": "databases.splitting:read_export",
    "mail": "mail.mailbox:read_mail",
    "json": "records.jsonfiles:parse_json",
    "xlsx": "records.tables:parse_xlsx",
    "wordpress": "xml.wordpress:parse_wordpress",
    "blogger": "xml.feeds:parse_blogger",
    "newsml": "xml.newsml:parse_newsml",
    "nitf": "xml.nitf:parse_nitf",
}
"""Forms of many articles: ``(file: BinaryIO) -> Iterator[Piece]``."""

COLLECTIONS = frozenset(_COLLECTIONS)
"""The forms that are streamed, whatever the size of the file; only a piece is bounded."""

PARSED = frozenset({*_WHOLE, *_COLLECTIONS})
"""The forms that a parser reads; plain text needs none."""


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
        stream = cast("Callable[[BinaryIO], Iterator[Piece]]", _function(_COLLECTIONS[form]))
        return Parsed(_streamed(stream, source, frozenset(limits.admit)), Claims(form))
    raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    whole = cast("Callable[..., Parsed]", _function(_WHOLE[form]))
    return whole(raw, limits.pages) if form == "pdf" else whole(raw)


def _streamed(
    stream: Callable[[BinaryIO], Iterator[Piece]], source: bytes | str, admit: frozenset[str]
) -> Iterator[Piece]:
    with io.BytesIO(source) if isinstance(source, bytes) else opened(Path(source)) as file:
        yield from (_admitted(piece, admit) for piece in stream(file))


def _admitted(piece: Piece, admit: frozenset[str]) -> Piece:
    """A piece that is left out only for its kind, if that kind is taken in; else without text."""
    if not piece.left_out or piece.left_out == "scheduled":
        return piece
    kind = piece.detail if piece.left_out == "other_kind" else piece.left_out
    if kind in admit and piece.text:
        return replace(piece, left_out="", detail="")
    return replace(piece, text="", raw="")


def _function(place: str) -> object:
    """A function of this package by ``module:name``: only the module needed is imported."""
    module, _, name = place.partition(":")
    return getattr(import_module(f"retrieval.reading.{module}"), name)
