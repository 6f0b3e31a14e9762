"""Windows as plain arrays in a folder: exact filters and exact scores.

Chroma finds the nearest windows of all; when a period or an outlet leaves few of them,
those that are left are scored here one by one, which is exact and takes milliseconds.
Rows and vectors, which are packed, are memory-mapped: processes share them, and of the vectors
only what is scored is read.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.lib.format import dtype_to_descr, write_array_header_1_0

from retrieval.errors import IndexDamaged
from retrieval.packed import FLOATS, PACKED, floats, packed, products
from retrieval.storage import load_array, storage_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any, BinaryIO, Self

    from numpy.typing import NDArray

    from retrieval.scope import Scope

ROW = np.dtype(
    [("window", "<i8"), ("passage", "<i8"), ("first", "<i4"), ("last", "<i4"), ("outlet", "<i4")]
)
NO_DATE = (99_999_999, -1)
"""First and last day of an article without a date: no period admits it."""
_ROWS, _VECTORS, _OUTLETS = "rows.npy", "packed.npy", "outlets.json"
_FLOATS = "vectors.npy"
"""What earlier releases wrote. They would take packed vectors of this name for their own."""
_SLICE = 16_384


class WindowTable:
    """Windows in the order of their ids, which is that of their passages too.

    Args:
        folder: where the arrays are.

    Raises:
        IndexDamaged: one is missing, or they do not fit together.
    """

    def __init__(self, folder: Path) -> None:
        with table_faults(folder):
            self.rows = _mapped(folder / _ROWS, ROW, 1)
            self._vectors = _load_vectors(folder)
            self.outlets: list[str] = json.loads((folder / _OUTLETS).read_text("utf-8"))
            if len(self.rows) != len(self._vectors):
                raise ValueError("rows and vectors differ")
            self.ids = cast("NDArray[np.int64]", np.ascontiguousarray(self.rows["window"]))
            self.passages = cast("NDArray[np.int64]", np.ascontiguousarray(self.rows["passage"]))
            falling = self.passages[1:] < self.passages[:-1]
            if np.any(self.ids[1:] <= self.ids[:-1]) or np.any(falling):
                raise ValueError("rows out of order")

    def __len__(self) -> int:
        return len(self.rows)

    def inside(self, scope: Scope) -> NDArray[np.bool_]:
        """Which rows belong to articles of a scope: one truth value a row."""
        mask = np.ones(len(self.rows), dtype=np.bool_)
        if scope.has_period:
            mask &= (self.rows["last"] >= scope.first) & (self.rows["first"] <= scope.last)
        if scope.outlets:
            codes = [at for at, outlet in enumerate(self.outlets) if outlet in scope.outlets]
            mask &= np.isin(self.rows["outlet"], codes)
        return mask

    def places(self, window_ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.intp]:
        """The rows of some windows; ids that the table does not hold are left out."""
        wanted = np.asarray(window_ids, dtype=np.int64)
        at = np.searchsorted(self.ids, wanted)
        within = at < len(self.ids)
        at, wanted = at[within], wanted[within]
        places: NDArray[np.intp] = at[self.ids[at] == wanted]
        return places

    def of_passages(self, passage_ids: Sequence[int]) -> NDArray[np.intp]:
        """The rows of all windows of some passages, in order."""
        wanted = np.unique(np.asarray(passage_ids, dtype=np.int64))
        first = np.searchsorted(self.passages, wanted)
        return rows_between(first, np.searchsorted(self.passages, wanted, side="right"))

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The exact cosines of a question with the windows of some rows."""
        if len(rows) * 3 > len(self.rows):  # reading all in a row beats picking that many
            return products(self._vectors, query)[rows]
        return products(self._vectors, query, rows)

    def vectors_of(self, rows: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """The vectors of some rows."""
        return floats(self._vectors[rows])


def rows_between(starts: NDArray[np.intp], stops: NDArray[np.intp]) -> NDArray[np.intp]:
    """The rows from each start to before its stop, one run after the other."""
    sizes = stops - starts
    firsts = np.cumsum(sizes) - sizes
    rows: NDArray[np.intp] = np.arange(int(sizes.sum())) + np.repeat(starts - firsts, sizes)
    return rows


def _load_vectors(folder: Path) -> NDArray[Any]:
    """Vectors as they are kept, by this release or an earlier one, and left in their file.

    Raises:
        OSError, ValueError: they are missing or damaged.
    """
    if (folder / _FLOATS).exists() and not (folder / _VECTORS).exists():
        return _mapped(folder / _FLOATS, FLOATS, 2)
    return _mapped(folder / _VECTORS, PACKED, 2)


def _mapped(path: Path, kind: np.dtype[Any], dimensions: int) -> NDArray[Any]:
    """Numbers that stay in their file, which holds nothing else.

    Raises:
        OSError, ValueError: they are missing or damaged.
    """
    found = cast("np.memmap[Any, Any]", load_array(path, mapped=True))
    whole = found.offset + found.nbytes == path.stat().st_size
    if found.dtype != kind or found.ndim != dimensions or not whole:
        raise ValueError(f"{path.name}: {found.dtype} {found.shape}")
    return np.asarray(found)


def count_rows(folder: Path) -> int:
    """How many windows a folder of arrays holds, without reading them.

    Raises:
        IndexDamaged: they cannot be read.
    """
    with table_faults(folder):
        return len(load_array(folder / _ROWS, mapped=True))


class TableWriter:
    """Fills the arrays of a new generation, window by window in the order of their ids.

    It writes plain files: a memory-mapped one would kill the process when the disk is full.

    Args:
        folder: where to put them; it is made.
        total: how many windows there will be.
        dimension: how many numbers a vector has.

    Raises:
        StorageFull: no room, or no right, to write.
    """

    def __init__(self, folder: Path, total: int, dimension: int) -> None:
        self._folder = folder
        self._outlets: dict[str, int] = {}
        self._at, self._total = 0, total
        with storage_faults(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._rows = _begun(folder / _ROWS, ROW, (total,))
            self._vectors = _begun(folder / _VECTORS, PACKED, (total, dimension))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files; `add` or `finish` raises what could not be written."""
        for file in (self._rows, self._vectors):
            with suppress(OSError):
                file.close()

    def add(
        self,
        rows: Sequence[tuple[int, int, int | None, int | None, str | None]],
        vectors: NDArray[np.float32],
    ) -> None:
        """The next windows: window id, passage id, first and last day, outlet; and vectors."""
        numbered = [
            (window, passage, *_days(first, last), self._code(outlet))
            for window, passage, first, last, outlet in rows
        ]
        self._append(np.array(numbered, dtype=ROW), vectors)

    def copy(self, layer: WindowTable) -> None:
        """The windows of another table; they come first."""
        self._outlets = {outlet: code for code, outlet in enumerate(layer.outlets)}
        for start in range(0, len(layer), _SLICE):
            part = slice(start, start + _SLICE)
            self._append(layer.rows[part], layer.vectors_of(part))

    def _append(self, rows: NDArray[np.void], vectors: NDArray[np.float32]) -> None:
        with storage_faults(self._folder):
            self._rows.write(rows.tobytes())
            self._vectors.write(packed(vectors).tobytes())
        self._at += len(rows)

    def _code(self, outlet: str | None) -> int:
        return -1 if outlet is None else self._outlets.setdefault(outlet, len(self._outlets))

    def finish(self) -> None:
        """Write everything out.

        Raises:
            StorageFull: no room, or no right, to write.
            IndexDamaged: other windows came than were announced.
        """
        with storage_faults(self._folder):
            self._rows.close()
            self._vectors.close()
            (self._folder / _OUTLETS).write_text(json.dumps(list(self._outlets)), "utf-8")
        if self._at != self._total:
            raise IndexDamaged("index_incomplete", path=str(self._folder))


def _begun(path: Path, kind: np.dtype[Any], shape: tuple[int, ...]) -> BinaryIO:
    """A file of an array that is still to be written."""
    file = path.open("wb")
    header = {"descr": dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    write_array_header_1_0(file, header)
    return file


def _days(first: int | None, last: int | None) -> tuple[int, int]:
    return NO_DATE if first is None or last is None else (first, last)


@contextmanager
def table_faults(folder: Path) -> Iterator[None]:
    """Translate what reading damaged arrays and their descriptions raises.

    Raises:
        IndexDamaged: they cannot be read.
    """
    try:
        yield
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        raise IndexDamaged("index_damaged", path=str(folder), detail=str(error)) from error
