"""An archive made by the Kiosque before this one is read and changed like any other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.schema import SCHEMA_VERSION
from retrieval.change import verify
from retrieval.index.generations import Places
from tests.retrieval.library import editor, indexer, write_article, write_folder

_BACK_TO_1 = """
DROP TABLE bands; DROP TABLE signatures; DROP TABLE duplicates;
PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;
CREATE TABLE old_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL, by TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT, counts TEXT NOT NULL DEFAULT '{}'
) STRICT;
INSERT INTO old_changes SELECT id, action, by, started, finished, counts FROM changes;
CREATE TABLE old_articles (
    id TEXT PRIMARY KEY, origin TEXT NOT NULL UNIQUE,
    current INTEGER REFERENCES revisions(id), state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO old_articles SELECT id, origin, current, state FROM articles;
DROP TABLE changes; ALTER TABLE old_changes RENAME TO changes;
DROP TABLE articles; ALTER TABLE old_articles RENAME TO articles;
ALTER TABLE change_items DROP COLUMN before_note;
ALTER TABLE change_items DROP COLUMN after_note;
PRAGMA user_version = 1;
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home of version 1: four articles, one of them withdrawn because its file went."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 4)])
    (tmp_path / "in" / "article-003.md").unlink()
    indexer(home).index([tmp_path / "in"], prune=True)
    with closing(sqlite3.connect(home / "archive.db")) as archive:
        archive.executescript(_BACK_TO_1)
    return home


def test_reader_brings_an_old_archive_up_to_date(old: Path) -> None:
    """Whoever opens it first; nothing of it changes, and it is sound."""
    with ArchiveReader(old / "archive.db") as reader:
        assert reader.coverage().articles == 3
        assert [change.counts["removed"] for change in reader.changes()] == [1, 0]
    with closing(sqlite3.connect(old / "archive.db")) as archive:
        assert archive.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert verify(Places(old)) == []


def test_past_of_an_old_archive_counts(old: Path, tmp_path: Path) -> None:
    """A pruned article returns with its file, and the old changes can be taken back."""
    write_article(tmp_path / "in", 3)
    assert indexer(old).index([tmp_path / "in"]).added == 1
    for count in (3, 4, 0):
        editor(old).rollback()
        with ArchiveReader(old / "archive.db") as reader:
            assert reader.coverage().articles == count
    assert verify(Places(old)) == []
