"""Files that wait for a word: apart from the uploads, until somebody confirms them.

A file that is sent again replaces the one of its name, and so do the articles in it. To see
what that would change, the files of a box are put out among the uploads and taken back; what
they replace is kept in the box meanwhile, so that a crash in between is made good.

What is said of the files is a ``metadata.csv`` in the box; its rows are put out into the one of
the uploads.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from typing import TYPE_CHECKING

from bot.telegram.admin.labels import (
    MOST_BYTES,
    BadLabelsError,
    Rows,
    is_labels,
    merged,
    read_labels,
)
from bot.telegram.admin.uploads import FOLDER, parted, safe_name, written
from retrieval.reading.metadata import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_NEW, _OLD, _OUT = "new", "old", "out"


class Boxes:
    """The folder of the boxes.

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
            if len(content) > MOST_BYTES:
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
        """Keep what is said of files: those of the box, or those among the uploads.

        Args:
            box: its name.
            rows: by the name of each file, what is said by the columns of ``metadata.csv``.
        """
        path = self._folder / box / _NEW / NAME
        with self._lock:
            before = path.read_bytes() if path.exists() else None
            written(path, merged(before, {name: dict(row) for name, row in rows.items()}))

    def files(self, box: str) -> list[Path]:
        """The files of a box, without what is said of them; none when it is gone."""
        return [file for file in self._kept(box) if file.name != NAME]

    def is_gone(self, box: str) -> bool:
        """Whether nothing of a box is kept any more."""
        return not self._kept(box)

    def _kept(self, box: str) -> list[Path]:
        folder = self._folder / box / _NEW
        found = folder.iterdir() if box and folder.is_dir() else ()
        return sorted(file for file in found if not file.name.startswith("."))

    def _labels(self, box: str) -> Rows:
        path = self._folder / box / _NEW / NAME
        try:
            return read_labels(path.read_bytes()) if path.exists() else {}
        except BadLabelsError:
            return {}

    def put_out(self, box: str) -> list[Path]:
        """Put the files among the uploads; where they are then."""
        with self._lock:
            return self._put_out(box)

    def _put_out(self, box: str) -> list[Path]:
        home = self._folder / box
        if not (home / _OUT).exists():
            shutil.rmtree(home / _OLD, ignore_errors=True)
            for file in self._kept(box):
                before = self.uploads / file.name
                if before.exists():
                    written(home / _OLD / file.name, before.read_bytes())
            (home / _OUT).touch()
        rows = self._labels(box)
        if rows:
            before = home / _OLD / NAME
            written(
                self.uploads / NAME, merged(before.read_bytes() if before.exists() else None, rows)
            )
        places = [self.uploads / file.name for file in self.files(box)]
        for place, file in zip(places, self.files(box), strict=True):
            written(place, file.read_bytes())
        return places or self._named(rows)

    def _named(self, rows: Rows) -> list[Path]:
        """The uploads that a table without files speaks of; the table, when there are none."""
        found = [self.uploads / name for name in rows if (self.uploads / name).is_file()]
        return found or ([self.uploads / NAME] if rows else [])

    def take_back(self, box: str) -> None:
        """Put the uploads back as they were before `put_out`."""
        with self._lock:
            self._take_back(box)

    def _take_back(self, box: str) -> None:
        home = self._folder / box
        if not box or not (home / _OUT).exists():
            return
        for file in self._kept(box):
            before, place = home / _OLD / file.name, self.uploads / file.name
            if before.exists():
                written(place, before.read_bytes())
            else:
                place.unlink(missing_ok=True)
        shutil.rmtree(home / _OLD, ignore_errors=True)
        (home / _OUT).unlink()

    def discard(self, box: str) -> None:
        """Forget a box; what is among the uploads stays there."""
        if box:
            shutil.rmtree(self._folder / box, ignore_errors=True)

    def tidy(self, wanted: Iterable[str], working: Iterable[str], before: float) -> None:
        """Take back what was put out, and forget what nobody wants.

        Args:
            wanted: boxes that wait for a word.
            working: those whose order is being made: they are left as they are.
            before: an unwanted box that is older is forgotten, in seconds since the epoch.
        """
        kept, busy = set(wanted), set(working)
        if not self._folder.is_dir():
            return
        for home in self._folder.iterdir():
            if home.name in busy:
                continue
            self.take_back(home.name)
            if home.name not in kept and home.stat().st_mtime < before:
                self.discard(home.name)
