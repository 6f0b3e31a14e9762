"""One writer at a time: a lock that the system releases when its holder dies."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from retrieval.archive.faults import storage_faults
from retrieval.errors import ArchiveBusy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = "writer.lock"
_HOLDER = "writer.json"


@contextmanager
def writer_lock(home: Path) -> Iterator[None]:
    """Hold the archive for writing.

    The file beside the lock only tells others who holds it: the lock itself is the
    system's, so that a holder which was killed leaves nothing to clean up.

    Raises:
        ArchiveBusy: another process holds it; the facts are its ``pid``, ``host``,
            ``since`` and ``command``.
        StorageFull: no room, or no right, to write in ``home``.
    """
    with storage_faults(home):
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / _LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ArchiveBusy("archive_busy", **_holder(home)) from None
    try:
        with storage_faults(home):
            _tell(home)
        yield
    finally:
        with suppress(OSError):  # on a disk that fails, it stays: the lock alone counts
            (home / _HOLDER).unlink(missing_ok=True)
        lock.release()


def _tell(home: Path) -> None:
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join([os.path.basename(sys.argv[0] or "python"), *sys.argv[1:2]]),
    }
    (home / _HOLDER).write_text(json.dumps(holder), encoding="utf-8")


def _holder(home: Path) -> dict[str, object]:
    """Who holds the lock, as far as it is told (it may just be starting or ending)."""
    facts: dict[str, object] = dict.fromkeys(("pid", "host", "since", "command"), "?")
    try:
        told = json.loads((home / _HOLDER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return facts
    return facts | {key: told[key] for key in facts if key in told}
