"""What the vector index of a base holds: its windows, or its passages.

A graph of windows finds the nearest windows. One of passages is a quarter as big: it has one
vector a passage, the mean of its windows' vectors, and only proposes passages, whose windows are
then scored from the arrays, where all of them stand in any case. Which of the two a base has
is written down beside its arrays; a base of an earlier release has windows, and says nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.index.table import rows_between, table_faults
from retrieval.storage import read_small, storage_faults

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from numpy.typing import NDArray

    from retrieval.index.table import WindowTable

Kind = Literal["windows", "passages"]
_KIND = "entries.json"
TIMES: dict[Kind, int] = {"windows": 1, "passages": 4}
"""So many times as many are asked of an index of a kind as of one of windows: with as many passages
as windows, a million windows would lose a twentieth of the best ten."""
_PASSAGES_FROM = 250_000
"""Windows of a base from which a graph of its passages is worth what it may lose."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the vector index of a new base is made.

    Args:
        vectors: what it holds; "auto" goes by the size of the base.
        texts: keep the texts in it too, for other programs; "auto": where it holds windows.
    """

    vectors: Literal["windows", "passages", "auto"] = "auto"
    texts: bool | Literal["auto"] = "auto"

    def kind(self, windows: int) -> Kind:
        """What it holds in a base of so many windows."""
        if self.vectors != "auto":
            return self.vectors
        return "passages" if windows >= _PASSAGES_FROM else "windows"

    def has_texts(self, kind: Kind) -> bool:
        """Whether it keeps the texts too.

        A base is of passages because it is big, and texts would take most of its room.
        """
        return kind == "windows" if self.texts == "auto" else self.texts


def write_kind(folder: Path, kind: Kind) -> None:
    """Keep with the arrays of a base what its vector index holds.

    Args:
        folder: of the arrays.
        kind: what it holds.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with storage_faults(folder):
        (folder / _KIND).write_text(json.dumps({"entries": kind}), "utf-8")


def read_kind(folder: Path) -> Kind:
    """What the vector index of a base holds.

    Args:
        folder: of its arrays.

    Raises:
        IndexDamaged: it cannot be read, or a later Kiosque made it.
    """
    path = folder / _KIND
    if not path.exists():
        return "windows"
    with table_faults(folder):
        told = json.loads(read_small(path))["entries"]
    for kind in get_args(Kind):
        if told == kind:
            return kind  # type: ignore[no-any-return]  # what a Literal has is not known of
    raise IndexDamaged("index_newer", path=str(folder))


class Entries:
    """The entries that belong into the vector index of a base, and their vectors.

    Args:
        table: the base's windows.
        kind: what the index holds.
        left_out: the windows that it does not hold; in an index of passages, all those of a
            passage that it does not hold.
    """

    def __init__(self, table: WindowTable, kind: Kind, left_out: Collection[int] = ()) -> None:
        self.kind = kind
        self._table = table
        starts = np.arange(len(table) + 1)
        owners = table.ids
        if kind == "passages":
            owners, first = np.unique(table.passages, return_index=True)
            starts = np.append(first, len(table))
        hidden = table.places(np.fromiter(left_out, dtype=np.int64))
        held = ~np.isin(owners, (table.passages if kind == "passages" else table.ids)[hidden])
        self.ids: NDArray[np.int64] = owners[held]
        """Of the windows, or of the passages, in order."""
        self._starts, self._stops = starts[:-1][held], starts[1:][held]

    def __len__(self) -> int:
        return len(self.ids)

    def vectors(self, at: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vectors of some entries: the windows' own, or the means of a passage's windows.

        Args:
            at: the places of the entries in `ids`.
        """
        starts, stops = self._starts[at], self._stops[at]
        windows = self._table.vectors_of(rows_between(starts, stops))
        if not len(at):
            return windows
        sizes = stops - starts
        sums = np.add.reduceat(windows, np.cumsum(sizes) - sizes)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        means: NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
        return means
