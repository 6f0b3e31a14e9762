"""Readers of exports, many articles in one file: ``.jsonl`` and ``.csv``, also ``.gz``.

They are streamed: memory holds one record, whatever the size of the file. A bad record is
reported with its line number and the others go on. A record that holds HTML or Markdown is
read in the sandbox; the others are read here, which is faster.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import AnyStr, BinaryIO

from retrieval.reading.claims import has_text
from retrieval.reading.contents import Found, is_withheld, left_out
from retrieval.reading.drafting import ArticleSource, ReadingContext, file_origin, make_draft
from retrieval.reading.metadata import PlacedFile, row_claims
from retrieval.reading.pieces import Claims, Parser, Piece, Refused
from retrieval.reading.records.record import is_harmless, names_of, record_piece
from retrieval.reading.records.tables import TableRow, csv_table, named_cells
from retrieval.reading.text.decoding import DAMAGED, NotText, decode, encoding_of, opened
from retrieval.text.addresses import web_address
from retrieval.vocabulary import Unreadable

_GIVE_UP_AFTER = 100  # bad lines before the first good one: this is no export
_MAX_FIELD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of an export, and the line where it begins."""

    line: int
    values: Mapping[str, object]
    raw: bytes
    marked: bool  # whether it may hold HTML or Markdown
    table: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """A file of records.

    Args:
        file: the file.
        given: its name in reports.
        limit_bytes: a longer record is refused; the file is not bounded.
        context: rules and date.
        parser: the sandbox.
    """

    file: PlacedFile
    given: str
    limit_bytes: int
    context: ReadingContext
    parser: Parser


def read_jsonl(export: Export) -> Iterator[Found]:
    """Read one article a line."""
    lines = text_lines(export.file.content, export.given, export.limit_bytes)
    yield from _articles(_json_records(lines, export.given), export)


def read_csv(export: Export) -> Iterator[Found]:
    """Read one article a row; the headings name the columns, one of text is needed."""
    csv.field_size_limit(min(export.limit_bytes, _MAX_FIELD))
    lines = text_lines(export.file.content, export.given, export.limit_bytes)
    yield from _articles(_csv_records(lines, export.given), export)


def _articles(records: Iterable[_Record | Unreadable], export: Export) -> Iterator[Found]:
    """Make drafts of records; a file with nothing but bad ones is soon given up."""
    good = bad = 0
    external = [claims.of_all() for claims in row_claims(export.file)]
    for record in records:
        if isinstance(record, Unreadable):
            made: Iterable[Found] = [record]
        else:
            made = _article(record, export, external)
        for item in made:
            bad += isinstance(item, Unreadable)
            good += not isinstance(item, Unreadable)
            yield item
        if bad >= _GIVE_UP_AFTER and not good:
            yield Unreadable(export.given, "no_records", f"{bad} bad lines and no article")
            return
    if not good and not bad:
        yield Unreadable(export.given, "empty")


def _article(record: _Record, export: Export, external: Sequence[Claims]) -> Iterator[Found]:
    """One article of an export: its address names it, else its id, else its line."""
    try:
        piece = _piece(record, export.parser)
    except Refused as error:
        yield _problem(record, export, error.reason, error.detail)
        return
    url = web_address(piece.claims.url)
    name = piece.name or str(record.line)
    if is_withheld(piece, export.context.clock):
        yield left_out(piece, url or f"{export.given}#{name}", export.context.clock)
    elif piece.problem:
        yield _problem(record, export, piece.problem, piece.detail)
    else:
        origin = url or f"{file_origin(export.file)}#{name}"
        source = ArticleSource(origin, url or f"{export.given}#{name}", record.raw)
        places = [piece.claims, *external]
        yield from make_draft(source, piece.text, places, export.context, left_out=piece.removed)


def _piece(record: _Record, parser: Parser) -> Piece:
    if not record.marked:
        return record_piece(record.values, table=record.table)
    raw = json.dumps([record.values, record.table])
    return next(iter(parser("record", raw.encode())))


def _problem(record: _Record, export: Export, reason: str, detail: str) -> Unreadable:
    place = f"line {record.line}: {detail}" if detail else f"line {record.line}"
    return Unreadable(f"{export.given}:{record.line}", reason, place)


def _json_records(lines: Iterable[str | Unreadable], given: str) -> Iterator[_Record | Unreadable]:
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Unreadable):
            yield line
        elif line.strip("\ufeff \r\n\t"):
            yield _json_record(line.strip("\ufeff \r\n\t"), number, given)


