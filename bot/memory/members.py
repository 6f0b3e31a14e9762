"""Readers who were admitted one by one, and those who ask to be."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.memory.store import stamp, time_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.memory.store import Store

VALID = timedelta(days=7)
"""A request, and a refusal, hold for so long."""
MAX_OPEN = 50
"""Requests that may wait at the same time."""
SAFE = timedelta(days=1)
"""A request keeps its place for so long, however many come: administrators are told of 50 a day
at most, and nobody can take all the places for longer."""
_REQUEST = "id, user, name, language, code, at, state, told, notices"


class AdmissionState(StrEnum):
    """What became of a request."""

    OPEN = "open"
    ADMITTED = "admitted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Member:
    """A reader who was admitted.

    Args:
        user: their number in Telegram.
        name: their name when they asked.
        at: since when they may ask.
        by: the name of who admitted them.
    """

    user: int
    name: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """Somebody asks to be admitted.

    Args:
        id: what buttons name; never used twice.
        user: their number in Telegram.
        name: their name.
        language: that in which they are told.
        code: digits that they show to an administrator.
        at: when they asked first.
        state: what became of it.
        told: the day (ISO) on which the administrators were told last, and the number of the
            worker that told them; or ``""``.
        notices: the messages that told them: chat and number.
    """

    id: int
    user: int
    name: str
    language: str
    code: str
    at: datetime
    state: AdmissionState = AdmissionState.OPEN
    told: str = ""
    notices: tuple[tuple[int, int], ...] = ()


class MemberStore:
    """The members and the requests in the memory; used by the same thread.

    Args:
        store: the memory.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # --- members ----------------------------------------------------------------------

    def users(self) -> frozenset[int]:
        """The numbers of all members."""
        return frozenset(user for (user,) in self._store.rows("SELECT user FROM members"))

    def members(self) -> list[Member]:
        """All members, the newest first."""
        rows = self._store.rows("SELECT user, name, at, by FROM members ORDER BY at DESC, user")
        return [Member(user, name, time_of(at), by) for user, name, at, by in rows]

    def remove(self, user: int) -> bool:
        """Somebody is a member no more, and is told of nothing new; whether they were one.

        They may ask to be admitted again.
        """
        with self._store.transaction() as change:
            gone = change.execute("DELETE FROM members WHERE user = ?", (user,))
            change.execute("DELETE FROM admissions WHERE user = ?", (user,))
            change.execute("UPDATE subjects SET asleep = 1 WHERE user = ?1 AND chat = ?1", (user,))
        return gone.rowcount == 1

    # --- requests ---------------------------------------------------------------------

    def ask(self, new: AdmissionRequest) -> AdmissionRequest | None:
        """The request of somebody: that which stands, else this new one; old ones are dropped.

        Where too many wait, the oldest gives its place, once it has had it for a day.

        Returns:
            None when too many wait, all since less than a day.
        """
        with self._store.transaction() as change:
            change.execute("DELETE FROM admissions WHERE at < ?", (stamp(new.at - VALID),))
            known = change.execute(
                f"SELECT {_REQUEST} FROM admissions WHERE user = ?",  # noqa: S608
                (new.user,),
            ).fetchone()
            if known is not None:
                return _request_of(known)
            ((waiting, oldest),) = change.execute(
                "SELECT count(*), min(at) FROM admissions WHERE state = 'open'"
            )
            if waiting >= MAX_OPEN:
                if oldest > stamp(new.at - SAFE):
                    return None
                change.execute(
                    "DELETE FROM admissions WHERE id ="
                    " (SELECT id FROM admissions WHERE state = 'open' ORDER BY at, id LIMIT 1)"
                )
            number = change.execute(
                "INSERT INTO admissions (user, name, language, code, at) VALUES (?, ?, ?, ?, ?)",
                (new.user, new.name, new.language, new.code, stamp(new.at)),
            ).lastrowid
        return replace(new, id=number or 0)

    def request(self, number: int) -> AdmissionRequest | None:
        """The request of that number."""
        found = self._requests("WHERE id = ?", number)
        return found[0] if found else None

    def open(self, now: datetime) -> list[AdmissionRequest]:
        """The requests that wait, oldest first."""
        where = "WHERE state = 'open' AND at >= ? ORDER BY id"
        return self._requests(where, stamp(now - VALID))

    def begin_telling(self, number: int, day: str, worker: int) -> bool:
        """Whether the administrators are to be told of a request: once a day, and this is it.

        Args:
            number: the request.
            day: today, ISO.
            worker: who tells it; 0 where one process does all.
        """
        with self._store.transaction() as change:
            begun = change.execute(
                "UPDATE admissions SET told = ?1 || ' ' || ?2"
                " WHERE id = ?3 AND substr(told, 1, 10) <> ?1",
                (day, worker, number),
            )
        return begun.rowcount == 1

    def not_told(self, number: int) -> None:
        """A request of which nobody could be told may be told of on the same day again."""
        self._store.rows("UPDATE admissions SET told = '' WHERE id = ?", number)

    def end_telling(self, worker: int) -> None:
        """The same of all whose telling a crash of a worker cut off; of anybody's, by 0.

        What was told without workers is nobody's: they and a bot alone do not run together.
        """
        self._store.rows(
            "UPDATE admissions SET told = '' WHERE notices = '[]'"
            " AND (?1 = 0 OR substr(told, 12) + 0 IN (0, ?1))",
            worker,
        )

    def add_notice(self, number: int, shown: tuple[int, int]) -> None:
        """A message, by its chat and its number, told of a request."""
        known = self.request(number)
        if known is not None:
            notices = json.dumps([*known.notices, shown])
            self._store.rows("UPDATE admissions SET notices = ? WHERE id = ?", notices, number)

    def decide(self, number: int, state: AdmissionState, now: datetime, by: str) -> bool:
        """Admit or refuse somebody; False when that was decided, or is too old to be."""
        with self._store.transaction() as change:
            decided = change.execute(
                "UPDATE admissions SET state = ? WHERE id = ? AND state = 'open' AND at >= ?",
                (state, number, stamp(now - VALID)),
            )
            if decided.rowcount and state is AdmissionState.ADMITTED:
                change.execute(
                    "INSERT OR REPLACE INTO members"
                    " SELECT user, name, ?, ? FROM admissions WHERE id = ?",
                    (stamp(now), by, number),
                )
                change.execute(
                    "UPDATE subjects SET asleep = 0"
                    " WHERE user = (SELECT user FROM admissions WHERE id = ?)",
                    (number,),
                )
        return decided.rowcount == 1

    def _requests(self, where: str, *values: object) -> list[AdmissionRequest]:
        rows = self._store.rows(f"SELECT {_REQUEST} FROM admissions {where}", *values)  # noqa: S608
        return [_request_of(row) for row in rows]


def _request_of(row: Sequence[Any]) -> AdmissionRequest:
    number, user, name, language, code, at, state, told, notices = row
    shown = tuple((chat, message) for chat, message in json.loads(notices))
    return AdmissionRequest(
        number, user, name, language, code, time_of(at), AdmissionState(state), told, shown
    )
