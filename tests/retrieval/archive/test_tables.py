"""The tables of the archive, as a new one has them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from retrieval.archive.schema import WritableArchive


def test_what_a_row_refers_to_can_go_without_a_look_at_every_row(tmp_path: Path) -> None:
    """An index begins with each column that refers to another table.

    SQLite looks for rows that refer to one that is deleted. Without an index it reads them all,
    each time: to forget the 100,000 staged articles of a feeding that was killed took minutes.
    """
    with WritableArchive(tmp_path / "archive.db") as archive:
        tables = [
            name
            for (name,) in archive.connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        ]
        lacking = [
            (table, column)
            for table in tables
            for _, _, _, column, *_ in archive.connection.execute(
                f"PRAGMA foreign_key_list({table})"
            )
            if column not in _begun_by(archive.connection, table)
        ]
    assert "articles" in tables
    assert lacking == []


def _begun_by(connection: sqlite3.Connection, table: str) -> set[str]:
    """The columns that an index of a table, or its own order, begins with."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    begun = {name for _, name, *_, place in columns if place == 1}
    for _, index, _, _, is_partial in connection.execute(f"PRAGMA index_list({table})").fetchall():
        parts = connection.execute(f"PRAGMA index_info({index})").fetchall()
        begun |= {name for place, _, name in parts if place == 0 and not is_partial}
    return begun
