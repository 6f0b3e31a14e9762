"""Texts in, vectors out: multilingual-e5-small in process, or an endpoint.

``open_embedder`` is the way in; everything else follows the `Embedder` protocol.
"""

from retrieval.embedding.opening import open_embedder, reconvert, verify
from retrieval.embedding.protocol import Embedder, EmbeddingChoice, Progress

__all__ = [
    "Embedder",
    "EmbeddingChoice",
    "Progress",
    "open_embedder",
    "reconvert",
    "verify",
]
