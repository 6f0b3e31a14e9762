"""Reading: from files to drafts of articles, cleaned and dated; bad input is reported.

``find_sources`` lists the files, ``read`` makes drafts of one file, ``read_content`` of bytes
without a path. They are iterators: memory holds one article at a time, or one record of an
export. Hostile bytes are parsed in a bounded process, the ``Sandbox``.

The way of a file: `sources` finds it, `forms` recognises its form, `parsing` gives its pieces
(in `pages`, `xml`, `records`, `documents`, `databases`, `mail`), `drafting` makes drafts of them
(with `text`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from retrieval.reading.contents import (
    FeedEntry,
    Found,
    SourceReader,
    feed_entries,
    read_content,
    read_entry,
)
from retrieval.reading.drafting import ArticleSource, ReadingContext, file_source
from retrieval.reading.forms import beginning, form_of_content, form_of_file, is_json_feed
from retrieval.reading.metadata import PlacedFile, bad_date, row_claims
from retrieval.reading.parsing import COLLECTIONS, Sandbox
from retrieval.reading.pieces import Claims, Limits, Parser, Refused
from retrieval.reading.sources import NAMED, find_sources, format_of, is_draft_folder
from retrieval.reading.text.cleaning import Cleaned, CleaningRules, Removal, clean, load_rules
from retrieval.reading.text.dating import Clock, read_date
from retrieval.reading.text.decoding import DAMAGED, opened
from retrieval.vocabulary import LeftOut, Unreadable

__all__ = [
    "COLLECTIONS",
    "ArticleSource",
    "Claims",
    "Cleaned",
    "CleaningRules",
    "Clock",
    "FeedEntry",
    "Found",
    "Limits",
    "Parser",
    "PlacedFile",
    "Refused",
    "Removal",
    "Sandbox",
    "clean",
    "feed_entries",
    "find_sources",
    "form_of_content",
    "is_json_feed",
    "load_rules",
    "read",
    "read_content",
    "read_date",
    "read_entry",
]


def read(
    path: Path | PlacedFile,
    given: str,
    rules: CleaningRules,
    limit_bytes: int,
    today: Clock | date | None = None,
    parser: Parser | None = None,
) -> Iterator[Found]:
    """Read one file: its article or articles, and what is wrong with them. Never raises.

    Args:
        path: the file; a `PlacedFile` is read as if it stood at its path.
        given: the path as the user gave it, for ``Draft.source`` and reports.
        rules: what cleaning takes out.
        limit_bytes: a bigger file, or a bigger record of an export, is refused unread.
        today: when it is read, which no date may come after; by default the moment of the call.
        parser: a sandbox, to be shared by many calls; by default one for this call.
    """
    file = PlacedFile(path, path) if isinstance(path, Path) else path
    context = ReadingContext(rules, Clock.of(today))
    try:
        undated = bad_date(file.path, context.clock, file.metadata)
        if undated:
            yield undated
        yield from _read(file, given, context, limit_bytes, parser)
    except OSError as error:
        yield Unreadable(given, "unreadable", error.strerror or str(error))


def _read(
    file: PlacedFile, given: str, context: ReadingContext, limit: int, parser: Parser | None
) -> Iterator[Found]:
    path, content = file.path, file.content
    form = format_of(path)
    if not form:
        return iter((Unreadable(given, "unknown_format", path.suffix),))
    head = beginning(content)
    form = form_of_file(head, form)
    if form in ("jsonl", "csv"):
        return _read_export(form, file, given, context, limit, parser)
    external = row_claims(file)
    if is_draft_folder(path) and form in ("markdown", "html", "text"):
        return iter((LeftOut(given, "draft"),))
    if form in NAMED and head:
        return read_content(head, form, file_source(file, given, b""), external, context.rules)
    if form in COLLECTIONS:
        source = file_source(file, given, b"")
        return SourceReader(source, external, context).parsed(form, str(content), parser)
    try:
        raw = _unpacked(content, limit)
    except DAMAGED as error:
        return iter((Unreadable(given, "damaged", str(error)),))
    if len(raw) > limit:
        size = max(len(raw), content.stat().st_size)
        return iter((Unreadable(given, "too_large", f"{size} bytes, {limit} allowed"),))
    source = file_source(file, given, raw)
    return read_content(raw, form, source, external, context.rules, context.clock, parser)


def _read_export(
    form: str,
    file: PlacedFile,
    given: str,
    context: ReadingContext,
    limit: int,
    parser: Parser | None,
) -> Iterator[Found]:
    from retrieval.reading.records import exports

    stream = exports.read_jsonl if form == "jsonl" else exports.read_csv
    with Sandbox() as own:
        yield from stream(exports.Export(file, given, limit, context, parser or own))


def _unpacked(path: Path, limit: int) -> bytes:
    with opened(path) as file:
        return file.read(limit + 1)
