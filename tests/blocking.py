"""Calls that block an event loop, seen by the interpreter's own audit events.

A call counts when the loop's thread makes it and our code, not the test's, asked for it. The
audit hook cannot be taken away: it sleeps outside `blocking_calls`, and so does SQLite's tracing.
"""

from __future__ import annotations

import asyncio
import linecache
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from config import data

ROOT = Path(__file__).parents[1]
_OURS = tuple(f"{ROOT / name}/" for name in ("config", "prompts", "retrieval", "bot"))
_TESTS = f"{ROOT / 'tests'}/"
_STANDARD = f"{Path(asyncio.__file__).parents[1]}/"
_PACKAGES = "site-packages"
_EVENTS = frozenset(
    "open os.listdir os.scandir os.mkdir os.rmdir os.remove os.rename os.truncate os.chmod"
    " shutil.rmtree shutil.copyfile shutil.move fcntl.flock fcntl.lockf time.sleep"
    " socket.connect socket.getaddrinfo subprocess.Popen sqlite3.connect".split()
)


class _Watch:
    """What is seen, while somebody watches."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None
        self._state = threading.local()

    def on_event(self, name: str, args: tuple[object, ...]) -> None:
        """An audit event: note it when it blocks."""
        if self.seen is not None and name in _EVENTS and not getattr(self._state, "looking", False):
            self._note(name, str(args[:1]))

    def connect(self, *args: Any, **kwargs: Any) -> sqlite3.Connection:  # noqa: ANN401
        """As ``sqlite3.connect``; a statement raises no audit event, so SQLite tells of each."""
        connection: sqlite3.Connection = _connect(*args, **kwargs)
        connection.set_trace_callback(self._on_statement)
        return connection

    def _on_statement(self, sql: str) -> None:
        if self.seen is not None:
            self._note("sqlite3", sql)

    def _note(self, name: str, detail: str) -> None:
        if asyncio._get_running_loop() is None or self.seen is None:
            return
        self._state.looking = True
        try:
            place = _place(sys._getframe(2))
        finally:
            self._state.looking = False
        if place is not None:
            self.seen.append(f"{place}: {name} {detail[:120]}")


def _place(frame: FrameType | None) -> str | None:
    """The line of ours that makes a call; None when a library or a test does, or an import."""
    place: str | None = None
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_TESTS) and path != __file__:
            return None  # the test's own call, or a fake's
        if path.startswith("<frozen importlib") or path == linecache.__file__:
            return None  # an import; a traceback for the log
        if path == data.__file__:
            return None  # a word list of the package, read once, as an import is
        if path.startswith(_OURS):
            place = place or f"{path}:{frame.f_lineno}"
        elif place is None and (_PACKAGES in path or f"{_STANDARD}asyncio" in path):
            return None
        elif f"{_STANDARD}asyncio" in path and frame.f_code.co_name == "_run":
            break
        frame = frame.f_back
    return place


_connect = sqlite3.connect
_watch = _Watch()
sys.addaudithook(_watch.on_event)
sqlite3.connect = _watch.connect  # type: ignore[assignment]


@contextmanager
def blocking_calls() -> Iterator[list[str]]:
    """The calls of our code that block a loop while the block runs."""
    _watch.seen = []
    try:
        yield _watch.seen
    finally:
        _watch.seen = None
