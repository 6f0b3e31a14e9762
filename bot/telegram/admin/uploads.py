"""Files that administrators send: their names, what is said of them, and where they wait.

What is read is what the command line reads: the endings are those of `retrieval.reading`. The
``metadata.csv`` beside the uploads holds what captions and sent tables say of each file: one row
a file, a later one in the place of an earlier one. Columns that somebody added are kept.

Files that nobody confirmed wait in boxes, apart from the uploads. They are read there as if they
stood among the uploads, and moved there in the same step as the change that takes them in. A
file that is sent again then replaces the one of its name, and so do the articles in it.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import threading
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from config import data
from retrieval.reading.metadata import NAME, PlacedFile, delimiter_of
from retrieval.reading.sources import FORMATS, NAMED, format_of
from retrieval.reading.text.decoding import NotText, decode

MAX_BYTES = 20 * 1024 * 1024
"""Telegram gives a bot no larger file."""

COLUMNS = ("source", "title", "outlet", "published", "author", "url", "language")
_MAX_CELL = 1_000

_MAX_VALUE = 131_072
MAX_TABLE_BYTES = 2_000_000
"""A ``metadata.csv`` that is sent is no longer."""

Rows = dict[str, dict[str, str]]
"""The row of each file, by its name."""

FOLDER = "uploads"
_NEW = "new"
_TEXTS = frozenset({"text", "markdown", "html", "feed", "jsonl", "csv"})
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
# How files of each ending begin, where they do so always.
_BEGINNINGS = {".gz": _GZIP, ".pdf": b"%PDF", ".docx": _ZIP, ".docm": _ZIP, ".xlsx": _ZIP}
_BINARY = (b"%PDF", _ZIP, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", _GZIP)
_MAX_NAME = 80


def refusal(name: str, size: int) -> str | None:
    """Why a file is not fetched, as a key of the catalogue; None when it is."""
    if size > MAX_BYTES:
        return "telegram.upload.too_big"
    form = format_of(Path(safe_name(name)))
    if not form or form in NAMED:
        return "telegram.upload.wrong_type"
    return None


def advice(name: str) -> str:
    """What helps with a file that is not read, as a key of the catalogue."""
    suffix = Path(safe_name(name)).suffix.lower()
    return f"telegram.upload.advice.{_advised().get(suffix, 'unknown')}"


def formats() -> str:
    """What is read, for people: the first ending of each format."""
    first: dict[str, str] = {}
    for ending, form in FORMATS.items():
        if form not in NAMED:
            first.setdefault(form, ending)
    return ", ".join(first.values())


def is_as_named(name: str, content: bytes) -> bool:
    """Whether a file is what its name says, not something else renamed."""
    path = Path(safe_name(name))
    beginning = _BEGINNINGS.get(path.suffix.lower())
    if beginning is not None:
        return beginning in content[:1024]
    if format_of(path) not in _TEXTS:
        return True  # its reader knows better
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not content.startswith(_BINARY) and (utf16 or b"\0" not in content[:65_536])


def parted(name: str) -> tuple[str, str]:
    """A name without its ending, and the ending that says what the file is (``.jsonl.gz``)."""
    known = (ending for ending in FORMATS if name.lower().endswith(ending))
    ending = max(known, key=len, default=Path(name).suffix)
    return name[: len(name) - len(ending)], name[len(name) - len(ending) :]


def safe_name(name: str) -> str:
    """A name for the file on our disk: no path, no hidden file, nothing that surprises."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem, ending = parted(re.sub(r"[^\w.\- ]", "_", plain).strip(" ."))
    ending = ending[:_MAX_NAME]
    stem = stem.strip(" .")[: max(_MAX_NAME - len(ending), 1)]
    return f"{stem}{ending}" if stem and ending else stem or ending.lstrip(".")


@lru_cache(maxsize=1)
def _advised() -> dict[str, str]:
    """The advice that helps with files of an ending."""
    listed: dict[str, list[str]] = data.load("reading/sharing.toml")["advice"]
    return {ending: name for name, endings in listed.items() for ending in endings}


