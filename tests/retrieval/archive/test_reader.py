"""What the archive's reading side gives, and what it refuses."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.archive import ArchiveReader
from retrieval.archive.schema import SCHEMA_VERSION
from retrieval.errors import ArchiveDamaged, NotFound
from retrieval.scope import Scope
from retrieval.vocabulary import Citation, PublicationDate
from tests.retrieval.library import indexer, write_folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of five articles, which no test changes."""
    folder = tmp_path_factory.mktemp("archive")
    indexer(folder / "home").index([write_folder(folder / "in", 5)])
    return folder / "home"


@pytest.fixture
def reader(home: Path) -> Iterator[ArchiveReader]:
    """That archive, open."""
    with ArchiveReader(home / "archive.db") as opened:
        yield opened


def test_every_window_and_passage_is_a_quote(reader: ArchiveReader) -> None:
    """Offsets cut exactly what the article says, for all that can be cited."""
    for entry in reader.entries():
        article = reader.article(entry.id)
        passages = reader.passages_of(entry.id)
        assert len(passages) == entry.passages > 0
        for passage in passages:
            Citation(1, article, passage.text, passage.start, passage.end)
            for window in reader.windows_within(passage):
                Citation(1, article, window.text, window.start, window.end)


def test_beginning_of_an_id_is_enough(reader: ArchiveReader) -> None:
    """Four characters find an article if they are its own; fewer never do."""
    id_ = reader.entries()[0].id
    assert reader.article(id_[:4].upper()).id == id_
    for unknown in (id_[:3], "zzzz", "", f"{id_}0"):
        with pytest.raises(NotFound) as caught:
            reader.article(unknown)
        assert caught.value.key == "unknown_article"


def test_coverage_says_how_many_from_when_to_when(reader: ArchiveReader) -> None:
    """The ends of the dates and the outlets of the live articles."""
    coverage = reader.coverage()
    assert coverage.articles == 5
    assert coverage.first == PublicationDate(2017, 5, 1)
    assert coverage.last == PublicationDate(2017, 5, 5)
    assert coverage.outlets == ("La Gazette", "Le Courrier")


def test_entries_are_newest_first_and_filtered_exactly(reader: ArchiveReader) -> None:
    """A list is in the order of its dates, within a period and some outlets."""
    assert [e.published and e.published.day for e in reader.entries()] == [5, 4, 3, 2, 1]
    scope = Scope(20170502, 20170504, frozenset({"Le Courrier"}))
    assert [e.title for e in reader.entries(scope)] == ["Le lycée 3", "Le tramway 1"]


def test_unknown_ids_are_left_out(reader: ArchiveReader) -> None:
    """An index may be a change behind: what the archive does not hold is no result."""
    assert reader.windows([10**9]) == {}
    assert reader.passages([10**9]) == {}
    assert reader.articles_of(["ffffffffff"]) == {}


def test_threads_read_at_the_same_time(reader: ArchiveReader) -> None:
    """Each thread has its own connection, and closing closes them all."""
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(reader.coverage().articles)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5] * 4


def test_reader_cannot_write(reader: ArchiveReader) -> None:
    """A mistake in a query can never change the archive."""
    with pytest.raises(sqlite3.OperationalError):
        reader._connection().execute("DELETE FROM meta")


def test_no_archive_is_said_so(tmp_path: Path) -> None:
    """Opening makes nothing."""
    with pytest.raises(NotFound) as caught:
        ArchiveReader(tmp_path / "archive.db")
    assert caught.value.key == "no_archive"
    assert list(tmp_path.iterdir()) == []


def test_other_databases_are_left_alone(tmp_path: Path) -> None:
    """A file of another program, or of a later Kiosque, is refused by name."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(ArchiveDamaged) as caught:
        ArchiveReader(tmp_path / "other.db")
    assert caught.value.key == "not_an_archive"


def test_later_archive_is_refused(tmp_path: Path) -> None:
    """An archive of a later Kiosque is not read by guesswork."""
    indexer(tmp_path).index([write_folder(tmp_path / "in", 1)])
    with closing(sqlite3.connect(tmp_path / "archive.db")) as later:
        later.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(ArchiveDamaged) as caught:
        ArchiveReader(tmp_path / "archive.db")
    assert caught.value.key == "archive_newer"
