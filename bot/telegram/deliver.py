"""The delivery of an answer: one message that is edited while the answer grows.

Only the latest content is shown; the last one is always sent.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from telegram.error import NetworkError, RetryAfter

from bot.telegram.limits import seconds_of
from bot.telegram.post import Content, GoneError, Ids, Post, Target

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from telegram.ext import ExtBot

    from bot.telegram.limits import Priority

logger = logging.getLogger(__name__)

_AFTER_A_FAULT = 1.0


class Delivery:
    """Shows one answer.

    Args:
        bot: sends and edits.
        target: where the answer goes.
        ids: the messages that are known.
        pace: how often it is edited.
        shown: the message that shows it already, after a crash; else 0.
        on_appearing: gets the number of the message once there is one.
    """

    def __init__(
        self,
        bot: ExtBot[Priority],
        target: Target,
        ids: Ids,
        pace: Pace,
        shown: int = 0,
        on_appearing: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self._bot = bot
        self._ids = ids
        self._pace = pace
        self._post = Post(bot, target, ids, shown)
        self._earlier = bool(shown)
        self._on_appearing = on_appearing
        self._latest: Content | None = None
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._edits = 0
        self._first_at = self._last_at = 0.0
        self._silent_until = 0.0

    @property
    def has_appeared(self) -> bool:
        """Whether there is something to read."""
        return bool(self._post.id)

    @property
    def message(self) -> int:
        """The message that shows it, or its last part; 0 before there is one."""
        return self._post.id

    @property
    def chat(self) -> int:
        """Where the answer is: another chat once its group has become a supergroup."""
        return self._post.target.chat

    def show(self, content: Content) -> None:
        """Have this shown as soon as the pace allows; what waited is forgotten."""
        self._latest = content
        self._news.set()

    def close(self) -> None:
        """Nothing more is to come but the end; `pump` ends after what it is sending."""
        self._closing.set()
        self._news.set()

    async def pump(self) -> None:
        """Show what is to be shown, until `close`.

        Raises:
            GoneError, UnreachableError: nobody can read it any more; a message that an earlier
                answer left, and that is gone, is replaced by another.
        """
        shown: Content | None = None
        while True:
            await self._news.wait()
            self._news.clear()
            wait = self._wait()
            if wait is None or await self._closed_within(wait):
                return
            content = self._latest
            if content is not None and content != shown and await self._tried(content):
                shown = content

    async def finish(self, contents: Sequence[Content]) -> list[int]:
        """Show the whole answer; the numbers of its messages.

        Raises:
            UnreachableError: the chat takes no message.
            RetryAfter, NetworkError: not within the patience of the bot.
        """
        ids = []
        for part, content in enumerate(contents):
            if part:
                self._post = Post(self._bot, replace(self._post.target, reply_to=0), self._ids)
            try:
                await self._post.say(content)
            except GoneError:
                self._post = Post(self._bot, self._post.target, self._ids)
                await self._post.say(content)
            ids.append(self._post.id)
        return ids

    def _wait(self) -> float | None:
        """Seconds until the next change of the message; None when only the last is left."""
        now = time.monotonic()
        silent = max(self._silent_until - now, 0.0)
        if not self.has_appeared:
            return max(silent, self._pace.first)
        paced = self._pace.wait(self._edits, now - self._first_at, now - self._last_at)
        return None if paced is None else max(paced, silent)

    async def _closed_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return self._closing.is_set()
        return True

    async def _tried(self, content: Content) -> bool:
        """Show it now; when that fails, it or what comes after it is tried again later."""
        edits = int(self.has_appeared)
        try:
            await self._post.try_to_say(content)
        except RetryAfter as error:
            self._silent_until = time.monotonic() + seconds_of(error)
        except NetworkError as error:
            logger.warning("an edit was lost: %s", error)
            self._silent_until = time.monotonic() + _AFTER_A_FAULT
        except GoneError:
            if not self._earlier:
                raise
            # The message of an earlier answer was deleted, not this one: it gets its own.
            self._earlier = False
            self._post = Post(self._bot, self._post.target, self._ids)
        else:
            self._earlier = False
            self._last_at = time.monotonic()
            self._first_at = self._first_at or self._last_at
            self._edits += edits
            if not edits and self._on_appearing is not None:
                await self._on_appearing(self._post.id)
            return True
        self._news.set()
        return False


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one message is edited while its answer grows.

    Args:
        interval: seconds between the first edits, …
        growth: … each time so much longer, …
        longest: … up to so many.
        quiet: no edit in so many seconds after the message appeared.
        edits: so many edits of an answer, the last one included.
        first: seconds before the message appears, for more of it to be ready.
    """

    interval: float
    growth: float
    longest: float
    quiet: float = 0.0
    edits: int = 1_000
    first: float = 0.1

    def wait(self, edits: int, since_first: float, since_last: float) -> float | None:
        """Seconds until the next edit; None when none is left but the last.

        Args:
            edits: how many were made.
            since_first: seconds since the message appeared.
            since_last: seconds since it last changed.
        """
        if edits >= self.edits - 1:
            return None
        interval = min(self.interval * self.growth**edits, self.longest)
        return max(interval - since_last, self.quiet - since_first, 0.0)


PRIVATE = Pace(1.5, 1.25, 5.0)
GROUP = Pace(3.0, 1.25, 10.0, quiet=4.0, edits=6)
