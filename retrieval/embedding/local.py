"""Embeds in this process, with a model of a folder, on ONNX Runtime.

A session has one thread, and as many callers as there are cores: a text then stays in the
caches of its core, no thread waits for another, and a question beside a busy machine takes
as long as it takes. A run holds one text, so a vector depends on nothing but its text
(``DynamicQuantizeMatMul`` scales by the whole batch) and nothing is padded. A GPU is another
matter: there the texts of a batch run together, padded, and each is meant over its own tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding.model import GRAPH_FILE, TOKENIZER_FILE
from retrieval.errors import ModelUnavailable
from retrieval.process import Lazy, Warmed, cores, give_way

if TYPE_CHECKING:
    import onnxruntime

    from retrieval.embedding.tokens import Tokens

Loaded = TypeVar("Loaded")

_ERRORS_ONLY = 3
_BY_TOKEN = 3
"""Dimensions of an output with a vector a token."""


_CPU = "CPUExecutionProvider"
_PROVIDERS = {"cpu": [_CPU], "cuda": ["CUDAExecutionProvider", _CPU]}
_TOGETHER = 64
"""Texts in one run on a GPU."""


def has_device(device: str) -> bool:
    """Whether the ONNX Runtime that is installed was made for a device."""
    import onnxruntime

    return _PROVIDERS[device][0] in onnxruntime.get_available_providers()


class E5Engine:
    """An open model, called with the ids of texts; safe to call from several threads.

    Args:
        path: the ``.onnx`` file.
        optimise: fuse operators at opening; our own graph is written as it should run.
        device: what it runs on, ``cpu`` or ``cuda``.

    Raises:
        ValueError: the file is damaged, or not a text embedding model.
    """

    def __init__(self, path: Path, *, optimise: bool, device: str = "cpu") -> None:
        self._session = open_session(path, optimise=optimise, device=device)
        self._inputs = [each.name for each in self._session.get_inputs()]
        if "input_ids" not in self._inputs:
            raise ValueError(f"{path.name} takes no input_ids")
        self.dimension = self._find_dimension()

    def runs_on(self, device: str) -> bool:
        """Whether it does; ONNX Runtime goes back to the processor without an error."""
        return _PROVIDERS[device][0] in self._session.get_providers()

    def vectors(self, ids: Sequence[list[int]]) -> NDArray[np.float32]:
        """The vectors of texts that run together, in their order, each of length 1.

        Raises:
            ValueError: the model refuses the texts, or takes no mask, without which what
                fills up the shorter ones would count.
        """
        if "attention_mask" not in self._inputs:
            raise ValueError("the model takes no attention_mask")
        mask = np.zeros((len(ids), max(map(len, ids))), np.int64)
        tokens = np.zeros_like(mask)
        for row, text in enumerate(ids):
            mask[row, : len(text)] = 1
            tokens[row, : len(text)] = text
        output = self._run({"input_ids": tokens, "attention_mask": mask})
        if output.ndim == _BY_TOKEN:  # pooled otherwise
            output = (output * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        lengths = np.linalg.norm(output, axis=1, keepdims=True)
        vectors: NDArray[np.float32] = (output / np.where(lengths, lengths, 1)).astype(np.float32)
        return vectors

    def vector(self, ids: list[int]) -> NDArray[np.float32]:
        """The vector of a text, of length 1.

        Raises:
            ValueError: the model refuses the text.
        """
        output = self._run({"input_ids": np.array([ids], np.int64)})
        vector: NDArray[np.float32] = output.reshape(-1, output.shape[-1]).mean(axis=0)
        length = float(np.linalg.norm(vector))
        vector /= length or 1.0
        return vector

    def _run(self, given: dict[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        feed = {name: given.get(name, _input(name, given["input_ids"])) for name in self._inputs}
        try:
            output: NDArray[np.float32] = self._session.run(None, feed)[0]
        except Exception as error:
            raise ValueError("the model cannot be run") from error
        return output

    def _find_dimension(self) -> int:
        """As the model declares it, or else as it comes out."""
        declared = self._session.get_outputs()[0].shape[-1]
        return declared if isinstance(declared, int) else len(self.vector([0, 2]))


def _input(name: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """What a BERT-like model may ask for beside the ids: the mask is full, types are 0."""
    if name == "input_ids":
        return ids
    return np.ones_like(ids) if name == "attention_mask" else np.zeros_like(ids)


def open_session(
    path: Path, *, optimise: bool, device: str = "cpu"
) -> onnxruntime.InferenceSession:
    """Open a model to be run by one thread; only errors are logged.

    Args:
        path: the ``.onnx`` file.
        optimise: fuse operators at opening.
        device: what it runs on, ``cpu`` or ``cuda``.

    Raises:
        ValueError: the file is damaged.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if optimise else levels.ORT_ENABLE_BASIC
    )
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=_PROVIDERS[device])
    except Exception as error:  # The library raises nothing narrower.
        raise ValueError(f"not a model: {path.name}") from error


_MANY_TEXTS = 64
_FEW_CHARACTERS = 300_000
"""Passages up to here are tokenised faster by looking pieces up, which costs 0.6 s for so
many, than by loading the whole vocabulary, which costs that once, and 280 MB."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model's folder, and how to speak to it.

    Args:
        id: names its vector space.
        folder: holds ``model.onnx`` and ``tokenizer.json``.
        query_prefix: put before a question.
        passage_prefix: put before a passage.
        dimension: how many numbers a vector has; 0 to ask the model.
        builtin: made by our conversion: as the graph should run, with the files that few
            texts are looked up in.
        device: what it runs on, ``cpu`` or ``cuda``.
    """

    id: str
    folder: Path
    query_prefix: str
    passage_prefix: str
    dimension: int = 0
    builtin: bool = False
    device: str = "cpu"


class LocalEmbedder(Warmed):
    """An `Embedder` on ONNX Runtime. Nothing is loaded before `warm` or the first text.

    Args:
        model: which one.
        threads: texts embedded at the same time; 0 for one a core.
    """

    def __init__(self, model: LocalModel, threads: int = 0) -> None:
        self._model = model
        self._threads = threads or cores()
        self._passage_characters = 0
        self._engine = Lazy(self._open_engine)
        self._many = Lazy(self._open_many)
        self._few = Lazy(self._open_few if model.builtin else self._many.get)
        super().__init__("embedder", self._few, self._engine)

    def close(self) -> None:
        """As any `Warmed`; the tokenizer of many texts, which is never warmed, goes too."""
        super().close()
        self._many.forget()

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

    def _embed_together(self, engine: E5Engine, ids: list[list[int]]) -> NDArray[np.float32]:
        """One text a thread, the longest first: the threads end at the same time.

        On a GPU, texts of about one length run together.
        """
        order = sorted(range(len(ids)), key=lambda place: -len(ids[place]))
        vectors = np.empty((len(ids), engine.dimension), np.float32)
        if self._model.device != "cpu":
            for start in range(0, len(order), _TOGETHER):
                places = order[start : start + _TOGETHER]
                vectors[places] = engine.vectors([ids[place] for place in places])
            return vectors
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

    def _open_engine(self) -> E5Engine:
        model, path = self._model, self._model.folder / GRAPH_FILE
        engine = self._guard(
            lambda: E5Engine(path, optimise=not model.builtin, device=model.device)
        )
        if not engine.runs_on(model.device):
            raise ModelUnavailable("embedding_device_failed", device=model.device)
        return engine

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
