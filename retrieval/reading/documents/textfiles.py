"""Reader of one article in one file of plain text, and what stands beside a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from retrieval.reading.drafting import ArticleSource, ReadingContext, make_draft
from retrieval.reading.metadata import PlacedFile, row_of
from retrieval.reading.pieces import Claims
from retrieval.reading.text.decoding import NotText, decode
from retrieval.vocabulary import Draft, LeftOut, Unreadable


def file_source(file: PlacedFile, given: str, raw: bytes) -> ArticleSource:
    """A file as a source: told apart by where it really is, whatever path led to it."""
    origin = f"file:{file.path.resolve().as_posix()}"
    return ArticleSource(origin, given, raw, file.path.name, _saved(file.content))


def _saved(path: Path) -> date | None:
    try:
        return date.fromtimestamp(path.stat().st_mtime)
    except (OSError, ValueError, OverflowError):  # no file any more, or a time of no calendar
        return None


def row_claims(file: PlacedFile) -> list[Claims]:
    """What a ``metadata.csv`` says of a file beside it or below: nothing, or one place's claims."""
    found = row_of(file.path, file.metadata)
    return [found[1].claims] if found else []


def read_text(
    raw: bytes, source: ArticleSource, told: Sequence[Claims], context: ReadingContext
) -> Iterator[Draft | Unreadable | LeftOut]:
    """Read plain text."""
    try:
        text = decode(raw)
    except NotText as error:
        yield Unreadable(source.given, error.reason, error.detail)
        return
    yield from make_draft(source, text, told, context)
