"""Building the folder of a generation afresh, from the archive alone, and checking it.

Nothing here decides what is live: a folder that is cut short is only a folder to delete.

A big one is built in a child process, beside the parent that embeds or answers. Chroma's writing
stops every Python thread of its process, and needs memory that the embedding model would rather
have.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.archive.archive_after import ArchiveAfter, PassageToIndex, WindowToIndex
from retrieval.errors import Failed, IndexDamaged, KiosqueError
from retrieval.index.generations import CHROMA, LEXICAL, TABLE, Generation, Places
from retrieval.index.lexical import LexicalIndex, PassageRecord
from retrieval.index.table import TableWriter, WindowTable
from retrieval.index.tail import surplus_rows, write_surplus
from retrieval.index.vectors import WindowRecord, persisted_batches
from retrieval.process import ChildDied, ChildProcess, messages, report
from retrieval.storage import check_contents, storage_faults, write_manifest
from retrieval.text.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray

    from retrieval.index.vectors import VectorIndex
    from retrieval.process import Connection

Ready = Callable[[int], None]
"""Waits until every window up to an id has its vector in the archive."""
Done = Callable[[int], None]
"""Called with how many more windows are in."""
_PASSAGES = 1_000
_PROBES = 16
_ASKED = 500
_ROUNDS = 3
_MAX_LOST = 0.25
"""Of the probes: even a sound graph may leave a window in fifty unreachable."""


def build_afresh(places: Places, change: int, number: int, ready: Ready, done: Done) -> None:
    """Make a generation from the archive alone.

    Args:
        places: where things are.
        change: the staged change that it is for; 0 for the archive as it is.
        number: its own number.
        ready: waits for vectors that are still being made.
        done: called with how many more windows are in.

    Raises:
        StorageFull: no room, or no right, to write.
        ArchiveDamaged: the archive, or what was built, cannot be read.
    """
    folder = places.generation(number)
    empty(folder)
    with ArchiveAfter(places.archive, change) as archive:
        windows, passages = archive.counts()
        with LexicalIndex(folder / LEXICAL, create=True) as lexical:
            lexical.add(passage_records(archive.passages))
        ready(0)
        surplus = _write_base(places, archive, folder, (windows, ready, done))
    check_generation(places.patient(), number, windows, passages, surplus)
    seal(folder)


def build_next_base(places: Places, done: Done) -> None:
    """Make a base of the archive as it is now, for a generation that has no number yet.

    Args:
        places: where things are; the folder of the next base is there, and empty.
        done: called with how many more windows are in.

    Raises:
        StorageFull: no room, or no right, to write.
        ArchiveDamaged: the archive, or what was built, cannot be read.
    """
    folder = places.next_base
    with ArchiveAfter(places.archive, 0) as archive:
        archive.connection.execute("BEGIN")  # one moment of it, while others change it
        windows, _ = archive.counts()
        surplus = _write_base(places, archive, folder, (windows, lambda _: None, done))
    table = WindowTable(folder / TABLE)
    with places.patient().open_vectors(folder) as vectors:
        _count(folder / CHROMA, vectors.count(), len(table) - surplus)
        _probe(vectors, table, folder / CHROMA)
    seal(folder)


def _write_base(
    places: Places, archive: ArchiveAfter, folder: Path, how: tuple[int, Ready, Done]
) -> int:
    """Write the windows of an archive in Chroma and as arrays; how many Chroma leaves out.

    Args:
        places: where things are.
        archive: as the base is to hold it.
        folder: that of the base.
        how: how many windows there are, what waits for vectors, and what is told of the progress.
    """
    windows, ready, done = how
    surplus = archive.surplus()
    held = windows - len(surplus)
    vectors = places.create_vectors(folder, archive.collection(), held)
    with vectors, TableWriter(folder / TABLE, windows, archive.dimension()) as table:
        filling = Filling(vectors, surplus, persisted_batches(held))
        for batch, numbers in _windows(archive, persisted_batches(windows), ready):
            filling.add(batch, numbers)
            table.add([table_row(window) for window in batch], numbers)
            done(len(batch))
        filling.finish()
        vectors.settle()
        table.finish()
        if places.server:
            _reach(vectors, WindowTable(folder / TABLE), surplus, archive)
    write_surplus(folder / TABLE, surplus_rows(surplus))
    return len(surplus)


def check_generation(
    places: Places, number: int, windows: int, passages: int, surplus: int
) -> None:
    """See that the indexes of a generation hold what the archive says, and answer.

    Args:
        places: where things are.
        number: which generation.
        windows: how many there are.
        passages: how many there are.
        surplus: how many of its base's windows Chroma leaves out.

    Raises:
        IndexDamaged: one does not; the facts name it.
    """
    check_contents(places.generation(number))
    with Generation(places, number) as generation:
        base = generation.base.number
        if base != number:
            check_contents(places.generation(base), TABLE)
        held = {
            LEXICAL: (generation.lexical.count(), passages),
            TABLE: (len(generation.table), windows),
            CHROMA: (generation.vectors.count(), len(generation.base.table) - surplus),
        }
        for name, (found, expected) in held.items():
            owner = base if name == CHROMA else number
            _count(places.generation(owner) / name, found, expected)
        _probe(generation.vectors, generation.base.table, places.generation(base) / CHROMA)


def _count(path: Path, found: int, expected: int) -> None:
    if found != expected:
        raise IndexDamaged("index_incomplete", path=str(path), found=found, expected=expected)


def _reach(
    vectors: VectorIndex, table: WindowTable, surplus: Container[int], archive: ArchiveAfter
) -> None:
    """Ask a server for each window that is in; one that its graph has lost is put in again."""
    rows = np.flatnonzero([id_ not in surplus for id_ in table.ids.tolist()])
    for _ in range(_ROUNDS):
        lost = vectors.unreached(table.ids[rows].tolist(), table.vectors_of(rows))
        if not lost:
            return
        vectors.delete(lost)
        windows, numbers = archive.windows_of(lost)
        vectors.add([window_record(window) for window in windows], numbers)
        rows = rows[np.isin(table.ids[rows], lost)]


def _probe(vectors: VectorIndex, table: WindowTable, path: Path) -> None:
    """Most of a sample of the base's windows must be found by their own vectors."""
    probes = range(0, len(table), max(1, len(table) // _PROBES))
    # As many as a search asks for: what is deleted and still in the graph shows only then.
    best = [vectors.query(vector, _ASKED) for vector in table.vectors_of(np.array(probes))]
    lost = sum(not found or found[0][1] < 0.999 for found in best)
    if lost > _MAX_LOST * len(probes):
        raise IndexDamaged("index_damaged", path=str(path), detail="windows not found")


class Filling:
    """Puts windows into the vector index, but for the surplus, in batches of given sizes.

    Args:
        vectors: the index.
        surplus: the windows to leave out.
        sizes: of the batches; the last one may be smaller.
    """

    def __init__(self, vectors: VectorIndex, surplus: Container[int], sizes: Iterator[int]) -> None:
        self._vectors = vectors
        self._surplus = surplus
        self._sizes = sizes
        self._size = next(sizes, 0)
        self._waiting: list[tuple[WindowRecord, NDArray[np.float32]]] = []

    def add(self, batch: list[WindowToIndex], numbers: NDArray[np.float32]) -> None:
        """Take windows and their vectors; they go in once a batch is full."""
        self._waiting += [
            (window_record(window), row)
            for window, row in zip(batch, numbers, strict=True)
            if window.id not in self._surplus
        ]
        while 0 < self._size <= len(self._waiting):
            self._put(self._size)
            self._size = next(self._sizes, 0)

    def finish(self) -> None:
        """Put in what is waiting."""
        self._put(len(self._waiting))

    def _put(self, size: int) -> None:
        now, self._waiting = self._waiting[:size], self._waiting[size:]
        if now:
            self._vectors.add([record for record, _ in now], np.stack([row for _, row in now]))


def empty(folder: Path) -> None:
    """Make the folder of a generation, without what an earlier trial left.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with storage_faults(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _windows(
    archive: ArchiveAfter, sizes: Iterator[int], ready: Ready
) -> Iterator[tuple[list[WindowToIndex], NDArray[np.float32]]]:
    after = 0
    for size in sizes:
        ready(archive.last_window(after, size) or 0)
        batch, vectors = archive.windows(after, size)
        yield batch, vectors
        after = batch[-1].id


def passage_records(
    passages: Callable[[int, int], list[PassageToIndex]],
) -> Iterator[PassageRecord]:
    """Passages as the lexical index holds them.

    Args:
        passages: gives the next so many after a passage.
    """
    after = 0
    while batch := passages(after, _PASSAGES):
        yield from map(_analysed, batch)
        after = batch[-1].id


@lru_cache(maxsize=4)
def _title_terms(title: str, language: str) -> list[str]:
    """Remembered, because the passages of an article come one after the other."""
    return analyse(title, language)


def _analysed(passage: PassageToIndex) -> PassageRecord:
    return PassageRecord(
        id=passage.id,
        terms=analyse(passage.text, passage.language),
        title_terms=_title_terms(passage.title, passage.language),
        first=passage.first,
        last=passage.last,
        outlet=passage.outlet,
    )


def window_record(window: WindowToIndex) -> WindowRecord:
    """A window as Chroma holds it."""
    return WindowRecord(
        id=window.id,
        text=window.text,
        article_id=window.article_id,
        passage=window.ordinal,
        title=window.title,
        outlet=window.outlet,
        language=window.language,
        published=window.first,
    )


def table_row(window: WindowToIndex) -> tuple[int, int, int | None, int | None, str | None]:
    """A window as the arrays hold it."""
    return window.id, window.passage_id, window.first, window.last, window.outlet


def seal(folder: Path, before: Path | None = None) -> None:
    """Write the manifest and have the system write all files: no power cut undoes what is live.

    Args:
        folder: a generation that is whole.
        before: one that it shares files with.
    """
    write_manifest(folder, before)
    with storage_faults(folder):
        for path in [folder, *folder.rglob("*")]:
            if os.name == "nt" and path.is_dir():
                continue
            write_through(path)


def write_through(path: Path) -> None:
    """Have the system write a file or folder to the disk now."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- in a child process -------------------------------------------------------------

_NICENESS = 15
_ALL = 1 << 62
"""Every window has its vector."""


class GenerationBuilder:
    """The parent's side of a child process that builds a generation, or the next base.

    The parent sends window ids: up to there, windows have their vectors. The child sends how many
    more windows are in.

    Args:
        places: where things are.
        change: the staged change; its number is the generation's too. None for the next base.
    """

    def __init__(self, places: Places, change: int | None) -> None:
        self._child = ChildProcess(_build, places, change, niceness=_NICENESS)

    def ready(self, window: int) -> None:
        """Every window up to this id has its vector now."""
        with suppress(OSError):  # it has ended; `finish` says why
            self._child.connection.send(window)

    def finish(self, done: Callable[[int], None]) -> None:
        """Wait until the generation is built and checked.

        Args:
            done: called with how many more windows are in.

        Raises:
            StorageFull: no room, or no right, to write.
            ArchiveDamaged: the archive or what was built cannot be read.
            Failed: the child ended without a result.
        """
        self.ready(_ALL)
        try:
            for windows in messages(self._child):
                done(windows)
        except KiosqueError:
            raise
        except ChildDied as died:
            raise Failed("builder_died", status=died.status) from None
        except Exception as error:
            raise Failed("builder_died", status=repr(error)) from error

    def stop(self) -> None:
        """End it, if it has not ended."""
        self._child.end()


class _Ready:
    """Waits for vectors, in the child."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._up_to = -1

    def __call__(self, window: int) -> None:
        """Wait until a window has its vector; ends the process if the parent is gone."""
        while self._up_to < window:
            self._up_to = self._connection.recv()


def _build(connection: Connection, places: Places, change: int | None) -> None:
    """In the child."""
    if change is None:
        report(connection, lambda: build_next_base(places, connection.send))
        return
    ready = _Ready(connection)
    report(connection, lambda: build_afresh(places, change, change, ready, connection.send))
