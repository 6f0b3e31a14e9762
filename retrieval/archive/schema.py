"""The tables of the archive, and how a connection to them is opened.

What is live is two facts: ``articles.current`` (the revision that may be cited) and
``meta.generation`` (the folder of indexes that holds exactly those). A change sets both
in one transaction; everything that it prepared before then is invisible to readers.
"""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import secrets
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.faults import storage_faults
from retrieval.archive.still import open_still
from retrieval.errors import ArchiveDamaged, NotFound, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID = 0x4B696F73  # "Kios"
SCHEMA_VERSION = 1
INDEXES = "generations"
"""The folder beside the archive that the indexes are in."""
_BUSY_MS = 10_000

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE changes (                   -- the audit; its id also names the generation it made
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,                       -- NULL: under way, or cut short by a crash
    counts TEXT NOT NULL DEFAULT '{}'    -- JSON, as in the report
) STRICT;

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    current INTEGER REFERENCES revisions(id),  -- NULL until its first change is done
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article TEXT NOT NULL REFERENCES articles(id),
    number INTEGER NOT NULL,
    change INTEGER NOT NULL REFERENCES changes(id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    published TEXT,
    first_day INTEGER,                   -- YYYYMMDD, both ends of what the date may mean
    last_day INTEGER,
    outlet TEXT,
    author TEXT,
    url TEXT,
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    file TEXT NOT NULL,                  -- the file it was found in, resolved; '' for none
    digest TEXT NOT NULL,
    raw BLOB NOT NULL                    -- the source as it was read, deflated
) STRICT;
CREATE INDEX revisions_of ON revisions(article, number);
CREATE INDEX revisions_by_change ON revisions(change);

CREATE TABLE change_items (              -- what a change does, and what would undo it
    change INTEGER NOT NULL REFERENCES changes(id),
    article TEXT NOT NULL REFERENCES articles(id),
    before INTEGER REFERENCES revisions(id),
    before_state TEXT,
    after INTEGER NOT NULL REFERENCES revisions(id),
    after_state TEXT NOT NULL,
    PRIMARY KEY (change, article)
) STRICT, WITHOUT ROWID;

CREATE INDEX change_items_of ON change_items(article, change);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
) STRICT;
CREATE INDEX passages_of ON passages(revision, ordinal);

CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    digest BLOB NOT NULL                 -- of the text that is embedded
) STRICT;
CREATE INDEX windows_of ON windows(passage);

CREATE TABLE models (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE vectors (                   -- what is known is never embedded again
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES models(id),
    digest BLOB NOT NULL,
    vector BLOB NOT NULL,                -- float32, little endian, of length 1
    UNIQUE (model, digest)
) STRICT;
"""


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the archive; to read it, nothing needs be written.

    Args:
        path: the file ``archive.db``.
        write: make it if it is missing, and allow changes.

    Raises:
        NotFound: there is no archive, and it is not to be made.
        ArchiveDamaged: the file is no archive, one of a later Kiosque, or empty beside indexes
            that were made from it.
        StorageFull: it cannot be written or opened here.
    """
    try:
        return _connected(path, write)
    except StorageFull:
        still = None if write else open_still(path)
        if still is None:
            raise
    with storage_faults(path), _closed_on_failure(still):
        _prepare(still, path, write)
    return still


def _connected(path: Path, write: bool) -> sqlite3.Connection:
    with storage_faults(path):
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise NotFound("no_archive", path=str(path))
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
    """See that the tables are ours."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise ArchiveDamaged("not_an_archive", path=str(path))
    if version > SCHEMA_VERSION:
        raise ArchiveDamaged("archive_newer", path=str(path), version=version)
    if write:
        connection.execute("PRAGMA synchronous = FULL")  # a flip that is told is a flip kept
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -65536")
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
        raise NotFound("no_archive", path=str(path))
    _create(connection)


def _is_empty(connection: sqlite3.Connection) -> bool:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return not application and not tables


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    identity = f"INSERT INTO meta VALUES ('{meta.IDENTITY}', '{secrets.token_hex(4)}');"
    stamp = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} {identity} {stamp} COMMIT;")
