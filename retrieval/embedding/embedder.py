"""What an embedder promises, and the values that choose one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called with how many steps of a long work are done, and how many there are."""


class Embedder(Protocol):
    """Turns texts into vectors of one space; safe to call from several threads."""

    @property
    def model_id(self) -> str:
        """The vector space: vectors of two ids must never be compared."""

    @property
    def dimension(self) -> int:
        """How many numbers a vector has.

        Raises:
            ModelUnavailable: an endpoint had to be asked, and did not answer.
        """

    def warm(self) -> None:
        """Start loading in the background and return at once.

        A failure is kept for the first embedding, which raises it.
        """

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question: shape ``(dimension,)``, of length 1.

        Raises:
            ModelUnavailable: the model or the endpoint cannot be used.
        """

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, in their order: ``(len(texts), dimension)``, of length 1.

        A text beyond the model's 512 tokens is cut there; an empty one has a vector too.

        Raises:
            ModelUnavailable: the model or the endpoint cannot be used.
        """

    def close(self) -> None:
        """Release connections; the embedder is not used afterwards. Closing again is nothing."""


@dataclass(frozen=True, slots=True)
class EmbeddingChoice:
    """Which embedder to open: an endpoint, a model folder, or the one that is built in.

    Args:
        model_dir: a folder with ``model.onnx`` and ``tokenizer.json``, used instead of
            the model that is built in.
        base_url: an OpenAI-compatible endpoint (``https://host/v1``), before ``model_dir``.
        model: the name the endpoint knows the model by.
        api_key: the endpoint's key; never shown.
        timeout: seconds that one request to the endpoint may take.
        batch: texts in one request to the endpoint.
        parallel: requests to the endpoint at a time.
        threads: texts embedded at the same time in process; 0 for one a core.
        device: what a model of ``model_dir`` runs on, ``cpu`` or ``cuda``.
        query_prefix: put before a question; ``None`` follows the model's name
            (``query: `` for the e5 family, else nothing).
        passage_prefix: the same before a passage (``passage: ``).
    """

    model_dir: Path | None = None
    base_url: str | None = None
    model: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    batch: int = 32
    parallel: int = 4
    threads: int = 0
    device: str = "cpu"
    query_prefix: str | None = None
    passage_prefix: str | None = None

    def prefixes(self, name: str) -> tuple[str, str]:
        """What goes before a question and before a passage, for a model of this name."""
        is_e5 = "e5" in name.lower().replace("_", "-").split("-")
        query = "query: " if is_e5 else ""
        passage = "passage: " if is_e5 else ""
        return (
            query if self.query_prefix is None else self.query_prefix,
            passage if self.passage_prefix is None else self.passage_prefix,
        )
