"""Exact scores of the windows of a generation, gathered by passage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from retrieval.generations import Generation


def passage_cosines(
    generation: Generation, vector: NDArray[np.float32], rows: NDArray[np.intp]
) -> dict[int, float]:
    """The best cosine of each passage among some windows."""
    if not len(rows):
        return {}
    table = generation.table
    cosines = table.cosines(vector, rows)
    owners = table.rows["passage"][rows]
    order = np.lexsort((-cosines, owners))
    first = np.flatnonzero(np.diff(owners[order], prepend=-1))
    best = order[first]
    return dict(zip(owners[best].tolist(), cosines[best].tolist(), strict=True))


def best_windows(
    generation: Generation, vector: NDArray[np.float32], passages: Sequence[int]
) -> dict[int, int]:
    """The window of each passage that is nearest to the question."""
    table = generation.table
    rows = table.of_passages(passages)
    cosines = table.cosines(vector, rows)
    found: dict[int, tuple[float, int]] = {}
    for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True):
        passage, window = int(table.rows["passage"][row]), int(table.ids[row])
        if passage not in found or cosine > found[passage][0]:
            found[passage] = (cosine, window)
    return {passage: window for passage, (_, window) in found.items()}
