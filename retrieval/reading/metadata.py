"""``metadata.csv``: what somebody wrote down about the files beside it."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PureWindowsPath

from retrieval.reading.claims import Claims, claims_from
from retrieval.reading.dating import ToCome, read_date
from retrieval.reading.decoding import NotText, decode
from retrieval.reading.moments import Clock
from retrieval.vocabulary import Unreadable

NAME = "metadata.csv"
_MAX_BYTES = 20_000_000
_NAMES_CHARS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line where it ends, and what it claims."""

    line: int
    claims: Claims


@dataclass(frozen=True, slots=True)
class Metadata:
    """The rows of one ``metadata.csv`` by file name, and what is wrong with the file."""

    path: Path
    rows: Mapping[str, Row] = field(default_factory=dict)
    problems: tuple[Unreadable, ...] = ()

    def claims_of(self, file: Path) -> Claims | None:
        """What the file's row says, or None."""
        row = self.rows.get(_key(file.name))
        return row.claims if row else None

    def bad_date(self, file: Path, clock: Clock) -> Unreadable | None:
        """The report of a row whose date cannot be read; the article is read all the same.

        A date that is still to come is an embargo, and its article is told as left out.
        """
        row = self.rows.get(_key(file.name))
        if row is None or not row.claims.published:
            return None
        try:
            read_date(row.claims.published, clock, told=True)
        except ToCome:
            return None
        except ValueError as error:
            detail = f"{file.name}: {row.claims.published} ({error})"
            return Unreadable(f"{self.path}:{row.line}", "bad_date", detail)
        return None

    def without_file(self, names: frozenset[str]) -> list[Unreadable]:
        """The reports of rows whose file is not among the names of the folder."""
        there = {_key(name) for name in names}
        return [
            Unreadable(f"{self.path}:{row.line}", "row_without_file", name)
            for name, row in self.rows.items()
            if name not in there
        ]


def metadata_beside(folder: Path) -> Metadata:
    """The ``metadata.csv`` of a folder; empty when there is none. Never raises."""
    path = folder / NAME
    try:
        found = path.stat()
    except OSError:
        return Metadata(path)
    return _load(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int, size: int) -> Metadata:
    """One reading serves all files of a folder, until the file is changed."""
    if size > _MAX_BYTES:
        return Metadata(path, {}, (Unreadable(str(path), "too_large", f"{size} bytes"),))
    try:
        return _rows(path, decode(path.read_bytes()))
    except NotText as error:
        return Metadata(path, {}, (Unreadable(str(path), error.reason, error.detail),))
    except (OSError, csv.Error) as error:
        reason = "bad_csv" if isinstance(error, csv.Error) else "unreadable"
        return Metadata(path, {}, (Unreadable(str(path), reason, str(error)),))


def _rows(path: Path, text: str) -> Metadata:
    lines = text.splitlines(keepends=True)
    reader = csv.DictReader(lines, delimiter=delimiter_of(lines[0] if lines else ""))
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if "source" not in names:
        there = ", ".join(filter(None, names))[:_NAMES_CHARS]
        problem = Unreadable(str(path), "metadata_column", f"source; {there or '–'}")
        return Metadata(path, {}, (problem,))
    reader.fieldnames = names
    rows: dict[str, Row] = {}
    for cells in reader:
        key = _key((cells["source"] or "").strip())
        if key and key not in rows:
            told = {name: cell for name, cell in cells.items() if name != "source"}
            rows[key] = Row(reader.line_num, claims_from(told, "metadata.csv"))
    return Metadata(path, rows)


def delimiter_of(header: str) -> str:
    """The delimiter of a CSV file: a comma, or what a French spreadsheet writes."""
    return max(",;\t", key=header.count)


def _key(path: str) -> str:
    """The name of a file, whatever folders stand before it, on any system, in any case."""
    return unicodedata.normalize("NFC", PureWindowsPath(path).name).casefold()
