"""Somebody at a real terminal."""

from __future__ import annotations

import codecs
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
ROOT = Path(__file__).parents[3]
_ENVIRON = {"KIOSQUE_LANGUAGE": "fr", "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
_ORDERS = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


class Typist:
    """Somebody at a terminal where a command runs.

    Args:
        home: where the archive is.
        command: what Python is told to run.
    """

    def __init__(self, home: Path, *command: str) -> None:
        self._terminal, end = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | _ENVIRON | {"KIOSQUE_HOME": str(home)},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(end)
        self._unread = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

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
            self._unread += _ORDERS.sub("", self._decoder.decode(os.read(self._terminal, 65536)))
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


@contextmanager
def typing(home: Path, *command: str) -> Iterator[Typist]:
    """Somebody at a terminal, for a time."""
    typist = Typist(home, *command)
    try:
        yield typist
    finally:
        typist.leave()
