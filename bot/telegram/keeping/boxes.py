"""Files that wait for a word: apart from the uploads, until somebody confirms them.

A file that is sent again replaces the one of its name, and so do the articles in it. To see
what that would change, the files of a box are put out among the uploads and taken back; what
they replace is kept in the box meanwhile, so that a crash in between is made good.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from typing import TYPE_CHECKING

from bot.telegram.uploads import FOLDER, safe_name, written

if TYPE_CHECKING:
    from collections.abc import Iterable
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
        """Put a file into a box; the name it has there, which no other file of the box has."""
        safe = safe_name(name)
        stem, dot, suffix = safe.rpartition(".")
        path, number = self._folder / box / _NEW / safe, 2
        with self._lock:  # two of one name may come at the same time
            while path.exists():
                path, number = path.with_name(f"{stem} ({number}){dot}{suffix}"), number + 1
            written(path, content)
        return path.name

    def files(self, box: str) -> list[Path]:
        """The files of a box; none when it is gone."""
        folder = self._folder / box / _NEW
        found = folder.iterdir() if box and folder.is_dir() else ()
        return sorted(file for file in found if not file.name.startswith("."))

    def put_out(self, box: str) -> list[Path]:
        """Put the files among the uploads; where they are then."""
        with self._lock:
            return self._put_out(box)

    def _put_out(self, box: str) -> list[Path]:
        home = self._folder / box
        if not (home / _OUT).exists():
            shutil.rmtree(home / _OLD, ignore_errors=True)
            for file in self.files(box):
                before = self.uploads / file.name
                if before.exists():
                    written(home / _OLD / file.name, before.read_bytes())
            (home / _OUT).touch()
        places = [self.uploads / file.name for file in self.files(box)]
        for place, file in zip(places, self.files(box), strict=True):
            written(place, file.read_bytes())
        return places

    def take_back(self, box: str) -> None:
        """Put the uploads back as they were before `put_out`."""
        with self._lock:
            self._take_back(box)

    def _take_back(self, box: str) -> None:
        home = self._folder / box
        if not box or not (home / _OUT).exists():
            return
        for file in self.files(box):
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
