"""The windows of a generation: those of its base, and the layers that came upon it since.

A base is never changed. What is added later stands in layers of their own; what is taken out is
named, and hidden wherever it stands. Rows are numbered through all layers, the base first.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from retrieval.index.table import WindowTable
    from retrieval.scope import Scope

T = TypeVar("T", bound=np.generic)


class LayeredTable:
    """All windows of a generation.

    Args:
        layers: the base's windows, then those of each layer; no window stands in two.
        gone: the ids of windows that are hidden.
        standing_in: ids of windows of the base that its vector index does not hold, and that
            are to be scored because a copy which it holds is gone.
    """

    def __init__(
        self,
        layers: Sequence[WindowTable],
        gone: NDArray[np.int64],
        standing_in: NDArray[np.int64],
    ) -> None:
        self.layers = tuple(layers)
        self._starts = np.cumsum([0, *map(len, self.layers)])
        self._hidden: NDArray[np.bool_] | None = None
        if len(gone):
            hidden = np.zeros(int(self._starts[-1]), dtype=np.bool_)
            hidden[self._found(lambda layer: layer.places(gone))] = True
            self._hidden = hidden
        self._standing_in = standing_in

    def __len__(self) -> int:
        hidden = 0 if self._hidden is None else int(np.count_nonzero(self._hidden))
        return int(self._starts[-1]) - hidden

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The ids of all windows that are not hidden."""
        return self.ids_of(np.flatnonzero(self.everywhere()))

    def everywhere(self) -> NDArray[np.bool_]:
        """Which rows are not hidden: one truth value a row."""
        if self._hidden is None:
            return np.ones(int(self._starts[-1]), dtype=np.bool_)
        return ~self._hidden

    def inside(self, scope: Scope) -> NDArray[np.bool_]:
        """Which rows belong to articles of a scope: one truth value a row."""
        inside = np.concatenate([layer.inside(scope) for layer in self.layers])
        return inside if self._hidden is None else inside & ~self._hidden

    @cached_property
    def beside(self) -> NDArray[np.intp]:
        """The rows that the base's vector index cannot find: they are always to be scored."""
        added = np.arange(self._starts[1], self._starts[-1])
        return self._shown(np.concatenate([self.layers[0].places(self._standing_in), added]))

    def in_base(self, rows: NDArray[np.bool_]) -> int:
        """How many of some rows, given as `inside` does, stand in the base."""
        return int(np.count_nonzero(rows[: self._starts[1]]))

    def places(self, window_ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.intp]:
        """The rows of some windows; those that are hidden or unknown are left out."""
        return self._shown(self._found(lambda layer: layer.places(window_ids)))

    def of_passages(self, passage_ids: Sequence[int]) -> NDArray[np.intp]:
        """The rows of all windows of some passages."""
        return self._shown(self._found(lambda layer: layer.of_passages(passage_ids)))

    def ids_of(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """The windows of some rows."""
        return self._gathered(rows, np.dtype(np.int64), lambda layer, at: layer.ids[at])

    def passages_of(self, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """The passages of some rows."""
        return self._gathered(rows, np.dtype(np.int64), lambda layer, at: layer.passages[at])

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The exact cosines of a question with the windows of some rows."""
        return self._gathered(
            rows, np.dtype(np.float32), lambda layer, at: layer.cosines(query, at)
        )

    def _found(self, look: Callable[[WindowTable], NDArray[np.intp]]) -> NDArray[np.intp]:
        """What is found in each layer, as rows of the whole."""
        found = zip(self.layers, self._starts[:-1], strict=True)
        return np.concatenate([look(layer) + start for layer, start in found])

    def _shown(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows if self._hidden is None else rows[~self._hidden[rows]]

    def _gathered(
        self,
        rows: NDArray[np.intp],
        kind: np.dtype[T],
        of: Callable[[WindowTable, NDArray[np.intp]], NDArray[T]],
    ) -> NDArray[T]:
        """One value a row, each from the layer that the row stands in."""
        if len(self.layers) == 1:
            return of(self.layers[0], rows)
        values = np.empty(len(rows), dtype=kind)
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        for at in np.unique(owners):
            here = owners == at
            values[here] = of(self.layers[at], rows[here] - self._starts[at])
        return values
