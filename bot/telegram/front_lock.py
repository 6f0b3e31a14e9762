"""Who is in front of the workers in a home: one process, known by a file that is locked.

The lock is that of the file as it was opened, which the workers inherit: it ends with the last
process that has it. A front that is killed leaves workers that end by themselves, but for one that
stands still (stopped, or its disk hangs): the next front ends that one, as its own would have.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

_LOCK = "workers.lock"
_PATIENCE, _LOOK = 15.0, 0.1
_KILLED_WITHIN = 5.0
_PROCESSES = Path("/proc")
_MAX_DIGITS = 20


@contextmanager
def only_front(home: Path, patience: float = _PATIENCE) -> Iterator[int]:
    """Be the only one in front of workers in a home; the locked file, for them to inherit.

    So no worker of an earlier front is alive.

    Args:
        home: the folder.
        patience: seconds for one that ends: its answers are finished first.

    Raises:
        Failed: there is another, or a worker of it, and it is not known to have lost its front.
    """
    path = (home / _LOCK).resolve()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked_within(descriptor, patience):
            _end_what_is_left(path, descriptor)
            if not _locked_within(descriptor, _KILLED_WITHIN):
                raise _running(home, _holders(path))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _locked_within(descriptor: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
        else:
            return True
        time.sleep(_LOOK)


def _end_what_is_left(path: Path, descriptor: int) -> None:
    """End the workers whose front has gone.

    Raises:
        Failed: the front is there still, or it is not known which process it was.
    """
    written = os.pread(descriptor, _MAX_DIGITS, 0)
    front, holders = int(written) if written.isdigit() else 0, _holders(path)
    if not front or not holders or front in holders:
        raise _running(path.parent, holders)
    for process in holders:
        logger.error("a worker that lost its front and did not end is ended", extra={"of": process})
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _running(home: Path, holders: list[int]) -> Failed:
    return Failed("workers_running", home=str(home), process=", ".join(map(str, holders)) or "?")


def _holders(path: Path) -> list[int]:
    """The processes that hold the lock of a file; none where that cannot be known (Linux tells).

    One that waits for it has the file open as well, but not as it was locked.
    """
    found = []
    for process in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # it ended, or is somebody else's
            for name in os.listdir(process / "fd"):
                is_it = os.readlink(process / "fd" / name) == str(path)
                if is_it and "FLOCK" in (process / "fdinfo" / name).read_text():
                    found.append(int(process.name))
                    break
    return sorted(found)
