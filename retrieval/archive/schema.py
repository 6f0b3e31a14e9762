"""How the archive's file is made, opened and recognised."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import secrets
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.tables import ADDED, DUPLICATES, SCHEMA_VERSION, TABLES, VECTORS
from retrieval.archive.upgrade import READ_AS_IT_IS, bring_up_to_date
from retrieval.errors import ArchiveDamaged, ArchiveMissing, ForeignFile, StorageFull
from retrieval.storage import Closing, storage_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

Stamp = tuple[int, int, int]


class ReadonlyConnection(sqlite3.Connection):
    """A connection to a file in a folder that cannot be written to; ``stamp`` is of its opening."""

    stamp: Stamp | None = None

    def is_outdated(self, path: Path) -> bool:
        """Whether the file is not any more what was opened."""
        return self.stamp != stamp_of(path)


def stamp_of(path: Path) -> Stamp | None:
    """What changes whenever a file does; None while a change waits in its write-ahead log."""
    try:
        waiting = Path(f"{path}-wal")
        if waiting.exists() and waiting.stat().st_size:
            return None
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def open_readonly(path: Path) -> ReadonlyConnection | None:
    """Open a file as immutable; None while a change waits in its write-ahead log."""
    stamp = stamp_of(path)
    if stamp is None:
        return None
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        factory=ReadonlyConnection,
    )
    connection.stamp = stamp
    return connection


APPLICATION_ID = 0x4B696F73  # "Kios"
INDEXES = "generations"
"""The folder of the indexes, beside the archive's file."""
_BUSY_MS = 10_000
_WAL_BYTES = 64 << 20


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the archive; to read it, nothing needs be written.

    Args:
        path: the file ``archive.db``.
        write: make it if it is missing, and allow changes.

    Raises:
        ArchiveMissing: there is no archive, and it is not to be made.
        ArchiveDamaged: it is empty beside indexes that were made from it.
        ForeignFile: the file is no archive, or one of a later Kiosque.
        StorageFull: it cannot be written or opened here.
    """
    try:
        return _connected(path, write)
    except StorageFull:
        readonly = None if write else open_readonly(path)
        if readonly is None:
            raise
    with storage_faults(path), _closed_on_failure(readonly):
        _prepare(readonly, path, write)
    return readonly


def _connected(path: Path, write: bool) -> sqlite3.Connection:
    with storage_faults(path):
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise ArchiveMissing("no_archive", path=str(path))
        lost = path.exists() and _has_indexes(path)
        connection = _open(path, write)
        with _closed_on_failure(connection):
            if _is_empty(connection):
                _begin(connection, path, write=write, lost=lost)
            _prepare(connection, path, write)
    return connection


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _open(path: Path, write: bool) -> sqlite3.Connection:
    mode = "rwc" if write else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_MS / 1000,
        cached_statements=256,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, write: bool) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise ForeignFile("not_an_archive", path=str(path))
    if version > SCHEMA_VERSION:
        raise ForeignFile("archive_newer", path=str(path), version=version)
    if write:
        connection.execute("PRAGMA synchronous = FULL")  # no power cut undoes a change
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        # What a long reading let it grow to is given back.
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        connection.execute("PRAGMA cache_size = -65536")
    if version < (SCHEMA_VERSION if write else READ_AS_IT_IS):
        bring_up_to_date(connection, path, write)
    if write:
        for statement in ADDED:
            connection.execute(statement)
    else:
        connection.execute("PRAGMA query_only = ON")


def _has_indexes(path: Path) -> bool:
    folder = path.parent / INDEXES
    return folder.is_dir() and any(folder.iterdir())


def _begin(connection: sqlite3.Connection, path: Path, *, write: bool, lost: bool) -> None:
    """Make an archive of an empty file, unless it ``lost`` what its indexes were made from."""
    if lost:
        raise ArchiveDamaged("archive_emptied", path=str(path))
    if not write:
        raise ArchiveMissing("no_archive", path=str(path))
    _create(connection)


def _is_empty(connection: sqlite3.Connection) -> bool:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return not application and not tables


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    identity = f"INSERT INTO meta VALUES ('{meta.IDENTITY}', '{secrets.token_hex(4)}');"
    stamp = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    tables = "".join([TABLES, VECTORS, DUPLICATES, *ADDED])
    connection.executescript(f"BEGIN IMMEDIATE; {tables} {identity} {stamp} COMMIT;")


class WritableArchive(Closing):
    """A connection to the archive for the one who holds the writer's lock.

    Args:
        path: the file ``archive.db``; it is made if it is missing.

    Raises:
        ArchiveDamaged: the file is no archive, or damaged.
        StorageFull: no room, or no right, to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection: sqlite3.Connection = connect(path, write=True)

    def close(self) -> None:
        """Close the connection; what was not committed is undone."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is written inside, or nothing."""
        with storage_faults(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
