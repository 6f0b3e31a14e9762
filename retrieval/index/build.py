"""Building the folder of a generation, afresh or from the one before, and checking it.

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
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.archive.archive_after import ArchiveAfter, PassageToIndex, WindowToIndex
from retrieval.errors import Failed, IndexDamaged, KiosqueError, StorageFull
from retrieval.index.generations import CHROMA, LEXICAL, TABLE, Generation, Places
from retrieval.index.lexical import LexicalIndex, PassageRecord
from retrieval.index.table import TableWriter, WindowTable
from retrieval.index.vectors import (
    BATCH,
    WindowRecord,
    persisted_batches,
)
from retrieval.process import ChildDied, ChildProcess, messages, report
from retrieval.storage import check_contents, storage_faults, write_manifest
from retrieval.text.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

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
    _empty(folder)
    with ArchiveAfter(places.archive, change) as archive:
        windows, passages = archive.counts()
        with LexicalIndex(folder / LEXICAL, create=True) as lexical:
            lexical.add(_passages(archive))
        ready(0)
        surplus = archive.surplus()
        held = windows - len(surplus)
        vectors = places.create_vectors(number, archive.collection(), held)
        with vectors, TableWriter(folder / TABLE, windows, archive.dimension()) as table:
            filling = _Filling(vectors, surplus, persisted_batches(held))
            for batch, numbers in _windows(archive, persisted_batches(windows), ready):
                filling.add(batch, numbers)
                table.add([_row(window) for window in batch], numbers)
                done(len(batch))
            filling.finish()
            if not places.chroma_url:
                vectors.settle()
            table.finish()
    check_generation(places, number, windows, passages, len(surplus))
    _flush(folder)


def build_from(places: Places, change: int, base: int, number: int, done: Done) -> None:
    """Make a generation from an earlier one with a change applied; for small changes.

    The same arguments and errors as `build_afresh`; ``base`` is the live generation, which
    must be sound: a damaged one can fill the disk when it is copied. No window that both
    hold may be surplus in one of them only.
    """
    folder = places.generation(number)
    _empty(folder)
    _copy(places, base, folder)
    with ArchiveAfter(places.archive, change) as archive:
        windows, passages = archive.counts()
        surplus = archive.surplus()
    with ArchiveAfter(places.archive, change, only_new=True) as archive:
        new, _ = archive.counts()
        gone_windows, gone_passages = archive.gone()
        with LexicalIndex(folder / LEXICAL) as lexical:
            lexical.delete(gone_passages)
            lexical.add(_passages(archive))
        vectors = (
            places.create_vectors(number, archive.collection(), windows - len(surplus))
            if places.chroma_url
            else places.open_vectors(number)
        )
        with vectors, TableWriter(folder / TABLE, windows, archive.dimension()) as table:
            table.copy(WindowTable(places.generation(base) / TABLE), gone_windows)
            filling = _Filling(vectors, surplus, repeat(BATCH))
            for batch, numbers in _windows(archive, _sizes(new), lambda _: None):
                filling.add(batch, numbers)
                table.add([_row(window) for window in batch], numbers)
                done(len(batch))
            filling.finish()
            if not places.chroma_url:  # on a server, the old ones go once the new are live
                vectors.delete(gone_windows)
            table.finish()
    check_generation(places, number, windows, passages, len(surplus))
    _flush(folder)


def check_generation(
    places: Places, number: int, windows: int, passages: int, surplus: int
) -> None:
    """See that the indexes of a generation hold what the archive says, and answer.

    Args:
        places: where things are.
        number: which generation.
        windows: how many there are.
        passages: how many there are.
        surplus: how many of the windows Chroma leaves out.

    Raises:
        IndexDamaged: one does not; the facts name it.
    """
    check_contents(places.generation(number))
    with Generation(places, number) as generation:
        held = {
            LEXICAL: (generation.lexical.count(), passages),
            TABLE: (len(generation.table), windows),
            CHROMA: (generation.vectors.count(), windows - surplus),
        }
        for name, (found, expected) in held.items():
            if found != expected and not (name == CHROMA and places.chroma_url):
                raise IndexDamaged(
                    "index_incomplete",
                    path=str(places.generation(number) / name),
                    found=found,
                    expected=expected,
                )
        _probe(places, generation)


def _probe(places: Places, generation: Generation) -> None:
    """Most of a sample of the windows must be found by their own vectors."""
    table = generation.table
    probes = range(0, len(table), max(1, len(table) // _PROBES))
    # As many as a search asks for: what is deleted and still in the graph shows only then.
    best = [generation.vectors.query(table.vectors[at], _ASKED) for at in probes]
    lost = sum(not found or found[0][1] < 0.999 for found in best)
    if lost > _MAX_LOST * len(probes):
        path = places.generation(generation.number) / CHROMA
        raise IndexDamaged("index_damaged", path=str(path), detail="windows not found")


class _Filling:
    """Puts windows into the vector index, but for the surplus, in batches of given sizes.

    Args:
        vectors: the index.
        surplus: the windows to leave out.
        sizes: of the batches; the last one may be smaller.
    """

    def __init__(self, vectors: VectorIndex, surplus: Set[int], sizes: Iterator[int]) -> None:
        self._vectors = vectors
        self._surplus = surplus
        self._sizes = sizes
        self._size = next(sizes, 0)
        self._waiting: list[tuple[WindowRecord, NDArray[np.float32]]] = []

    def add(self, batch: list[WindowToIndex], numbers: NDArray[np.float32]) -> None:
        """Take windows and their vectors; they go in once a batch is full."""
        self._waiting += [
            (_record(window), row)
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


def _empty(folder: Path) -> None:
    with storage_faults(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _copy(places: Places, base: int, folder: Path) -> None:
    names = [LEXICAL] if places.chroma_url else [LEXICAL, CHROMA]
    for name in names:
        with storage_faults(folder):
            try:
                shutil.copytree(places.generation(base) / name, folder / name, copy_function=_put)
            except shutil.Error as error:  # one error that holds those of all folders
                detail = error.args[0][0][2]
                raise StorageFull("storage_failed", path=str(folder), detail=detail) from error


def _put(source: str, target: str) -> str:
    """Copy a file; a fault ends the whole copy, whose other files would only meet it too."""
    with storage_faults(Path(target)):
        return str(shutil.copy2(source, target))


def _sizes(total: int) -> Iterator[int]:
    yield from (min(BATCH, total - start) for start in range(0, total, BATCH))


def _windows(
    archive: ArchiveAfter, sizes: Iterator[int], ready: Ready
) -> Iterator[tuple[list[WindowToIndex], NDArray[np.float32]]]:
    after = 0
    for size in sizes:
        ready(archive.last_window(after, size) or 0)
        batch, vectors = archive.windows(after, size)
        yield batch, vectors
        after = batch[-1].id


def _passages(archive: ArchiveAfter) -> Iterator[PassageRecord]:
    after = 0
    while batch := archive.passages(after, _PASSAGES):
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


def _record(window: WindowToIndex) -> WindowRecord:
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


def _row(window: WindowToIndex) -> tuple[int, int, int | None, int | None, str | None]:
    return window.id, window.passage_id, window.first, window.last, window.outlet


def _flush(folder: Path) -> None:
    """Write the manifest and have the system write all files: no power cut undoes what is live."""
    write_manifest(folder)
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
    """The parent's side of a child process that builds a generation.

    The parent sends window ids: up to there, windows have their vectors. The child sends how many
    more windows are in.

    Args:
        places: where things are.
        change: the staged change; its number is the generation's too.
    """

    def __init__(self, places: Places, change: int) -> None:
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


def _build(connection: Connection, places: Places, change: int) -> None:
    """In the child."""
    ready = _Ready(connection)
    report(connection, lambda: build_afresh(places, change, change, ready, connection.send))
