"""Keeping the signatures by which articles with alike texts are found."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.rows import REPLACED
from retrieval.likeness import VERSION, bands, signature

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from retrieval.archive.store import ArchiveStore

_BATCH = 500
_LACKING = (
    "FROM articles a JOIN revisions r ON r.id = a.current WHERE a.state <> 'withdrawn'"
    " AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.revision = r.id)"
)


def put_staged(store: ArchiveStore, change: int, signed: Iterable[tuple[str, bytes]]) -> None:
    """Keep the signatures of what a change staged, by article."""
    with store.transaction() as connection:
        for article_id, value in signed:
            (revision,) = connection.execute(
                "SELECT after FROM change_items WHERE change = ? AND article = ?",
                (change, article_id),
            ).fetchone()
            _put(connection, revision, value)


def put_lacking(store: ArchiveStore) -> None:
    """Sign the live articles that have no signature, or one that is no longer made so."""
    with store.transaction() as connection:
        if meta.get(connection, meta.SIGNATURES) != VERSION:
            connection.execute("DELETE FROM bands")
            connection.execute("DELETE FROM signatures")
            meta.put(connection, meta.SIGNATURES, VERSION)
    done = False
    while not done:
        with store.transaction() as connection:
            batch = connection.execute(f"SELECT r.id, r.text {_LACKING} LIMIT {_BATCH}").fetchall()
            for revision, text in batch:
                _put(connection, revision, signature(text))
            done = len(batch) < _BATCH


def lacking(connection: sqlite3.Connection) -> list[str]:
    """The live articles that cannot be found by their signatures."""
    current = meta.get(connection, meta.SIGNATURES) == VERSION
    where = _LACKING if current else "FROM articles a WHERE state <> 'withdrawn' AND current"
    return [id_ for (id_,) in connection.execute(f"SELECT a.id {where}")]


def drop_replaced(connection: sqlite3.Connection, change: int) -> None:
    """What a change replaces is found by no signature; part of its flip."""
    for table in ("bands", "signatures"):
        connection.execute(f"DELETE FROM {table} WHERE revision IN ({REPLACED})", (change,))


def _put(connection: sqlite3.Connection, revision: int, value: bytes) -> None:
    connection.execute("INSERT OR REPLACE INTO signatures VALUES (?, ?)", (revision, value))
    connection.executemany(
        "INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, revision) for band in bands(value)]
    )
