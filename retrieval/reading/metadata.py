"""``metadata.csv``: claims about the files beside it and below, one row a file."""

from __future__ import annotations

import csv
import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PureWindowsPath

from retrieval.reading.claims import claims_from
from retrieval.reading.pieces import Claims
from retrieval.reading.text.dating import Clock, ToCome, read_date
from retrieval.reading.text.decoding import NotText, decode
from retrieval.text.file_names import legible
from retrieval.vocabulary import Unreadable

NAME = "metadata.csv"
_MAX_BYTES = 20_000_000
_NAMES_CHARS = 300
_MAX_UP = 6
"""Folders above that of a file in which a ``metadata.csv`` may speak of it by its path."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file to be read as if it stood at another path: an upload that is not confirmed yet.

    Args:
        content: where its bytes are.
        path: where it is to stand; gives its source, its origin, its format, and the
            ``metadata.csv`` files that may describe it.
        metadata: a further ``metadata.csv``, whose rows come first; None when there is none.
    """

    content: Path
    path: Path
    metadata: Path | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line where it ends, the path that it names, and its claims."""

    line: int
    source: tuple[str, ...]
    claims: Claims

    def tail(self, path: tuple[str, ...], depth: int) -> int:
        """The number of parts of a path that the row names, from its end; 0 for another file.

        Args:
            path: the parts of the absolute path of a file.
            depth: how many of them stand below the folder of the rows; 1 for a file beside it.
        """
        pairs = zip(reversed(self.source), reversed(path), strict=False)
        common = next((n for n, (one, other) in enumerate(pairs) if one != other), None)
        if common is None:
            common = min(len(self.source), len(path))
        whole = common == len(self.source) > 1
        return common if common >= depth or whole else 0


@dataclass(frozen=True, slots=True)
class Metadata:
    """The rows of one ``metadata.csv`` by file name, and what is wrong with the file."""

    path: Path
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    problems: tuple[Unreadable, ...] = ()

    def row_of(self, file: Path) -> Row | None:
        """The row of a file beside it or below: as it is written, else in any case.

        The longest path wins. None when two rows fit as well, or when the row is that of another
        file, whose name differs by its case only.
        """
        named = self.rows.get(_key(file.name), ())
        if not named:
            return None
        path, depth = self._place(file)
        exact = _longest([(row.tail(path, depth), row) for row in named])
        if exact:
            return exact[0] if len(exact) == 1 else None
        path = _folded(path)
        found = _longest([(_in_any_case(row).tail(path, depth), row) for row in named])
        return found[0] if len(found) == 1 and not _is_other(file, found[0]) else None

    def without_file(self, files: Iterable[Path]) -> list[Unreadable]:
        """The reports of rows without a file beside the ``metadata.csv`` or below."""
        there: set[int] = set()
        for file in files:
            named = self.rows.get(_key(file.name), ())
            if named:
                path, depth = self._place(file)
                path = _folded(path)
                there |= {row.line for row in named if _in_any_case(row).tail(path, depth)}
        return [
            Unreadable(f"{self.path}:{row.line}", "row_without_file", "/".join(row.source))
            for rows in self.rows.values()
            for row in rows
            if row.line not in there
        ]

    def _place(self, file: Path) -> tuple[tuple[str, ...], int]:
        """The parts of the path of a file, and how many stand below the folder of the rows."""
        path = _parts(str(file.absolute()))
        return path, max(1, len(path) - len(_parts(str(self.path.parent.absolute()))))


def row_of(file: Path, first: Path | None = None) -> tuple[Metadata, Row] | None:
    """The row of a file, of the nearest ``metadata.csv`` that has one. Never raises.

    Args:
        file: the file; it may stand there only later.
        first: a ``metadata.csv`` elsewhere, whose rows come first.
    """
    for path in [*([first] if first else []), *metadata_above(file.parent)]:
        metadata = _at(path)
        if row := metadata.row_of(file):
            return metadata, row
    return None


def row_claims(file: PlacedFile) -> list[Claims]:
    """The claims of a ``metadata.csv`` about a file beside it or below: one, or none."""
    found = row_of(file.path, file.metadata)
    return [found[1].claims] if found else []


def bad_date(file: Path, clock: Clock, first: Path | None = None) -> Unreadable | None:
    """The report of a row whose date cannot be read; the article is read all the same.

    A date that is still to come is an embargo, and its article is reported as left out.
    ``first`` is that of `row_of`.
    """
    found = row_of(file, first)
    if found is None or not found[1].claims.published:
        return None
    metadata, row = found
    try:
        read_date(row.claims.published, clock, declared=True)
    except ToCome:
        return None
    except ValueError as error:
        detail = f"{file.name}: {row.claims.published} ({error})"
        return Unreadable(f"{metadata.path}:{row.line}", "bad_date", detail)
    return None


def metadata_beside(folder: Path) -> Metadata:
    """The ``metadata.csv`` of a folder; empty when there is none. Never raises."""
    return _at(_named(folder) or folder / NAME)


def metadata_above(folder: Path) -> list[Path]:
    """The ``metadata.csv`` of a folder and of those above it, the nearest first."""
    folder = folder.absolute()
    return [path for one in (folder, *folder.parents[:_MAX_UP]) if (path := _named(one))]


def is_metadata(name: str) -> bool:
    """Whether a file is called ``metadata.csv``, in any case."""
    return name.casefold() == NAME


def _named(folder: Path) -> Path | None:
    try:
        return _listed(folder, folder.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _listed(folder: Path, _changed: int) -> Path | None:
    """The file of a folder that is called ``metadata.csv``, that in small letters first."""
    if (folder / NAME).exists():
        return folder / NAME
    names = sorted(name for name in os.listdir(folder) if is_metadata(name))
    return folder / names[0] if names else None


def _at(path: Path) -> Metadata:
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
    rows: dict[tuple[str, ...], Row] = {}
    for cells in reader:
        source = _parts((cells["source"] or "").strip())
        if source and source not in rows:
            values = {name: cell for name, cell in cells.items() if name != "source"}
            rows[source] = Row(reader.line_num, source, claims_from(values, NAME))
    named: dict[str, tuple[Row, ...]] = {}
    for row in rows.values():
        key = row.source[-1].casefold()
        named[key] = (*named.get(key, ()), row)
    return Metadata(path, named)


def delimiter_of(header: str) -> str:
    """The delimiter of a CSV file: a comma, or what a French spreadsheet writes."""
    return max(",;\t", key=header.count)


def _parts(path: str) -> tuple[str, ...]:
    """The parts of a path of any system, without its drive and what says "here"."""
    found = PureWindowsPath(unicodedata.normalize("NFC", legible(path)))
    return tuple(part for part in found.parts if part not in (found.anchor, ".", ".."))


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", legible(name)).casefold()


def _folded(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts)


def _in_any_case(row: Row) -> Row:
    return replace(row, source=_folded(row.source))


def _longest(found: list[tuple[int, Row]]) -> list[Row]:
    longest = max((common for common, _ in found), default=0)
    return [row for common, row in found if common == longest > 0]


def _is_other(file: Path, row: Row) -> bool:
    """Whether a file stands there that is called as the row says, and is not this one."""
    other = file.with_name(row.source[-1])
    try:
        return not other.samefile(file)
    except OSError:  # no such file
        return False
