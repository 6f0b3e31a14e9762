"""Builds a generation in a child process, beside the parent that embeds or answers.

Chroma's writing stops every Python thread of its process, and needs memory that the embedding
model would rather have. The parent sends window ids: up to there, windows have their vectors.
The child sends how many more windows are in.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.errors import Failed, KiosqueError
from retrieval.index.build import build_afresh
from retrieval.process import ChildDied, ChildProcess, messages, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrieval.index.generations import Places
    from retrieval.process import Connection

_NICENESS = 15
_ALL = 1 << 62
"""Every window has its vector."""


class GenerationBuilder:
    """The parent's side: a generation that a child process builds.

    Args:
        places: where things are.
        change: the staged change; its number is the generation's too.
    """

    def __init__(self, places: Places, change: int) -> None:
        self._child = ChildProcess(_build, places, change, niceness=_NICENESS)

    def ready(self, window: int) -> None:
        """Every window up to this id has its vector now."""
        with suppress(OSError):  # it has ended; `finish` says why
            self._child.connection.send(window)

    def finish(self, done: Callable[[int], None]) -> None:
        """Wait until the generation is built and checked.

        Args:
            done: called with how many more windows are in.

        Raises:
            StorageFull: no room, or no right, to write.
            ArchiveDamaged: the archive or what was built cannot be read.
            Failed: the child ended without a result.
        """
        self.ready(_ALL)
        try:
            for windows in messages(self._child):
                done(windows)
        except KiosqueError:
            raise
        except ChildDied as died:
            raise Failed("builder_died", status=died.status) from None
        except Exception as error:
            raise Failed("builder_died", status=repr(error)) from error

    def stop(self) -> None:
        """End it, if it has not ended."""
        self._child.end()


class _Ready:
    """Waits for vectors, in the child."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._up_to = -1

    def __call__(self, window: int) -> None:
        """Wait until a window has its vector; ends the process if the parent is gone."""
        while self._up_to < window:
            self._up_to = self._connection.recv()


def _build(connection: Connection, places: Places, change: int) -> None:
    """In the child."""
    ready = _Ready(connection)
    report(connection, lambda: build_afresh(places, change, change, ready, connection.send))
