"""``kiosque chat`` on a real terminal: the prompt, recall, and what Ctrl-C and Ctrl-D do."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.cli.conftest import QUESTION

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
ROOT = Path(__file__).parents[3]
PROMPT = "> "
_ORDERS = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


class Typist:
    """Somebody at a terminal where a command runs.

    Args:
        environ: what the command finds in its environment.
        words: the command's own.
    """

    def __init__(self, environ: dict[str, str], *words: str) -> None:
        self._terminal, end = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *words],
            cwd=ROOT,
            env=os.environ | environ,
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(end)
        self._unread = ""

    def types(self, text: str) -> None:
        """Type a text, as slowly as a person: readline misses a Ctrl-C on the heels of a key."""
        time.sleep(0.3)
        os.write(self._terminal, text.encode())

    def reads(self, awaited: str, seconds: float = 30) -> str:
        """What comes up to a text; what comes after it is for the next reading."""
        end = time.monotonic() + seconds
        while awaited not in self._unread:
            ready, _, _ = select.select([self._terminal], [], [], max(0, end - time.monotonic()))
            assert ready, f"{awaited!r} did not come: {self._unread!r}"
            self._unread += _ORDERS.sub("", os.read(self._terminal, 65536).decode())
        before, _, self._unread = self._unread.partition(awaited)
        return before

    def ends(self) -> int:
        """The exit code."""
        return self._process.wait(20)

    def leave(self) -> None:
        """Take the terminal away."""
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


def _own_terminal() -> None:
    """Make the terminal that of the command: Ctrl-C goes to it."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def typist(own_home: Path) -> Iterator[Typist]:
    """Somebody in a chat that has begun."""
    environ = {
        "KIOSQUE_HOME": str(own_home),
        "KIOSQUE_LANGUAGE": "fr",
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "80",
    }
    typist = Typist(environ, "chat")
    try:
        typist.reads("montre les commandes")
        typist.reads(PROMPT)
        yield typist
    finally:
        typist.leave()


def test_question_then_ctrl_d(typist: Typist) -> None:
    """A question is answered, the prompt comes back, and Ctrl-D leaves with 0."""
    typist.types(f"{QUESTION}\n")
    assert "dix-sept stations" in " ".join(typist.reads("\r\n\r\n> ").split())
    typist.types("\x04")
    assert typist.ends() == 0


def test_earlier_question_is_recalled(typist: Typist) -> None:
    """The arrow up brings the last question back."""
    typist.types(f"{QUESTION}\n")
    typist.reads("\r\n\r\n> ")
    typist.types("/aide\n")
    typist.reads("\r\n\r\n> ")
    typist.types("\x1b[A\x1b[A\n")
    assert "dix-sept stations" in " ".join(typist.reads("\r\n\r\n> ").split())


def test_ctrl_c_at_the_prompt(typist: Typist) -> None:
    """Ctrl-C takes away what was typed; at an empty prompt it asks, then leaves with 0."""
    typist.types("une question")
    typist.reads("une question")
    typist.types("\x03")
    assert "Encore" not in typist.reads(PROMPT)
    typist.types("\x03")
    assert "Encore Ctrl-C" in typist.reads(PROMPT)
    typist.types("\x03")
    assert typist.ends() == 0


def test_empty_lines_say_nothing(typist: Typist) -> None:
    """An empty line is no question: the prompt comes back, and nothing else."""
    typist.types("\n")
    assert typist.reads(PROMPT).strip() == ""
