"""The tail of a generation: what came upon its base since, and what was taken out of it.

In the folder of a generation, ``tail/`` holds ``tail.json`` (the base, and the layers in their
order), a folder of arrays for each layer, and as plain arrays of window ids ``gone.npy`` and
``standing_in.npy``. ``surplus.npy`` tells which windows the base's vector index leaves out.
A generation without a tail is a base itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.index.table import WindowTable, table_faults
from retrieval.storage import load_array, read_small, storage_faults

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

TAIL = "tail"
SURPLUS = np.dtype([("window", "<i8"), ("text", "<u8")])
"""A window, and the first bytes of the digest of its text: they need not tell all texts apart."""
_FORMAT = 1
_STATE, _GONE, _STANDING_IN, _SURPLUS = "tail.json", "gone.npy", "standing_in.npy", "surplus.npy"


def _no_windows() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Tail:
    """What a generation adds to its base, and takes out of it.

    Args:
        base: the number of the generation that the base was made with.
        names: the folders of the layers.
        gone: the ids of the windows that are hidden, in order.
        standing_in: the ids of windows that the base's vector index leaves out, and whose copies
            in it are gone, in order.
    """

    base: int
    names: tuple[str, ...] = ()
    gone: NDArray[np.int64] = field(default_factory=_no_windows)
    standing_in: NDArray[np.int64] = field(default_factory=_no_windows)

    @classmethod
    def of(cls, folder: Path, number: int) -> Self:
        """The tail of a generation, which has none if it is a base.

        Raises:
            IndexDamaged: it cannot be read, or a later Kiosque made it.
        """
        tail = folder / TAIL
        if not tail.is_dir():
            return cls(number)
        with table_faults(tail):
            state = dict(json.loads(read_small(tail / _STATE)))
            if int(state.get("format", _FORMAT)) > _FORMAT:
                raise IndexDamaged("index_newer", path=str(tail))
            names = tuple(str(name) for name in state["layers"])
            if any(not name.isdigit() for name in names):
                raise ValueError(f"layers: {names}")
            gone, standing_in = load_array(tail / _GONE), load_array(tail / _STANDING_IN)
            return cls(int(state["base"]), names, gone, standing_in)

    def write(self, folder: Path) -> None:
        """Put it into the folder of a generation, beside its layers.

        Raises:
            StorageFull: no room, or no right, to write.
        """
        tail = folder / TAIL
        with storage_faults(tail):
            tail.mkdir(exist_ok=True)
            np.save(tail / _GONE, self.gone)
            np.save(tail / _STANDING_IN, self.standing_in)
            state = {"format": _FORMAT, "base": self.base, "layers": self.names}
            (tail / _STATE).write_text(json.dumps(state), "utf-8")

    def layers(self, folder: Path) -> list[WindowTable]:
        """The windows of its layers.

        Raises:
            IndexDamaged: one cannot be read.
        """
        return [WindowTable(folder / TAIL / name) for name in self.names]


def base_of(folder: Path, number: int) -> int | None:
    """The base that a generation stands on; None if nobody can tell any more."""
    try:
        return Tail.of(folder, number).base
    except IndexDamaged:
        return None


def surplus_rows(surplus: Mapping[int, bytes]) -> NDArray[np.void]:
    """Windows that a vector index leaves out, given with the digests of their texts, in order."""
    rows = np.empty(len(surplus), dtype=SURPLUS)
    rows["window"] = list(surplus)
    rows["text"] = _beginnings(surplus.values())
    return np.sort(rows, order="window")


def write_surplus(folder: Path, rows: NDArray[np.void]) -> None:
    """Keep which windows a base's vector index leaves out, with its table or in a tail.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with storage_faults(folder):
        folder.mkdir(exist_ok=True)
        np.save(folder / _SURPLUS, rows)


def read_surplus(folder: Path) -> NDArray[np.void] | None:
    """What `write_surplus` kept in a folder; None if it kept nothing there.

    Raises:
        IndexDamaged: it cannot be read.
    """
    if not (folder / _SURPLUS).is_file():
        return None
    with table_faults(folder):
        return load_array(folder / _SURPLUS)


def stand_ins(surplus: NDArray[np.void], digests: Collection[bytes]) -> NDArray[np.int64]:
    """The windows left out that say what one of some texts says."""
    rows = np.isin(surplus["text"], _beginnings(digests))
    return np.asarray(surplus["window"][rows], dtype=np.int64)


def _beginnings(digests: Collection[bytes]) -> NDArray[np.uint64]:
    return np.array([int.from_bytes(one[:8], "little") for one in digests], dtype=np.uint64)
