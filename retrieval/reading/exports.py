"""Readers of exports, many articles in one file: ``.jsonl`` and ``.csv``, also ``.gz``.

They are streamed: memory holds one record, whatever the size of the file. A bad record is
reported with its line number and the others go on.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.reading.claims import Claims, claims_from, one_line, web_address
from retrieval.reading.drafting import Desk, Source, make_draft
from retrieval.reading.lines import text_lines
from retrieval.reading.metadata import delimiter_of
from retrieval.reading.textfiles import row_claims
from retrieval.vocabulary import Draft, LeftOut, Unreadable

_GIVE_UP_AFTER = 100  # bad lines before the first good one: this is no export
_FIELD_LIMIT = "field limit"  # how csv words a cell that is too long
_MAX_FIELD = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of an export, and the line where it ends."""

    line: int
    values: Mapping[str, object]
    raw: bytes


def read_jsonl(
    path: Path, given: str, limit_bytes: int, desk: Desk
) -> Iterator[Draft | Unreadable | LeftOut]:
    """Read one article a line; a line is bounded by ``limit_bytes``, the file is not."""
    lines = text_lines(path, given, limit_bytes)
    yield from _articles(_json_records(lines, given), path, given, desk)


def read_csv(
    path: Path, given: str, limit_bytes: int, desk: Desk
) -> Iterator[Draft | Unreadable | LeftOut]:
    """Read one article a row; the first row names the columns, ``text`` is the one needed."""
    csv.field_size_limit(min(limit_bytes, _MAX_FIELD))
    lines = text_lines(path, given, limit_bytes)
    yield from _articles(_csv_records(lines, given), path, given, desk)


def _articles(
    records: Iterable[_Record | Unreadable], path: Path, given: str, desk: Desk
) -> Iterator[Draft | Unreadable | LeftOut]:
    """Make drafts of records; a file with nothing but bad ones is soon given up."""
    good = bad = 0
    # Of many articles, a row of metadata.csv knows the newspaper and the language at most.
    told = [Claims(c.place, outlet=c.outlet, language=c.language) for c in row_claims(path)]
    for record in records:
        if isinstance(record, Unreadable):
            made: Iterable[Draft | Unreadable | LeftOut] = [record]
        else:
            made = _article(record, path, given, told, desk)
        for item in made:
            good += isinstance(item, Draft | LeftOut)
            bad += isinstance(item, Unreadable)
            yield item
        if bad >= _GIVE_UP_AFTER and not good:
            yield Unreadable(given, "no_records", f"{bad} bad lines and no article")
            return
    if not good and not bad:
        yield Unreadable(given, "empty")


def _article(
    record: _Record, path: Path, given: str, told: Sequence[Claims], desk: Desk
) -> Iterator[Draft | Unreadable | LeftOut]:
    """One article of an export: its address names it, else its id, else its line."""
    text = record.values.get("text")
    if not isinstance(text, str) or not text.strip():
        yield Unreadable(f"{given}:{record.line}", "no_text", f"line {record.line}")
        return
    claims = claims_from(record.values, "record")
    url = web_address(claims.url)
    name = one_line(record.values.get("id")) or str(record.line)
    origin = url or f"file:{path.resolve().as_posix()}#{name}"
    source = Source(origin, url or f"{given}#{name}", record.raw)
    yield from make_draft(source, text, [claims, *told], desk)


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
    return _Record(number, values, line.encode("utf-8", "surrogatepass"))


def _csv_records(lines: Iterator[str | Unreadable], given: str) -> Iterator[_Record | Unreadable]:
    problems: list[Unreadable] = []
    good = _sifted(lines, problems)
    head = next(good, "").lstrip("\ufeff")
    # Strict: a stray quote is reported, where a lenient parser would change the text.
    rows = csv.reader(itertools.chain([head], good), delimiter=delimiter_of(head), strict=True)
    names: list[str] | None = None
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Unreadable(f"{given}:{line}", "bad_csv", f"line {line}: {error}")
            if _FIELD_LIMIT in str(error):
                return  # a quote was never closed: what follows is the inside of a cell
            continue
        yield from problems
        problems.clear()
        if cells is None:
            return
        if names is None:
            names = [cell.strip().lower() for cell in cells]
            if names and "text" not in names:
                yield Unreadable(given, "missing_column", "text")
                return
        elif any(cell.strip() for cell in cells):
            yield _csv_record(names, cells, line, given)


def _sifted(lines: Iterable[str | Unreadable], problems: list[Unreadable]) -> Iterator[str]:
    """Text lines; each bad one is put aside and leaves a blank line, so that counting holds."""
    for line in lines:
        if isinstance(line, Unreadable):
            problems.append(line)
            yield "\n"
        else:
            yield line


def _csv_record(names: list[str], cells: list[str], line: int, given: str) -> _Record | Unreadable:
    if len(cells) > len(names):
        detail = f"line {line}: {len(cells)} cells for {len(names)} columns"
        return Unreadable(f"{given}:{line}", "bad_csv", detail)
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    raw = out.getvalue().encode("utf-8", "surrogatepass")
    return _Record(line, dict(zip(names, cells, strict=False)), raw)
