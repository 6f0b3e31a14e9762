"""Runs the cross-encoder on ONNX Runtime: one pair a run, one thread a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from retrieval.embedding.local import session_options
from retrieval.embedding.tokens import Cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTH = 128
"""Tokens of a pair, at most."""
_QUESTION, _TITLE = 36, 24
_BEGIN, _END = 0, 2


@dataclass(frozen=True, slots=True)
class Pair:
    """What the network is given, and the way back to the characters of the window.

    Args:
        ids: the tokens.
        segments: 0 for each token of the question, 1 for each after it.
        body: the place of the first token of the window.
        offsets: start and end in the window's text of each of its tokens that fits.
    """

    ids: list[int]
    segments: list[int]
    body: int
    offsets: Sequence[tuple[int, int]]


def title_text(title: str) -> str:
    """What is cut into tokens for a title; an empty one says nothing."""
    return f"{title} : " if title else ""


def join(question: Cut, title: Cut, window: Cut) -> Pair:
    """The pair of a question and a window, from their tokens.

    Args:
        question: the question's tokens.
        title: those of `title_text`.
        window: the window's.
    """
    head = [_BEGIN, *question.ids[:_QUESTION], _END, _END]
    lead = [*head, *title.ids[:_TITLE]]
    room = LENGTH - len(lead) - 1
    ids = [*lead, *window.ids[:room], _END]
    # Both ends of the question's part but the last count to it.
    segments = [0] * (len(head) - 1) + [1] * (len(ids) - len(head) + 1)
    return Pair(ids, segments, len(lead), window.offsets[:room])


def tokens_of(pair: Pair, start: int, end: int) -> tuple[int, int] | None:
    """The first and last token of some characters of the window; None when cut off."""
    inside = [at for at, (low, high) in enumerate(pair.offsets) if low < end and high > start]
    return (pair.body + inside[0], pair.body + inside[-1]) if inside else None


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
