"""The memory of both fronts in one SQLite file: questions, answers, sources, votes, languages.

One connection, used by one thread at a time: Telegram gives it a thread of its own
(`bot.telegram.context.Memory`), the command line its only one. Several processes may use the
file at once.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.memory.schema import connect
from bot.memory.values import (
    TERMINAL,
    AuditEntry,
    PendingQuestion,
    Place,
    StoredAnswer,
    StoredSource,
    Vote,
)
from retrieval.storage import Closing, storage_faults
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FILE_NAME = "bot.db"
_EVER = datetime.min.replace(tzinfo=UTC)
_MAX_TERMINAL_ANSWERS = 1_000
_OF_A_USER = ("pending", "unanswered", "votes", "beginnings", "languages", "subjects", "digests")
_BEGIN_ANEW = (
    "INSERT OR REPLACE INTO beginnings"
    " SELECT ?1, ?2, ?3, ifnull((SELECT max(id) FROM answers"
    " WHERE chat = ?1 AND thread = ?2 AND user = ?3), 0)"
)
_ANSWER = (
    "a.id, a.chat, a.thread, a.user, a.at, a.language, a.question, a.status, a.text,"
    " a.asked, a.viewer, a.reason"
)


class Store(Closing):
    """The memory.

    Args:
        path: the file ``bot.db``; made when it is missing.

    Raises:
        ForeignFile: the file is not ours.
        StorageFull: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, which is a transaction of its own."""
        with storage_faults(self._path):
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes; an error in the block takes all of it back."""
        with storage_faults(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite has ended one that found no room
                    self._connection.execute("ROLLBACK")
                raise

    # --- questions --------------------------------------------------------------------

    def add_pending(self, asked: PendingQuestion, *, again: bool = False) -> bool:
        """Take a question, to be found again after a crash; False when it was taken before.

        Telegram gives an update again when it did not learn that it was received. ``again``
        when the person wants another answer to what is answered.
        """
        with self.transaction() as change:
            answered = change.execute(
                "SELECT 1 FROM answers WHERE chat = ? AND asked = ?",
                (asked.place.chat, asked.message),
            ).fetchone()
            if answered is not None and not again:
                return False
            return insert_pending(change, asked)

    def set_shown(self, chat: int, message: int, shown: int) -> None:
        """Remember the message in which the answer to a question grows."""
        self.rows(
            "UPDATE pending SET shown = ? WHERE chat = ? AND message = ?", shown, chat, message
        )

    def remove_pending(self, chat: int, message: int) -> None:
        """A question needs no answer any more."""
        self.rows("DELETE FROM pending WHERE chat = ? AND message = ?", chat, message)

    def pending(self) -> list[PendingQuestion]:
        """Telegram's questions that a crash left without their whole answer, oldest first."""
        rows = self.rows(
            "SELECT chat, thread, user, message, at, question, shown, begun FROM pending"
            " WHERE chat <> ? ORDER BY at",
            TERMINAL,
        )
        return [
            PendingQuestion(Place(chat, thread, user), message, time_of(at), *rest)
            for chat, thread, user, message, at, *rest in rows
        ]

    # --- answers ----------------------------------------------------------------------

    def add_answer(self, answer: StoredAnswer, sources: Sequence[StoredSource]) -> int:
        """Store an answer with its sources, or the passages that came near.

        Returns:
            Its number from now on. 0, and nothing is stored, when its question is not pending
            any more: everything was forgotten while it was answered.
        """
        with self.transaction() as change:
            if answer.asked and not _is_pending(change, answer):
                return 0
            return insert_answer(change, answer, sources)

    def set_messages(self, answer: int, chat: int, messages: Sequence[int]) -> None:
        """Remember in which messages an answer was shown."""
        with self.transaction() as change:
            change.executemany(
                "INSERT OR REPLACE INTO messages SELECT ?, ?, id FROM answers WHERE id = ?",
                [(chat, message, answer) for message in messages],
            )

    def set_viewer(self, answer: int, message: int) -> None:
        """Remember which message shows an answer's sources; 0 when none does any more."""
        self.rows("UPDATE answers SET viewer = ? WHERE id = ?", message, answer)

    def answer(self, number: int) -> StoredAnswer | None:
        """The answer of that number, if it is still stored."""
        rows = self.rows(f"SELECT {_ANSWER} FROM answers a WHERE a.id = ?", number)  # noqa: S608
        return _answer_of(rows[0]) if rows else None

    def answer_shown_in(self, chat: int, message: int) -> StoredAnswer | None:
        """The answer that a message shows."""
        rows = self.rows(
            f"SELECT {_ANSWER} FROM answers a JOIN messages m ON m.answer = a.id"  # noqa: S608
            " WHERE m.chat = ? AND m.message = ?",
            chat,
            message,
        )
        return _answer_of(rows[0]) if rows else None

    def sources(self, answer: int) -> list[StoredSource]:
        """The sources of an answer, or the passages that came near, by number."""
        rows = self.rows(
            "SELECT number, article, start, stop, quote, title, outlet, published, url,"
            " digest, answer_start, answer_stop FROM sources WHERE answer = ? ORDER BY number",
            answer,
        )
        return [source_of(row) for row in rows]

    # --- conversations ----------------------------------------------------------------

    def last(self, place: Place, since: datetime, limit: int) -> list[StoredAnswer]:
        """The last answers of a conversation, oldest first: since a time, and since ``/new``."""
        rows = self.rows(
            f"SELECT {_ANSWER} FROM answers a WHERE a.chat = ?1 AND a.thread = ?2"  # noqa: S608
            " AND a.user = ?3 AND a.at >= ?4 AND a.status <> 'notice'"
            " AND a.id > ifnull((SELECT after FROM beginnings"
            " WHERE chat = ?1 AND thread = ?2 AND user = ?3), 0) ORDER BY a.id DESC LIMIT ?5",
            *place_values(place),
            stamp(since),
            limit,
        )
        return [_answer_of(row) for row in reversed(rows)]

    def newest(self, chat: int, limit: int) -> list[StoredAnswer]:
        """The conversation of a chat's newest answer: its last answers since ``/new``."""
        rows = self.rows(
            f"SELECT {_ANSWER} FROM answers a WHERE a.chat = ? ORDER BY a.id DESC LIMIT 1",  # noqa: S608
            chat,
        )
        return self.last(_answer_of(rows[0]).place, _EVER, limit) if rows else []

    def questions(self, chat: int, limit: int) -> list[str]:
        """The last questions of a chat, oldest first."""
        sql = "SELECT question FROM answers WHERE chat = ? ORDER BY id DESC LIMIT ?"
        return [question for (question,) in reversed(self.rows(sql, chat, limit))]

    def last_with_sources(self, place: Place, since: datetime) -> int | None:
        """The number of the last answer of a conversation that shows something of an article."""
        rows = self.rows(
            "SELECT max(a.id) FROM answers a JOIN sources s ON s.answer = a.id"
            " WHERE a.chat = ? AND a.thread = ? AND a.user = ? AND a.at >= ?",
            *place_values(place),
            stamp(since),
        )
        return int(rows[0][0]) if rows[0][0] is not None else None

    def end_conversation(self, place: Place) -> None:
        """End a conversation: the answers so far are no longer part of it."""
        self.rows(_BEGIN_ANEW, *place_values(place))

    # --- people -----------------------------------------------------------------------

    def language(self, user: int) -> str | None:
        """The language that somebody chose."""
        rows = self.rows("SELECT language FROM languages WHERE user = ?", user)
        return str(rows[0][0]) if rows else None

    def set_language(self, user: int, language: str) -> None:
        """Remember the language that somebody chose."""
        self.rows("INSERT OR REPLACE INTO languages VALUES (?, ?)", user, language)

    def vote(self, answer: int, user: int, at: datetime, *, good: bool) -> bool:
        """Remember what somebody thinks of an answer; the last word counts.

        Returns:
            Whether it is new.
        """
        with self.transaction() as change:
            same = change.execute(
                "SELECT 1 FROM votes WHERE answer = ? AND user = ? AND good = ?",
                (answer, user, int(good)),
            ).fetchone()
            change.execute(
                "INSERT OR REPLACE INTO votes SELECT id, ?, ?, ? FROM answers WHERE id = ?",
                (user, stamp(at), int(good), answer),
            )
        return same is None

    def votes(self) -> list[Vote]:
        """What people thought, newest first."""
        rows = self.rows(
            f"SELECT v.at, v.user, v.good, {_ANSWER} FROM votes v"  # noqa: S608
            " JOIN answers a ON a.id = v.answer ORDER BY v.at DESC, v.answer DESC"
        )
        return [
            Vote(time_of(at), user, bool(good), _answer_of(row)) for at, user, good, *row in rows
        ]

    def forget(self, user: int) -> int:
        """Delete all that is stored of somebody, in the bytes of the file too.

        Returns:
            How many answers there were.
        """
        with self.transaction() as change:
            gone = change.execute("DELETE FROM answers WHERE user = ?", (user,)).rowcount
            for table in _OF_A_USER:
                change.execute(f"DELETE FROM {table} WHERE user = ?", (user,))  # noqa: S608
            change.execute(
                "DELETE FROM orders WHERE user = ? AND state = 'asked' AND kind = 'index'", (user,)
            )
            change.execute("DELETE FROM erratum_readers WHERE chat = ?", (user,))
        with suppress(sqlite3.Error):  # another process reads: its last use does it
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def forget_before(self, time: datetime) -> int:
        """Delete Telegram's answers that are older, and errata; how many answers there were."""
        with self.transaction() as change:
            change.execute("DELETE FROM errata WHERE at < ? AND state <> 'sending'", (stamp(time),))
            change.execute("DELETE FROM unanswered WHERE at < ?", (stamp(time),))
            return change.execute(
                "DELETE FROM answers WHERE chat <> ? AND at < ?", (TERMINAL, stamp(time))
            ).rowcount

    def forget_terminal_before(self, time: datetime) -> None:
        """Delete what terminals left that is older, and more than 1,000 answers of them."""
        with self.transaction() as change:
            change.execute(
                "DELETE FROM answers WHERE chat = ?1 AND (at < ?2 OR id <= ifnull((SELECT id"
                " FROM answers WHERE chat = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?3), 0))",
                (TERMINAL, stamp(time), _MAX_TERMINAL_ANSWERS),
            )
            change.execute("DELETE FROM pending WHERE chat = ? AND at < ?", (TERMINAL, stamp(time)))
            change.execute(
                "DELETE FROM beginnings WHERE chat = ? AND NOT EXISTS (SELECT 1 FROM answers a"
                " WHERE a.chat = beginnings.chat AND a.thread = beginnings.thread)",
                (TERMINAL,),
            )

    def import_answers(
        self,
        answers: Iterable[tuple[StoredAnswer, Sequence[StoredSource]]],
        ended: Iterable[Place],
    ) -> None:
        """Store conversations of an earlier version, each answer once.

        Args:
            answers: oldest first; ``asked`` tells one from another.
            ended: the conversations that do not go on.
        """
        with self.transaction() as change:
            for answer, sources in answers:
                same = change.execute(
                    "SELECT 1 FROM answers WHERE chat = ? AND asked = ?",
                    (answer.place.chat, answer.asked),
                ).fetchone()
                if same is None:
                    insert_answer(change, answer, sources)
            for place in ended:
                change.execute(_BEGIN_ANEW, place_values(place))

    def citing(self, article_id: str) -> list[StoredAnswer]:
        """The answers that cite or show an article, newest first."""
        rows = self.rows(
            f"SELECT {_ANSWER} FROM answers a WHERE EXISTS (SELECT 1 FROM sources s"  # noqa: S608
            " WHERE s.answer = a.id AND s.article = ?) ORDER BY a.id DESC",
            article_id,
        )
        return [_answer_of(row) for row in rows]

    # --- administrators ---------------------------------------------------------------

    def add_act(self, act: AuditEntry) -> None:
        """Write down what an administrator did."""
        self.rows(
            "INSERT INTO acts (at, user, action, detail) VALUES (?, ?, ?, ?)",
            stamp(act.at),
            act.user,
            act.action,
            act.detail,
        )


def insert_pending(change: sqlite3.Connection, asked: PendingQuestion) -> bool:
    """Have a question be pending, in a transaction; False when it is already."""
    chat, thread, user = place_values(asked.place)
    new = change.execute(
        "INSERT OR IGNORE INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            chat,
            asked.message,
            thread,
            user,
            stamp(asked.at),
            asked.question,
            asked.shown,
            asked.begun,
        ),
    )
    return new.rowcount == 1


