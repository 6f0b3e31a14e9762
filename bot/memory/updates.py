"""Telegram's updates on their way from the webhook to the worker that handles them.

An update is stored before Telegram is told that it was received, and blanked once it was
handled. A worker claims chats, so that all of a chat is handled by one process, in order. Who
supervises the workers gives back what a dead one had claimed: no clock decides that.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.memory.store import stamp
from bot.memory.unanswered import MOST_BEGUN
from bot.memory.values import TERMINAL
from retrieval.errors import Failed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from bot.memory.store import Store

NOBODY = 0
_KEPT = 20_000
"""Handled updates whose numbers are kept, to know one that Telegram sends again."""
_LOOKED_AT = 2_000
MOST = 20_000
"""Updates that wait; no more are stored: Telegram keeps those that come, for a day."""
_WAITING = "SELECT {} FROM updates WHERE body <> ''"
_TRIES = 3
"""An update that so many workers died of is not handled."""
_LEFT = "SELECT chat FROM pending WHERE chat <> ?"


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update that waits.

    Args:
        seq: its place in the order of arrival.
        chat: where it comes from; of an inline query who makes it.
        body: its JSON.
    """

    seq: int
    chat: int
    body: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits.

    Args:
        count: how many updates.
        oldest: the place of the first in the order of arrival; 0 when none waits.
        newest: the place of the last update that came, which may be handled.
    """

    count: int
    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class UntakenUpdates:
    """What no worker has taken yet.

    Args:
        count: how many updates.
        since: when the oldest was written; None when none waits, or that is not known.
    """

    count: int = 0
    since: datetime | None = None


class WaitingAge:
    """For how long the oldest update has waited, as far as looks at the backlog tell.

    It needs no time of arrival, which a clock that is set would falsify.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[int, float]] = deque(maxlen=_KEPT)

    def seen(self, backlog: Backlog, now: float) -> float:
        """The seconds since the first look that may have seen the oldest one; 0 without one.

        Args:
            backlog: what waits now.
            now: seconds of a clock that only goes on.
        """
        self._looks.append((backlog.newest, now))
        if not backlog.count:
            self._looks.clear()
            return 0.0
        while self._looks[0][0] < backlog.oldest:
            self._looks.popleft()
        return now - self._looks[0][1]


