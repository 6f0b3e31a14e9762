"""A terminal of the tests: what stays on it of all that was written."""

from __future__ import annotations

import re

_PIECES = re.compile(r"\x1b\[(\??[\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """The lines of a terminal that obeys what Rich writes; any other order is an error.

    Args:
        height: lines that are seen; the cursor cannot go back above them.
    """

    def __init__(self, height: int) -> None:
        self._height = height
        self._lines = [""]
        self._row = self._column = 0
        self.cursor_shown = True

    def write(self, text: str) -> None:
        """Obey a text."""
        end = 0
        for piece in _PIECES.finditer(text):
            assert piece.start() == end, f"not understood: {text[end : piece.start()]!r}"
            end = piece.end()
            values, order, move, shown = piece.groups()
            if order:
                self._obey(values, order)
            elif move == "\r":
                self._column = 0
            elif move == "\n":
                self._row, self._column = self._row + 1, 0
                self._lines += [""] * (self._row + 1 - len(self._lines))
            else:
                self._show(shown)

    def text(self) -> str:
        """All lines, those that scrolled away included."""
        return "\n".join(line.rstrip() for line in self._lines).rstrip()

    def _obey(self, values: str, order: str) -> None:
        if order == "A":
            top = max(0, len(self._lines) - self._height)
            self._row = max(top, self._row - int(values or 1))
        elif order == "K":
            assert values == "2"
            self._lines[self._row] = ""
        elif order in "hl" and values == "?25":
            self.cursor_shown = order == "h"
        else:
            assert order == "m", f"not understood: {values}{order}"

    def _show(self, shown: str) -> None:
        line = self._lines[self._row].ljust(self._column)
        self._column += len(shown)
        self._lines[self._row] = line[: self._column - len(shown)] + shown + line[self._column :]
