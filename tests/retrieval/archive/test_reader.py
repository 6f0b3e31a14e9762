"""What the archive's reading side gives, and what it refuses."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import psutil
import pytest

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import coverage_of
from retrieval.archive.schema import connect
from retrieval.archive.tables import SCHEMA_VERSION
from retrieval.errors import ArchiveMissing, ForeignFile, NotFound
from retrieval.scope import Scope
from retrieval.vocabulary import Citation, PublicationDate
from tests.retrieval.library import editor, indexer, write_folder


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


def test_coverage_reads_no_text(home: Path) -> None:
    """It is told with many a refusal: a big archive must not be read from end to end for it."""
    with closing(sqlite3.connect(home / "archive.db")) as archive:
        told: list[str] = []
        archive.set_trace_callback(told.append)
        coverage = coverage_of(archive)
        archive.set_trace_callback(None)
        assert coverage.articles == 5
        plans = [row[3] for sql in told for row in archive.execute(f"EXPLAIN QUERY PLAN {sql}")]
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    assert len(scans) >= 1
    assert all("USING COVERING INDEX" in plan for plan in scans)


def test_coverage_follows_each_change(tmp_path: Path) -> None:
    """What is kept of it is that of the live generation, whoever made the change."""
    home = tmp_path / "home"
    indexer(home).index([write_folder(tmp_path / "in", 3)])
    with ArchiveReader(home / "archive.db") as reader:
        before = reader.coverage()
        with reader.snapshot():
            assert reader.coverage() == before
            editor(home).withdraw([reader.entries()[0].id], "test")
            assert reader.coverage() == before
        assert reader.coverage().articles == 2
        editor(home).rollback()
        assert reader.coverage() == before


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


def test_entries_come_in_pages(reader: ArchiveReader) -> None:
    """The pages hold each article once, in the order of the whole list."""
    pages = [reader.entries(limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert list(map(len, pages)) == [2, 2, 1, 0]
    assert [entry for page in pages for entry in page] == reader.entries()


def test_unknown_ids_are_left_out(reader: ArchiveReader) -> None:
    """An index may be a change behind: what the archive does not hold is no result."""
    assert reader.windows([10**9]) == {}
    assert reader.passages([10**9]) == {}
    assert reader.articles_of(["ffffffffff"]) == {}


def test_threads_read_at_the_same_time(reader: ArchiveReader) -> None:
    """No two threads use one connection at a time."""
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
    with pytest.raises(sqlite3.OperationalError), reader._connections.lend() as connection:
        connection.execute("DELETE FROM meta")


def test_closing_waits_for_threads_that_read(home: Path) -> None:
    """A thread that is in the midst of reading reads on; its connection is closed afterwards."""
    reader = ArchiveReader(home / "archive.db")
    inside, closed = threading.Event(), threading.Event()

    def read() -> list[int]:
        with reader.snapshot():
            counts = [reader.coverage().articles]
            inside.set()
            closed.wait(timeout=30)
            return [*counts, reader.coverage().articles]

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        inside.wait(timeout=30)
        reader.close()
        closed.set()
        assert reading.result() == [5, 5]
    assert open_files(home) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="counts the files of the process")
def test_threads_that_end_leave_no_connection(home: Path) -> None:
    """A bot starts threads for years: connections are as many as read at once."""
    with ArchiveReader(home / "archive.db") as reader:
        reader.coverage()
        before = open_files(home)
        for _ in range(20):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(reader.coverage).result()
        assert open_files(home) == before


def open_files(home: Path) -> int:
    """How often this process has the archive open."""
    opened = psutil.Process().open_files()
    return sum(Path(file.path) == (home / "archive.db").resolve() for file in opened)


def test_no_archive_is_said_so(tmp_path: Path) -> None:
    """Opening makes nothing."""
    with pytest.raises(ArchiveMissing) as caught:
        ArchiveReader(tmp_path / "archive.db")
    assert caught.value.key == "no_archive"
    assert list(tmp_path.iterdir()) == []


def test_other_databases_are_left_alone(tmp_path: Path) -> None:
    """A file of another program, or of a later Kiosque, is refused by name."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(ForeignFile) as caught:
        ArchiveReader(tmp_path / "other.db")
    assert caught.value.key == "not_an_archive"


