"""Supervised tasks: the answers under way, work that an event may stop, work that repeats."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from typing import Self

logger = logging.getLogger(__name__)

T = TypeVar("T")

_DELIVERY_S = 5.0
"""A question that comes while the answer before is being sent waits so long for its place."""


class Taken(Enum):
    """What became of a question."""

    STARTED = "started"
    BUSY = "this user is being answered"
    FULL = "too many questions wait"


@dataclass(frozen=True, slots=True)
class WorkResult(Generic[T]):
    """How some work ended: its value, its error, or neither when it was stopped."""

    value: T | None = None
    error: Exception | None = None
    stopped: bool = False


async def until(stop: asyncio.Event, work: Coroutine[object, object, T]) -> WorkResult[T]:
    """Do some work until it ends or an event is set; no task is left."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(result_of(work))
        waiting = group.create_task(stop.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        waiting.cancel()
    return WorkResult(stopped=True) if task.cancelled() else task.result()


async def result_of(work: Awaitable[T]) -> WorkResult[T]:
    """Do some work; its error is a value."""
    try:
        return WorkResult(await work)
    except Exception as error:
        return WorkResult(error=error)


async def logged(name: str, work: Awaitable[object]) -> None:
    """Do some work; an error goes to the log and ends nothing else."""
    try:
        await work
    except Exception:
        logger.exception("%s failed", name)


async def repeated(name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do some work again and again, whether or not it failed."""
    while True:
        await logged(name, work())
        await asyncio.sleep(seconds)


class Runs:
    """The answers under way: one a user, so many at a time, so many waiting.

    It is entered before the first answer; none is left after it.

    Args:
        concurrent: answers that are made at the same time.
        waiting: questions that may wait for one of these places.
    """

    def __init__(self, concurrent: int, waiting: int) -> None:
        self._limit = concurrent + waiting
        self._places = asyncio.Semaphore(concurrent)
        self._concurrent = concurrent
        self._group = asyncio.TaskGroup()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stops: dict[int, asyncio.Event] = {}
        self._delivered: set[int] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.closing = False

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._group.__aexit__(None, None, None)  # no error of the block is wrapped

    def beside(self, name: str, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Begin some work beside the answers; its error goes to the log.

        Whoever begins it cancels it before the end, which waits for it.
        """
        return self._group.create_task(logged(name, work), name=name)

    @property
    def count(self) -> int:
        """How many questions are being answered or wait."""
        return len(self._tasks)

    @property
    def waiting(self) -> int:
        """How many of these wait."""
        return max(0, len(self._tasks) - self._concurrent)

    def delivers(self, user: int) -> None:
        """The answer of a user is whole and only sent: they may have read it before it ends."""
        if user in self._tasks:
            self._delivered.add(user)

    async def start(
        self, user: int, work: Callable[[asyncio.Event], Coroutine[object, object, None]]
    ) -> Taken:
        """Begin to answer somebody, in a moment where their answer before is being sent.

        Args:
            user: whom.
            work: is given the event that asks it to end.
        """
        await self.settled(user)
        if user in self._tasks:
            return Taken.BUSY
        if self.closing or len(self._tasks) >= self._limit:
            return Taken.FULL
        self._quiet.clear()
        stop = asyncio.Event()
        self._stops[user] = stop
        self._tasks[user] = self._group.create_task(self._run(user, work(stop)))
        return Taken.STARTED

    def refusal(self, taken: Taken) -> str:
        """Why an answer was not begun, as a key of the catalogue."""
        return f"telegram.taken.{'closing' if self.closing else taken.name.lower()}"

    def stop(self, user: int) -> bool:
        """Ask the answer of a user to end; whether there was one."""
        stop = self._stops.get(user)
        if stop is not None:
            stop.set()
        return stop is not None

    async def ended(self, user: int, seconds: float | None = None) -> None:
        """Wait until the answer of a user has ended, if there is one, or so many seconds."""
        task = self._tasks.get(user)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def settled(self, user: int) -> None:
        """Wait a moment for the end of an answer that is whole and only sent."""
        if user in self._delivered:
            await self.ended(user, _DELIVERY_S)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place among those that are answered; waited for in the order of the questions."""
        async with self._places:
            yield

    async def quiet(self, seconds: float) -> None:
        """Wait until nobody is being answered, for so many seconds at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), seconds)

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

    async def _run(self, user: int, work: Coroutine[object, object, None]) -> None:
        try:
            await logged("an answer", work)
        finally:
            del self._tasks[user], self._stops[user]
            self._delivered.discard(user)
            if not self._tasks:
                self._quiet.set()
