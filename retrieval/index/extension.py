"""Building the next generation upon the base of the one before: a change costs what changes.

What a change adds becomes a layer of arrays, what it takes out is named, and the lexical index
shares the files of the one before. The base is neither read nor copied. The newest layer is
written again with each change until it is big enough to be left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retrieval.archive.archive_after import ArchiveAfter, ChangeSize
from retrieval.errors import IndexDamaged
from retrieval.index.base import TABLE
from retrieval.index.build import empty, passage_records, seal
from retrieval.index.filling import table_row
from retrieval.index.generations import LEXICAL, Generation
from retrieval.index.lexical import LexicalIndex
from retrieval.index.table import TableWriter, WindowTable
from retrieval.index.tail import TAIL, Tail, read_surplus, stand_ins, surplus_rows, write_surplus
from retrieval.index.vectors import BATCH
from retrieval.storage import check_contents, link_folder, storage_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from retrieval.index.filling import Done
    from retrieval.index.generations import Places

_LAYER = 8_192
"""Windows from which a layer is never written again: 6 MB."""
_OWN = ("meta.json", ".managed.json")
"""Files of tantivy that it writes anew with each commit; all others it only adds and deletes."""


def build_upon(places: Places, change: int, live: int, totals: tuple[int, int], done: Done) -> None:
    """Make the generation of a small change out of the live one.

    Args:
        places: where things are.
        change: the staged change; its number is the generation's too.
        live: the live generation.
        totals: how many windows and passages there are afterwards.
        done: called with how many more windows are in.

    Raises:
        StorageFull: no room, or no right, to write.
        ArchiveDamaged: the archive, the live generation, or what was built, cannot be read.
    """
    folder, before = places.generation(change), places.generation(live)
    empty(folder)
    check_contents(before, LEXICAL)
    check_contents(before, TAIL)
    with ArchiveAfter(places.archive, change) as archive, Generation(places, live) as generation:
        size = archive.change_size()
        _write_lexical(archive, before, folder, size)
        tail = _Extension(archive, generation, before, folder).made(size, done)
        tail.write(folder)
    _check(places, change, totals)
    seal(folder, before)


def build_on_next_base(places: Places, change: int, live: int, done: Done) -> tuple[int, int]:
    """Make a generation that says what the live one says, on the base that was made beside.

    What has changed since the base was begun becomes its tail.

    Args:
        places: where things are; the next base is there, and whole.
        change: its own number.
        live: the live generation.
        done: called with how many more windows are in.

    Returns:
        How many windows and passages it holds.

    Raises:
        StorageFull: no room, or no right, to write.
        ArchiveDamaged: the archive, the live generation, or what was built, cannot be read.
    """
    folder, before = places.generation(change), places.generation(live)
    with storage_faults(folder):
        places.next_base.replace(folder)
    check_contents(before, LEXICAL)
    link_folder(before / LEXICAL, folder / LEXICAL, _OWN)
    replaced = Tail.of(before, live).base  # what its Chroma holds is not asked for any more
    with Generation(places, live, without_chroma=(replaced,)) as generation:
        wanted, totals = generation.table.ids, (len(generation.table), generation.lexical.count())
    base, surplus = WindowTable(folder / TABLE), read_surplus(folder / TABLE)
    gone = np.setdiff1d(base.ids, wanted)
    fresh = np.setdiff1d(wanted, base.ids)
    if len(gone) or len(fresh):
        with ArchiveAfter(places.archive, change) as archive:
            layer = _write_layer(archive, folder, fresh, None, done) if len(fresh) else ()
        # The texts of what is gone may be gone too: so all that is left out is to be scored.
        standing_in = _windows_of(surplus) if len(gone) else _ids(())
        Tail(change, layer, gone, standing_in).write(folder)
    _check(places, change, totals)
    seal(folder, before)
    return totals


def _write_lexical(archive: ArchiveAfter, before: Path, folder: Path, size: ChangeSize) -> None:
    link_folder(before / LEXICAL, folder / LEXICAL, _OWN)
    with LexicalIndex(folder / LEXICAL) as lexical:
        lexical.delete(size.gone_passages)
        lexical.add(passage_records(archive.new_passages))


class _Extension:
    """Makes the tail of the next generation.

    Args:
        archive: as the change will leave it.
        generation: the live one.
        before: its folder.
        folder: that of the next one.
    """

    def __init__(
        self, archive: ArchiveAfter, generation: Generation, before: Path, folder: Path
    ) -> None:
        self._archive = archive
        self._generation = generation
        self._before, self._folder = before, folder

    def made(self, size: ChangeSize, done: Done) -> Tail:
        """Write the layers, and what the base's vector index leaves out; the tail to be written."""
        tail, held = self._generation.tail, self._generation.table.layers
        new = np.asarray(size.new, dtype=np.int64)
        back = np.isin(new, np.concatenate([layer.ids[layer.places(new)] for layer in held]))
        done(int(np.count_nonzero(back)))
        gone = np.setdiff1d(np.union1d(tail.gone, _ids(size.gone)), new[back])
        surplus = self._surplus()
        lost = stand_ins(surplus, size.gone.values())
        names = self._layers(tail.names, held[1:], new[~back], done)
        return Tail(tail.base, names, gone, np.union1d(tail.standing_in, lost))

    def _surplus(self) -> NDArray[np.void]:
        """What the base's vector index leaves out.

        Bases of earlier releases do not tell. Their first tail does, and hands it on: it follows
        from the archive as it is, of which they are the whole index then.
        """
        base = self._before.with_name(str(self._generation.base.number))
        kept = read_surplus(base / TABLE)
        if kept is not None:
            return kept
        rows = read_surplus(self._before / TAIL)
        if rows is None:
            with ArchiveAfter(self._archive.path, 0) as live:
                rows = surplus_rows(live.surplus("windows"))
        write_surplus(self._folder / TAIL, rows)
        return rows

    def _layers(
        self,
        names: tuple[str, ...],
        layers: Sequence[WindowTable],
        fresh: NDArray[np.int64],
        done: Done,
    ) -> tuple[str, ...]:
        """The layers before, and one more; the newest of them goes into it while it is small."""
        grown = None
        if len(fresh) and layers and len(layers[-1]) < _LAYER and layers[-1].ids[-1] < fresh[0]:
            names, grown = names[:-1], layers[-1]
        for name in names:
            link_folder(self._before / TAIL / name, self._folder / TAIL / name)
        if not len(fresh):
            return names
        return (*names, *_write_layer(self._archive, self._folder, fresh, grown, done))