def insert_answer(
    change: sqlite3.Connection, answer: StoredAnswer, sources: Sequence[StoredSource]
) -> int:
    """Store an answer with its sources, in a transaction; its number."""
    cursor = change.execute(
        "INSERT INTO answers (chat, thread, user, at, language, question, status, text, asked,"
        " reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *place_values(answer.place),
            stamp(answer.at),
            answer.language,
            answer.question,
            answer.status,
            answer.text,
            answer.asked,
            answer.reason,
        ),
    )
    number = cursor.lastrowid or 0
    change.executemany(
        "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, *source_values(source)) for source in sources],
    )
    return number


def _is_pending(change: sqlite3.Connection, answer: StoredAnswer) -> bool:
    asked = (answer.place.chat, answer.asked)
    sql = "SELECT 1 FROM pending WHERE chat = ? AND message = ?"
    return change.execute(sql, asked).fetchone() is not None


def place_values(place: Place) -> tuple[int, int, int]:
    """A place as three columns."""
    return place.chat, place.thread, place.user


def source_values(source: StoredSource) -> tuple[object, ...]:
    """A source as the columns of its table, its number first."""
    words = source.answer
    return (
        source.number,
        source.article_id,
        source.start,
        source.end,
        source.quote,
        source.title,
        source.outlet,
        source.published,
        source.url,
        words and words.start,
        words and words.end,
        source.digest,
    )


def source_of(row: Sequence[Any]) -> StoredSource:
    """A source of a row: the number, the columns up to the address, digest, words."""
    *values, digest, start, end = row
    answer = None if start is None else Span(start, end)
    return replace(StoredSource(*values), answer=answer, digest=digest)


def _answer_of(row: Sequence[Any]) -> StoredAnswer:
    id_, chat, thread, user, at, *rest = row
    return StoredAnswer(id_, Place(chat, thread, user), time_of(at), *rest)


def stamp(time: datetime) -> str:
    """A time as it is written: UTC, so that texts sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def time_of(written: str) -> datetime:
    """A time that was written."""
    return datetime.fromisoformat(written)
