"""Generations: the folders of indexes that readers have open, each made once and never changed.

``generations/<n>/`` holds ``lexical`` (passages) and either a base, ``chroma`` and ``table``
(windows, and the same as arrays), or what came upon the base of an earlier one, ``tail``.
With a Chroma server, ``server-collection`` is in the place of ``chroma``.
Writers build the next one beside; the archive says which is live.
"""

from __future__ import annotations

import json
import secrets
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.archive.schema import INDEXES
from retrieval.errors import IndexDamaged, ServerUnreachable
from retrieval.index.base import CHROMA, TABLE, Base
from retrieval.index.entries import Form, Kind, read_kind
from retrieval.index.layers import LayeredTable
from retrieval.index.lexical import LexicalIndex
from retrieval.index.table import count_rows
from retrieval.index.tail import TAIL, Tail, read_surplus
from retrieval.index.vectors import create_vectors, open_vectors
from retrieval.storage import (
    Closing,
    FolderLock,
    check_contents,
    check_sizes,
    is_locked,
    read_small,
    storage_faults,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from retrieval.index.server import ChromaServer
    from retrieval.index.vectors import VectorIndex

ARCHIVE = "archive.db"
RESTORING = "restoring-"
"""Begins the names of folders that a backup is brought back in."""
LEXICAL = "lexical"
SERVER = "server-collection"


@dataclass(frozen=True)
class Places:
    """Where things are in ``KIOSQUE_HOME``.

    Args:
        home: that folder.
        server: a Chroma server that holds the windows instead of ``chroma`` folders.
        form: how Chroma's index of a new base is made.
    """

    home: Path
    server: ChromaServer | None = None
    form: Form = field(default_factory=Form)

    @property
    def archive(self) -> Path:
        """The SQLite file."""
        return self.home / ARCHIVE

    def generation(self, number: int) -> Path:
        """The folder of one generation."""
        return self.home / INDEXES / str(number)

    @property
    def next_base(self) -> Path:
        """Where a base is made that no generation stands on yet."""
        return self.home / INDEXES / "next"

    def open_vectors(self, base: int | Path) -> VectorIndex:
        """The windows of a base: its own Chroma folder, or its collection of the server.

        Args:
            base: its number, or its folder.

        Raises:
            IndexDamaged: it is missing, or does not hold as many as were put in.
            ServerUnreachable: the server does not answer.
        """
        folder = base if isinstance(base, Path) else self.generation(base)
        if not self.server:
            check_contents(folder, CHROMA)
            return open_vectors(folder / CHROMA, read_kind(folder / TABLE))
        held = _Collection.of(folder)
        if held is None:
            raise IndexDamaged("index_missing", path=str(folder / SERVER))
        vectors = self.server.open(held.name, str(folder / SERVER))
        try:
            found = vectors.count()
            if found != held.entries:
                facts = {"found": found, "expected": held.entries}
                raise IndexDamaged("index_incomplete", path=vectors.where, **facts)
        except BaseException:
            vectors.close()
            raise
        return vectors

    def create_vectors(
        self, folder: Path, collection: str, kind: Kind, entries: int
    ) -> VectorIndex:
        """The index of a base that is being made.

        Args:
            folder: that of the base, which is there.
            collection: how a server's name for it begins.
            kind: what it will hold.
            entries: how many of them.
        """
        if not self.server:
            return create_vectors(folder / CHROMA, entries, kind)
        # An archive that is restored beside must not write into the collection of the other.
        name = f"{collection}-{kind}-{secrets.token_hex(8)}"
        _Collection(name, entries).write(folder)
        return self.server.create(name, str(folder / SERVER))

    def patient(self) -> Places:
        """The same for a writer, who waits for a server that is away or slow."""
        return replace(self, server=self.server and replace(self.server, patient=True))

    def sizes(self, number: int) -> tuple[int, int]:
        """The windows of a generation's base, and those that came upon it or are gone from it.

        Raises:
            IndexDamaged: they cannot be read.
        """
        folder = self.generation(number)
        tail = Tail.of(folder, number)
        added = sum(count_rows(folder / TAIL / name) for name in tail.names)
        return count_rows(self.generation(tail.base) / TABLE), added + len(tail.gone)

    def kind(self, number: int) -> Kind:
        """What Chroma holds of a generation's base.

        Raises:
            IndexDamaged: it cannot be read.
        """
        base = Tail.of(self.generation(number), number).base
        return read_kind(self.generation(base) / TABLE)

    def numbers(self) -> list[int]:
        """The generations that have a folder, oldest first."""
        if not (self.home / INDEXES).is_dir():
            return []
        names = [folder.name for folder in (self.home / INDEXES).iterdir() if folder.is_dir()]
        return sorted(int(name) for name in names if name.isdigit())

    def clear_restoring(self) -> None:
        """Delete what a restoring that was cut short left; only under the writer's lock."""
        for folder in self.home.glob(f"{RESTORING}*"):
            left = replace(self, home=folder)
            for number in left.numbers():
                left.drop(number)
            if not left.numbers():
                shutil.rmtree(folder, ignore_errors=True)

    def is_read(self, number: int) -> bool:
        """Whether somebody has a generation open, as far as can be known."""
        return is_locked(self.generation(number))

    def drop(self, number: int) -> None:
        """Delete a generation; readers that have it open go on with the files they hold."""
        self.discard(self.generation(number))

    def discard(self, folder: Path) -> None:
        """Delete a folder of indexes, and what a server holds of it.

        While a server that holds its windows is away, the name of the collection stays: the next
        writer tries again.
        """
        try:
            self.remove(folder)
        except ServerUnreachable:
            for part in folder.iterdir():
                _delete(part, kept=SERVER)

    def remove(self, folder: Path) -> None:
        """The same, all or nothing.

        Raises:
            ServerUnreachable: the server that holds its windows does not answer.
        """
        held = _Collection.of(folder) if self.server else None
        if self.server and held:
            self.server.drop(held.name)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Collection:
    """The collection of a server that holds the entries of a base, and how many they are."""

    name: str
    entries: int

    @classmethod
    def of(cls, folder: Path) -> _Collection | None:
        """That of a base's folder; None if it has none."""
        try:
            told = json.loads(read_small(folder / SERVER))
            return cls(str(told["collection"]), int(told["windows"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Put it into a base's folder, before the collection is made: no crash forgets it."""
        told = {"collection": self.name, "windows": self.entries}
        with storage_faults(folder):
            (folder / SERVER).write_text(json.dumps(told), "utf-8")


def _delete(path: Path, kept: str) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    elif path.name != kept:
        path.unlink(missing_ok=True)


class Generation(Closing):
    """The indexes of one generation, each opened when it is first asked for.

    Safe from several threads.

    Args:
        places: where things are.
        number: which generation.
        bases: bases that are open already.
        without_chroma: the numbers of bases whose Chroma is not to be looked at.

    Raises:
        IndexDamaged: its folder, or a file in it, is missing or of another size. An index
            that cannot be read for another reason raises at its first use.
    """

    def __init__(
        self,
        places: Places,
        number: int,
        bases: Iterable[Base] = (),
        without_chroma: Container[int] = (),
    ) -> None:
        self.number = number
        self._folder = places.generation(number)
        self._lock = threading.Lock()
        self._lexical: LexicalIndex | None = None
        self._table: LayeredTable | None = None
        self._closed = False
        self._used = FolderLock(self._folder)
        try:
            if not self._folder.is_dir():
                raise IndexDamaged("index_missing", path=str(self._folder))
            check_sizes(self._folder, LEXICAL)
            check_sizes(self._folder, TAIL)
            self.tail = Tail.of(self._folder, number)
            at, shared = self.tail.base, {base.number: base for base in bases}
            excused = at in without_chroma
            self.base = (shared.get(at) or _base(places, at, without_chroma=excused)).hold()
        except IndexDamaged:
            self._used.release()
            raise

    @property
    def vectors(self) -> VectorIndex:
        """The windows of its base in Chroma; those that are gone too."""
        return self.base.vectors

    @property
    def lexical(self) -> LexicalIndex:
        """The passages in tantivy."""
        with self._lock:
            if self._lexical is None:
                check_contents(self._folder, LEXICAL)
                self._lexical = LexicalIndex(self._folder / LEXICAL)
            return self._lexical

    @property
    def table(self) -> LayeredTable:
        """The windows as arrays, for exact filters and scores."""
        with self._lock:
            if self._table is None:
                layers = [self.base.table, *self.tail.layers(self._folder)]
                self._table = LayeredTable(layers, self.tail.gone, self.tail.standing_in)
            return self._table

    def rows_near(self, vector: NDArray[np.float32], n: int) -> NDArray[np.intp]:
        """The rows of the windows that Chroma finds, or of all those of the passages it finds.

        Args:
            vector: what they are to be near to.
            n: how many of what it holds to ask for; fewer come when some of them are gone.

        Raises:
            IndexDamaged, StorageFull, ServerUnreachable: as `Base.nearest`.
        """
        near = [id_ for id_, _ in self.base.nearest(vector, min(n, len(self.base.table)))]
        of_passages = self.base.kind == "passages"
        return self.table.of_passages(near) if of_passages else self.table.places(near)

    def left_out(self) -> set[int] | None:
        """The windows of its base that Chroma does not hold; None if the base does not tell."""
        rows = read_surplus(self.base.folder / TABLE)
        if rows is None:
            rows = read_surplus(self._folder / TAIL)
        return None if rows is None else set(rows["window"].tolist())

    def close(self) -> None:
        """Let the files go; once more does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self.base.close()
            self._lexical = self._table = None
            self._used.release()


def _base(places: Places, number: int, *, without_chroma: bool) -> Base:
    opener = partial(places.open_vectors, number)
    return Base(number, places.generation(number), opener, without_chroma=without_chroma)


class OpenGenerations:
    """The open generation, and those that a question still uses after it was replaced.

    Safe from several threads.

    Args:
        places: where the generations are.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._open: dict[int, Generation] = {}
        self._users: dict[int, int] = {}
        self._current: int | None = None
        self.without_chroma: set[int] = set()
        """The bases whose Chroma is damaged, and is not to be asked."""

    @contextmanager
    def of(self, number: int) -> Iterator[Generation]:
        """A generation, held open inside the block; it is the current one from then on.

        Raises:
            IndexDamaged: its folder is missing.
        """
        with self._lock:
            if number not in self._open:
                bases = [generation.base for generation in self._open.values()]
                self._open[number] = Generation(self._places, number, bases, self.without_chroma)
            self._users[number] = self._users.get(number, 0) + 1
            self._current = number
            generation = self._open[number]
        try:
            yield generation
        finally:
            with self._lock:
                self._users[number] -= 1
                self._close_unused()

    def _close_unused(self) -> None:
        for number in list(self._open):
            if number != self._current and not self._users.get(number):
                self._open.pop(number).close()
                self._users.pop(number, None)

    def close(self) -> None:
        """Close every generation; those in use are closed by their last user."""
        with self._lock:
            self._current = None
            self._close_unused()
