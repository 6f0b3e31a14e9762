"""Failing writes: what `faulty_write.c` does, seen from Python.

Processes that are to meet faults are forked from a server that has the shim loaded, and
everything heavy imported, so that one takes a tenth of a second to start.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from tests.benchmarks.common import AbsentError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerContext

ONCE, FROM_THEN_ON, NO_ROOM = range(3)
"""That call alone, all that follow too, or all those that need room on the disk."""
KILL, TEAR = -1, -2
"""Instead of an errno: the process dies before the call, or when half of it is written."""
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EROFS": errno.EROFS}
_SOURCE = Path(__file__).with_suffix(".c")
_HEAVY = ["chromadb", "tantivy", "tests.benchmarks.feeding", "tests.benchmarks.soundness"]


class _State(ctypes.Structure):
    """The struct ``state`` of the C file."""

    _fields_ = (
        ("count", ctypes.c_long),
        ("at", ctypes.c_long),
        ("mode", ctypes.c_int),
        ("error", ctypes.c_int),
        ("fired", ctypes.c_long),
        ("root", ctypes.c_char * 1024),
        ("call", ctypes.c_char * 32),
        ("path", ctypes.c_char * 1024),
    )


class Faults:
    """What is to happen to the writes under a folder, shared with the processes that write.

    Args:
        file: where it is kept; `arm` is given it.
        root: the folder.
        at: the call that is to fail, counted from 1; 0 only counts.
        error: an errno, `KILL` or `TEAR`.
        mode: whether others fail too.
    """

    def __init__(
        self, file: Path, root: Path, at: int = 0, error: int = 0, mode: int = ONCE
    ) -> None:
        self.file = file
        file.write_bytes(bytes(ctypes.sizeof(_State)))
        with file.open("r+b") as opened:
            self._state = _State.from_buffer(mmap.mmap(opened.fileno(), 0))
        self._state.root = os.fsencode(root.resolve())
        self._state.at, self._state.error, self._state.mode = at, error, mode

    @property
    def count(self) -> int:
        """How many calls there were."""
        return int(self._state.count)

    @property
    def met(self) -> str:
        """The first call that failed, and the end of its path; nothing if none did."""
        if not self._state.fired:
            return ""
        path = Path(os.fsdecode(self._state.path))
        root = Path(os.fsdecode(self._state.root))
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        return f"{os.fsdecode(self._state.call)} {name}"


def arm(file: Path | None) -> None:
    """Have the faults of a file happen in this process, and in those that it starts."""
    if file is None:
        return
    os.environ["FAULTS"] = str(file)
    ctypes.CDLL(None).faults_arm(os.fsencode(file))


@cache
def shim() -> Path:
    """The shared library, compiled.

    Raises:
        AbsentError: this machine cannot make or load it.
    """
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        raise AbsentError("faults need Linux and a C compiler (cc)")
    library = Path(mkdtemp(prefix="kiosque-faults-")) / "faulty_write.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AbsentError(f"faulty_write.c cannot be compiled here: {done.stderr[:200]}")
    return library


def server() -> ForkServerContext:
    """What starts processes quickly, with the shim in them; the same server for all.

    Raises:
        AbsentError: there can be no shim here.
    """
    from multiprocessing import forkserver

    context = get_context("forkserver")
    with _preloaded(shim()):
        context.set_forkserver_preload(_HEAVY)
        forkserver.ensure_running()
    return context


@contextmanager
def _preloaded(library: Path) -> Iterator[None]:
    os.environ["LD_PRELOAD"] = str(library)
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"]
