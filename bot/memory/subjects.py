"""What is stored of followed subjects: the questions, the news of them, the notices under way.

A piece of news waits, is shown by a notice (an answer that nobody asked for), or was told in a
terminal. A notice is stored before it is sent, and marked as sent after it: what a crash leaves
between is looked for in the chat, and sent only when it is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.memory import outbox
from bot.memory.store import place_values, source_of, source_values, stamp, time_of
from bot.memory.values import NOTICE, NewsItem, Place, SentNotice, StoredAnswer, Subject

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.memory.store import Store
    from bot.memory.values import StoredSource

_SUBJECT = (
    "s.id, s.chat, s.thread, s.user, s.at, s.language, s.question, s.before, s.begun, s.looked,"
    " s.sent, s.asleep"
)
_NEWS = (
    "n.id, n.changed, n.notice, n.article, n.start, n.stop, n.quote, n.title, n.outlet,"
    " n.published, n.url, n.digest, n.answer_start, n.answer_stop"
)
_IN_TERMINAL = -1
_LONG_AGO = "1970-01-01T00:00:00.000+00:00"
_TURNS = 4


class SubjectStore:
    """The subjects in the memory; used by the same thread.

    Args:
        store: the memory.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- subjects ---------------------------------------------------------------------

    def add(self, subject: Subject, limit: int) -> Subject | None:
        """Follow a subject; the stored one when it was followed before.

        Args:
            subject: what to follow.
            limit: subjects that one person may follow.

        Returns:
            None when the person follows as many already.
        """
        with self._store.transaction() as change:
            known = change.execute(
                f"SELECT {_SUBJECT} FROM subjects s WHERE chat = ? AND thread = ? AND user = ?"  # noqa: S608
                " AND question = ?",
                (*place_values(subject.place), subject.question),
            ).fetchone()
            if known is not None:
                return _subject_of(known)
            ((count,),) = change.execute(
                "SELECT count(*) FROM subjects WHERE user = ?", (subject.place.user,)
            ).fetchall()
            if count >= limit:
                return None
            number = change.execute(
                "INSERT INTO subjects (chat, thread, user, at, language, question, before, begun,"
                " looked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *place_values(subject.place),
                    stamp(subject.at),
                    subject.language,
                    subject.question,
                    "\n".join(subject.before),
                    subject.begun,
                    subject.looked,
                ),
            ).lastrowid
        return self.subject(number or 0)

    def subject(self, number: int) -> Subject | None:
        """The subject of that number."""
        found = self._subjects("WHERE s.id = ?", number)
        return found[0] if found else None

    def of_place(self, place: Place) -> list[Subject]:
        """What somebody follows in a place, oldest first."""
        where = "WHERE s.chat = ? AND s.thread = ? AND s.user = ? ORDER BY s.id"
        return self._subjects(where, *place_values(place))

    def to_look_at(self, newest: int, limit: int) -> list[Subject]:
        """Subjects of chats that were not asked after a change, the longest ago first."""
        where = "WHERE s.chat <> 0 AND NOT s.asleep AND s.looked < ? ORDER BY s.looked, s.id"
        return self._subjects(f"{where} LIMIT ?", newest, limit)

    def remove(self, number: int) -> None:
        """Follow a subject no more."""
        self._store.rows("DELETE FROM subjects WHERE id = ?", number)

    def wake(self, user: int) -> None:
        """Somebody's chat takes messages again."""
        self._store.rows("UPDATE subjects SET asleep = 0 WHERE user = ? AND asleep", user)

    def rewind(self, newest: int) -> None:
        """Begin anew where the archive is older than what was looked at: it was restored."""
        self._store.rows(
            "UPDATE subjects SET begun = min(begun, ?1), looked = ?1 WHERE looked > ?1", newest
        )

    def before(self, answer: StoredAnswer) -> tuple[str, ...]:
        """The questions before an answer in its conversation, oldest first."""
        rows = self._store.rows(
            "SELECT question FROM answers WHERE chat = ? AND thread = ? AND user = ? AND id < ?"
            " AND status <> ? AND julianday(?) - julianday(at) < 1.0 / 24"
            " ORDER BY id DESC LIMIT ?",
            *place_values(answer.place),
            answer.id,
            NOTICE,
            stamp(answer.at),
            _TURNS,
        )
        return tuple(" ".join(question.split()) for (question,) in reversed(rows))

    def _subjects(self, where: str, *values: object) -> list[Subject]:
        rows = self._store.rows(f"SELECT {_SUBJECT} FROM subjects s {where}", *values)  # noqa: S608
        return [_subject_of(row) for row in rows]

    # --- news -------------------------------------------------------------------------

    def news(self, subject: int, *, waiting: bool = False) -> list[NewsItem]:
        """What was found for a subject, oldest first; only what waits, if asked so."""
        rows = self._store.rows(
            f"SELECT {_NEWS} FROM news n WHERE n.subject = ? AND (NOT ? OR n.notice = 0)"  # noqa: S608
            " ORDER BY n.id",
            subject,
            waiting,
        )
        return [_item_of(row) for row in rows]

    def add_news(
        self,
        subject: int,
        found: Sequence[tuple[StoredSource, bool]],
        looked: int,
        at: datetime,
    ) -> None:
        """Store what was found after a change, and that the subject was asked.

        Args:
            subject: its number; nothing is stored when it is followed no more.
            found: the evidence, and whether it replaces what was said before.
            looked: the change.
            at: now.
        """
        with self._store.transaction() as change:
            known = change.execute("SELECT 1 FROM subjects WHERE id = ?", (subject,)).fetchone()
            if known is None:
                return
            for source, changed in found:
                _, *values = source_values(source)
                change.execute(
                    "INSERT OR IGNORE INTO news (subject, changed, found, article, start, stop,"
                    " quote, title, outlet, published, url, answer_start, answer_stop, digest)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (subject, changed, stamp(at), *values),
                )
            change.execute("UPDATE subjects SET looked = ? WHERE id = ?", (looked, subject))

    def waiting(self) -> list[tuple[Subject, list[NewsItem]]]:
        """The subjects of chats with news that nobody was told, oldest first."""
        subjects = self._subjects(
            "WHERE s.chat <> 0 AND NOT s.asleep AND EXISTS (SELECT 1 FROM news n"
            " WHERE n.subject = s.id AND n.notice = 0) ORDER BY s.id"
        )
        return [(one, self.news(one.id, waiting=True)) for one in subjects]

    def drop_news(self, items: Sequence[NewsItem]) -> None:
        """Forget evidence that does not stand any more."""
        with self._store.transaction() as change:
            change.executemany("DELETE FROM news WHERE id = ?", [(one.id,) for one in items])

    def told_in_terminal(self, items: Sequence[NewsItem], at: datetime) -> None:
        """A terminal showed it."""
        with self._store.transaction() as change:
            _mark(change, items, _IN_TERMINAL, at)

    # --- notices ----------------------------------------------------------------------

    def begin_notice(
        self,
        answer: StoredAnswer,
        sources: Sequence[StoredSource],
        items: Sequence[NewsItem],
        written: Callable[[int], SentNotice],
    ) -> SentNotice:
        """Store a notice that is about to be sent, with what it tells.

        Args:
            answer: what it shows.
            sources: the evidence in it, numbered.
            items: the news that are told by it.
            written: gives the message, once its number is known.
        """
        with self._store.transaction() as change:
            notice = outbox.put(change, answer, sources, written)
            _mark(change, items, notice.answer, answer.at)
            change.execute(
                "UPDATE digests SET sent = ? WHERE user = ?",
                (stamp(answer.at), answer.place.user),
            )
        return notice

    def under_way(self) -> list[SentNotice]:
        """The notices of which it is not known that they were shown, oldest first."""
        return outbox.under_way(self._store, errata=False)

    def shown(self, notice: SentNotice, message: int) -> None:
        """A notice is shown in a message."""
        with self._store.transaction() as change:
            outbox.shown(change, notice, message)

    def not_shown(self, notice: SentNotice, *, unreachable: bool) -> None:
        """A notice was not sent: what it tells waits again; its subjects sleep, if asked so."""
        with self._store.transaction() as change:
            change.execute(
                "UPDATE subjects SET sent = '', asleep = ? WHERE id IN"
                " (SELECT subject FROM news WHERE notice = ?)",
                (unreachable, notice.answer),
            )
            change.execute(
                "UPDATE digests SET sent = ? WHERE user = ?",
                (_LONG_AGO, notice.place.user),
            )
            change.execute("UPDATE news SET notice = 0 WHERE notice = ?", (notice.answer,))
            change.execute("DELETE FROM answers WHERE id = ?", (notice.answer,))

    # --- digests ----------------------------------------------------------------------

    def digests(self) -> dict[int, tuple[int, datetime]]:
        """Who wants one notice a day: at which hour, and when the last one was."""
        rows = self._store.rows("SELECT user, hour, sent FROM digests")
        return {user: (hour, time_of(sent)) for user, hour, sent in rows}

    def set_digest(self, user: int, hour: int | None, at: datetime) -> None:
        """Have somebody told at an hour, or as news comes when it is None."""
        with self._store.transaction() as change:
            change.execute("DELETE FROM digests WHERE user = ?", (user,))
            if hour is not None:
                change.execute("INSERT INTO digests VALUES (?, ?, ?)", (user, hour, stamp(at)))


def _mark(change: sqlite3.Connection, items: Sequence[NewsItem], notice: int, at: datetime) -> None:
    """What is told is told once, and its subjects not again on the same day."""
    for item in items:
        change.execute("UPDATE news SET notice = ? WHERE id = ?", (notice, item.id))
        change.execute(
            "UPDATE subjects SET sent = ? WHERE id = (SELECT subject FROM news WHERE id = ?)",
            (stamp(at), item.id),
        )


def _subject_of(row: Sequence[Any]) -> Subject:
    id_, chat, thread, user, at, language, question, before, begun, looked, sent, asleep = row
    return Subject(
        id_,
        Place(chat, thread, user),
        time_of(at),
        language,
        question,
        tuple(before.splitlines()),
        begun,
        looked,
        time_of(sent) if sent else None,
        bool(asleep),
    )


def _item_of(row: Sequence[Any]) -> NewsItem:
    id_, changed, notice, *source = row
    return NewsItem(id_, source_of((0, *source)), bool(changed), notice)
