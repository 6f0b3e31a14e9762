"""What judges the archive after a fault must see faults."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from retrieval.index.base import TABLE
from retrieval.index.generations import Places
from tests.benchmarks.dossiers import State, embedder, write
from tests.benchmarks.soundness import examine
from tests.retrieval.library import indexer

STATE: State = {1: 1, 2: 1, 3: 2}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An archive in a known state."""
    write(tmp_path / "in", STATE)
    indexer(tmp_path / "home", embedder()).index([tmp_path / "in"])
    return tmp_path / "home"


def test_sound_archive_is_recognised(home: Path) -> None:
    """The state that it is in is told among those allowed."""
    findings = examine(home, [{1: 1}, STATE])
    assert (findings.at, findings.wrong) == (1, ())
    assert findings.asked > 0


def test_lost_old_and_additional_articles_are_seen(home: Path) -> None:
    """An archive in no allowed state is said to be so."""
    for other in ({1: 1, 2: 1}, STATE | {4: 1}, STATE | {3: 3}):
        findings = examine(home, [other])
        assert findings.at is None
        assert any("no allowed state" in fault for fault in findings.wrong)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "UPDATE revisions SET text = replace(text, 'v2', 'v9') WHERE rowid = 3",
            "from version {9}",
        ),
        ("UPDATE revisions SET text = substr(text, 1, 300) WHERE rowid = 1", "not whole"),
        ("DELETE FROM passages WHERE id = (SELECT max(id) FROM passages)", "index_incomplete"),
        ("DELETE FROM vectors WHERE id = 1", "vectors_missing"),
    ],
)
def test_half_articles_are_seen(home: Path, sql: str, said: str) -> None:
    """A text, a passage or a vector that does not fit the rest is found."""
    with sqlite3.connect(home / "archive.db") as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(sql)
    connection.close()
    wrong = examine(home, [STATE]).wrong
    assert any(said in fault for fault in wrong), wrong


def test_index_that_holds_something_else_is_seen(home: Path) -> None:
    """An index without a file is found, and nothing is repaired on the way."""
    places = Places(home)
    folder = places.generation(places.numbers()[-1]) / TABLE
    (folder / "rows.npy").unlink()
    assert examine(home, [STATE]).wrong
    assert not (folder / "rows.npy").exists()
