"""Limits: how much the bot sends to Telegram, who may ask, and how often.

For each chat there is a rate and a cool-down.

Three priorities, given with a call as ``rate_limit_args``: an edit of a growing answer fails
fast, a final message waits for its turn, and what controls (typing, answers to clicks) passes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import Any

from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import BaseRateLimiter


class Priority(Enum):
    """What a call does when there is no room for it."""

    STREAM = "fails fast"
    FINAL = "waits"
    PROBE = "waits, and asks whether a message is there"
    CONTROL = "never waits"


@dataclass(frozen=True, slots=True)
class Budget:
    """What Telegram takes, with a margin.

    Args:
        burst: messages at once in a private chat, …
        seconds: … then one in so many seconds.
        group: messages in a group, …
        group_seconds: … in so many seconds.
        overall: messages a second in all chats.
        patience: a cool-down longer than this is not waited for.
    """

    burst: int = 2
    seconds: float = 1.05
    group: int = 18
    group_seconds: float = 60.0
    overall: int = 25
    patience: float = 900.0


_COUNTED = frozenset(
    {"sendMessage", "editMessageText", "editMessageReplyMarkup", "sendDocument", "deleteMessage"}
)
_MAX_CHATS = 2_000


class RateWindow:
    """So many events in so many seconds, counted as they happen."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until there is room."""
        while self._taken and self._taken[0] <= now - self._seconds:
            self._taken.popleft()
        return self._taken[0] + self._seconds - now if len(self._taken) >= self._limit else 0.0

    def take(self, now: float) -> None:
        """Count one."""
        self._taken.append(now)


class Bucket:
    """A burst, then one in so many seconds."""

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst = burst
        self._seconds = seconds
        self._free_at = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until there is room."""
        return max(0.0, self._free_at - now - (self._burst - 1) * self._seconds)

    def take(self, now: float) -> None:
        """Count one."""
        self._free_at = max(self._free_at, now) + self._seconds


class ChatLimit:
    """One chat: its room, its cool-down, and who waits for it, in their order."""

    def __init__(self, room: RateWindow | Bucket) -> None:
        self.room = room
        self.cool_until = float("-inf")
        self.turn = asyncio.Lock()


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait: PTB gives a number today, a timedelta one day."""
    asked: float | timedelta = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


class Limiter(BaseRateLimiter[Priority]):
    """Per-chat limits for every call of the bot but getUpdates.

    Args:
        budget: what may be sent.
        clock: seconds.
        on_call: is told of each call: its method, its result, the seconds that were asked for.
    """

    def __init__(
        self,
        budget: Budget | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_call: Callable[[str, str, float], None] | None = None,
    ) -> None:
        self._budget = budget or Budget()
        self._clock = clock
        self._on_call = on_call
        self._chats: dict[int, ChatLimit] = {}
        self._overall = RateWindow(self._budget.overall, 1.0)

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - PTB's own signature
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Any:  # noqa: ANN401
        """Make a call when there is room for it.

        Raises:
            RetryAfter: there is none now and the call does not wait, or not as long as that.
        """
        if self._on_call is not None:
            callback = _watched(callback, partial(self._on_call, endpoint))
        if endpoint not in _COUNTED or rate_limit_args is Priority.CONTROL:
            return await callback(*args, **kwargs)
        chat = self._chat(int(data.get("chat_id", 0)))
        if rate_limit_args is Priority.STREAM:
            wait = self._wait(chat)
            if wait > 0 or chat.turn.locked():
                raise RetryAfter(max(1, round(wait)))
            return await self._call(chat, callback, args, kwargs)
        async with chat.turn:
            while True:
                await self._room(chat)
                try:
                    return await self._call(chat, callback, args, kwargs)
                except RetryAfter as error:
                    if seconds_of(error) > self._budget.patience:
                        raise

    async def _room(self, chat: ChatLimit) -> None:
        while (wait := self._wait(chat)) > 0:
            if wait > self._budget.patience:
                raise RetryAfter(round(wait))
            await asyncio.sleep(wait)

    def _wait(self, chat: ChatLimit) -> float:
        now = self._clock()
        return max(chat.cool_until - now, chat.room.wait(now), self._overall.wait(now), 0.0)

    async def _call(
        self,
        chat: ChatLimit,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401
        kwargs: dict[str, Any],
    ) -> Any:  # noqa: ANN401
        now = self._clock()
        chat.room.take(now)
        self._overall.take(now)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            chat.cool_until = self._clock() + seconds_of(error) + 0.1
            raise

    def _chat(self, chat_id: int) -> ChatLimit:
        chat = self._chats.get(chat_id)
        if chat is None:
            if len(self._chats) >= _MAX_CHATS:
                self._forget()
            budget = self._budget
            room = (
                RateWindow(budget.group, budget.group_seconds)
                if chat_id < 0
                else Bucket(budget.burst, budget.seconds)
            )
            chat = self._chats[chat_id] = ChatLimit(room)
        return chat

    def _forget(self) -> None:
        """Drop the chats that nothing is due to: they start afresh."""
        self._chats = {
            id_: chat
            for id_, chat in self._chats.items()
            if chat.turn.locked() or self._wait(chat) > 0
        }


