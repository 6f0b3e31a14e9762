"""Files of the home: faults of disks and of SQLite as errors of ours, locks, manifests.

The writer's lock tells who holds it. Locks are the system's: a killed process leaves none behind.
A manifest lists the files of a folder that was written whole.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sqlite3
import sys
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, Literal, cast

from filelock import FileLock, Timeout

from retrieval.errors import ArchiveBusy, ArchiveDamaged, IndexDamaged, KiosqueError, StorageFull

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_SQLITE_NO_RIGHT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_SQLITE_UNTOLD = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}  # a full disk, perhaps
_SQLITE_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_LOADS = 5
_MIN_FREE = 32 << 20
"""Bytes; what could not be written has been given back by the time one looks."""


def load_array(path: Path, *, mapped: bool = False) -> NDArray[Any]:
    """An array that numpy wrote into a file.

    Several threads may load at once. numpy reads the header by building a syntax tree, which
    before CPython 3.11.8 and 3.12.2 fails when another thread builds one too (gh-106905); so a
    load that fails this way is tried again.

    Args:
        path: the file.
        mapped: leave the numbers in the file, read-only, instead of reading them.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    import numpy as np

    mode: Literal["r"] | None = "r" if mapped else None
    try:
        for _ in range(_LOADS):
            with suppress(SystemError):
                return cast("NDArray[Any]", np.load(path, mmap_mode=mode))
        return cast("NDArray[Any]", np.load(path, mmap_mode=mode))
    except (SyntaxError, TokenError, MemoryError, OverflowError) as error:
        # A damaged header is no Python, or names more numbers than memory holds.
        raise ValueError(f"{path.name}: {error}") from error


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
        return shutil.disk_usage(path).free < _MIN_FREE
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


class Closing(ABC):
    """What is closed at the end of a ``with`` block."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FolderLock:
    """A shared lock on a folder until `release`; `is_locked` sees it from other processes too.

    Args:
        folder: it need not exist any more; then nothing is locked.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        if fcntl is None:
            return
        with suppress(OSError):  # a file system without such locks
            self._descriptor = os.open(folder, os.O_RDONLY)
            # Waits for `is_locked`, which takes microseconds; nobody else locks it exclusively.
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Unlock the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def is_locked(folder: Path) -> bool:
    """Whether somebody has a `FolderLock`; always true where the system has no such locks."""
    if fcntl is None:
        return True
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


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
    visible = FolderLock(home)
    try:
        with storage_faults(home):
            _write_holder(home)
        yield
    finally:
        with suppress(OSError):  # on a disk that fails, it stays: the lock alone counts
            (home / _HOLDER).unlink(missing_ok=True)
        visible.release()
        lock.release()


@contextmanager
def compaction_lock(home: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the right to make the base of the indexes anew beside, and to delete what is left of it.

    Args:
        home: the folder of the archive.
        wait_s: seconds for another holder to end.

    Raises:
        ArchiveBusy: another process holds it.
        StorageFull: no room, or no right, to write in ``home``.
    """
    with storage_faults(home):
        lock = FileLock(home / "compact.lock", timeout=wait_s)
        try:
            lock.acquire()
        except Timeout:
            raise ArchiveBusy("compaction_busy", path=str(home)) from None
    try:
        yield
    finally:
        lock.release()


def is_writing(home: Path) -> bool:
    """Whether somebody holds the writer's lock. Looking takes no lock that a writer asks for."""
    if fcntl is not None:
        return is_locked(home)
    lock = FileLock(home / _LOCK, timeout=0)  # Windows: a writer that begins now is turned away
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def _write_holder(home: Path) -> None:
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join([os.path.basename(sys.argv[0] or "python"), *sys.argv[1:2]]),
    }
    (home / _HOLDER).write_text(json.dumps(holder), encoding="utf-8")


def _holder(home: Path) -> dict[str, object]:
    """Who holds the lock, as far as known (it may just be starting or ending)."""
    facts: dict[str, object] = dict.fromkeys(("pid", "host", "since", "command"), "?")
    try:
        values = json.loads(read_small(home / _HOLDER))
    except (OSError, ValueError):
        return facts
    return facts | {key: values[key] for key in facts if key in values}


_MAX_SMALL = 16 << 20  # bytes


