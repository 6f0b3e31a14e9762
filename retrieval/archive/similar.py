"""Articles that may say the same: MinHash signatures in the archive, looked up by their bands."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.archive import meta
from retrieval.archive.archive_after import AFTER
from retrieval.archive.rows import ARTICLE_COLUMNS, REPLACED, article_of
from retrieval.archive.schema import connect
from retrieval.storage import Closing, storage_faults
from retrieval.text.likeness import VERSION, bands, signature

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from retrieval.archive.schema import WritableArchive
    from retrieval.vocabulary import Article

_NEWEST = 30  # revisions, the newest: bulletins by the thousand may share one
_MAX_CANDIDATES = 60  # candidates whose signatures are looked at


@dataclass(frozen=True, slots=True)
class Candidate:
    """A revision whose text may be alike; ``staged`` when the change under way brings it."""

    revision: int
    article_id: str
    signature: bytes
    staged: bool


class SimilarArticles(Closing):
    """Reads an archive for the plan of a change.

    Args:
        path: the file ``archive.db``.
        change: the change under way in it; 0 for none.

    Raises:
        NotFound: there is no archive there.
        ArchiveDamaged: the file cannot be read.
    """

    def __init__(self, path: Path, change: int = 0) -> None:
        self._path = path
        self._change = change
        self._connection = connect(path)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def candidates(self, bands: Sequence[int]) -> list[Candidate]:
        """The articles that share most bands with a text, as the change will leave them."""
        shared: Counter[int] = Counter()
        newest = (
            f"SELECT revision FROM bands WHERE band = :band ORDER BY revision DESC LIMIT {_NEWEST}"
        )
        for band in bands:
            shared.update(revision for (revision,) in self._rows(newest, band=band))
        if not shared:
            return []
        rows = self._rows(
            "SELECT r.id, r.article, s.signature, i.after IS NOT NULL FROM json_each(:found) j"
            " CROSS JOIN revisions r ON r.id = j.value"
            f" CROSS JOIN signatures s ON s.revision = r.id {AFTER}",
            found=json.dumps([revision for revision, _ in shared.most_common(_MAX_CANDIDATES)]),
            change=self._change,
        )
        return [
            Candidate(id_, article, value, bool(staged)) for id_, article, value, staged in rows
        ]

    def unsigned(self) -> list[str]:
        """The ids of the live articles without a signature."""
        with storage_faults(self._path):
            return lacking(self._connection)

    def of_revision(self, revision: int) -> Article | None:
        """An article as one of its revisions has it."""
        return self._article("WHERE r.id = :id", id=revision)

    def before(self, article_id: str) -> Article | None:
        """An article as it is, without the change; None when it is not there."""
        return self._article("WHERE a.id = :id AND r.id = a.current", id=article_id)

    def after(self, article_id: str) -> Article | None:
        """An article as the change under way will leave it; None when it is not there."""
        return self._article(
            "LEFT JOIN change_items i ON i.change = :change AND i.article = a.id"
            " WHERE a.id = :id AND r.id = coalesce(i.after, a.current)",
            id=article_id,
            change=self._change,
        )

    def _article(self, where: str, **values: object) -> Article | None:
        start = f"SELECT {ARTICLE_COLUMNS} FROM revisions r JOIN articles a ON a.id = r.article"
        rows = self._rows(f"{start} {where}", **values)
        return article_of(rows[0]) if rows else None

    def _rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        with storage_faults(self._path):
            return self._connection.execute(sql, values).fetchall()


_BATCH = 500
# Of the current revisions after one that all are signed up to: those that become current later
# are new. CROSS JOIN keeps SQLite from reading all articles.
_LACKING = (
    "FROM revisions r CROSS JOIN articles a ON a.id = r.article AND a.current = r.id"
    " WHERE r.id > ? AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.revision = r.id)"
)


def put_staged(store: WritableArchive, change: int, signed: Iterable[tuple[str, bytes]]) -> None:
    """Keep the signatures of what a change staged, by article."""
    with store.transaction() as connection:
        for article_id, value in signed:
            (revision,) = connection.execute(
                "SELECT after FROM change_items WHERE change = ? AND article = ?",
                (change, article_id),
            ).fetchone()
            _put(connection, revision, value)


def copy_signature(connection: sqlite3.Connection, revision: int, copy: int) -> None:
    """Sign a copy of a revision as the revision is signed, if it is; part of copying it."""
    connection.execute(
        "INSERT INTO signatures SELECT ?, signature FROM signatures WHERE revision = ?",
        (copy, revision),
    )
    connection.execute(
        "INSERT INTO bands SELECT band, ? FROM bands WHERE revision = ?", (copy, revision)
    )


def put_lacking(store: WritableArchive) -> None:
    """Sign the articles that have no signature, or one that is no longer made so.

    Those that were withdrawn too: a rollback brings them back as they are.
    """
    with store.transaction() as connection:
        if meta.get(connection, meta.SIGNATURES) != VERSION:
            connection.execute("DELETE FROM bands")
            connection.execute("DELETE FROM signatures")
            meta.put(connection, meta.SIGNATURES, VERSION)
            meta.drop(connection, meta.SIGNED)
    done = False
    while not done:
        with store.transaction() as connection:
            batch = connection.execute(
                f"SELECT r.id, r.text {_LACKING} ORDER BY r.id LIMIT {_BATCH}",
                (meta.number(connection, meta.SIGNED),),
            ).fetchall()
            for revision, text in batch:
                _put(connection, revision, signature(text))
            done = len(batch) < _BATCH
            if done:
                (last,) = connection.execute("SELECT max(id) FROM revisions").fetchone()
                meta.put(connection, meta.SIGNED, last or 0)
            else:
                meta.put(connection, meta.SIGNED, batch[-1][0])


def lacking(connection: sqlite3.Connection) -> list[str]:
    """The live articles that cannot be found by their signatures."""
    if meta.get(connection, meta.SIGNATURES) == VERSION:
        where, *values = (
            f"{_LACKING} AND a.state <> 'withdrawn'",
            meta.number(connection, meta.SIGNED),
        )
    else:
        where, *values = ("FROM articles a WHERE state <> 'withdrawn' AND current",)
    return [id_ for (id_,) in connection.execute(f"SELECT a.id {where} ORDER BY a.id", values)]


def drop_replaced(connection: sqlite3.Connection, change: int) -> None:
    """What a change replaces is found by no signature; part of publishing it."""
    for table in ("bands", "signatures"):
        connection.execute(f"DELETE FROM {table} WHERE revision IN ({REPLACED})", (change,))


def _put(connection: sqlite3.Connection, revision: int, value: bytes) -> None:
    connection.execute("INSERT OR REPLACE INTO signatures VALUES (?, ?)", (revision, value))
    connection.executemany(
        "INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, revision) for band in bands(value)]
    )
