"""Runs the cross-encoder on ONNX Runtime: one pair a run, one thread a session."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from retrieval.embedding.engine import session_options

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrieval.crossencoder.pairs import Pair

_MAX_ANSWER = 40
"""Tokens of the words that answer, at most."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the network says of a pair.

    Args:
        logit: how much the window answers; its scale is its own.
        span: first and last character of the words that answer, in the window's text; None
            when no token of the window is likelier than none at all.
    """

    logit: float
    span: tuple[int, int] | None


class CrossEncoderEngine:
    """An open cross-encoder; safe to call from several threads.

    Args:
        path: the ``.onnx`` file.

    Raises:
        ValueError: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), session_options(optimise=False), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # The library raises nothing narrower.
            raise ValueError(f"not a model: {path.name}") from error

    def verdict(self, pair: Pair) -> Verdict:
        """Read a pair.

        Raises:
            ValueError: the model cannot be run.
        """
        feed = {
            "input_ids": np.array([pair.ids], np.int64),
            "segments": np.array([pair.segments], np.int64),
        }
        try:
            relevance, spans = self._session.run(["relevance", "spans"], feed)
        except Exception as error:
            raise ValueError("the model cannot be run") from error
        return Verdict(float(relevance[0, 0]), best_span(pair, spans[0]))


def best_span(pair: Pair, logits: NDArray[np.float32]) -> tuple[int, int] | None:
    """The likeliest run of the window's tokens, in characters of its text.

    Args:
        pair: what was read.
        logits: of being the first and the last token of the answer: two a token.
    """
    body = slice(pair.body, pair.body + len(pair.offsets))
    first, last = logits[body, 0], logits[body, 1]
    if not len(first):
        return None
    sums = np.triu(first[:, None] + last[None, :])
    reach = np.arange(len(first))
    far = reach[None, :] - reach[:, None]
    sums = np.where((far >= 0) & (far < _MAX_ANSWER), sums, -np.inf)
    start, end = divmod(int(sums.argmax()), len(first))
    if sums[start, end] < logits[0].sum():
        return None
    return pair.offsets[start][0], pair.offsets[end][1]
