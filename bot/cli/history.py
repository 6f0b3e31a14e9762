"""The conversations of ``kiosque chat`` in a file: one exchange a line, for its owner alone.

Several chats may share it: each writes a whole line at a time, under a lock.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from filelock import FileLock

from bot.memory.conversation import record, recorded
from retrieval.errors import StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from io import RawIOBase
    from pathlib import Path

    from bot.memory.conversation import Kept

_MOST = 1000  # exchanges
_MOST_BYTES = 4_000_000
_LOCK_SECONDS = 2.0


class History:
    """The file of the conversations.

    Args:
        folder: where it is; made when something is kept.
        keep: how long; nothing is written when it is no time at all.
    """

    def __init__(self, folder: Path, keep: timedelta) -> None:
        self.path = folder / "history.jsonl"
        self._keep = keep

    def load(self, now: datetime) -> tuple[Kept, ...]:
        """What is kept, oldest first; what is too old or too much is deleted.

        Raises:
            StorageFull: the file cannot be read or written.
        """
        if not self.path.exists():
            return ()
        with self._locked():
            lines = _tail(self.path, _MOST_BYTES)
            kept = [one for one in map(_read, lines) if one and now - one.at < self._keep]
            kept = kept[-_MOST:]
            if len(kept) < len(lines):
                self._rewrite(kept)
        return tuple(kept)

    def append(self, kept: Kept) -> None:
        """Keep one thing more.

        Raises:
            StorageFull: the file cannot be written.
        """
        if not self._keep:
            return
        line = _line(kept)
        with self._locked():
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with open(descriptor, "r+b", buffering=0) as file:
                # A line that was cut (a full disk, a crash) must not spoil the next one.
                file.write(line if _ends_well(file) else b"\n" + line)

    def forget(self) -> None:
        """Delete the file.

        Raises:
            StorageFull: it cannot be deleted.
        """
        if self.path.parent.exists():
            with self._locked():
                self.path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the file, and say what goes wrong in one of our errors."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self.path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                yield
        except OSError as error:
            detail = getattr(error, "strerror", None) or str(error)
            raise StorageFull("history_failed", path=self.path, detail=detail) from error

    def _rewrite(self, kept: Sequence[Kept]) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.writelines(map(_line, kept))
        os.replace(fresh, self.path)


def _line(kept: Kept) -> bytes:
    return (json.dumps(record(kept), ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _read(line: bytes) -> Kept | None:
    """What a line keeps; a damaged one keeps nothing."""
    try:
        return recorded(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _tail(path: Path, most: int) -> list[bytes]:
    """The last lines of a file; the first of them may be cut."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - most))
        return file.read(most).splitlines()


def _ends_well(file: RawIOBase) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
