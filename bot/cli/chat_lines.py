"""Where the lines of a conversation come from: somebody who types, or a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

_PROMPT = "> "
_MOST_CHARS = 1_000_000
_RECALLED = 200


class Lines(Protocol):
    """Lines, one after the other."""

    def read(self) -> str | None:
        """The next line; None when there is none.

        Raises:
            KeyboardInterrupt: somebody typed Ctrl-C instead.
        """

    def forget(self) -> None:
        """Forget the lines that could be recalled."""


class TypedLines:
    """Lines typed at a prompt, edited and recalled where the system has readline.

    Args:
        earlier: lines to recall, oldest first.
    """

    def __init__(self, earlier: Iterable[str]) -> None:
        try:
            import readline
        except ImportError:  # Windows has none
            self._readline = None
            return
        self._readline = readline
        for line in list(earlier)[-_RECALLED:]:
            readline.add_history(line)

    def read(self) -> str | None:
        """The next line; None at Ctrl-D. Ctrl-C takes away what was typed, if anything was.

        Raises:
            KeyboardInterrupt: there was nothing to take away.
        """
        out = sys.stdout if sys.stdout.isatty() else sys.stderr
        while True:
            try:
                return self._input(out)
            except EOFError:
                out.write("\n")
                return None
            except KeyboardInterrupt:
                out.write("\n")
                if self._readline is None or not self._readline.get_line_buffer():
                    raise

    def _input(self, out: TextIO) -> str:
        if out is sys.stdout:
            return input(_PROMPT)
        out.write(_PROMPT)
        out.flush()
        return input()

    def forget(self) -> None:
        """Forget what was typed."""
        if self._readline is not None:
            self._readline.clear_history()


class PipedLines:
    """The lines of standard input; of one that never ends, only the beginning."""

    def read(self) -> str | None:
        """The next line; None at the end."""
        line = sys.stdin.readline(_MOST_CHARS)
        more = line
        while more and not more.endswith("\n"):
            more = sys.stdin.readline(_MOST_CHARS)
        return line or None

    def forget(self) -> None:
        """Nothing can be recalled."""
