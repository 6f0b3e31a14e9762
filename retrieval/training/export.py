"""Writes what was trained as the file that is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.crossencoder.tensors import is_quantised, write_tensors
from retrieval.embedding.network import quantised

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray


def export(trained: Mapping[str, NDArray[np.float32]], path: Path) -> str:
    """Write tensors in 7 bits where they are matrices of layers.

    Args:
        trained: what `CrossEncoder.trained` gives.
        path: where to.

    Returns:
        The file's SHA-256, for `retrieval.crossencoder.tensors`.
    """
    matrices = {n: quantised(v) for n, v in trained.items() if is_quantised(n)}
    vectors = {n: v.astype("float32") for n, v in trained.items() if not is_quantised(n)}
    return write_tensors(vectors, matrices, path)
