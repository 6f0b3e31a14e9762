"""An archive made by the Kiosque before this one is read and changed like any other."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.archive.archive_after import ArchiveAfter
from retrieval.archive.reader import ArchiveReader
from retrieval.archive.schema import WritableArchive
from retrieval.archive.tables import SCHEMA_VERSION
from retrieval.change import rebuild_generation, verify
from retrieval.index.generations import Places
from retrieval.packed import PACKED, floats
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


def _widen(home: Path, version: int) -> None:
    """Make an archive one of an earlier version, as far as vectors go: they are floats."""
    with closing(sqlite3.connect(home / "archive.db")) as archive, archive:
        archive.create_function("wide", 1, lambda v: floats(np.frombuffer(v, PACKED)).tobytes())
        archive.execute("UPDATE vectors SET vector = wide(vector)")
        archive.execute(f"PRAGMA user_version = {version}")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home of version 1: four articles, one of them withdrawn because its file went."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 4)])
    (tmp_path / "in" / "article-003.md").unlink()
    indexer(home).index([tmp_path / "in"], prune=True)
    with closing(sqlite3.connect(home / "archive.db")) as archive:
        archive.executescript(_BACK_TO_1)
    _widen(home, 1)
    return home


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A home of version 2: forty articles."""
    home = tmp_path / "wide"
    indexer(home).index([write_folder(tmp_path / "in", 40)])
    _widen(home, 2)
    return home


def _vectors(home: Path) -> NDArray[np.float32]:
    with ArchiveAfter(home / "archive.db", 0) as archive:
        _, vectors = archive.windows(0, 1_000)
        assert archive.dimension() == vectors.shape[1]
    return vectors


def _state(home: Path) -> tuple[int, int, int]:
    """The version, the bytes of all vectors, and the pages that are free."""
    with closing(sqlite3.connect(home / "archive.db")) as archive:
        return tuple(
            archive.execute(sql).fetchone()[0]
            for sql in (
                "PRAGMA user_version",
                "SELECT sum(length(vector)) FROM vectors",
                "PRAGMA freelist_count",
            )
        )


def test_reader_leaves_wide_vectors_as_they_are(wide: Path) -> None:
    """Who only reads writes nothing, and reads them as a writer does after packing them."""
    before = _state(wide)
    vectors = _vectors(wide)
    assert verify(Places(wide)) == []
    assert _state(wide) == before
    with WritableArchive(wide / "archive.db"):
        pass
    assert np.abs(_vectors(wide) - vectors).max() < 2e-5


def test_writer_packs_wide_vectors_and_gives_their_room_back(wide: Path, tmp_path: Path) -> None:
    """None is embedded again, and the archive is sound, before and after the next change."""
    _, before, _ = _state(wide)
    with WritableArchive(wide / "archive.db"):
        pass
    assert _state(wide) == (SCHEMA_VERSION, before // 2, 0)
    assert verify(Places(wide)) == []
    write_article(tmp_path / "in", 41)
    assert indexer(wide).index([tmp_path / "in"]).added == 1
    rebuild_generation(Places(wide))
    assert verify(Places(wide)) == []


def test_packing_that_fails_leaves_the_archive_as_it_was(wide: Path) -> None:
    """All vectors or none: a failure at the end takes back what was done before it."""
    with closing(sqlite3.connect(wide / "archive.db")) as archive, archive:
        archive.execute("CREATE TABLE odd (vector INTEGER REFERENCES vectors(id))")
        archive.execute("INSERT INTO odd VALUES (1)")  # the old table cannot be dropped
    before, vectors = _state(wide), _vectors(wide)
    with pytest.raises(sqlite3.IntegrityError):
        WritableArchive(wide / "archive.db")
    assert _state(wide) == before
    assert np.array_equal(_vectors(wide), vectors)


def test_damaged_vector_does_not_stop_the_packing(wide: Path, tmp_path: Path) -> None:
    """It is left out, as one that was never made, and made again by the next change."""
    with closing(sqlite3.connect(wide / "archive.db")) as archive, archive:
        archive.execute("UPDATE vectors SET vector = x'0102030405' WHERE id = 3")
    indexer(wide).index([tmp_path / "in"])
    with closing(sqlite3.connect(wide / "archive.db")) as archive:
        assert archive.execute("SELECT min(length(vector)) FROM vectors").fetchone() == (128,)


def test_reader_brings_an_old_archive_up_to_date(old: Path) -> None:
    """Whoever opens it first; nothing of it changes, and it is sound."""
    with ArchiveReader(old / "archive.db") as reader:
        assert reader.coverage().articles == 3
        assert [change.counts["removed"] for change in reader.changes()] == [1, 0]
    assert _state(old)[0] == 2
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
