"""How archives that earlier releases made are brought up to date."""

# ruff: noqa: S608 - the SQL is joined from constants of ours
from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.archive.tables import DUPLICATES, VECTORS

if TYPE_CHECKING:
    from pathlib import Path

_LOG = logging.getLogger(__name__)
READ_AS_IT_IS = 2
"""The first version that needs not be brought up to date to be read."""
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
{VECTORS.strip()}
INSERT INTO vectors SELECT id, model, digest, packed(vector) FROM wide_vectors
 WHERE length(vector) % 4 = 0 ORDER BY id;
DROP TABLE wide_vectors;
"""
"""In the order of the ids, into pages of their own: shortened where they stand, vectors would leave
every page of the old ones half empty. One that is damaged is left out, and made again.
"""


def bring_up_to_date(connection: sqlite3.Connection, path: Path, write: bool) -> None:
    """Bring an older archive up to date, whole or not at all.

    Readers do it with version 1 too: it adds, and takes nothing. Version 2 is for writers alone:
    every vector is written again, a million in about a minute. A Kiosque of before refuses the
    file then.

    Args:
        connection: to the archive, open for writing.
        path: its file.
        write: whether it is a writer, who alone holds the archive's lock.

    Raises:
        sqlite3.Error: no room, or a damaged file; nothing has changed.
    """
    _LOG.warning("%s: bringing an older archive up to date", path)
    # Where deleted pages are overwritten, as on Debian, all old vectors would be written once more.
    (overwriting,) = connection.execute("PRAGMA secure_delete").fetchone()
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        _step(connection, 1, _FROM_1 + DUPLICATES)
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
