"""The tables of the archive, how its file is opened, and how older ones are brought up to date."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import logging
import secrets
import shutil
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.errors import ArchiveDamaged, ArchiveMissing, ForeignFile, StorageFull
from retrieval.storage import Closing, storage_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOG = logging.getLogger(__name__)

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
SCHEMA_VERSION = 3
_READ_AS_IT_IS = 2
"""The first version that needs not be brought up to date to be read."""
BYTES_A_NUMBER = "(SELECT iif(user_version < 3, 4, 2) FROM pragma_user_version)"
"""Of a vector. It is read in the same statement: a writer may just bring the archive up to date."""
INDEXES = "generations"
"""The folder of the indexes, beside the archive's file."""
_BUSY_MS = 10_000
_WAL_BYTES = 64 << 20
_KEPT_LOG = 64 << 20
"""Bytes of a write-ahead log that stay on the disk for the next change."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE changes (                   -- the audit; its id also names the generation it made
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,
    by TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,                       -- NULL: under way, or cut short by a crash
    counts TEXT NOT NULL DEFAULT '{}',   -- JSON, as in the report
    detail TEXT NOT NULL DEFAULT '{}',   -- JSON: sources, reason, the change that it undoes
    undone_by INTEGER,                   -- the change that took it back
    recipe TEXT                          -- JSON: the model and sizes that it brings, if any
) STRICT;

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    current INTEGER REFERENCES revisions(id),  -- NULL until its first change is done
    state TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '{}'      -- JSON, `retrieval.archive.rows.Note`
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
    after_state TEXT NOT NULL,           -- 'absent': as if it had never come
    before_note TEXT NOT NULL DEFAULT '{}',
    after_note TEXT NOT NULL DEFAULT '{}',
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
"""
_VECTORS = """
CREATE TABLE vectors (                   -- what is known is never embedded again
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES models(id),
    digest BLOB NOT NULL,
    vector BLOB NOT NULL,                -- of length 1, as `retrieval.packed` keeps it
    UNIQUE (model, digest)
) STRICT;
"""
_DUPLICATES = """
CREATE TABLE duplicates (                -- sources that say what an article says already
    origin TEXT PRIMARY KEY,
    article TEXT NOT NULL REFERENCES articles(id),
    change INTEGER NOT NULL REFERENCES changes(id),
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    title TEXT NOT NULL,
    outlet TEXT,
    published TEXT,
    url TEXT,
    digest TEXT NOT NULL,
    likeness REAL NOT NULL               -- 0 to 1
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicates_of ON duplicates(article);
CREATE INDEX duplicates_by_change ON duplicates(change);

CREATE TABLE signatures (                -- MinHash of a revision's text
    revision INTEGER PRIMARY KEY REFERENCES revisions(id) ON DELETE CASCADE,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE bands (                     -- pieces of signatures: alike texts share one
    band INTEGER NOT NULL,
    revision INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
    PRIMARY KEY (band, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX bands_of ON bands(revision);
"""
_BY_DAY = "CREATE INDEX IF NOT EXISTS revisions_by_day ON revisions(first_day, last_day, article);"
"""What was published on a day is found without reading the texts.

Writers add it to archives that were made before it; readers do without it, slower. It changes no
version: other Kiosques can open an archive that has it.
"""
_ABSENT = "CREATE INDEX IF NOT EXISTS articles_absent ON articles(id) WHERE current IS NULL;"
"""Articles that are no more, or not yet, are found without reading the others; as `_BY_DAY`."""
KEYS = "article_keys"
"""The table of `retrieval.archive.known`."""
_KEYS = f"""
CREATE TABLE IF NOT EXISTS {KEYS} (     -- what sources are recognised by: digests, files, addresses
    key TEXT NOT NULL,
    article TEXT NOT NULL,               -- it has the key, or had it
    PRIMARY KEY (key, article)
) STRICT, WITHOUT ROWID;
"""
"""Writers add it to older archives, and fill it; readers do without it, slower; as `_BY_DAY`."""
_FROM_1 = """
ALTER TABLE changes ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';
ALTER TABLE changes ADD COLUMN undone_by INTEGER;
ALTER TABLE changes ADD COLUMN recipe TEXT;
ALTER TABLE articles ADD COLUMN note TEXT NOT NULL DEFAULT '{}';
ALTER TABLE change_items ADD COLUMN before_note TEXT NOT NULL DEFAULT '{}';
ALTER TABLE change_items ADD COLUMN after_note TEXT NOT NULL DEFAULT '{}';
UPDATE articles SET note = json_object('action', coalesce(
    (SELECT c.action FROM change_items i JOIN changes c ON c.id = i.change
     WHERE i.article = articles.id ORDER BY i.change DESC LIMIT 1), 'index'),
  'read', coalesce((SELECT r.digest FROM revisions r WHERE r.id = articles.current), ''));
UPDATE change_items SET before_note = json_object('action', 'index', 'read',
    coalesce((SELECT r.digest FROM revisions r WHERE r.id = change_items.before), ''));
"""
_FROM_2 = f"""
ALTER TABLE vectors RENAME TO wide_vectors;
{_VECTORS.strip()}
INSERT INTO vectors SELECT id, model, digest, packed(vector) FROM wide_vectors
 WHERE length(vector) % 4 = 0 ORDER BY id;
DROP TABLE wide_vectors;
"""
"""In the order of the ids, into pages of their own: shortened where they stand, vectors would leave
every page of the old ones half empty. One that is damaged is left out, and made again.
"""


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
        connection.execute(f"PRAGMA journal_size_limit = {_KEPT_LOG}")
        connection.execute("PRAGMA cache_size = -65536")
    if version < (SCHEMA_VERSION if write else _READ_AS_IT_IS):
        _upgrade(connection, path, write)
    if write:
        for statement in (_BY_DAY, _ABSENT, _KEYS):
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
    tables = _TABLES + _VECTORS + _DUPLICATES + _BY_DAY + _ABSENT + _KEYS
    connection.executescript(f"BEGIN IMMEDIATE; {tables} {identity} {stamp} COMMIT;")


