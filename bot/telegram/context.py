"""The context of the handlers: bot, answers, archive, memory, access, durations, figures."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.desk.metrics import BotMetrics
from bot.memory.errata import ErratumStore
from bot.memory.subjects import SubjectStore
from bot.memory.understandings import Understandings
from bot.messages.catalogue import LANGUAGES, Catalogue
from bot.telegram.admin.order_store import Book
from bot.telegram.deliver import GROUP, PRIVATE, Pace
from bot.telegram.limits import Access
from bot.telegram.post import Ids
from bot.telegram.runs import Runs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from telegram import CallbackQuery, User
    from telegram.ext import ExtBot

    from bot.answering.request import Event, Request
    from bot.memory.store import Store
    from bot.telegram.limits import Priority
    from retrieval.archive.reader import ArchiveReader
    from retrieval.errors import KiosqueError


_BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)
"""Counts while the machine sleeps, as Telegram's messages do (Linux)."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long things take, in seconds; tests make them shorter.

    Args:
        private: how often an answer is edited in a private chat.
        group: how often in a group.
        typing: between two "typing…".
        stale: a message that is older is not answered.
        stopping: for answers to be finished when the bot stops.
        answer: after this an answer is given up.
        memory: how long a conversation goes on by itself.
        typed: without another key, before quotes are searched for what somebody types.
    """

    private: Pace = PRIVATE
    group: Pace = GROUP
    typing: float = 4.5
    stale: float = 300.0
    stopping: float = 5.0
    answer: float = 180.0
    memory: float = 3600.0
    typed: float = 0.4


@dataclass(slots=True)
class Figures:
    """How long answers took, how feeds are followed and indexes kept."""

    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=200))
    followed_at: datetime | None = None
    follow_problem: str = ""
    compaction: bool | KiosqueError = False
    """Whether the base of the indexes is as it should be; an error once making it failed twice."""

    def percentile(self, share: float) -> float:
        """So many of the last answers took no longer than this."""
        ordered = sorted(self.seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


class RunningClock:
    """The time of day, as it goes on from the start of this process whatever the clock is set to.

    Args:
        elapsed: seconds since some moment, those included in which the machine slept.
    """

    def __init__(self, elapsed: Callable[[], float] | None = None) -> None:
        self._elapsed = elapsed or _since_boot
        self._from, self._at = datetime.now(UTC), self._elapsed()

    def __call__(self) -> datetime:
        """The time."""
        return self._from + timedelta(seconds=self._elapsed() - self._at)


def _since_boot() -> float:
    return time.clock_gettime(_BOOT_CLOCK) if _BOOT_CLOCK is not None else time.monotonic()


@dataclass(slots=True)
class BotContext:
    """What every handler works with.

    Args:
        bot: PTB's.
        answers: gives the events of an answer.
        reader: the archive.
        today: gives the day on which questions are asked.
        memory: what the bot remembers.
        access: who may ask.
        runs: the answers under way.
        times: how long things take.
        default_language: of people whose language is neither French nor English.
        model: the chat model's name, if there is one.
        disclosure: how the bot says that it is a program; empty: in the catalogue's words.
        listens: whether voice messages are put into words.
        drops_quotes: whether inline queries are answered.
        mode: what that model's test allows it.
        now: the time of day.
        running: the same, unless the clock was set since the start.
        clock: seconds.
        ids: the messages that are known.
        figures: how long answers took, how feeds are followed.
        metrics: what is counted.
        openers: what is done before the first update is taken.
        closers: what else is to be ended when the bot stops.
        help_lines: keys of further lines of ``/help``, each of something that is set.
        worker: the number of this worker; 0 where one process does all.
    """

    bot: ExtBot[Priority]
    answers: Callable[[Request], AsyncIterator[Event]]
    reader: ArchiveReader
    today: Callable[[], date]
    memory: Memory
    access: Access
    runs: Runs
    times: Times = field(default_factory=Times)
    default_language: str = "fr"
    model: str = ""
    disclosure: str = ""
    listens: bool = False
    drops_quotes: bool = False
    mode: Callable[[], str] = lambda: "off"
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    running: Callable[[], datetime] = field(default_factory=RunningClock)
    clock: Callable[[], float] = time.monotonic
    ids: Ids = field(default_factory=Ids)
    figures: Figures = field(default_factory=Figures)
    metrics: BotMetrics = field(default_factory=BotMetrics)
    openers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    help_lines: list[str] = field(default_factory=list)
    worker: int = 0

    def __post_init__(self) -> None:
        for language in LANGUAGES:
            Catalogue(language)  # read here, outside the event loop

    def sure_now(self) -> datetime:
        """The time of day by the clock that is behind, for what is given up when it is old.

        A clock that is set forward must not make questions late, nor answers old.
        """
        return min(self.now(), self.running())

    @property
    def memory_span(self) -> timedelta:
        """How long a conversation goes on by itself."""
        return timedelta(seconds=self.times.memory)

    def introduction(self, texts: Catalogue) -> str:
        """That a program answers, and from what: as set, else in the catalogue's words."""
        return self.disclosure or texts.text("telegram.disclosure")

    def may_keep(self, query: CallbackQuery) -> bool:
        """Whether who clicked may change the archive, here: in private only."""
        private = query.message is not None and query.message.chat.type == "private"
        return private and self.access.is_admin(query.from_user.id)

    async def chosen_language(self, user: int) -> str | None:
        """The language that somebody chose, if they did."""
        return await self.memory.do(self.memory.store.language, user)

    async def texts_of(self, user: int) -> Catalogue:
        """The words for somebody who wrote nothing now: the language they chose, else ours."""
        return Catalogue(await self.chosen_language(user) or self.default_language)

    async def texts_for(self, user: User) -> Catalogue:
        """The words for somebody: the language they chose, else that of their Telegram."""
        chosen = await self.chosen_language(user.id)
        spoken = (user.language_code or "")[:2].lower()
        if spoken not in LANGUAGES:
            spoken = self.default_language
        return Catalogue(chosen or spoken)


P = ParamSpec("P")
T = TypeVar("T")


class Memory:
    """A `Store` in its thread.

    Args:
        store: the memory; closed with this.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.orders = Book(self.store)
        self.subjects = SubjectStore(self.store)
        self.errata = ErratumStore(self.store)
        self.understandings = Understandings(self.store)
        self._thread = ThreadPoolExecutor(1, "memory")

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do a piece of work of the store: ``await memory.do(memory.store.votes)``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Wait for what is being written, and close."""
        self._thread.shutdown()
        self.store.close()
