"""Builds a big generation in a process of its own, beside the one that embeds.

Chroma's writing stops every Python thread of its process, and needs memory that the
embedding model would rather have. The two speak in lines: the parent says up to which
window there are vectors, the worker how many windows are in. When the parent dies, its end
of the pipe closes, and the worker stops.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from retrieval import errors
from retrieval.errors import Failed, KiosqueError
from retrieval.index.build import build_afresh
from retrieval.index.generations import Places
from retrieval.process import end, starting

if TYPE_CHECKING:
    from collections.abc import Callable

_NICENESS = 15
ALL = 1 << 62
"""Every window has its vector."""


class Worker:
    """The parent's side: a generation that is being built by another process.

    Args:
        places: where things are.
        change: the staged change; its number is the generation's too.
    """

    def __init__(self, places: Places, change: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            starting("retrieval.change.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what matters comes as a line
            text=True,
            encoding="utf-8",
            start_new_session=True,  # an interruption is the parent's to handle
        )
        # Not as arguments: the address of a server may hold a password.
        self._say(json.dumps([str(places.home), places.chroma_url, change]))

    def ready(self, window: int) -> None:
        """Every window up to this id has its vector now."""
        self._say(str(window))

    def _say(self, line: str) -> None:
        if self._process.stdin is None:
            return
        with suppress(OSError):  # it has ended; `finish` says why
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def finish(self, done: Callable[[int], None]) -> None:
        """Wait until the generation is built and checked.

        Args:
            done: told how many more windows are in.

        Raises:
            StorageFull: no room, or no right, to write.
            ArchiveDamaged: the archive or what was built cannot be read.
        """
        self.ready(ALL)
        ended: dict[str, object] = {}
        for line in self._process.stdout or ():
            ended = json.loads(line)
            if "done" in ended:
                done(int(str(ended["done"])))
        self._process.wait()
        if "error" in ended:
            _raise(ended)
        if "built" not in ended:
            raise Failed("builder_died", status=self._process.returncode)

    def stop(self) -> None:
        """End it, if it has not ended."""
        end(self._process)


def _raise(told: dict[str, object]) -> None:
    kind = getattr(errors, str(told["error"]))
    facts = told["facts"]
    raise kind(str(told["key"]), **(facts if isinstance(facts, dict) else {}))


class _Waiting:
    """The worker's side of the pipe: how far the vectors are."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._up_to = -1

    def __call__(self, window: int) -> None:
        """Wait until a window has its vector; end the process if the parent is gone."""
        while self._up_to < window:
            line = self._lines.readline()
            if not line:
                sys.exit(1)
            self._up_to = int(line)


def _tell(**told: object) -> None:
    sys.stdout.write(json.dumps(told, default=str) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Build the generation that the first line names: home, Chroma server or null, change."""
    home, url, change = json.loads(sys.stdin.readline() or sys.exit(1))
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # embedding goes first; this takes what is left over
    try:
        build_afresh(
            Places(Path(home), url),
            change,
            change,
            _Waiting(sys.stdin),
            lambda windows: _tell(done=windows),
        )
    except KiosqueError as error:
        _tell(error=type(error).__name__, key=error.key, facts=error.facts)
    except Exception as error:
        _tell(error="Failed", key="builder_died", facts={"status": repr(error)})
    else:
        _tell(built=True)
