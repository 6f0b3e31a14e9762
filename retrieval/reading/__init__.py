"""Reading: from files to drafts of articles, cleaned and dated; bad input is reported.

``find_sources`` says which files, ``read`` makes drafts of one. Both are iterators: memory
holds one article at a time, or one record of an export.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from retrieval.reading.cleaning import Cleaned, Removal, clean
from retrieval.reading.drafting import Desk
from retrieval.reading.metadata import metadata_beside
from retrieval.reading.rules import CleaningRules, load_rules
from retrieval.reading.sources import find_sources, format_of
from retrieval.vocabulary import Draft, Unreadable

__all__ = [
    "Cleaned",
    "CleaningRules",
    "Removal",
    "clean",
    "find_sources",
    "load_rules",
    "read",
]


def read(
    path: Path, given: str, rules: CleaningRules, limit_bytes: int, today: date | None = None
) -> Iterator[Draft | Unreadable]:
    """Read one file: its article or articles, and what is wrong with them. Never raises.

    Args:
        path: the file.
        given: the path as the user gave it, for ``Draft.source`` and reports.
        rules: what cleaning takes out.
        limit_bytes: a bigger file, or a bigger record of an export, is refused unread.
        today: later dates are refused; by default the day of the call.
    """
    desk = Desk(rules, today or date.today())
    try:
        bad_date = metadata_beside(path.parent).bad_date(path, desk.today)
        if bad_date:
            yield bad_date
        yield from _read(path, given, desk, limit_bytes)
    except OSError as error:
        yield Unreadable(given, "unreadable", error.strerror or str(error))


def _read(path: Path, given: str, desk: Desk, limit: int) -> Iterator[Draft | Unreadable]:
    form = format_of(path)
    if not form:
        return iter((Unreadable(given, "unknown_format", path.suffix),))
    if form in ("jsonl", "csv"):
        from retrieval.reading import exports

        stream = exports.read_jsonl if form == "jsonl" else exports.read_csv
        return stream(path, given, limit, desk)
    size = path.stat().st_size
    if size > limit:
        return iter((Unreadable(given, "too_large", f"{size} bytes, {limit} allowed"),))
    return _read_whole(form, path, given, desk)


def _read_whole(form: str, path: Path, given: str, desk: Desk) -> Iterator[Draft | Unreadable]:
    raw = path.read_bytes()
    if not raw.strip():
        return iter((Unreadable(given, "empty"),))
    if form == "html":
        from retrieval.reading import webpage

        return webpage.read_html(path, given, raw, desk)
    from retrieval.reading import textfiles

    reader = textfiles.read_markdown if form == "markdown" else textfiles.read_text
    return reader(path, given, raw, desk)