def test_later_archive_is_refused(tmp_path: Path) -> None:
    """An archive of a later Kiosque is not read by guesswork."""
    indexer(tmp_path).index([write_folder(tmp_path / "in", 1)])
    with closing(sqlite3.connect(tmp_path / "archive.db")) as later:
        later.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(ForeignFile) as caught:
        ArchiveReader(tmp_path / "archive.db")
    assert caught.value.key == "archive_newer"


def test_what_was_published_between_two_days(reader: ArchiveReader) -> None:
    """Newest first, each by the beginning of its text, and how many there are of them all."""
    found = reader.published_between(date(2017, 5, 2), date(2017, 5, 4), limit=2)
    days = [str(one.article.published) for one in found.evidence]
    assert (days, found.total) == (["2017-05-04", "2017-05-03"], 3)
    for one in found.evidence:
        assert one.passage.ordinal == 0
        assert one.window.start == one.passage.start
        Citation(1, one.article, one.window.text, one.window.start, one.window.end)


def test_days_without_ends(reader: ArchiveReader) -> None:
    """Open ends hold all that is dated; days that nothing was published on hold nothing."""
    assert reader.published_between().total == 5
    assert reader.published_between(first=date(2017, 5, 4)).total == 2
    assert reader.published_between(last=date(2017, 5, 1)).total == 1
    empty = reader.published_between(date(2018, 1, 1), date(2018, 1, 2))
    assert (empty.evidence, empty.total) == ((), 0)


def test_what_an_outlet_published(reader: ArchiveReader) -> None:
    """Only the articles of the outlets that are asked for."""
    found = reader.published_between(outlets=frozenset({"Le Courrier"}))
    assert {one.article.outlet for one in found.evidence} == {"Le Courrier"}
    assert found.total == len(found.evidence) == 2


def test_a_month_is_published_on_each_of_its_days(tmp_path: Path) -> None:
    """An article of May or of 2017 may be of any day of it; one of no date is of none."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, published in (("a", "2017-05"), ("b", "2017"), ("c", ""), ("d", "2017-05-20")):
        (folder / f"{name}.md").write_text(
            f"---\ntitle: Titre {name}\npublished: {published}\n---\nLe texte {name} est court.\n",
            encoding="utf-8",
        )
    indexer(tmp_path / "home").index([folder])
    with ArchiveReader(tmp_path / "home" / "archive.db") as reader:
        found = reader.published_between(date(2017, 5, 20), date(2017, 5, 20))
        assert [one.article.title for one in found.evidence] == ["Titre d", "Titre a", "Titre b"]


def test_withdrawn_articles_were_not_published(tmp_path: Path) -> None:
    """What was withdrawn is neither listed nor counted."""
    indexer(tmp_path / "home").index([write_folder(tmp_path / "in", 3)])
    with ArchiveReader(tmp_path / "home" / "archive.db") as reader:
        gone = reader.published_between().evidence[0].article.id
        editor(tmp_path / "home").withdraw([gone], "erreur")
        found = reader.published_between()
        assert gone not in {one.article.id for one in found.evidence}
        assert found.total == 2


def test_an_archive_made_before_the_index_of_days(tmp_path: Path) -> None:
    """It is read as it is, and gets the index when it is next written."""
    indexer(tmp_path / "home").index([write_folder(tmp_path / "in", 3)])
    path = tmp_path / "home" / "archive.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP INDEX revisions_by_day")
    with ArchiveReader(path) as reader:
        assert reader.published_between().total == 3
    connect(path, write=True).close()
    with closing(sqlite3.connect(path)) as connection:
        named = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'revisions_by_day'")
        assert named.fetchone() == (1,)
