"""Fusion: one ranking out of cosines and BM25 scores.

A convex sum, each side scaled by its own best score for the question. Measured clearly
better here than reciprocal rank fusion, which throws the scores away (Bruch, Gai, Ingber,
"An Analysis of Fusion Functions for Hybrid Retrieval", arXiv 2210.11934).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from retrieval.index.generations import Generation

# Cosines of e5 vectors live between this and 0.92: what is below says nothing.
COSINE_FLOOR = 0.7


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage and its scores; a side that did not find it scores it 0."""

    passage: int
    score: float
    dense: float
    lexical: float


def fuse(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    weight: float = 0.7,
    floor: float = COSINE_FLOOR,
) -> list[Fused]:
    """Rank passages by ``weight · dense + (1 - weight) · lexical``, best first.

    Args:
        dense: cosine of each passage's best window, by passage.
        lexical: BM25 of each passage, by passage.
        weight: the dense side's share, 0 to 1.
        floor: the cosine that counts as nothing.

    Returns:
        Every passage that either side found. When one side found nothing, the other
        decides alone. Ties are broken by the passage's number, so that the same
        question always gives the same ranking.
    """
    best_dense = max(dense.values(), default=0.0) - floor
    best_lexical = max(lexical.values(), default=0.0)
    if best_lexical <= 0:
        weight = 1.0
    elif best_dense <= 0:
        weight = 0.0
    fused = []
    for passage in dense.keys() | lexical.keys():
        cosine, bm25 = dense.get(passage, 0.0), lexical.get(passage, 0.0)
        near = max(cosine - floor, 0.0) / best_dense if best_dense > 0 else 0.0
        shared = bm25 / best_lexical if best_lexical > 0 else 0.0
        fused.append(Fused(passage, weight * near + (1 - weight) * shared, cosine, bm25))
    return sorted(fused, key=lambda one: (-one.score, one.passage))


def passage_cosines(
    generation: Generation, vector: NDArray[np.float32], rows: NDArray[np.intp], n: int
) -> dict[int, float]:
    """The best cosine of each passage among some windows.

    Args:
        generation: whose windows.
        vector: the question's.
        rows: the windows.
        n: the best so many windows count, and no others.
    """
    if not len(rows):
        return {}
    table = generation.table
    cosines = table.cosines(vector, rows)
    if len(rows) > n:
        best = np.argpartition(-cosines, n)[:n]
        rows, cosines = rows[best], cosines[best]
    owners = table.passages_of(rows)
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
    values = (table.passages_of(rows), table.ids_of(rows), table.cosines(vector, rows))
    found: dict[int, tuple[float, int]] = {}
    for passage, window, cosine in zip(*(part.tolist() for part in values), strict=True):
        if passage not in found or cosine > found[passage][0]:
            found[passage] = (cosine, window)
    return {passage: window for passage, (_, window) in found.items()}
