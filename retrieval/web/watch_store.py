"""``watch.db``: the feeds that are followed, and what was done with each entry and file.

It may be lost: then feeds must be added again, and everything is read once more and found
unchanged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import ArchiveDamaged, ForeignFile
from retrieval.storage import Closing, storage_faults
from retrieval.text.file_names import kept_name, path_of
from retrieval.web.response import Validators

_APPLICATION_ID = 0x4B696F57  # "KioW"
_VERSION = 3
_BUSY_S = 10.0
_MAX_AGE_S = 90 * 86_400.0
"""Records of entries that their feed has not listed for so long are deleted."""

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE feeds (
    url TEXT PRIMARY KEY,
    listed INTEGER NOT NULL,             -- 0: followed because a command named it
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    checked REAL NOT NULL,               -- seconds since the epoch; 0: never
    reason TEXT NOT NULL,                -- why the last check failed; '' when it did not
    failures INTEGER NOT NULL,           -- in a row
    next_check REAL NOT NULL,            -- not to be asked before
    gone INTEGER NOT NULL                -- the site says that it is no more
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    feed TEXT NOT NULL,
    key TEXT NOT NULL,
    stamp TEXT NOT NULL,                 -- what it said when it was read; '': it could not be
    tries INTEGER NOT NULL,
    next_try REAL NOT NULL,
    listed REAL NOT NULL,                -- when its feed last had it
    PRIMARY KEY (feed, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    path TEXT PRIMARY KEY,
    stamp TEXT NOT NULL,                 -- changes when the file does
    again REAL NOT NULL DEFAULT 0        -- when an embargo in it ends; 0: it has none
) STRICT, WITHOUT ROWID;
"""
_ARRIVALS = """
CREATE TABLE arrivals (                  -- when checks of a feed found entries that were new
    feed TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (feed, at)
) STRICT, WITHOUT ROWID;
"""
_SINCE = {
    2: "ALTER TABLE files ADD COLUMN again REAL NOT NULL DEFAULT 0",
    3: _ARRIVALS,
}
"""What each version added to the one before; never edited."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed, and the outcome of its last check.

    Args:
        url: its address.
        listed: it is on the list of feeds; else a command named it.
        validators: of the last response.
        checked: when it was last fetched, in seconds since the epoch; 0 if never.
        reason: why that failed; ``""`` if it did not.
        failures: in a row.
        next_check: not to be fetched before.
        gone: the site says that it exists no more.
    """

    url: str
    listed: bool = False
    validators: Validators = field(default_factory=Validators)
    checked: float = 0.0
    reason: str = ""
    failures: int = 0
    next_check: float = 0.0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """What was done with an entry before.

    Args:
        stamp: digest of what the entry said when it was read; ``""`` if it could not be read.
        tries: how often reading failed.
        next_try: not before this time, in seconds since the epoch.
    """

    stamp: str = ""
    tries: int = 0
    next_try: float = 0.0


