"""Parsing: what the bytes of a form hold, as pieces of text with what they say of themselves.

PDF, Word, HTML, feeds and Markdown go through libraries that hostile bytes may crash, hang or
bloat. `parse` is that part alone; `retrieval.reading.confinement` runs it in a bounded process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from retrieval.reading.claims import Claims

PARSED = frozenset({"html", "pdf", "docx", "feed", "markdown"})
"""The forms that a parser reads; plain text needs none."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one source may cost."""

    pages: int = 500
    seconds: float = 30.0
    memory_mb: int = 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One article of a source.

    ``says`` is what the source says of it; ``name`` tells it apart in a source of several;
    ``removed`` lists what the parser left out; ``raw`` is its own part of the source, if any.
    """

    text: str
    says: Claims
    name: str = ""
    removed: tuple[str, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The articles of a source, and what a source of several says of itself."""

    pieces: tuple[Piece, ...]
    about: Claims


class Refused(ValueError):
    """A source that gives no article; ``reason`` is a key of the catalogue."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class Parser(Protocol):
    """Reads the bytes of one of the `PARSED` forms."""

    def __call__(self, form: str, raw: bytes) -> Parsed:
        """What the bytes hold.

        Raises:
            Refused: they hold no article, or cost more than they may.
        """


def parse(form: str, raw: bytes, limits: Limits) -> Parsed:
    """Parse in this process; only the number of pages is bounded here.

    Raises:
        Refused: there is no article in it.
        Exception: whatever a library raises on what it does not understand.
    """
    if form == "html":
        from retrieval.reading.webpage import parse_html

        return parse_html(raw)
    if form == "pdf":
        from retrieval.reading.pdf import parse_pdf

        return parse_pdf(raw, limits.pages)
    if form == "docx":
        from retrieval.reading.worddoc import parse_docx

        return parse_docx(raw)
    if form == "markdown":
        from retrieval.reading.textfiles import parse_markdown

        return parse_markdown(raw)
    from retrieval.reading.feeds import parse_feed

    return parse_feed(raw)
