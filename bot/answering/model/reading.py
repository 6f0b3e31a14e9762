"""One answer of a chat model, read piece by piece: without what it thinks aloud, and bounded."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class Thinking:
    """The state between two pieces of one stream."""

    def __init__(self) -> None:
        self._inside = False
        self._held = ""

    def said(self, piece: str) -> str:
        """What of the text so far is now known to be said, and was not given before."""
        text, kept = self._held + piece, []
        while True:
            mark = _CLOSE if self._inside else _OPEN
            before, found, after = text.partition(mark)
            if not found:
                break
            if not self._inside:
                kept.append(before)
            self._inside = not self._inside
            text = after
        self._held = _started(text, mark)
        if not self._inside:
            kept.append(text[: len(text) - len(self._held)])
        return "".join(kept)

    def rest(self) -> str:
        """What was held back, when nothing follows."""
        held, self._held = self._held, ""
        return "" if self._inside else held


def _started(text: str, mark: str) -> str:
    """The longest end of the text with which the mark may begin."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if mark.startswith(text[-length:]):
            return text[-length:]
    return ""


_CHARS, _CHARS_A_TOKEN = 2_000, 16
"""An answer beyond these does not end by itself."""


class Reading:
    """What was read of one answer so far.

    Args:
        max_tokens: what the model was asked to keep to.
    """

    def __init__(self, max_tokens: int) -> None:
        self._thinking = Thinking()
        self._left = _CHARS + _CHARS_A_TOKEN * max_tokens
        self._read = self._said = self._finished = False

    @property
    def endless(self) -> bool:
        """Whether it is longer than the model was asked to keep to."""
        return self._left < 0

    def said(self, text: str, *, last: bool) -> str:
        """What a piece adds to the answer; ``last``: the model says that it has finished.

        Halves of characters, which nothing can store or show, become "?".
        """
        text = text.encode(errors="replace").decode()
        self._finished |= last
        self._read |= bool(text)
        self._left -= len(text) or 1
        return self._noted(self._thinking.said(text))

    def rest(self) -> str:
        """What the end adds to it."""
        return self._noted(self._thinking.rest())

    @property
    def failure(self) -> str | None:
        """What is wrong with the whole, as a key of the catalogue."""
        if self._read and not self._finished:
            return "llm_cut"
        return None if self._said else "llm_nonsense"

    def _noted(self, piece: str) -> str:
        self._said |= bool(piece.strip())
        return piece
