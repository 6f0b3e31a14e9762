"""Writes a base: all windows as arrays, and Chroma's index of the windows or of their passages.

Windows go into both as their vectors come. An index of passages is filled once the arrays are
whole, from which the means are taken: nothing is embedded for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from retrieval.index.base import TABLE
from retrieval.index.entries import Entries, write_kind
from retrieval.index.table import TableWriter, WindowTable
from retrieval.index.tail import surplus_rows, write_surplus
from retrieval.index.vectors import BATCH, VectorRecord, persisted_batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from retrieval.archive.archive_after import ArchiveAfter, PassageToIndex, WindowToIndex
    from retrieval.index.entries import Kind
    from retrieval.index.generations import Places
    from retrieval.index.vectors import VectorIndex

Ready = Callable[[int], None]
"""Waits until every window up to an id has its vector in the archive."""
Done = Callable[[int], None]
"""Called with how many more windows are in."""
_ROUNDS = 3
_ARRAYS = 4
"""One part in so many of the time that a base of passages takes goes into its arrays."""


class BaseWriter:
    """Writes the base of a generation.

    Args:
        places: where things are.
        archive: as the base is to hold it.
        folder: that of the base, which is there.
    """

    def __init__(self, places: Places, archive: ArchiveAfter, folder: Path) -> None:
        self._places = places
        self._archive = archive
        self._folder = folder

    def written(self, windows: int, ready: Ready, done: Done) -> Mapping[int, bytes]:
        """Write it.

        Args:
            windows: how many it is to hold.
            ready: waits for vectors that are still being made.
            done: called with how many more windows are in.

        Returns:
            The windows that Chroma does not hold, and the digests of their texts.

        Raises:
            StorageFull: no room, or no right, to write.
            ArchiveDamaged: the archive cannot be read.
        """
        kind = self._places.form.kind(windows)
        surplus = self._archive.surplus(kind)
        if kind == "windows":
            self._write_windows(windows, surplus, ready, done)
        else:
            self._write_passages(windows, surplus, ready, done)
        write_kind(self._folder / TABLE, kind)
        write_surplus(self._folder / TABLE, surplus_rows(surplus))
        return surplus

    def _write_windows(
        self, windows: int, surplus: Collection[int], ready: Ready, done: Done
    ) -> None:
        """Fill the arrays and Chroma at once."""
        held = windows - len(surplus)
        with self._created("windows", held) as vectors:
            filling = Filling(vectors, persisted_batches(held))
            for batch, numbers in self._arrays(windows, ready):
                within = [at for at, window in enumerate(batch) if window.id not in surplus]
                records = [self._record(batch[at], "windows") for at in within]
                filling.add(records, numbers[within])
                done(len(batch))
            filling.finish()
            self._settle(vectors, "windows", surplus)

    def _write_passages(
        self, windows: int, surplus: Collection[int], ready: Ready, done: Done
    ) -> None:
        """Fill the arrays, then Chroma from them."""
        told = 0
        for batch, _ in self._arrays(windows, ready):
            done(len(batch) // _ARRAYS)
            told += len(batch) // _ARRAYS
        left = windows - told
        entries = Entries(WindowTable(self._folder / TABLE), "passages", surplus)
        with self._created("passages", len(entries)) as vectors:
            at = told = 0
            for size in persisted_batches(len(entries)):
                part = np.arange(at, at + size)
                self._put(vectors, "passages", entries.ids[part], entries.vectors(part))
                at += size
                done(left * at // len(entries) - told)
                told = left * at // len(entries)
            self._settle(vectors, "passages", surplus)

    def _arrays(
        self, windows: int, ready: Ready
    ) -> Iterator[tuple[list[WindowToIndex], NDArray[np.float32]]]:
        """Write the arrays; each batch of windows and their vectors, once it is written."""
        after = 0
        with TableWriter(self._folder / TABLE, windows, self._archive.dimension()) as table:
            for size in persisted_batches(windows):
                ready(self._archive.last_window(after, size) or 0)
                batch, vectors = self._archive.windows(after, size)
                table.add([table_row(window) for window in batch], vectors)
                yield batch, vectors
                after = batch[-1].id
            table.finish()

    def _created(self, kind: Kind, entries: int) -> VectorIndex:
        name = self._archive.collection()
        return self._places.create_vectors(self._folder, name, kind, entries)

    def _settle(self, vectors: VectorIndex, kind: Kind, surplus: Collection[int]) -> None:
        """See that all that is in is found again.

        A server is asked for each entry; one that its graph has lost is put in again.
        """
        vectors.settle()
        if not self._places.server:
            return
        entries = Entries(WindowTable(self._folder / TABLE), kind, surplus)
        at = np.arange(len(entries))
        for _ in range(_ROUNDS):
            lost = [
                id_
                for part in np.array_split(at, -(-len(at) // BATCH) or 1)
                for id_ in vectors.unreached(entries.ids[part].tolist(), entries.vectors(part))
            ]
            if not lost:
                return
            vectors.delete(lost)
            at = at[np.isin(entries.ids[at], lost)]
            self._put(vectors, kind, entries.ids[at], entries.vectors(at))

    def _put(
        self,
        vectors: VectorIndex,
        kind: Kind,
        ids: NDArray[np.int64],
        numbers: NDArray[np.float32],
    ) -> None:
        """Put entries into Chroma, in the order of their ids, with what the archive says."""
        found: Sequence[WindowToIndex | PassageToIndex]
        if kind == "windows":
            found, _ = self._archive.windows_of(ids.tolist())
        else:
            found = self._archive.passages_of(ids.tolist())
        vectors.add([self._record(entry, kind) for entry in found], numbers)

    def _record(self, entry: WindowToIndex | PassageToIndex, kind: Kind) -> VectorRecord:
        return VectorRecord(
            id=entry.id,
            text=entry.text if self._places.form.has_texts(kind) else None,
            article_id=entry.article_id,
            passage=entry.ordinal,
            title=entry.title,
            outlet=entry.outlet,
            language=entry.language,
            published=entry.first,
        )


class Filling:
    """Puts entries into a vector index in batches of given sizes.

    Args:
        vectors: the index.
        sizes: of the batches; the last one may be smaller.
    """

    def __init__(self, vectors: VectorIndex, sizes: Iterator[int]) -> None:
        self._vectors = vectors
        self._sizes = sizes
        self._size = next(sizes, 0)
        self._waiting: list[tuple[VectorRecord, NDArray[np.float32]]] = []

    def add(self, records: Sequence[VectorRecord], numbers: NDArray[np.float32]) -> None:
        """Take entries and their vectors; they go in once a batch is full."""
        self._waiting += zip(records, numbers, strict=True)
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


def table_row(window: WindowToIndex) -> tuple[int, int, int | None, int | None, str | None]:
    """A window as the arrays hold it."""
    return window.id, window.passage_id, window.first, window.last, window.outlet
