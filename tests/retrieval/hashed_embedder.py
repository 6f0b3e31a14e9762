"""A real embedder that costs nothing: hashed bags of words, the same vector for ever."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class HashedEmbedder:
    """Follows the `Embedder` protocol; ``embedded`` counts the texts that it was given.

    Args:
        model_id: the name of its vector space.
        dimension: how many numbers a vector has.
    """

    def __init__(self, model_id: str = "hashed-64", dimension: int = 64) -> None:
        self.model_id = model_id
        self.dimension = dimension
        self.embedded = 0

    def warm(self) -> None:
        """There is nothing to load."""

    def close(self) -> None:
        """There is nothing to let go."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question."""
        return self._vector(text)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, in their order."""
        self.embedded += len(texts)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        vector = np.full(self.dimension, 0.01, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            seed = zlib.crc32(word.encode())
            vector[seed % self.dimension] += 1.0 if seed & 1024 else -1.0
        return vector / np.float32(np.linalg.norm(vector))
