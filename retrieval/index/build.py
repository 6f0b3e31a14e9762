"""Building the folder of a generation afresh, from the archive alone, and checking it.

Nothing here decides what is live: a folder that is cut short is only a folder to delete.

A big one is built in a child process, beside the parent that embeds or answers. Chroma's writing
stops every Python thread of its process, and needs memory that the embedding model would rather
have.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.archive.archive_after import ArchiveAfter, PassageToIndex
from retrieval.errors import Failed, GraphLossy, IndexDamaged, KiosqueError
from retrieval.index.base import CHROMA, TABLE
from retrieval.index.entries import TIMES, Entries, read_kind
from retrieval.index.filling import BaseWriter
from retrieval.index.generations import LEXICAL, Generation, Places
from retrieval.index.lexical import LexicalIndex, PassageRecord
from retrieval.index.table import WindowTable
from retrieval.process import ChildDied, ChildProcess, messages, report
from retrieval.storage import check_contents, storage_faults, write_manifest
from retrieval.text.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from retrieval.index.filling import Done, Ready
    from retrieval.index.vectors import VectorIndex
    from retrieval.process import Connection

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
    empty(folder)
    with ArchiveAfter(places.archive, change) as archive:
        windows, passages = archive.counts()
        with LexicalIndex(folder / LEXICAL, create=True) as lexical:
            lexical.add(passage_records(archive.passages))
        ready(0)
        left_out = BaseWriter(places, archive, folder).written(windows, ready, done)
    check_generation(places.patient(), number, windows, passages, left_out)
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
        writer = BaseWriter(places, archive, folder)
        left_out = writer.written(windows, lambda _: None, done)
    entries = Entries(WindowTable(folder / TABLE), read_kind(folder / TABLE), left_out)
    with places.patient().open_vectors(folder) as vectors:
        _count(folder / CHROMA, vectors.count(), len(entries))
        _probe(vectors, entries, folder / CHROMA)
    seal(folder)


def check_generation(
    places: Places, number: int, windows: int, passages: int, left_out: Collection[int]
) -> None:
    """See that the indexes of a generation hold what the archive says, and answer.

    Args:
        places: where things are.
        number: which generation.
        windows: how many there are.
        passages: how many there are.
        left_out: which of its base's windows Chroma does not hold.

    Raises:
        IndexDamaged: one does not; the facts name it.
    """
    check_contents(places.generation(number))
    with Generation(places, number) as generation:
        base = generation.base.number
        if base != number:
            check_contents(places.generation(base), TABLE)
        entries = generation.base.entries(left_out)
        held = {
            LEXICAL: (generation.lexical.count(), passages),
            TABLE: (len(generation.table), windows),
            CHROMA: (generation.vectors.count(), len(entries)),
        }
        for name, (found, expected) in held.items():
            owner = base if name == CHROMA else number
            _count(places.generation(owner) / name, found, expected)
        _probe(generation.vectors, entries, places.generation(base) / CHROMA)


def _count(path: Path, found: int, expected: int) -> None:
    if found != expected:
        raise IndexDamaged("index_incomplete", path=str(path), found=found, expected=expected)


def _probe(vectors: VectorIndex, entries: Entries, path: Path) -> None:
    """Most of a sample of the base's entries must be found by their own vectors."""
    probes = entries.vectors(np.arange(0, len(entries), max(1, len(entries) // _PROBES)))
    # As many as a search asks for: what is deleted and still in the graph shows only then.
    best = [vectors.query(probe, _ASKED * TIMES[entries.kind]) for probe in probes]
    lost = sum(not found or found[0][1] < 0.999 for found in best)
    if lost > _MAX_LOST * len(probes):
        facts = {"lost": lost, "probes": len(probes)}
        raise GraphLossy("index_lossy", path=str(path), **facts)


def empty(folder: Path) -> None:
    """Make the folder of a generation, without what an earlier trial left.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with storage_faults(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


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
