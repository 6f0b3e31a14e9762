"""Files that wait for a confirmation, apart from the uploads.

They are read from where they wait as if they stood among the uploads already, and are moved there
in the same step as the change that takes them in. A file that is sent again then replaces the
one of its name, and so do the articles in it. What is said of the files is a ``metadata.csv`` in
their box; its rows are merged into the one of the uploads.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from typing import TYPE_CHECKING

from bot.telegram.admin.uploads import (
    FOLDER,
    MAX_TABLE_BYTES,
    BadLabelsError,
    is_labels,
    merged,
    parted,
    read_labels,
    safe_name,
    written,
)
from retrieval.reading import PlacedFile
from retrieval.reading.metadata import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_NEW = "new"


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
        """A box, by its name."""
        name = uuid.uuid4().hex
        (self._folder / name / _NEW).mkdir(parents=True)
        return name

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
