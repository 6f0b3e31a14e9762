"""Reading an archive on a disk that is full, or that cannot be written.

SQLite makes two files beside an archive to read it. Where it cannot, and no change waits in
one of them, the archive's own file holds everything, and is read by itself. SQLite then never
looks whether it changed: whoever reads does, and opens it anew.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

Stamp = tuple[int, int, int]


class StillConnection(sqlite3.Connection):
    """A connection to a file that does not change; ``stamp`` tells which it was."""

    stamp: Stamp | None = None

    def is_outdated(self, path: Path) -> bool:
        """Whether the file is not any more what was opened."""
        return self.stamp != stamp_of(path)


def stamp_of(path: Path) -> Stamp | None:
    """What changes whenever a still file does; None while a change waits beside it."""
    try:
        waiting = Path(f"{path}-wal")
        if waiting.exists() and waiting.stat().st_size:
            return None
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def open_still(path: Path) -> StillConnection | None:
    """Open a file by itself; None where a change waits beside it."""
    stamp = stamp_of(path)
    if stamp is None:
        return None
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        factory=StillConnection,
    )
    connection.stamp = stamp
    return connection
