"""Notices under way: stored before they are sent, and marked as shown after it.

A notice is an answer that nobody asked for. What a crash leaves between is looked for in its
chat, and sent only when it is not there. Used inside the transactions of whoever sends.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.memory.store import insert_answer
from bot.memory.values import Place, SentNotice

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from bot.memory.store import Store
    from bot.memory.values import StoredAnswer, StoredSource

_ERRATUM = "EXISTS (SELECT 1 FROM erratum_readers e WHERE e.answer = o.answer)"


def put(
    change: sqlite3.Connection,
    answer: StoredAnswer,
    sources: Sequence[StoredSource],
    written: Callable[[int], SentNotice],
) -> SentNotice:
    """Store a notice that is about to be sent.

    Args:
        change: the transaction.
        answer: what it shows.
        sources: the evidence in it, numbered.
        written: gives the message, once its number is known.
    """
    notice = written(insert_answer(change, answer, sources))
    change.execute(
        "INSERT INTO notices (answer, after, html, plain, buttons, reply)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            notice.answer,
            notice.after,
            notice.html,
            notice.plain,
            json.dumps(notice.buttons, ensure_ascii=False),
            notice.reply_to,
        ),
    )
    return notice


def under_way(store: Store, *, errata: bool) -> list[SentNotice]:
    """The notices of which it is not known that they were shown, oldest first.

    Args:
        store: the memory.
        errata: those of errata, or the others.
    """
    rows = store.rows(
        "SELECT o.answer, a.chat, a.thread, a.user, o.after, o.html, o.plain, o.buttons, o.reply"  # noqa: S608 - a constant
        f" FROM notices o JOIN answers a ON a.id = o.answer WHERE {_ERRATUM} = ?"
        " ORDER BY o.answer",
        errata,
    )
    return [
        SentNotice(answer, Place(chat, thread, user), after, html, plain, _buttons(buttons), reply)
        for answer, chat, thread, user, after, html, plain, buttons, reply in rows
    ]


def shown(change: sqlite3.Connection, notice: SentNotice, message: int) -> None:
    """A notice is shown in a message of the chat where its answer is now."""
    change.execute(
        "INSERT OR REPLACE INTO messages SELECT chat, ?, id FROM answers WHERE id = ?",
        (message, notice.answer),
    )
    change.execute("DELETE FROM notices WHERE answer = ?", (notice.answer,))


def last_message(store: Store, chat: int) -> int:
    """The newest message of a chat that is remembered; private chats share one count."""
    rows = store.rows(
        "SELECT max(message) FROM messages WHERE chat = ?1 OR (?1 > 0 AND chat > 0)", chat
    )
    return rows[0][0] or 0


def _buttons(text: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(tuple((label, data) for label, data in row) for row in json.loads(text))