def _json_record(line: str, number: int, given: str) -> _Record | Unreadable:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable(f"{given}:{number}", "bad_json", f"line {number}: {error}")
    if not isinstance(values, dict):
        detail = f"line {number}: an object was expected, not a {type(values).__name__}"
        return Unreadable(f"{given}:{number}", "bad_json", detail)
    return _Record(number, values, line.encode("utf-8", "surrogatepass"), not is_harmless(line))


def _csv_records(lines: Iterator[str | Unreadable], given: str) -> Iterator[_Record | Unreadable]:
    problems: list[Unreadable] = []
    headings, rows = csv_table(_sifted(lines, problems))
    if headings.names and not has_text(headings.names):
        names = names_of(dict.fromkeys(headings.names))
        yield from (*problems, Unreadable(given, "missing_column", names))
        return
    for row in rows:
        yield from problems
        problems.clear()
        yield _csv_record(headings.names, row, given)
    yield from problems


def _sifted(lines: Iterable[str | Unreadable], problems: list[Unreadable]) -> Iterator[str]:
    """Text lines; each bad one is put aside and leaves a blank line, so that counting holds."""
    for line in lines:
        if isinstance(line, Unreadable):
            problems.append(line)
            yield "\n"
        else:
            yield line


def _csv_record(names: tuple[str, ...], row: TableRow, given: str) -> _Record | Unreadable:
    place = f"{given}:{row.line}"
    if row.problem:
        return Unreadable(place, "bad_csv", f"line {row.line}: {row.problem}")
    if any(cell.strip() for cell in row.cells[len(names) :]):
        detail = f"line {row.line}: {len(row.cells)} cells for {len(names)} columns"
        return Unreadable(place, "bad_csv", detail)
    out = io.StringIO()
    csv.writer(out).writerow(row.cells)
    raw = out.getvalue()
    values = named_cells(names, row.cells)
    kept = raw.encode("utf-8", "surrogatepass")
    return _Record(row.line, values, kept, not is_harmless(raw), table=True)


# --- lines of a file -------------------------------------------------------------------------
# One at a time: decompressed, decoded, none longer than allowed.

_SAMPLE_BYTES = 262_144


def text_lines(path: Path, given: str, limit_bytes: int) -> Iterator[str | Unreadable]:
    """The lines of a text file, gzipped or not; in place of each bad line, its report.

    Args:
        path: the file.
        given: its name in reports.
        limit_bytes: a longer line is not read.

    Raises:
        OSError: the file cannot be read.
    """
    number = 0
    try:
        with opened(path) as file:
            for line in _decoded(file, given, limit_bytes):
                number += 1
                yield line
    except NotText as error:
        yield Unreadable(given, error.reason, error.detail)
    except DAMAGED as error:
        yield Unreadable(given, "damaged", f"after line {number}: {error}")
    except UnicodeError as error:
        yield Unreadable(given, "encoding", f"after line {number}: {error}")


def _decoded(file: BinaryIO, given: str, limit: int) -> Iterator[str | Unreadable]:
    sample = file.read(_SAMPLE_BYTES)
    encoding = encoding_of(_whole_lines(sample))
    file.seek(0)
    wide_ends = encoding.startswith(("utf-16", "utf-32"))  # a line end is more than one byte
    end = "\r" if _old_mac(sample) else "\n"
    if wide_ends or end == "\r":
        with io.TextIOWrapper(file, encoding, newline=end) as wide:
            for number, text in enumerate(_split(wide.readline, limit, end), start=1):
                yield Unreadable(f"{given}:{number}", "too_large") if text is None else text
        return
    for number, line in enumerate(_split(file.readline, limit, b"\n"), start=1):
        yield _one(line, encoding, f"{given}:{number}")


def _one(line: bytes | None, encoding: str, place: str) -> str | Unreadable:
    """A line in the encoding of the file, or in its own if two were mixed."""
    if line is None:
        return Unreadable(place, "too_large")
    try:
        return line.decode(encoding)
    except UnicodeError:
        try:
            return decode(line)
        except NotText as error:
            return Unreadable(place, error.reason, error.detail)


def _split(readline: Callable[[int], AnyStr], limit: int, end: AnyStr) -> Iterator[AnyStr | None]:
    """The lines that a file gives; None stands for one over the limit, which is passed over."""
    while line := readline(limit):
        if line.endswith(end) or len(line) < limit:
            yield line
            continue
        while line and not line.endswith(end):
            line = readline(limit)
        yield None


def _old_mac(sample: bytes) -> bool:
    """Whether lines end as on the old Macintosh, as its Excel still writes CSV."""
    return b"\r" in sample and b"\n" not in sample


def _whole_lines(sample: bytes) -> bytes:
    """The sample up to its last line end, so that no character is cut in two."""
    if len(sample) < _SAMPLE_BYTES:
        return sample
    return sample[: sample.rfind(b"\n") + 1] or sample
