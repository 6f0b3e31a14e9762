"""A question and a window as the one text that the cross-encoder reads.

``<s> question </s></s> title : window </s>``, 128 tokens at most: of the question the first
36, of the title 24, of the window what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.embedding.tokens import Cut

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
