"""What can be wrong inside the archive's own file."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIVE = (
    " FROM articles a JOIN passages p ON p.revision = a.current {join} WHERE a.state <> 'withdrawn'"
)
_COUNTS = {
    # A window or passage that ends outside of its text could never be quoted.
    "offsets_outside": "SELECT count(*) FROM passages p JOIN revisions r ON r.id = p.revision"
    " JOIN windows w ON w.passage = p.id WHERE p.start < 0 OR p.stop > length(r.text)"
    " OR w.start < p.start OR w.stop > p.stop OR w.start >= w.stop",
    "vectors_missing": "SELECT count(*) FROM articles a JOIN passages p"
    " ON p.revision = a.current JOIN windows w ON w.passage = p.id"
    " WHERE a.state <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM vectors v"
    " JOIN models m ON m.id = v.model JOIN meta t ON t.key = 'model' AND t.value = m.name"
    " WHERE v.digest = w.digest)",
    "articles_without_passages": "SELECT count(*) FROM articles a WHERE a.current IS NOT NULL"
    " AND a.state <> 'withdrawn'"
    " AND NOT EXISTS (SELECT 1 FROM passages p WHERE p.revision = a.current)",
}


def archive_problems(connection: sqlite3.Connection) -> Iterator[tuple[str, dict[str, object]]]:
    """What is wrong: the key of each problem, and its facts; reads the whole file."""
    try:
        (told,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if told != "ok":
            yield "archive_damaged", {"detail": told}
            return
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            yield "archive_damaged", {"detail": f"{len(orphans)} rows refer to nothing"}
        for key, sql in _COUNTS.items():
            (count,) = connection.execute(sql).fetchone()
            if count:
                yield key, {"count": count}
    except sqlite3.DatabaseError as error:
        yield "archive_damaged", {"detail": str(error)}


def live_ids(connection: sqlite3.Connection) -> tuple[set[int], set[int]]:
    """The windows and the passages that the live indexes must hold."""
    join = "JOIN windows w ON w.passage = p.id"
    windows = connection.execute(f"SELECT w.id{_LIVE.format(join=join)}")
    passages = connection.execute(f"SELECT p.id{_LIVE.format(join='')}")
    return {id_ for (id_,) in windows}, {id_ for (id_,) in passages}
