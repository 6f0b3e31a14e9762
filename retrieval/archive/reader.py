"""The reading side of the archive: cheap, safe from several threads, never half a change."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.archive import history, meta
from retrieval.archive.rows import (
    ARTICLE_COLUMNS,
    Entry,
    Known,
    Link,
    WindowRow,
    article_of,
    coverage_of,
    known_article,
    links_to,
    parsed,
)
from retrieval.archive.schema import ReadonlyConnection, connect
from retrieval.errors import NotFound
from retrieval.scope import Scope
from retrieval.storage import Closing, storage_faults
from retrieval.vocabulary import Article, Coverage, Evidence, Passage, Period, State, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from typing import Self


@dataclass(frozen=True, slots=True)
class Published:
    """Articles of some days: the first of them, each by how it begins, and how many there are."""

    evidence: tuple[Evidence, ...]
    total: int


_CITABLE = "JOIN revisions r ON r.id = a.current AND a.state <> 'withdrawn'"
_MIN_PREFIX = 4


class _Connections:
    """Connections to one archive, each lent to one thread at a time.

    Args:
        path: the file ``archive.db``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closings = 0

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """A connection that no other thread uses."""
        with self._lock:
            closings = self._closings
            connection = self._idle.pop() if self._idle else None
        if isinstance(connection, ReadonlyConnection) and connection.is_outdated(self._path):
            connection.close()
            connection = None
        connection = connection or connect(self._path)
        try:
            yield connection
        finally:
            with self._lock:
                reusable = closings == self._closings and not connection.in_transaction
                if reusable:
                    self._idle.append(connection)
            if not reusable:
                connection.close()

    def close(self) -> None:
        """Close the idle connections now, and those that are lent when they come back."""
        with self._lock:
            self._closings += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


