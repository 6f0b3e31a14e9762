"""An interview: numbered questions to somebody at a terminal, or their defaults to nobody."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from bot.cli.output import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.messages.catalogue import Catalogue

_MAX_CHARS = 2_000
_LEAVING = "q"


class InterviewLeft(Exception):
    """Somebody typed ``q``, or ended the input."""


class Interview:
    """Asks questions, each with a default; this one, which asks nobody, answers by the defaults.

    Keys are those of the catalogue (``setup.…``). Each method that asks raises `InterviewLeft`
    when somebody leaves.

    Attributes:
        is_live: whether somebody is there.
    """

    is_live = False

    def ask(self, _key: str, default: str, /, **_facts: object) -> str:
        """A line of text; the default when nothing is typed."""
        return default

    def ask_hidden(self, _key: str, /, **_facts: object) -> str:
        """A secret, which is not shown while it is typed; empty when nothing is."""
        return ""

    def agreed(self, _key: str, /, *, default: bool = True, **_facts: object) -> bool:
        """A yes or a no; what is neither is the default."""
        return default

    def say(self, _key: str, /, **_facts: object) -> None:
        """A sentence."""

    def show(self, _lines: Iterable[str], /) -> None:
        """Lines as they are."""


class TerminalInterview(Interview):
    """Somebody at a terminal. All is written on the error stream: it is no result.

    Args:
        texts: their language.
    """

    is_live = True

    def __init__(self, texts: Catalogue) -> None:
        self._texts = texts
        self._numbers: dict[str, int] = {}

    def ask(self, key: str, default: str, /, **facts: object) -> str:
        """A line of text; the default when nothing is typed."""
        self._pose(key, facts)
        self._write(f"   [{default}] > ")
        return self._typed(_line()) or default

    def ask_hidden(self, key: str, /, **facts: object) -> str:
        """A secret, which is not shown while it is typed; empty when nothing is."""
        self._pose(key, facts)
        try:
            return self._typed(getpass.getpass("   > ") + "\n")
        except EOFError:
            raise InterviewLeft from None

    def agreed(self, key: str, /, *, default: bool = True, **facts: object) -> bool:
        """A yes or a no; what is neither is the default."""
        self._pose(key, facts)
        choices = self._texts.text("setup.yes_or_no" if default else "confirm.choices")
        self._write(f"   {choices} > ")
        reply = self._typed(_line()).lower()
        if not reply:
            return default
        return reply in self._texts.text("confirm.yes").split()

    def say(self, key: str, /, **facts: object) -> None:
        """A sentence."""
        self.show([self._texts.text(key, **facts)])

    def show(self, lines: Iterable[str], /) -> None:
        """Lines as they are."""
        for line in lines:
            self._write(f"   {harmless(line)}\n")

    def _pose(self, key: str, facts: dict[str, object]) -> None:
        """Write a question under its number; one that is asked again keeps it."""
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        self._write(f"\n{number}. {harmless(self._texts.text(key, **facts))}\n")

    @staticmethod
    def _typed(line: str) -> str:
        if not line or line.strip().lower() == _LEAVING:
            raise InterviewLeft
        return "".join(filter(str.isprintable, line)).strip()

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _line() -> str:
    """The next line, of one that is too long its beginning; empty at the end of the input."""
    line = more = sys.stdin.readline(_MAX_CHARS)
    while more and not more.endswith("\n"):
        more = sys.stdin.readline(_MAX_CHARS)
    return line
