"""Takes out of a stream what a reasoning model thinks aloud, between ``<think>`` and ``</think>``.

The marks may be cut anywhere between two pieces: the end of a piece that may be the start of
a mark is held back until the next one tells.
"""

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
