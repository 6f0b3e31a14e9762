"""Who may ask, and how often: pure, time is an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_MINUTE, _HOUR = 60.0, 3600.0
_MOST_USERS = 10_000


@dataclass(frozen=True, slots=True)
class Access:
    """The lists of the settings, as Telegram ids.

    Args:
        admins: may do everything, everywhere.
        users: may ask in private; empty: everybody may.
        chats: groups where everybody may ask; empty: none.
    """

    admins: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()

    def is_admin(self, user: int) -> bool:
        """Whether a user may change the archive."""
        return user in self.admins

    def admits_user(self, user: int) -> bool:
        """Whether a user may ask in private."""
        return not self.users or user in self.users or user in self.admins

    def admits_chat(self, chat: int) -> bool:
        """Whether questions of a group are answered."""
        return chat in self.chats

    def admits(self, chat: int, user: int) -> bool:
        """Whether a user may ask in a chat; a private chat has the id of its user."""
        return self.admits_user(user) if chat == user else self.admits_chat(chat)


@dataclass(slots=True)
class Rates:
    """How many questions a user may ask in a minute and in an hour."""

    per_minute: int
    per_hour: int
    _asked: dict[int, deque[float]] = field(default_factory=dict)

    def wait(self, user: int, now: float) -> float:
        """Seconds until a user may ask again; 0 when they may, and then it is counted."""
        asked = self._asked.setdefault(user, deque())
        while asked and asked[0] <= now - _HOUR:
            asked.popleft()
        wait = max(
            _until(asked, self.per_minute, _MINUTE, now), _until(asked, self.per_hour, _HOUR, now)
        )
        if wait <= 0:
            asked.append(now)
            self._forget(now)
            return 0.0
        return wait

    def _forget(self, now: float) -> None:
        """Keep no user who has not asked for an hour."""
        if len(self._asked) > _MOST_USERS:
            self._asked = {u: a for u, a in self._asked.items() if a and a[-1] > now - _HOUR}


@dataclass(slots=True)
class Once:
    """Something that is said to somebody once in a while, not again and again."""

    seconds: float
    _said: dict[object, float] = field(default_factory=dict)

    def may(self, key: object, now: float) -> bool:
        """Whether it may be said now; it counts as said then."""
        if now - self._said.get(key, -self.seconds) < self.seconds:
            return False
        if len(self._said) > _MOST_USERS:
            self._said = {k: at for k, at in self._said.items() if now - at < self.seconds}
        self._said[key] = now
        return True


def _until(asked: deque[float], most: int, seconds: float, now: float) -> float:
    recent = [at for at in asked if at > now - seconds]
    return recent[-most] + seconds - now if len(recent) >= most else 0.0
