"""A small change reads of the archive what it needs, however big the archive is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.retrieval.library import editor, ids_in, indexer, write_article, write_folder

_SMALL = {"changes", "c", "q", "j", "sqlite_master", "sqlite_schema", "CONSTANT"}
"""What does not grow with the articles; ``q`` and ``j`` are the rows of a change itself."""
_FEW = ("articles_absent", "pragma_user_version")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with seven articles, after a few changes."""
    folder = write_folder(tmp_path / "in", 7)
    indexer(tmp_path / "home").index([folder])
    write_article(folder, 1, "Les travaux commencent.")
    indexer(tmp_path / "home").index([folder])
    return tmp_path / "home"


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """All that SQLite is asked inside the block."""
    asked: set[str] = set()
    connect = sqlite3.connect

    def watched(*args: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **options)  # type: ignore[call-overload]
        connection.set_trace_callback(asked.add)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", watched)
        yield asked


def scanned(archive: Path, asked: set[str]) -> list[str]:
    """The statements that read a table of the archive from its beginning to its end."""
    found = []
    with closing(sqlite3.connect(archive)) as connection:
        for statement in sorted(asked):
            if statement.split()[0].upper() not in {"SELECT", "DELETE", "UPDATE", "INSERT"}:
                continue
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}")
            for *_, step in plan.fetchall():
                words = step.split()
                big = words[0] == "SCAN" and words[1] not in _SMALL
                if big and not any(name in step for name in _FEW):
                    found.append(f"{step}: {statement}")
    return found


@pytest.mark.parametrize("what", ["add", "change", "same", "plan", "withdraw", "rollback"])
def test_no_small_change_reads_a_table_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each statement finds its rows by an index, at a hundred articles as at a million."""
    folder, (first, *_) = home.parent / "in", ids_in(home)
    changes: dict[str, Callable[[], object]] = {
        "add": lambda: indexer(home).index([write_article(folder, 8)]),
        "change": lambda: indexer(home).index([write_article(folder, 2, "Enfin.")]),
        "same": lambda: indexer(home).index([folder / "article-001.md"], prune=True),
        "plan": lambda: indexer(home).plan([write_article(folder, 9)]),
        "withdraw": lambda: editor(home).withdraw([first[:6]], "une erreur"),
        "rollback": lambda: editor(home).rollback(),
    }
    with statements(monkeypatch) as asked:
        changes[what]()
    assert len(asked) > 10
    assert scanned(home / "archive.db", asked) == []
