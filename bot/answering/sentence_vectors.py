"""The vectors of sentences: what was embedded lately is not embedded again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from retrieval.embedding.protocol import Embedder


class SentenceVectors:
    """A store of the vectors of the sentences seen lately.

    Args:
        embedder: makes those that are not known.
    """

    _MOST = 4096

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of some sentences: a row each, of length 1.

        Raises:
            ModelUnavailable: they cannot be embedded.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        made = dict(zip(new, self._embedder.embed_passages(new), strict=True)) if new else {}
        rows = [made[text] if text in made else self._known[text] for text in texts]
        self._known.update(made)
        while len(self._known) > self._MOST:
            self._known.popitem(last=False)
        return np.stack(rows) if rows else np.empty((0, 0), np.float32)

    def cosines(self, question: NDArray[np.float32], texts: Sequence[str]) -> list[float]:
        """The cosine of a vector and each of some sentences."""
        return [float(row @ question) for row in self.vectors(texts)]
