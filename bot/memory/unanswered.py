"""Questions that a stop left without their whole answer, whose readers are told so.

Such a question is pending until its reader was told; then it is kept for the button that asks it
again, as long as answers are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.memory.store import insert_pending, place_values, stamp, time_of
from bot.memory.values import PendingQuestion, Place

if TYPE_CHECKING:
    from datetime import datetime

    from bot.memory.store import Store

MOST_BEGUN = 3
"""A question is begun again so many times: more, and it is what kills."""
_IS = "chat = ? AND message = ?"


@dataclass(frozen=True, slots=True)
class UnansweredQuestions:
    """The table of them, and how often a pending question was begun again.

    Args:
        store: the memory; used by the same thread.
    """

    store: Store

    def begin_again(self, asked: PendingQuestion) -> bool:
        """Count that a question is begun again after a crash; False when that was too often."""
        begun = self.store.rows(
            f"UPDATE pending SET begun = begun + 1 WHERE {_IS} AND begun < ? RETURNING begun",  # noqa: S608
            asked.place.chat,
            asked.message,
            MOST_BEGUN,
        )
        return bool(begun)

    def leave(self, asked: PendingQuestion, chat: int, shown: int) -> None:
        """A question is answered no more: its reader was told.

        Args:
            asked: the question.
            chat: where that was told: another chat once its group has become a supergroup.
            shown: the message that tells it.
        """
        _, thread, user = place_values(asked.place)
        with self.store.transaction() as change:
            known = change.execute(
                f"DELETE FROM pending WHERE {_IS}",  # noqa: S608
                (asked.place.chat, asked.message),
            )
            if known.rowcount:  # else it was forgotten meanwhile
                change.execute(
                    "INSERT OR REPLACE INTO unanswered VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (chat, asked.message, thread, user, stamp(asked.at), asked.question, shown),
                )

    def told_in(self, chat: int, message: int) -> PendingQuestion | None:
        """The question that a message tells to be unanswered, if it can be asked again."""
        return self._told("chat = ? AND shown = ?", chat, message)

    def asked_in(self, chat: int, message: int) -> PendingQuestion | None:
        """The question of a message, if it was told to be unanswered."""
        return self._told(_IS, chat, message)

    def _told(self, where: str, chat: int, message: int) -> PendingQuestion | None:
        rows = self.store.rows(
            "SELECT thread, user, message, at, question, shown FROM unanswered"  # noqa: S608
            f" WHERE {where}",
            chat,
            message,
        )
        if not rows:
            return None
        thread, user, asked, at, question, shown = rows[0]
        return PendingQuestion(Place(chat, thread, user), asked, time_of(at), question, shown)

    def drop(self, chat: int, message: int) -> None:
        """What a message asks is no unanswered question any more: its words are others."""
        self.store.rows(f"DELETE FROM unanswered WHERE {_IS}", chat, message)  # noqa: S608

    def ask_again(self, asked: PendingQuestion, now: datetime) -> bool:
        """Have a question be pending again; False when it is already, or was forgotten."""
        with self.store.transaction() as change:
            known = change.execute(
                f"DELETE FROM unanswered WHERE {_IS}",  # noqa: S608
                (asked.place.chat, asked.message),
            )
            if not known.rowcount:
                return False
            return insert_pending(change, replace(asked, at=now, begun=0))

    def knows(self, chat: int, message: int) -> bool:
        """Whether the reader of a message learns, or has learnt, what becomes of its answer."""
        found = self.store.rows(
            f"SELECT 1 FROM pending WHERE {_IS} UNION ALL SELECT 1 FROM unanswered WHERE {_IS}",  # noqa: S608
            *(chat, message) * 2,
        )
        return bool(found)
