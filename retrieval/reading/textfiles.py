"""Reader of one article in one file of plain text, and what stands beside a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from retrieval.reading.claims import Claims
from retrieval.reading.decoding import NotText, decode
from retrieval.reading.drafting import Desk, Source, make_draft
from retrieval.reading.metadata import metadata_beside
from retrieval.vocabulary import Draft, LeftOut, Unreadable


def file_source(path: Path, given: str, raw: bytes) -> Source:
    """A file as a source: told apart by where it really is, whatever path led to it."""
    return Source(f"file:{path.resolve().as_posix()}", given, raw, path.name, _saved(path))


def _saved(path: Path) -> date | None:
    try:
        return date.fromtimestamp(path.stat().st_mtime)
    except (OSError, ValueError, OverflowError):  # no file any more, or a time of no calendar
        return None


def row_claims(path: Path) -> list[Claims]:
    """What a ``metadata.csv`` beside a file says of it: nothing, or one place's claims."""
    claims = metadata_beside(path.parent).claims_of(path)
    return [claims] if claims else []


def read_text(
    raw: bytes, source: Source, told: Sequence[Claims], desk: Desk
) -> Iterator[Draft | Unreadable | LeftOut]:
    """Read plain text."""
    try:
        text = decode(raw)
    except NotText as error:
        yield Unreadable(source.given, error.reason, error.detail)
        return
    yield from make_draft(source, text, told, desk)
