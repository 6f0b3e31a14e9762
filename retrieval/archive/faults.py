"""What SQLite and the file system say when something is wrong, as errors of ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from retrieval.errors import ArchiveBusy, ArchiveDamaged, KiosqueError, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_SQLITE_NO_RIGHT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_SQLITE_UNTOLD = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}  # a full disk, perhaps
_SQLITE_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_LEAST_FREE = 32 << 20
"""Bytes; what could not be written has been given back by the time one looks."""


@contextmanager
def storage_faults(path: Path) -> Iterator[None]:
    """Translate the faults of what is done with a file or folder inside the block.

    Args:
        path: what the error names.

    Raises:
        StorageFull: no room, or no right, to write, or a disk that fails.
        ArchiveDamaged: SQLite finds its file damaged.
        ArchiveBusy: another process kept the file locked for too long.
    """
    try:
        yield
    except KiosqueError:
        raise
    except OSError as error:
        raise _of_system(error, path) from error
    except sqlite3.Error as error:
        raise _of_sqlite(error, path) or error from error


def is_full(path: Path) -> bool:
    """Whether the disk that a path lies on, or would lie on, has no room left."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        return shutil.disk_usage(path).free < _LEAST_FREE
    except OSError:
        return False


def _of_system(error: OSError, path: Path) -> KiosqueError:
    if error.errno in _NO_ROOM:
        return StorageFull("storage_full", path=str(path))
    if error.errno in _NO_RIGHT:
        return StorageFull("storage_denied", path=str(path))
    return StorageFull("storage_failed", path=str(path), detail=error.strerror or str(error))


def _of_sqlite(error: sqlite3.Error, path: Path) -> KiosqueError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_DAMAGE:
        return ArchiveDamaged("archive_damaged", path=str(path), detail=str(error))
    if code == sqlite3.SQLITE_FULL or (code in _SQLITE_UNTOLD and is_full(path)):
        return StorageFull("storage_full", path=str(path))
    if code == sqlite3.SQLITE_IOERR:
        return StorageFull("storage_failed", path=str(path), detail=str(error))
    if code in _SQLITE_NO_RIGHT:
        return StorageFull("storage_denied", path=str(path))
    if code in _SQLITE_BUSY:
        return ArchiveBusy("archive_locked", path=str(path))
    return None