def read_small(path: Path) -> str:
    """The text of a file in which we keep a few facts.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged: longer than any of them, or no text.
    """
    with path.open("rb") as file:
        content = file.read(_MAX_SMALL + 1)
    if len(content) > _MAX_SMALL:
        raise ValueError(f"{path.name}: too long")
    return content.decode("utf-8")


_MANIFEST = "seal.json"
_CHUNK = 1 << 20
_CHANGING = (".lock", ".sqlite3", ".sqlite3-journal", ".sqlite3-wal", ".sqlite3-shm")
"""Ends of the names of files that readers write to."""


def write_manifest(folder: Path, before: Path | None = None) -> None:
    """List the files of a generation with their sizes and checksums, once they are all made.

    What is listed already, or of a file that is shared, is not read again.

    Args:
        folder: the generation.
        before: one whose files it may share.

    Raises:
        StorageFull: no room, or no right, to write.
    """
    with storage_faults(folder):
        known = {path: [size, sum_] for path, size, sum_ in _listed(folder)}
        if before is not None:
            for other, size, sum_ in _listed(before):
                path = folder / other.relative_to(before)
                if _is_same(path, other):
                    known[path] = [size, sum_]
        found = {
            path.relative_to(folder).as_posix(): known.get(path)
            or [path.stat().st_size, _checksum(path)]
            for path in sorted(folder.rglob("*"))
            if _is_listed(path)
        }
        (folder / _MANIFEST).write_text(json.dumps(found, indent=0), "utf-8")


def _is_same(path: Path, other: Path) -> bool:
    """Whether two names are of one file."""
    try:
        return path.samefile(other)
    except OSError:
        return False


def link_folder(source: Path, target: Path, copied: Iterable[str] = ()) -> None:
    """Give the files of a folder a second name in another, which is made; locks are left out.

    Args:
        source: holds files that nobody ever writes to again.
        target: where the second names are to be.
        copied: the names of files that are written to: the target gets its own.

    Raises:
        StorageFull: no room, or no right, to write.
        IndexDamaged: the source cannot be read.
    """
    with storage_faults(target):
        target.mkdir(parents=True)
    try:
        names = [entry.name for entry in os.scandir(source) if entry.is_file()]
    except OSError as error:
        raise IndexDamaged("index_missing", path=str(source)) from error
    with storage_faults(target):
        for name in sorted(names):
            if name.endswith(".lock"):
                continue
            if name in copied or not _linked(source / name, target / name):
                shutil.copy2(source / name, target / name)


def _linked(source: Path, target: Path) -> bool:
    """Give a file a second name; False where the file system has no such names."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def check_sizes(folder: Path, part: str = "") -> None:
    """See that the files of a generation, or of one index of it, are as long as they were.

    Raises:
        IndexDamaged: one is not; a generation without a manifest is not judged.
    """
    for path, size, _ in _listed(folder):
        if path.is_relative_to(folder / part):
            _compare(path, path.stat().st_size if path.is_file() else None, size)


def check_contents(folder: Path, part: str = "") -> None:
    """See that the files of a generation, or of one index of it, hold what they held.

    Raises:
        IndexDamaged: one does not.
    """
    for path, size, checksum in _listed(folder):
        if path.is_relative_to(folder / part):
            _compare(path, path.stat().st_size if path.is_file() else None, size)
            _compare(path, _checksum(path), checksum)


def _compare(path: Path, found: int | None, expected: int) -> None:
    if found is None:
        raise IndexDamaged("index_missing", path=str(path))
    if found != expected:
        raise IndexDamaged("index_damaged", path=str(path), detail=f"{found} ≠ {expected}")


def _listed(folder: Path) -> Iterator[tuple[Path, int, int]]:
    try:
        listed = json.loads(read_small(folder / _MANIFEST))
        rows = [(folder / name, int(size), int(sum_)) for name, (size, sum_) in listed.items()]
    except FileNotFoundError:
        return
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise IndexDamaged(
            "index_damaged", path=str(folder / _MANIFEST), detail=str(error)
        ) from error
    yield from rows


def _is_listed(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(_CHANGING) and path.name != _MANIFEST


def _checksum(path: Path) -> int:
    found = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found = zlib.crc32(chunk, found)
    except OSError as error:
        raise IndexDamaged("index_damaged", path=str(path), detail=str(error)) from error
    return found