def _write_layer(
    archive: ArchiveAfter,
    folder: Path,
    fresh: NDArray[np.int64],
    grown: WindowTable | None,
    done: Done,
) -> tuple[str]:
    """Write one layer of a generation, called by its number: an earlier one, and more windows."""
    name = folder.name
    total = len(fresh) + (len(grown) if grown else 0)
    with (
        storage_faults(folder),
        TableWriter(folder / TAIL / name, total, archive.dimension()) as writer,
    ):
        if grown:
            writer.copy(grown)
        for part in _parts(fresh.tolist()):
            windows, vectors = archive.windows_of(part)
            writer.add([table_row(window) for window in windows], vectors)
            done(len(part))
        writer.finish()
    return (name,)


def _windows_of(surplus: NDArray[np.void] | None) -> NDArray[np.int64]:
    return _ids(()) if surplus is None else np.asarray(surplus["window"], dtype=np.int64)


def _ids(windows: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(windows, dtype=np.int64)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _check(places: Places, number: int, totals: tuple[int, int]) -> None:
    with Generation(places, number) as generation:
        held = len(generation.table), generation.lexical.count()
    for name, found, expected in zip((TAIL, LEXICAL), held, totals, strict=True):
        if found != expected:
            path = str(places.generation(number) / name)
            raise IndexDamaged("index_incomplete", path=path, found=found, expected=expected)