class WatchStore(Closing):
    """The database of the watcher.

    Args:
        path: the file ``watch.db``; made if it is missing.

    Raises:
        ForeignFile: the file is something else, or damaged.
        StorageFull: no room, or no right, to write.
        ArchiveBusy: another process keeps it locked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with _faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _prepare(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (count,) = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not application and not count:
            self._connection.execute("PRAGMA journal_mode = WAL")
            stamp = f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_VERSION};"
            self._connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLES} {_ARRIVALS} {stamp} COMMIT;"
            )
        elif application != _APPLICATION_ID:
            raise ForeignFile("not_watch_memory", path=str(self._path))
        else:
            self._upgrade()

    def _upgrade(self) -> None:
        """Bring an older store up to date, once, whichever process opens it first."""
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version >= _VERSION:
            return
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            for later in range(version + 1, _VERSION + 1):
                self._connection.execute(_SINCE[later])
            self._connection.execute(f"PRAGMA user_version = {max(version, _VERSION)}")

    # --- feeds ------------------------------------------------------------------------

    def feeds(self) -> list[FeedState]:
        """The feeds of the list, in the order of their addresses."""
        return self._feeds("listed")

    def feed(self, url: str) -> FeedState:
        """The state of a feed, on the list or not; a new one if it is unknown."""
        return next(iter(self._feeds("url = ?", url)), FeedState(url))

    def _feeds(self, condition: str, *values: str) -> list[FeedState]:
        query = f"SELECT * FROM feeds WHERE {condition} ORDER BY url"  # noqa: S608 - constants
        with _faults(self._path):
            rows = self._connection.execute(query, values).fetchall()
        return [
            FeedState(
                url, bool(listed), Validators(etag, modified), checked, reason, failures,
                next_check, bool(gone),
            )
            for url, listed, etag, modified, checked, reason, failures, next_check, gone in rows
        ]  # fmt: skip

    def add_feed(self, url: str) -> bool:
        """Put a feed on the list; False if it is on it already.

        One that was gone or failing is due at once.
        """
        known = self.feed(url)
        self.save((FeedState(url, listed=True),))
        return not known.listed

    def remove_feed(self, url: str) -> bool:
        """Take a feed off the list, with its records; False if it is not on it."""
        if not self.feed(url).listed:
            return False
        with _faults(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("DELETE FROM feeds WHERE url = ?", (url,))
            self._connection.execute("DELETE FROM entries WHERE feed = ?", (url,))
            self._connection.execute("DELETE FROM arrivals WHERE feed = ?", (url,))
        return True

    # --- the archive ------------------------------------------------------------------

    def bind(self, identity: str) -> None:
        """Bind the store to an archive; the records of another archive are deleted.

        Args:
            identity: of the archive; ``""`` if there is none yet.
        """
        with _faults(self._path):
            row = self._connection.execute(
                "SELECT value FROM meta WHERE key = 'archive'"
            ).fetchone()
        if row is not None and row[0] != identity:
            self.forget()
        if identity and (row is None or row[0] != identity):
            with _faults(self._path):
                self._connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES ('archive', ?)", (identity,)
                )

    def forget(self) -> None:
        """Delete all records, so that everything is read again; the list of feeds stays."""
        with _faults(self._path), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("DELETE FROM entries")
            self._connection.execute("DELETE FROM files")
            self._connection.execute("DELETE FROM meta")
            self._connection.execute(
                "UPDATE feeds SET etag = '', last_modified = '', next_check = 0"
            )

    # --- records ----------------------------------------------------------------------

    def records(self, feed: str) -> dict[str, EntryRecord]:
        """The records of the entries of a feed, by key."""
        with _faults(self._path):
            rows = self._connection.execute(
                "SELECT key, stamp, tries, next_try FROM entries WHERE feed = ?", (feed,)
            ).fetchall()
        return {key: EntryRecord(stamp, tries, next_try) for key, stamp, tries, next_try in rows}

    def arrivals(self) -> dict[str, list[float]]:
        """When new entries came, by feed, oldest first: seconds since the epoch, of 90 days."""
        with _faults(self._path):
            rows = self._connection.execute("SELECT feed, at FROM arrivals ORDER BY at").fetchall()
        found: dict[str, list[float]] = {}
        for feed, at in rows:
            found.setdefault(feed, []).append(at)
        return found

    def files(self, now: float = 0.0) -> dict[str, str]:
        """The stamps of the files that were read, by path.

        The stamp is empty, so that the file is read again, if an embargo in it has ended by
        ``now`` (seconds since the epoch).
        """
        due = "SELECT path, iif(again > 0 AND again <= ?, '', stamp) FROM files"
        with _faults(self._path):
            rows = self._connection.execute(due, (now,)).fetchall()
        return {str(path_of(kept)): stamp for kept, stamp in rows}

    def save(
        self,
        feeds: Iterable[FeedState] = (),
        entries: Mapping[str, Mapping[str, EntryRecord]] | None = None,
        files: Mapping[str, str] | None = None,
        vanished: Iterable[str] = (),
        now: float = 0.0,
        awaited: Mapping[str, float] | None = None,
    ) -> None:
        """Store what a round did, in one transaction.

        Args:
            feeds: the states of the feeds that were fetched.
            entries: the records of their entries, by feed and key.
            files: the stamps of the files that were read, by path.
            vanished: files that exist no more.
            now: the time of the round, in seconds since the epoch.
            awaited: when an embargo ends in a file that was read, by path.
        """
        due = awaited or {}
        stamps = (
            (kept_name(path), stamp, due.get(path, 0.0)) for path, stamp in (files or {}).items()
        )
        rows = (
            (feed, key, record.stamp, record.tries, record.next_try, now)
            for feed, records in (entries or {}).items()
            for key, record in records.items()
        )
        with _faults(self._path), self._connection:
            run = self._connection
            run.execute("BEGIN IMMEDIATE")
            run.executemany(
                "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(_feed_row, feeds),
            )
            for feed, records in (entries or {}).items():
                _note_arrival(run, feed, records, now)
            run.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
            run.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", stamps)
            run.executemany(
                "DELETE FROM files WHERE path = ?", ((kept_name(path),) for path in vanished)
            )
            run.execute("DELETE FROM entries WHERE listed < ?", (now - _MAX_AGE_S,))
            run.execute("DELETE FROM arrivals WHERE at < ?", (now - _MAX_AGE_S,))


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Translate faults; a damaged store is no damaged archive."""
    try:
        with storage_faults(path):
            yield
    except ArchiveDamaged:
        raise ForeignFile("not_watch_memory", path=str(path)) from None


def _note_arrival(
    run: sqlite3.Connection, feed: str, records: Mapping[str, EntryRecord], now: float
) -> None:
    """Note that a check found entries that were never met before."""
    rows = run.execute("SELECT key FROM entries WHERE feed = ?", (feed,)).fetchall()
    if records.keys() - {key for (key,) in rows}:
        run.execute("INSERT OR IGNORE INTO arrivals VALUES (?, ?)", (feed, now))


def _feed_row(feed: FeedState) -> tuple[str | float, ...]:
    return (
        feed.url, feed.listed, feed.validators.etag, feed.validators.last_modified, feed.checked,
        feed.reason, feed.failures, feed.next_check, feed.gone,
    )  # fmt: skip