def written(path: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there: another process never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


# --- metadata.csv -----------------------------------------------------------------------


class BadLabelsError(ValueError):
    """A table that names no files."""


def is_labels(name: str) -> bool:
    """Whether a file of this name says something of the others."""
    return name.lower() == NAME


def read_labels(content: bytes) -> Rows:
    """The rows of a table.

    Raises:
        BadLabelsError: it is no text, no CSV, has no column ``source``, or a value without end.
    """
    try:
        lines = decode(content).lstrip("\ufeff").splitlines(keepends=True)
        reader = csv.DictReader(lines, delimiter=delimiter_of(lines[0] if lines else ""))
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if "source" not in names:
            raise BadLabelsError("there is no column source")
        reader.fieldnames = names
        rows = list(map(_cells, reader))
        # The limit of the library is one of the whole process, and others raise it.
        if any(len(value) > _MAX_VALUE for row in rows for value in row.values()):
            raise BadLabelsError("a value without end")
        return {key: row for row in rows if (key := _key(row["source"]))}
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
    return {name: " ".join(value.split())[:_MAX_CELL] for name, value in said.items() if value}


def _cells(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    """The named cells of a row; what stands after the last column is left out."""
    return {name: cell.strip() for name, cell in row.items() if name and isinstance(cell, str)}


def _key(name: str) -> str:
    """The name of a file, whatever folder a table puts it in."""
    plain = unicodedata.normalize("NFC", name.strip()).replace("\\", "/")
    return PurePosixPath(plain).name


# --- files that wait --------------------------------------------------------------------


class Boxes:
    """The folder of the boxes; each holds the files of one order.

    Args:
        home: the folder of the archive.
    """

    def __init__(self, home: Path) -> None:
        self.uploads = home / FOLDER
        self._folder = home / "waiting"
        self._lock = threading.RLock()  # a thread goes on when who waited for it gave up

    def new(self) -> str:
        """The name of a box; its folder is made with the first file."""
        return uuid.uuid4().hex

    def put(self, box: str, name: str, content: bytes) -> str:
        """Put a file into a box; the name it has there, which no other file of the box has.

        Raises:
            BadLabelsError: it is a ``metadata.csv`` that cannot be read.
        """
        safe = safe_name(name)
        if is_labels(safe):
            if len(content) > MAX_TABLE_BYTES:
                raise BadLabelsError(f"{len(content)} bytes")
            self.label(box, read_labels(content))
            return NAME
        stem, ending = parted(safe)
        path, number = self._folder / box / _NEW / safe, 2
        with self._lock:  # two of one name may come at the same time
            while path.exists():
                path, number = path.with_name(f"{stem} ({number}){ending}"), number + 1
            written(path, content)
        return path.name

    def label(self, box: str, rows: Mapping[str, Mapping[str, str]]) -> None:
        """Add what is said of files: those of the box, or those among the uploads.

        Args:
            box: its name.
            rows: by the name of each file, its values by the columns of ``metadata.csv``.
        """
        path = self._folder / box / _NEW / NAME
        with self._lock:
            before = path.read_bytes() if path.exists() else None
            written(path, merged(before, {name: dict(row) for name, row in rows.items()}))

    def files(self, box: str) -> list[Path]:
        """The files of a box, without its ``metadata.csv``; none when the box is gone."""
        return [file for file in self._all(box) if file.name != NAME]

    def is_gone(self, box: str) -> bool:
        """Whether nothing of a box is there any more."""
        return not self._all(box)

    def placed(self, box: str) -> list[PlacedFile]:
        """The files of a box, to be read as if they stood among the uploads.

        Of a box with nothing but a ``metadata.csv``, those uploads that its rows name.
        """
        table = self._folder / box / _NEW / NAME
        rows = table if table.exists() else None
        files = self.files(box)
        if not files and rows is not None:
            named = (self.uploads / name for name in read_labels(table.read_bytes()))
            return [PlacedFile(path, path, rows) for path in named if path.is_file()]
        return [PlacedFile(file, self.uploads / file.name, rows) for file in files]

    def discard(self, box: str) -> None:
        """Delete a box."""
        if box:
            shutil.rmtree(self._folder / box, ignore_errors=True)

    def tidy(self, wanted: Iterable[str], before: float) -> None:
        """Delete the boxes of no order.

        Args:
            wanted: boxes of orders that wait or are being done.
            before: only those that are older are deleted, in seconds since the epoch.
        """
        kept = set(wanted)
        for home in self._folder.iterdir() if self._folder.is_dir() else ():
            if home.name not in kept and home.stat().st_mtime < before:
                self.discard(home.name)

    def _all(self, box: str) -> list[Path]:
        folder = self._folder / box / _NEW
        found = folder.iterdir() if box and folder.is_dir() else ()
        return sorted(file for file in found if not file.name.startswith("."))


def move_into_place(files: Sequence[PlacedFile]) -> None:
    """Move files to their paths, after merging what is said of them into the table there.

    A call that was cut short is completed by a further one; after that it does nothing.

    Raises:
        OSError: no room, or no right, to write.
    """
    tables = {(file.metadata, file.path.with_name(NAME)) for file in files if file.metadata}
    for table, place in tables:
        if table.exists():
            before = place.read_bytes() if place.exists() else None
            written(place, merged(before, read_labels(table.read_bytes())))
    for file in files:
        if file.content != file.path and file.content.exists():
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.content.replace(file.path)
    for table, _ in tables:
        table.unlink(missing_ok=True)