@dataclass(frozen=True, slots=True)
class UpdateStore:
    """The table of updates, and the claims of the workers.

    Args:
        store: the bot's memory.
        first: chats that only the first worker takes: those of administrators.
    """

    store: Store
    first: frozenset[int] = frozenset()

    # --- the webhook ------------------------------------------------------------------

    def put(self, update_id: int, chat: int, body: str) -> bool:
        """Store an update; False when it is known.

        Raises:
            StorageFull, ArchiveBusy: it could not be stored.
            Failed: too many wait.
        """
        with self.store.transaction() as change:
            (waiting,) = change.execute(_WAITING.format("count(*)")).fetchone()
            if waiting >= MOST:
                raise Failed("too_many_updates", count=waiting)
            new = change.execute(
                "INSERT OR IGNORE INTO updates (update_id, chat, body) VALUES (?, ?, ?)",
                (update_id, chat, body),
            )
            if new.rowcount and not (new.lastrowid or 0) % 1_000:
                oldest = (new.lastrowid or 0) - _KEPT
                change.execute("DELETE FROM updates WHERE body = '' AND seq <= ?", (oldest,))
        return new.rowcount == 1

    def backlog(self) -> Backlog:
        """What waits, that included which is being handled."""
        ((count, oldest),) = self.store.rows(_WAITING.format("count(*), ifnull(min(seq), 0)"))
        ((newest,),) = self.store.rows("SELECT ifnull(max(seq), 0) FROM updates")
        return Backlog(count, oldest, newest)

    def untaken(self) -> UntakenUpdates:
        """What no worker has taken yet, for people; a click has no time of its own."""
        untaken = f"FROM updates WHERE worker = {NOBODY} AND body <> ''"
        ((count,),) = self.store.rows(f"SELECT count(*) {untaken}")
        oldest = self.store.rows(f"SELECT body {untaken} ORDER BY seq LIMIT 1")
        return UntakenUpdates(count, _written(oldest[0][0]) if oldest else None)

    def begin(self) -> None:
        """Nobody works yet: all that is not handled, or not answered in full, is for anybody."""
        with self.store.transaction() as change:
            change.execute("UPDATE updates SET worker = ?", (NOBODY,))
            change.execute("DELETE FROM claims")
            change.execute(
                f"INSERT OR IGNORE INTO claims SELECT chat, {NOBODY} FROM pending"  # noqa: S608 - constants
                f" WHERE chat <> {TERMINAL}"
            )

    def give_back(self, worker: int) -> int:
        """A worker has died: its updates and chats are for others.

        What somebody wrote in private, and is given up, is left pending: they are told.

        Returns:
            How many updates are given up: every worker that took them died.
        """
        with self.store.transaction() as change:
            gone = change.execute(
                "SELECT seq, body FROM updates WHERE worker = ? AND body <> '' AND tries >= ?",
                (worker, _TRIES),
            ).fetchall()
            for seq, body in gone:
                change.execute("UPDATE updates SET body = '' WHERE seq = ?", (seq,))
                asked = _asked(body)
                if asked is not None:
                    change.execute(
                        "INSERT OR IGNORE INTO pending VALUES (?, ?, 0, ?, ?, ?, 0, ?)",
                        (*asked, MOST_BEGUN),
                    )
            change.execute("UPDATE updates SET worker = ? WHERE worker = ?", (NOBODY, worker))
            change.execute(
                f"UPDATE claims SET worker = ? WHERE worker = ? AND chat IN ({_LEFT})",  # noqa: S608
                (NOBODY, worker, TERMINAL),
            )
            change.execute("DELETE FROM claims WHERE worker = ?", (worker,))
        return len(gone)

    # --- the workers ------------------------------------------------------------------

    def adopt(self, worker: int, room: int) -> list[int]:
        """Claim chats whose answer a dead worker left unfinished.

        Args:
            worker: who claims them.
            room: how many at most.
        """
        if not self.store.rows("SELECT 1 FROM claims WHERE worker = ? LIMIT 1", NOBODY):
            return []
        with self.store.transaction() as change:
            chats = [
                chat
                for (chat,) in change.execute(
                    "SELECT chat FROM claims WHERE worker = ? ORDER BY chat DESC", (NOBODY,)
                )
                if self._may(worker, chat)
            ][:room]
            change.executemany(
                "UPDATE claims SET worker = ? WHERE chat = ?", [(worker, chat) for chat in chats]
            )
        return chats

    def take(self, worker: int, room: int, limit: int = 64) -> list[StoredUpdate]:
        """Take the updates of the chats of a worker, oldest first, and of chats that are free.

        Args:
            worker: who takes them.
            room: how many more chats it may claim.
            limit: how many updates at most.
        """
        waiting = "SELECT 1 FROM updates WHERE worker = ? AND body <> '' LIMIT 1"
        if not self.store.rows(waiting, NOBODY):
            return []
        with self.store.transaction() as change:
            found = change.execute(
                "SELECT u.seq, u.chat, c.worker FROM updates u LEFT JOIN claims c"
                " ON c.chat = u.chat WHERE u.worker = ?1 AND u.body <> ''"
                " AND (c.worker = ?2 OR (c.chat IS NULL AND ?3)) ORDER BY u.seq LIMIT ?4",
                (NOBODY, worker, room > 0, _LOOKED_AT),
            ).fetchall()
            claimed: set[int] = set()
            taken: list[int] = []
            for seq, chat, owner in found:
                if owner is None and chat not in claimed:
                    if len(claimed) >= room or not self._may(worker, chat):
                        continue
                    claimed.add(chat)
                taken.append(seq)
                if len(taken) == limit:
                    break
            change.executemany(
                "INSERT INTO claims VALUES (?, ?)", [(chat, worker) for chat in claimed]
            )
            return [_taken(change, seq, worker) for seq in taken]

    def finish(self, seq: int) -> None:
        """An update was handled: what it says is forgotten, its number is kept for a while."""
        self.store.rows("UPDATE updates SET body = '', worker = ? WHERE seq = ?", NOBODY, seq)

    def release(self, worker: int, chats: Collection[int]) -> None:
        """Chats that a worker has nothing to do in any more are for anybody."""
        with self.store.transaction() as change:
            change.executemany(
                "DELETE FROM claims WHERE worker = ? AND chat = ?",
                [(worker, chat) for chat in chats],
            )

    def _may(self, worker: int, chat: int) -> bool:
        return worker == 1 or chat not in self.first


def _written(body: str) -> datetime | None:
    """When a message, or its last edit, was written; None of anything else."""
    try:
        update = json.loads(body)
        edited = update.get("edited_message") or {}
        at = edited["edit_date"] if edited else update["message"]["date"]
        return datetime.fromtimestamp(at, UTC)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError, OSError):
        return None


def _asked(body: str) -> tuple[int, int, int, str, str] | None:
    """What an update asks in private: chat, message, user, time, words; None if it is nothing."""
    try:
        message = json.loads(body)["message"]
        chat, user, number = message["chat"]["id"], message["from"]["id"], message["message_id"]
        at = stamp(datetime.fromtimestamp(message["date"], UTC))
        said = str(message.get("text") or message.get("caption") or "")
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError, OSError):
        return None
    are_numbers = all(isinstance(one, int) for one in (chat, user, number))
    return (chat, number, user, at, said) if are_numbers and chat > 0 else None


def _taken(change: sqlite3.Connection, seq: int, worker: int) -> StoredUpdate:
    """An update that is a worker's from now on."""
    row = change.execute(
        "UPDATE updates SET worker = ?, tries = tries + 1 WHERE seq = ? RETURNING chat, body",
        (worker, seq),
    ).fetchone()
    return StoredUpdate(seq, *row)
