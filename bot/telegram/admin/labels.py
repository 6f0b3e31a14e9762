"""``metadata.csv`` among the uploads: what captions and sent tables say of the files beside it.

Reading takes it for the surest place of a text, a page or a document. Each file has one row; a
later one takes the place of an earlier one. Columns that somebody added are kept. Pure.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from retrieval.reading.metadata import NAME, delimiter_of
from retrieval.reading.text.decoding import NotText, decode

COLUMNS = ("source", "title", "outlet", "published", "author", "url", "language")
_MOST_CELL = 1_000

MOST_BYTES = 2_000_000
"""A table that is sent is no longer."""

Rows = dict[str, dict[str, str]]
"""The row of each file, by its name."""


class BadLabelsError(ValueError):
    """A table that names no files."""


def is_labels(name: str) -> bool:
    """Whether a file of this name says something of the others."""
    return name.lower() == NAME


def read_labels(content: bytes) -> Rows:
    """The rows of a table.

    Raises:
        BadLabelsError: it is no text, no CSV, or has no column ``source``.
    """
    try:
        lines = decode(content).lstrip("\ufeff").splitlines(keepends=True)
        reader = csv.DictReader(lines, delimiter=delimiter_of(lines[0] if lines else ""))
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if "source" not in names:
            raise BadLabelsError("there is no column source")
        reader.fieldnames = names
        return {key: row for row in map(_cells, reader) if (key := _key(row["source"]))}
    except (csv.Error, NotText) as error:
        raise BadLabelsError(str(error)) from error


def merged(earlier: bytes | None, later: Rows) -> bytes:
    """A table with further rows.

    Args:
        earlier: the table as it was; one that cannot be read gives way.
        later: the rows that are new, or new for a file that has one.
    """
    try:
        rows = read_labels(earlier) if earlier else {}
    except BadLabelsError:
        rows = {}
    rows |= {_key(name): {**row, "source": name} for name, row in later.items()}
    columns = dict.fromkeys((*COLUMNS, *(name for row in rows.values() for name in row)))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    return out.getvalue().encode()


def row_of(said: Mapping[str, str]) -> dict[str, str]:
    """A row without the name of its file: single lines of bounded length."""
    return {name: " ".join(value.split())[:_MOST_CELL] for name, value in said.items() if value}


def _cells(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    """The named cells of a row; what stands after the last column is left out."""
    return {name: cell.strip() for name, cell in row.items() if name and isinstance(cell, str)}


def _key(name: str) -> str:
    """The name of a file, whatever folder a table puts it in."""
    plain = unicodedata.normalize("NFC", name.strip()).replace("\\", "/")
    return PurePosixPath(plain).name