class ArchiveReader(Closing):
    """What the archive holds, as the last change left it.

    Safe from several threads: there are as many connections as threads read at once. Only live
    articles are found, unless a method says otherwise.

    Args:
        path: the file ``archive.db``.

    Raises:
        NotFound: there is no archive there.
        ArchiveDamaged: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = _Connections(path)
        self._pinned = threading.local()
        self._coverage: tuple[object, Coverage] | None = None
        with self._read():
            pass

    def close(self) -> None:
        """Close the connections; those in use are closed when their threads are done."""
        self._connections.close()

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """A connection: that of this thread's snapshot, if it is in one."""
        pinned: sqlite3.Connection | None = getattr(self._pinned, "connection", None)
        with storage_faults(self.path):
            if pinned is not None:
                yield pinned
                return
            with self._connections.lend() as connection:
                yield connection

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._read() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def snapshot(self) -> Iterator[Self]:
        """Everything read inside, in this thread, is of one moment: no change comes between.

        The generation that is live at that moment still holds what is found in it.
        """
        if getattr(self._pinned, "connection", None) is not None:
            yield self
            return
        with self._connections.lend() as connection:
            with storage_faults(self.path):
                connection.execute("BEGIN")
            self._pinned.connection = connection
            try:
                yield self
            finally:
                self._pinned.connection = None
                connection.execute("COMMIT")

    # --- what is live ---------------------------------------------------------------

    def live_generation(self) -> int | None:
        """The number of the generation of indexes to search in; None before the first change."""
        with self._read() as connection:
            return meta.live_generation(connection)

    def identity(self) -> str:
        """The id of this archive; it changes when a backup is restored."""
        ((restored,),) = self._rows("SELECT max(id) FROM changes WHERE action = 'restore'")
        with self._read() as connection:
            own = meta.get(connection, meta.IDENTITY)
        return f"{own}-{restored or 0}"

    def model_id(self) -> str | None:
        """The embedding model that the indexes were made with."""
        with self._read() as connection:
            return meta.get(connection, meta.MODEL)

    def coverage(self) -> Coverage:
        """How many live articles there are, from when to when, and of which outlets."""
        with self._read() as connection:
            # A change gives another generation; until then, the articles are the same.
            now = meta.get(connection, meta.IDENTITY), meta.live_generation(connection)
            known = self._coverage
            if known is None or known[0] != now:
                self._coverage = known = (now, coverage_of(connection))
        return known[1]

    def passage_count(self) -> int:
        """How many passages the live articles have."""
        ((count,),) = self._rows(
            f"SELECT count(*) FROM articles a {_CITABLE} JOIN passages p ON p.revision = r.id"
        )
        return int(count)

    def links_to(self, article_id: str) -> list[Link]:
        """The sources that say what an article says, by their dates."""
        with self._read() as connection:
            return links_to(connection, article_id)

    def known_as(self, id_: str) -> Known:
        """What a plan needs to know of an article, by its whole id.

        Raises:
            NotFound: there is none.
        """
        with self._read() as connection:
            known = known_article(connection, id_=id_) if id_ else None
        if known is None:
            raise NotFound("unknown_article", id=id_)
        return known

    def changes(self, limit: int = 100) -> list[history.Change]:
        """What was changed, the newest first."""
        with self._read() as connection:
            return history.changes(connection, limit)

    def last_undoable(self) -> history.Change | None:
        """The newest change that stands, if it can be taken back."""
        with self._read() as connection:
            return history.last_undoable(connection)

    def changed_since(self, change: int, begun: int) -> set[str]:
        """The live articles that a later change touched, and whose text came after ``begun``."""
        rows = self._rows(
            f"SELECT a.id FROM articles a {_CITABLE} WHERE r.change > ?2 AND (r.change > ?1"
            " OR EXISTS (SELECT 1 FROM change_items i WHERE i.article = a.id AND i.change > ?1))",
            change,
            begun,
        )
        return {id_ for (id_,) in rows}

    def touched_since(self, change: int) -> dict[str, str]:
        """The articles that a later change touched, each with what kind the last of these was."""
        with self._read() as connection:
            return history.touched_since(connection, change)

    def last_touched(self, article_id: str) -> datetime | None:
        """When an article was last changed or withdrawn; None when that is not kept any more."""
        with self._read() as connection:
            return history.last_touched(connection, article_id)

    def text_before(self, article_id: str, change: int) -> str | None:
        """What an article said after a change; None when it was not live, or that is not kept."""
        rows = self._rows(
            "SELECT text FROM revisions WHERE article = ?1 AND change <= ?2 AND ifnull((SELECT"
            " i.after_state FROM change_items i WHERE i.article = ?1 AND i.change <= ?2"
            " ORDER BY i.change DESC LIMIT 1), '') NOT IN ('withdrawn', 'absent')"
            " ORDER BY number DESC LIMIT 1",
            article_id,
            change,
        )
        return rows[0][0] if rows else None

    # --- articles -------------------------------------------------------------------

    def article(self, id_: str) -> Article:
        """One article by its id or by a beginning of it that no other id shares.

        A withdrawn article is given too, with its state.

        Raises:
            NotFound: no article, or more than one, begins so.
        """
        wanted = id_.strip().lower()
        begins = len(wanted) >= _MIN_PREFIX
        rows = self._rows(
            f"SELECT {ARTICLE_COLUMNS} FROM articles a CROSS JOIN revisions r ON r.id = a.current"
            f" WHERE {'a.id >= ?1 AND a.id < ?1 || char(0x10FFFF)' if begins else 'a.id = ?1'}"
            " ORDER BY a.id LIMIT 2",
            wanted,
        )
        if not rows or (len(rows) > 1 and rows[0][0] != wanted):
            raise NotFound("ambiguous_article" if rows else "unknown_article", id=id_)
        return article_of(rows[0])

    def article_cited(self, id_: str) -> tuple[Article, str] | None:
        """An article by its whole id, and why it was withdrawn, if it was; None if it is gone."""
        with self.snapshot(), suppress(NotFound):
            article = self.article(id_)
            if article.id == id_:
                gone = article.state is State.WITHDRAWN
                return article, self.known_as(id_).note.reason if gone else ""
        return None

    def revisions_of(self, article_id: str) -> list[Article]:
        """All revisions of an article that are stored, as it once was, the newest first.

        Those that nothing can bring back are no longer there; the id is the whole one.
        """
        rows = self._rows(
            f"SELECT {ARTICLE_COLUMNS} FROM articles a JOIN revisions r ON r.article = a.id"
            " JOIN changes c ON c.id = r.change AND c.finished IS NOT NULL"
            " WHERE a.id = ? ORDER BY r.number DESC",
            article_id,
        )
        return [article_of(row) for row in rows]

    def articles_of(self, ids: Sequence[str]) -> dict[str, Article]:
        """Live articles by their ids; those that are not live are missing."""
        rows = self._rows(
            f"SELECT {ARTICLE_COLUMNS} FROM articles a {_CITABLE}"
            " WHERE a.id IN (SELECT value FROM json_each(?))",
            json.dumps(list(ids)),
        )
        return {row[0]: article_of(row) for row in rows}

    def entries(
        self,
        scope: Scope | None = None,
        *,
        withdrawn: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Entry]:
        """The articles in the order of their dates, newest first.

        Args:
            scope: only those of a period and of some outlets.
            withdrawn: list withdrawn articles too.
            limit: how many to give; None for all.
            offset: how many to leave out before them.
        """
        scope = scope or Scope()
        rows = self._rows(
            # Passages are counted of the articles that are given only.
            "SELECT a.id, title, outlet, published, source, state,"
            " (SELECT count(*) FROM passages p WHERE p.revision = a.revision)"
            " FROM (SELECT a.id, a.state, r.id AS revision, r.title, r.outlet, r.published,"
            " r.source, r.first_day FROM articles a JOIN revisions r ON r.id = a.current"
            " WHERE (?1 OR a.state <> 'withdrawn')"
            " AND (NOT ?2 OR (r.last_day >= ?3 AND r.first_day <= ?4))"
            " AND (?5 = '[]' OR r.outlet IN (SELECT value FROM json_each(?5)))"
            " ORDER BY r.first_day DESC NULLS LAST, r.title, a.id LIMIT ?6 OFFSET ?7) a"
            " ORDER BY first_day DESC NULLS LAST, title, id",
            withdrawn,
            scope.has_period,
            scope.first,
            scope.last,
            json.dumps(sorted(scope.outlets)),
            -1 if limit is None else limit,
            offset,
        )
        return [
            Entry(id_, title, outlet, parsed(published), source, State(state), passages)
            for id_, title, outlet, published, source, state, passages in rows
        ]

    def published_between(
        self,
        first: date | None = None,
        last: date | None = None,
        limit: int = 30,
        outlets: frozenset[str] = frozenset(),
    ) -> Published:
        """The live articles of some days, newest first, each by how it begins.

        Args:
            first: the first day; None for any.
            last: the last day; None for any.
            limit: how many articles to give.
            outlets: only articles of these; of any when empty.
        """
        within = " AND r.outlet IN (SELECT value FROM json_each(?4))" if outlets else ""
        found = (
            "FROM revisions r CROSS JOIN articles a ON a.id = r.article AND a.current = r.id"
            " AND a.state <> 'withdrawn' WHERE r.first_day BETWEEN ?1 AND ?2 AND r.last_day >= ?3"
        )
        # What began before the first day and may end after it began in that year.
        scope = Scope.of(Period(first, last))
        values: list[object] = [scope.first // 10_000 * 10_000, scope.last, scope.first]
        values += [json.dumps([*outlets])] if outlets else []
        newest = "ORDER BY r.first_day DESC, r.last_day DESC, r.article DESC"
        with self.snapshot():
            ((total,),) = self._rows(f"SELECT count(*) {found}{within}", *values)
            rows = self._rows(
                f"SELECT r.article {found}{within} {newest} LIMIT {max(limit, 0)}", *values
            )
            articles = self.articles_of([id_ for (id_,) in rows])
            beginnings = (self._beginning(articles[id_]) for (id_,) in rows)
            return Published(tuple(one for one in beginnings if one), total)

    def _beginning(self, article: Article) -> Evidence | None:
        """The first passage of an article and its first window; None for one without text."""
        start = (
            "articles b CROSS JOIN passages p ON p.revision = b.current AND b.id = ?"
            " AND p.ordinal = (SELECT min(ordinal) FROM passages WHERE revision = b.current)"
        )
        for passage in self._passages(start, article.id).values():
            for window in self.windows_within(passage)[:1]:
                return Evidence(article, passage, window, dense=0.0, lexical=0.0, score=0.0)
        return None

    # --- passages and windows -------------------------------------------------------

    def windows(self, ids: Sequence[int]) -> dict[int, WindowRow]:
        """Windows of live articles by their ids; stale ids are missing."""
        rows = self._rows(
            "SELECT w.id, p.id, r.article, w.start, w.stop, p.ordinal"
            " FROM json_each(?) j CROSS JOIN windows w ON w.id = j.value"
            " CROSS JOIN passages p ON p.id = w.passage CROSS JOIN revisions r"
            " ON r.id = p.revision CROSS JOIN articles a ON a.id = r.article AND a.current = r.id"
            " AND a.state <> 'withdrawn'",
            json.dumps([int(id_) for id_ in ids]),
        )
        return {row[0]: WindowRow(*row) for row in rows}

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages of live articles with their texts, by id; stale ids are missing."""
        start = "json_each(?) j CROSS JOIN passages p ON p.id = j.value"
        return self._passages(start, json.dumps([int(id_) for id_ in ids]))

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of a live article, in their order."""
        start = "articles b CROSS JOIN passages p ON p.revision = b.current AND b.id = ?"
        return list(self._passages(start, article_id).values())

    def _passages(self, start: str, value: str) -> dict[int, Passage]:
        # CROSS JOIN has SQLite begin with the few rows that are asked for.
        rows = self._rows(
            "SELECT p.id, a.id, p.ordinal, p.start, p.stop,"
            " substr(r.text, p.start + 1, p.stop - p.start)"
            f" FROM {start} CROSS JOIN revisions r ON r.id = p.revision"
            " CROSS JOIN articles a ON a.id = r.article AND a.current = r.id"
            " AND a.state <> 'withdrawn' ORDER BY p.revision, p.ordinal",
            value,
        )
        return {row[0]: Passage(*row) for row in rows}

    def windows_within(self, passage: Passage) -> list[Window]:
        """The windows of a passage with their texts, in their order."""
        rows = self._rows(
            "SELECT id, start, stop FROM windows WHERE passage = ? ORDER BY start", passage.id
        )
        return [
            Window(id_, start, stop, passage.text[start - passage.start : stop - passage.start])
            for id_, start, stop in rows
        ]
