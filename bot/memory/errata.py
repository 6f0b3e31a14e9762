"""What is stored of errata: who read which quotes of an article, and whom it was told that changed.

An erratum is about an article as it is since a change. It goes to conversations, each once: a
row for each says what became of it. Its message is a notice, an answer that nobody asked for,
so that its source opens, and a later correction of the same article reaches it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.memory import outbox
from bot.memory.store import place_values, source_of, stamp, time_of
from bot.memory.values import (
    TERMINAL,
    Erratum,
    ErratumOutcome,
    ErratumState,
    Place,
    QuoteReading,
    SentNotice,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.memory.store import Store
    from bot.memory.values import StoredAnswer, StoredSource

Conversation = tuple[int, int]
"""A chat, and a thread of it or 0."""

_ERRATUM = "e.id, e.article, e.version, e.title, e.at, e.state, e.sender"
_READING = (
    "a.id, a.chat, a.thread, a.user, a.at,"
    " iif(a.chat > 0, ifnull(l.language, a.language), a.language),"
    " ifnull((SELECT max(m.message) FROM messages m WHERE m.answer = a.id AND m.chat = a.chat), 0),"
    " EXISTS (SELECT 1 FROM erratum_readers e WHERE e.answer = a.id),"
    " s.number, s.article, s.start, s.stop, s.quote, s.title, s.outlet, s.published, s.url,"
    " s.digest, s.answer_start, s.answer_stop"
)
_WAITING, _UNDER_WAY, _TOLD = (
    ErratumOutcome.WAITING,
    ErratumOutcome.UNDER_WAY,
    ErratumOutcome.TOLD,
)


class ErratumStore:
    """The errata in the memory; used by the same thread.

    Args:
        store: the memory.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- what was read ----------------------------------------------------------------

    def cited(self, *, in_terminal: bool = False) -> dict[str, set[str]]:
        """The articles that stored answers show something of, each with the digests it had.

        Args:
            in_terminal: only those of answers that terminals were given.
        """
        rows = self._store.rows(
            "SELECT DISTINCT s.article, s.digest FROM sources s WHERE NOT ?1 OR EXISTS"
            " (SELECT 1 FROM answers a WHERE a.id = s.answer AND a.chat = ?2)",
            in_terminal,
            TERMINAL,
        )
        found: dict[str, set[str]] = {}
        for article, digest in rows:
            found.setdefault(article, set()).add(digest)
        return found

    def readings(self, article_id: str) -> list[QuoteReading]:
        """Who read something of an article in an answer, oldest first."""
        rows = self._store.rows(
            f"SELECT {_READING} FROM sources s JOIN answers a ON a.id = s.answer"  # noqa: S608
            " LEFT JOIN languages l ON l.user = a.user WHERE s.article = ? ORDER BY a.id, s.number",
            article_id,
        )
        return [_reading_of(row) for row in rows]

    # --- errata -----------------------------------------------------------------------

    def propose(self, article_id: str, version: str, title: str, at: datetime) -> Erratum:
        """The erratum of an article as it is now, stored if it is new."""
        self._store.rows(
            "INSERT OR IGNORE INTO errata (article, version, title, at, state)"
            " VALUES (?, ?, ?, ?, ?)",
            article_id,
            version,
            title,
            stamp(at),
            ErratumState.PROPOSED,
        )
        (found,) = self._errata("WHERE e.article = ? AND e.version = ?", article_id, version)
        return found

    def erratum(self, number: int) -> Erratum | None:
        """The erratum of that number."""
        found = self._errata("WHERE e.id = ?", number)
        return found[0] if found else None

    def in_state(self, state: ErratumState) -> list[Erratum]:
        """The errata that are so far, oldest first."""
        return self._errata("WHERE e.state = ? ORDER BY e.id", state)

    def begin(self, erratum: Erratum, sender: int, at: datetime, to: Iterable[Conversation]) -> int:
        """Have an erratum sent to some conversations; those that were told are left out.

        Args:
            erratum: which.
            sender: who has it sent; 0 for a terminal.
            at: now.
            to: the conversations; one that could not be reached is tried again.

        Returns:
            How many conversations it goes to; with none, nothing is changed.
        """
        with self._store.transaction() as change:
            begun = 0
            for chat, thread in to:
                begun += change.execute(
                    "INSERT INTO erratum_readers (erratum, chat, thread, outcome)"
                    " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET outcome = excluded.outcome"
                    " WHERE outcome IN (?, ?)",
                    (
                        erratum.id,
                        chat,
                        thread,
                        _WAITING,
                        ErratumOutcome.BLOCKED,
                        ErratumOutcome.GONE,
                    ),
                ).rowcount
            if begun:
                change.execute(
                    "UPDATE errata SET state = ?, sender = ?, at = ?, told = 0 WHERE id = ?",
                    (ErratumState.SENDING, sender, stamp(at), erratum.id),
                )
        return begun

    def outdate(self, erratum: int) -> None:
        """An erratum is not sent any more; who waited for it is not told."""
        with self._store.transaction() as change:
            change.execute(
                "UPDATE errata SET state = ? WHERE id = ?", (ErratumState.OUTDATED, erratum)
            )
            change.execute(
                "DELETE FROM erratum_readers WHERE erratum = ? AND outcome = ?",
                (erratum, _WAITING),
            )

    def end_if_sent(self, erratum: int) -> None:
        """An erratum was sent, unless a conversation waits for it: one may have come meanwhile."""
        self._store.rows(
            "UPDATE errata SET state = ? WHERE id = ? AND NOT EXISTS (SELECT 1"
            " FROM erratum_readers r WHERE r.erratum = errata.id AND r.outcome IN (?, ?))",
            ErratumState.SENT,
            erratum,
            _WAITING,
            _UNDER_WAY,
        )

    def outcomes(self, erratum: int) -> dict[Conversation, ErratumOutcome]:
        """What became of an erratum for each conversation that it goes to."""
        rows = self._store.rows(
            "SELECT chat, thread, outcome FROM erratum_readers WHERE erratum = ?", erratum
        )
        return {(chat, thread): ErratumOutcome(outcome) for chat, thread, outcome in rows}

    def untold(self) -> list[Erratum]:
        """The errata that ended, and whose sender does not know how."""
        ended = (ErratumState.SENT, ErratumState.OUTDATED)
        return self._errata("WHERE e.state IN (?, ?) AND NOT e.told ORDER BY e.id", *ended)

    def told(self, erratum: int) -> None:
        """The sender knows how an erratum ended."""
        self._store.rows("UPDATE errata SET told = 1 WHERE id = ?", erratum)

    def _errata(self, where: str, *values: object) -> list[Erratum]:
        rows = self._store.rows(f"SELECT {_ERRATUM} FROM errata e {where}", *values)  # noqa: S608
        return [_erratum_of(row) for row in rows]

    # --- messages ---------------------------------------------------------------------

    def put(
        self,
        erratum: Erratum,
        answer: StoredAnswer,
        sources: Sequence[StoredSource],
        written: Callable[[int], SentNotice],
    ) -> SentNotice | None:
        """Store the message for a conversation that is about to be sent.

        Args:
            erratum: which.
            answer: what the message shows; its place names the conversation.
            sources: what it shows of the article.
            written: gives the message, once its number is known.

        Returns:
            None when the conversation does not wait for it any more.
        """
        chat, thread, _ = place_values(answer.place)
        with self._store.transaction() as change:
            waits = change.execute(
                "UPDATE erratum_readers SET outcome = ? WHERE erratum = ? AND chat = ?"
                " AND thread = ? AND outcome = ?",
                (_UNDER_WAY, erratum.id, chat, thread, _WAITING),
            ).rowcount
            if not waits:
                return None
            notice = outbox.put(change, answer, sources, written)
            change.execute(
                "UPDATE erratum_readers SET answer = ? WHERE erratum = ? AND chat = ?"
                " AND thread = ?",
                (notice.answer, erratum.id, chat, thread),
            )
        return notice

    def under_way(self) -> list[SentNotice]:
        """The messages of which it is not known that they were shown, oldest first."""
        return outbox.under_way(self._store, errata=True)

    def shown(self, notice: SentNotice, message: int) -> None:
        """A message was shown."""
        with self._store.transaction() as change:
            outbox.shown(change, notice, message)
            change.execute(
                "UPDATE erratum_readers SET outcome = ? WHERE answer = ?", (_TOLD, notice.answer)
            )

    def not_shown(self, notice: SentNotice, outcome: ErratumOutcome) -> None:
        """A message was not sent: its conversation waits again, or cannot be reached."""
        with self._store.transaction() as change:
            change.execute(
                "UPDATE erratum_readers SET outcome = ?, answer = 0 WHERE answer = ?",
                (outcome, notice.answer),
            )
            change.execute("DELETE FROM answers WHERE id = ?", (notice.answer,))

    def drop(self, erratum: int, conversation: Conversation) -> None:
        """Nothing is left to correct in a conversation: what was read in it was forgotten."""
        self._store.rows(
            "DELETE FROM erratum_readers WHERE erratum = ? AND chat = ? AND thread = ?"
            " AND outcome = ?",
            erratum,
            *conversation,
            _WAITING,
        )


def _erratum_of(row: Sequence[Any]) -> Erratum:
    id_, article, version, title, at, state, sender = row
    return Erratum(id_, article, version, title, time_of(at), ErratumState(state), sender)


def _reading_of(row: Sequence[Any]) -> QuoteReading:
    answer, chat, thread, user, at, language, message, corrects, *source = row
    place = Place(chat, thread, user)
    return QuoteReading(
        answer, place, time_of(at), language, source_of(source), message, bool(corrects)
    )
