"""Runs an ONNX model; the only user of `onnxruntime`.

A session has one thread, and as many callers as there are cores: a text then stays in the
caches of its core, no thread waits for another, and a question beside a busy machine takes
as long as it takes. A run holds one text, so a vector depends on nothing but its text
(``DynamicQuantizeMatMul`` scales by the whole batch) and nothing is padded.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray

_ERRORS_ONLY = 3


class Engine:
    """An open model, called with the ids of one text; safe to call from several threads.

    Args:
        path: the ``.onnx`` file.
        optimise: fuse operators at opening; our own graph is written as it should run.

    Raises:
        ValueError: the file is damaged, or not a text embedding model.
    """

    def __init__(self, path: Path, *, optimise: bool) -> None:
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), session_options(optimise=optimise), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # The library raises nothing narrower.
            raise ValueError(f"not a model: {path.name}") from error
        self._inputs = [each.name for each in self._session.get_inputs()]
        if "input_ids" not in self._inputs:
            raise ValueError(f"{path.name} takes no input_ids")
        self.dimension = self._find_dimension()

    def vector(self, ids: list[int]) -> NDArray[np.float32]:
        """The vector of a text, of length 1.

        Raises:
            ValueError: the model refuses the text.
        """
        tokens = np.array([ids], np.int64)
        feed = {name: _input(name, tokens) for name in self._inputs}
        try:
            output: NDArray[np.float32] = self._session.run(None, feed)[0]
        except Exception as error:
            raise ValueError("the model cannot be run") from error
        vector: NDArray[np.float32] = output.reshape(-1, output.shape[-1]).mean(axis=0)
        length = float(np.linalg.norm(vector))
        vector /= length or 1.0
        return vector

    def _find_dimension(self) -> int:
        """As the model declares it, or else as it comes out."""
        declared = self._session.get_outputs()[0].shape[-1]
        return declared if isinstance(declared, int) else len(self.vector([0, 2]))


def _input(name: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """What a BERT-like model may ask for beside the ids: the mask is full, types are 0."""
    if name == "input_ids":
        return ids
    return np.ones_like(ids) if name == "attention_mask" else np.zeros_like(ids)


def session_options(*, optimise: bool) -> onnxruntime.SessionOptions:
    """One thread, and nothing said that is no error.

    Args:
        optimise: fuse operators at opening.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = (
        levels.ORT_ENABLE_ALL if optimise else levels.ORT_ENABLE_BASIC
    )
    options.log_severity_level = _ERRORS_ONLY
    return options


Loaded = TypeVar("Loaded")


class Once(Generic[Loaded]):
    """Makes something at the first call, once for all threads; a failure is tried again."""

    def __init__(self, make: Callable[[], Loaded]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[Loaded] = []

    def get(self) -> Loaded:
        """The thing; waits while another thread makes it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
