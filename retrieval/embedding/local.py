"""Embeds in this process, with a model of a folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding.engine import Loaded, Once, cores
from retrieval.embedding.files import GRAPH_FILE, TOKENIZER_FILE
from retrieval.errors import KiosqueError, ModelUnavailable
from retrieval.process import give_way

if TYPE_CHECKING:
    from retrieval.embedding.engine import Engine
    from retrieval.embedding.tokens import Tokens

_MANY_TEXTS = 64
_FEW_CHARACTERS = 300_000
"""Passages up to here are tokenised faster by looking pieces up, which costs 0.6 s for so
many, than by loading the whole vocabulary, which costs that once, and 280 MB."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model's folder, and how to speak to it.

    Args:
        id: names its vector space.
        folder: holds ``model.onnx`` and ``tokenizer.json``.
        query_prefix: put before a question.
        passage_prefix: put before a passage.
        dimension: how many numbers a vector has; 0 to ask the model.
        is_ours: made by our conversion: as the graph should run, with the files that few
            texts are looked up in.
    """

    id: str
    folder: Path
    query_prefix: str
    passage_prefix: str
    dimension: int = 0
    is_ours: bool = False


class LocalEmbedder:
    """An `Embedder` on ONNX Runtime. Nothing is loaded before `warm` or the first text.

    Args:
        model: which one.
        threads: texts embedded at the same time; 0 for one a core.
    """

    def __init__(self, model: Model, threads: int = 0) -> None:
        self._model = model
        self._threads = threads or cores()
        self._warming: threading.Thread | None = None
        self._passage_characters = 0
        self._engine = Once(self._open_engine)
        self._many = Once(self._open_many)
        self._few = Once(self._open_few if model.is_ours else self._many.get)

    @property
    def model_id(self) -> str:
        """The vector space."""
        return self._model.id

    @property
    def dimension(self) -> int:
        """How many numbers a vector has.

        Raises:
            ModelUnavailable: the model had to be asked, and is damaged.
        """
        return self._model.dimension or self._engine.get().dimension

    def warm(self) -> None:
        """Start loading in the background and return at once."""
        # No daemon: ending the interpreter under a library that loads can crash it.
        self._warming = threading.Thread(target=self._warm, name="embedder-warm")
        self._warming.start()

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question.

        Raises:
            ModelUnavailable: the model is damaged.
        """
        vector: NDArray[np.float32] = self._embed([self._model.query_prefix + text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, in their order.

        Raises:
            ModelUnavailable: the model is damaged.
        """
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        self._passage_characters += sum(map(len, texts))
        return self._embed([self._model.passage_prefix + text for text in texts])

    def close(self) -> None:
        """Wait for what loads in the background; the model's memory goes with the embedder."""
        if self._warming is not None:
            self._warming.join()

    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        few_or_many = self._many if self._passage_characters > _FEW_CHARACTERS else self._few
        ids = few_or_many.get().ids(texts)
        engine = self._engine.get()
        try:
            if len(ids) == 1:
                return engine.vector(ids[0])[np.newaxis]
            return self._embed_together(engine, ids)
        except ValueError as error:
            raise ModelUnavailable("model_damaged", path=self._model.folder) from error

    def _embed_together(self, engine: Engine, ids: list[list[int]]) -> NDArray[np.float32]:
        """One text a thread, the longest first: the threads end at the same time."""
        order = sorted(range(len(ids)), key=lambda place: -len(ids[place]))
        vectors = np.empty((len(ids), engine.dimension), np.float32)
        # So many come from indexing: a bot beside that embeds a question goes first.
        first = give_way if len(ids) >= _MANY_TEXTS else None
        pool = ThreadPoolExecutor(self._threads, "embedder", initializer=first)
        try:
            found = pool.map(engine.vector, [ids[place] for place in order])
            for place, vector in zip(order, found, strict=True):
                vectors[place] = vector
        finally:
            pool.shutdown(cancel_futures=True)  # An interruption does not wait for the rest.
        return vectors

    def _warm(self) -> None:
        try:
            self._few.get()
            self._engine.get()
        except KiosqueError:
            return  # The first embedding meets it again, and says so.

    def _open_engine(self) -> Engine:
        from retrieval.embedding.engine import Engine

        path = self._model.folder / GRAPH_FILE
        return self._guard(lambda: Engine(path, optimise=not self._model.is_ours))

    def _open_many(self) -> Tokens:
        from retrieval.embedding.tokens import ManyTexts

        return self._guard(lambda: ManyTexts(self._model.folder / TOKENIZER_FILE))

    def _open_few(self) -> Tokens:
        from retrieval.embedding.tokens import FewTexts

        return self._guard(lambda: FewTexts(self._model.folder))

    def _guard(self, load: Callable[[], Loaded]) -> Loaded:
        try:
            return load()
        except (OSError, ValueError) as error:
            raise ModelUnavailable("model_damaged", path=self._model.folder) from error
