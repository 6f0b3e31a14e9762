"""The answers under way: one a user, so many at a time, so many waiting, and all of them ended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

logger = logging.getLogger(__name__)


class Taken(Enum):
    """What became of a question."""

    STARTED = "started"
    BUSY = "this user is being answered"
    FULL = "too many questions wait"


class Runs:
    """Supervises the tasks that answer.

    Args:
        concurrent: answers that are made at the same time.
        waiting: questions that may wait for one of these places.
    """

    def __init__(self, concurrent: int, waiting: int) -> None:
        self._most = concurrent + waiting
        self._places = asyncio.Semaphore(concurrent)
        self._concurrent = concurrent
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stops: dict[int, asyncio.Event] = {}
        self.closing = False

    @property
    def count(self) -> int:
        """How many questions are being answered or wait."""
        return len(self._tasks)

    @property
    def waiting(self) -> int:
        """How many of these wait."""
        return max(0, len(self._tasks) - self._concurrent)

    def start(
        self, user: int, work: Callable[[asyncio.Event], Coroutine[object, object, None]]
    ) -> Taken:
        """Begin to answer somebody.

        Args:
            user: whom.
            work: is given the event that asks it to end.
        """
        if user in self._tasks:
            return Taken.BUSY
        if self.closing or len(self._tasks) >= self._most:
            return Taken.FULL
        stop = asyncio.Event()
        task = asyncio.create_task(work(stop), name=f"answer {user}")
        self._tasks[user], self._stops[user] = task, stop
        task.add_done_callback(lambda done: self._ended(user, done))
        return Taken.STARTED

    def stop(self, user: int) -> bool:
        """Ask the answer of a user to end; whether there was one."""
        stop = self._stops.get(user)
        if stop is not None:
            stop.set()
        return stop is not None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place among those that are answered; waited for in the order of the questions."""
        async with self._places:
            yield

    async def close(self, seconds: float) -> None:
        """Ask all to end, give them so many seconds, and end what is left."""
        self.closing = True
        tasks = list(self._tasks.values())
        for stop in self._stops.values():
            stop.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, user: int, task: asyncio.Task[None]) -> None:
        del self._tasks[user], self._stops[user]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("an answer ended badly", exc_info=error)