def _upgrade(connection: sqlite3.Connection, path: Path, write: bool) -> None:
    """Bring an older archive up to date, whole or not at all.

    Readers do it with version 1 too: it adds, and takes nothing. Version 2 is for writers alone:
    every vector is written again.
    """
    _LOG.warning("%s: bringing an older archive up to date", path)
    # Where deleted pages are overwritten, as on Debian, all old vectors would be written once more.
    (overwriting,) = connection.execute("PRAGMA secure_delete").fetchone()
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _step(connection, 1, _FROM_1 + _DUPLICATES)
        shortened = write and _step(connection, 2, _FROM_2)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    connection.execute(f"PRAGMA secure_delete = {overwriting}")
    if shortened:
        _give_back(connection, path)


def _step(connection: sqlite3.Connection, version: int, statements: str) -> bool:
    """Bring an archive of this version to the next one; whether it was of this version."""
    if connection.execute("PRAGMA user_version").fetchone() != (version,):
        return False
    connection.create_function("packed", 1, _packed, deterministic=True)
    for statement in statements.split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version + 1}")
    return True


def _packed(vector: bytes) -> bytes:
    import numpy as np

    from retrieval.packed import FLOATS, packed

    return packed(np.frombuffer(vector, FLOATS)).tobytes()


def _give_back(connection: sqlite3.Connection, path: Path) -> None:
    """Write the file again without the room that its old vectors took.

    SQLite needs twice as much for it; where the disk has less, the archive fills the room as it
    grows. The same is true when it fails: nothing depends on it.
    """
    (used,) = connection.execute(
        "SELECT (page_count - freelist_count) * page_size"
        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    ).fetchone()
    if shutil.disk_usage(path.parent).free < 3 * used:
        return
    with suppress(sqlite3.Error):
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


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