def _watched(
    callback: Callable[..., Coroutine[Any, Any, Any]], on_end: Callable[[str, float], None]
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A call whose result is told, with the seconds that Telegram asks to wait."""

    async def called(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            value = await callback(*args, **kwargs)
        except TelegramError as error:
            asked = seconds_of(error) if isinstance(error, RetryAfter) else 0.0
            on_end(_result(error), asked)
            raise
        on_end("ok", 0.0)
        return value

    return called


def _result(error: TelegramError) -> str:
    """What became of a call, in a word."""
    match error:
        case RetryAfter():
            return "flood"
        case TimedOut():
            return "timeout"
        case BadRequest():
            return "refused"
        case NetworkError():
            return "network"
    return "refused"


_MINUTE, _HOUR = 60.0, 3600.0
_MAX_USERS = 10_000


@dataclass(frozen=True, slots=True)
class Access:
    """The lists of the settings, as Telegram ids.

    Args:
        admins: may do everything, everywhere.
        users: may ask in private; empty: everybody may.
        chats: groups where everybody may ask; empty: none.
        moves: the new numbers of those of them that became supergroups, by the old ones.
        by_code: whether nobody else may ask in private before an administrator admits them.
        members: who was admitted so.
    """

    admins: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()
    moves: Mapping[int, int] = field(default_factory=dict)
    by_code: bool = False
    members: frozenset[int] = frozenset()

    def with_move(self, old: int, new: int) -> Access:
        """The lists, once a group has become a supergroup."""
        return replace(self, chats=self.chats | {new}, moves={**self.moves, old: new})

    def with_members(self, members: frozenset[int]) -> Access:
        """The lists, with those who were admitted by code as they are now."""
        return self if members == self.members else replace(self, members=members)

    def groups_before(self, first_supergroup: int) -> list[int]:
        """The groups that may have become supergroups unnoticed."""
        return sorted(chat for chat in self.chats - {*self.moves} if first_supergroup < chat < 0)

    def number_now(self, chat: int) -> int:
        """The number of a chat, which that of a supergroup may have replaced."""
        return self.moves.get(chat, chat)

    def is_admin(self, user: int) -> bool:
        """Whether a user may change the archive."""
        return user in self.admins

    def admits_user(self, user: int) -> bool:
        """Whether a user may ask in private."""
        if user in self.users or user in self.admins or (self.by_code and user in self.members):
            return True
        return not (self.users or self.by_code)

    def admits_chat(self, chat: int) -> bool:
        """Whether questions of a group are answered."""
        return chat in self.chats

    def admits(self, chat: int, user: int) -> bool:
        """Whether a user may ask in a chat; only that of a group has a number below 0."""
        return self.admits_user(user) if chat > 0 else self.admits_chat(chat)


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
        if len(self._asked) > _MAX_USERS:
            self._asked = {u: a for u, a in self._asked.items() if a and a[-1] > now - _HOUR}


@dataclass(slots=True)
class Once:
    """At most one message of a kind in so many seconds."""

    seconds: float
    _said: dict[object, float] = field(default_factory=dict)

    def may(self, key: object, now: float) -> bool:
        """Whether it may be sent now; it then counts as sent."""
        if now - self._said.get(key, -self.seconds) < self.seconds:
            return False
        if len(self._said) > _MAX_USERS:
            self._said = {k: at for k, at in self._said.items() if now - at < self.seconds}
        self._said[key] = now
        return True


def _until(asked: deque[float], limit: int, seconds: float, now: float) -> float:
    recent = [at for at in asked if at > now - seconds]
    return recent[-limit] + seconds - now if len(recent) >= limit else 0.0
