"""Vectors of length 1 in half the room: each number as a whole number, 16 bits wide.

``32767`` stands for 1. The error of a number is at most 1.6e-5, that of a cosine about 1e-5: an
embedding by another thread moves it as much. Floats of 16 bits would be no more exact here, and
numpy turns them into floats of 32 bits one by one, eight times slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

PACKED = np.dtype("<i2")
FLOATS = np.dtype("<f4")
"""What earlier releases wrote; it is still read."""
KINDS = {kind.itemsize: kind for kind in (PACKED, FLOATS)}
"""By the bytes that a number takes."""
_ONE = 32_767
_SLICE = 1_024
"""Rows turned into floats at a time: they stay in the processor's cache."""


def packed(vectors: NDArray[np.float32]) -> NDArray[np.int16]:
    """Vectors as they are kept; those that were kept before come out as they were.

    Args:
        vectors: their numbers lie between -1 and 1; what is beyond is cut there.
    """
    numbers: NDArray[np.int16] = np.rint(np.clip(vectors, -1, 1) * np.float32(_ONE)).astype(PACKED)
    return numbers


def floats(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Vectors as they are reckoned with.

    Args:
        vectors: as they are kept, by this release or an earlier one.
    """
    if vectors.dtype != PACKED:
        return np.asarray(vectors, dtype=np.float32)
    numbers: NDArray[np.float32] = np.multiply(vectors, np.float32(1 / _ONE), dtype=np.float32)
    return numbers


def products(
    vectors: NDArray[Any], query: NDArray[np.float32], rows: NDArray[np.intp] | None = None
) -> NDArray[np.float32]:
    """The product of each vector with one other: their cosine, when both have length 1.

    Args:
        vectors: as they are kept.
        query: the other one.
        rows: which of them; all without it.
    """
    if vectors.dtype == PACKED:
        query = query * np.float32(1 / _ONE)
    total = len(vectors) if rows is None else len(rows)
    scores = np.empty(total, dtype=np.float32)
    for start in range(0, total, _SLICE):
        part = slice(start, start + _SLICE)
        taken = vectors[part] if rows is None else vectors[rows[part]]
        scores[part] = taken.astype(np.float32, copy=False) @ query
    return scores
