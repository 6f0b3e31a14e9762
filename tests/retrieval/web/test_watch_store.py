"""The memory of what is followed: kept whole, and never taken for the truth."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from retrieval.errors import ForeignFile
from retrieval.web.response import Validators
from retrieval.web.watch_store import EntryRecord, FeedState, WatchStore

URL = "https://fanal.example/feed"
DAY = 86_400.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the memory is."""
    return tmp_path / "home" / "watch.db"


def test_the_list_of_feeds_is_kept(path: Path) -> None:
    """A feed is on the list once; one that a command alone named is not."""
    with WatchStore(path) as store:
        assert store.feeds() == []
        assert store.add_feed(URL)
        assert not store.add_feed(URL)
        store.save([FeedState("https://other.example/feed", checked=5.0)])
    with WatchStore(path) as store:
        assert store.feeds() == [FeedState(URL, listed=True)]
        assert store.remove_feed(URL)
        assert not store.remove_feed(URL)
        assert not store.remove_feed("https://other.example/feed")
        assert store.feeds() == []


def test_a_feed_that_is_added_again_is_asked_again(path: Path) -> None:
    """Adding is how a person says that a feed which was gone or failing is there after all."""
    gone = FeedState(URL, True, Validators('"v"'), 5.0, "fetch_gone", 1, 9e9, gone=True)
    with WatchStore(path) as store:
        store.save([gone])
        assert store.feed(URL) == gone
        store.add_feed(URL)
        assert store.feed(URL) == FeedState(URL, listed=True)


def test_a_file_is_due_when_its_embargo_ends(path: Path) -> None:
    """Until then it has its stamp; then an empty one, until it is read again."""
    with WatchStore(path) as store:
        store.save(files={"/a": "1:2", "/b": "3:4"}, now=DAY, awaited={"/a": 2 * DAY})
    with WatchStore(path) as store:
        assert store.files(2 * DAY - 1) == {"/a": "1:2", "/b": "3:4"}
        assert store.files(2 * DAY) == {"/a": "", "/b": "3:4"}
        store.save(files={"/a": "1:2"}, now=2 * DAY)
        assert store.files(3 * DAY) == {"/a": "1:2", "/b": "3:4"}


def test_an_older_memory_is_brought_up_to_date(path: Path) -> None:
    """A memory of version 1, which knew no embargoes, keeps what it knew."""
    with WatchStore(path) as store:
        store.save(files={"/a": "1:2"})
    with sqlite3.connect(path) as old:
        old.execute("ALTER TABLE files DROP COLUMN again")
        old.execute("DROP TABLE arrivals")
        old.execute("PRAGMA user_version = 1")
    old.close()
    for _ in range(2):
        with WatchStore(path) as store:
            assert store.files(DAY) == {"/a": "1:2"}
            store.save(files={"/b": "3:4"}, awaited={"/b": DAY})
            assert store.files(DAY)["/b"] == ""
            store.save(vanished=["/b"])


def test_what_became_of_entries_and_files_is_kept(path: Path) -> None:
    """By feed and by path; what vanished is forgotten, and entries long off their feed too."""
    seen = {"a": EntryRecord("s1"), "b": EntryRecord("", 2, 77.5)}
    with WatchStore(path) as store:
        store.save([], {URL: seen}, {"/a": "1:2", "/b": "3:4"}, now=DAY)
        store.save(files={"/a": "9:9"}, vanished=["/b"], now=2 * DAY)
        assert (store.records(URL), store.files()) == (seen, {"/a": "9:9"})
        assert store.records("https://other.example/feed") == {}
        store.save([], {URL: {"b": EntryRecord("s2")}}, now=60 * DAY)
        store.save(now=100 * DAY)
        assert store.records(URL) == {"b": EntryRecord("s2")}
        store.add_feed(URL)
        store.remove_feed(URL)
        assert store.records(URL) == {}


def test_the_memory_is_of_one_archive(path: Path) -> None:
    """Of another one, or of one that was deleted, nothing is known but the list of feeds."""
    with WatchStore(path) as store:
        store.bind("")
        store.save(
            [FeedState(URL, True, Validators('"v"'))], {URL: {"a": EntryRecord("s")}}, {"/a": "1"}
        )
        store.bind("archive-1")
        store.bind("archive-1")
        assert store.files() == {"/a": "1"}
        store.bind("archive-2")
        assert (store.files(), store.records(URL)) == ({}, {})
        assert store.feeds() == [FeedState(URL, listed=True)]
        store.save(files={"/a": "1"})
        store.bind("archive-2")
        assert store.files() == {"/a": "1"}
        store.bind("")
        assert store.files() == {}


@pytest.mark.parametrize("content", [b"a text that somebody put here", b"SQLite format 3\x00" * 20])
def test_another_file_is_left_alone(path: Path, content: bytes) -> None:
    """What is no memory of ours is said, and not written to."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ForeignFile) as damage:
        WatchStore(path)
    assert damage.value.key == "not_watch_memory"
    assert path.read_bytes() == content


def test_when_something_new_came(path: Path) -> None:
    """A check that finds what was met before is no arrival; 90 days are kept."""
    with WatchStore(path) as store:
        store.save(entries={URL: {"a": EntryRecord("1")}}, now=DAY)
        store.save(entries={URL: {"a": EntryRecord("2")}}, now=2 * DAY)
        store.save(entries={URL: {"a": EntryRecord("2"), "b": EntryRecord()}}, now=3 * DAY)
        assert store.arrivals() == {URL: [DAY, 3 * DAY]}
        store.save(now=92 * DAY)
        assert store.arrivals() == {URL: [3 * DAY]}
        store.add_feed(URL)
        store.remove_feed(URL)
        assert store.arrivals() == {}
