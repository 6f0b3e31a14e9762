"""The bot in a process of its own, on a fake server over HTTP, to be killed at any moment.

It is composed as in the tests, and told the day by a file: weeks pass in minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.app import Kiosque
from bot.telegram.limits import Access, Budget
from config.settings import Settings
from tests.bot.telegram.bench import Scripted, benched
from tests.bot.telegram.bench import Setup as BotSetup
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.over_http import Server

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class BotOrder:
    """What bot is run.

    Args:
        home: that of the archive.
        memory: its ``bot.db``.
        port: of the fake server.
        days: the file that says how many days have passed.
        admins: its administrators.
        chats: the groups that it is in.
        pace: seconds between two errata.
    """

    home: Path
    memory: Path
    port: int
    days: Path
    admins: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()
    pace: float = 0.08


def day_of(order: BotOrder) -> datetime:
    """The time of the day that the file says."""
    return START + timedelta(days=int(order.days.read_text("utf-8")))


def serve(order: BotOrder) -> None:
    """Run the bot until it is killed."""
    asyncio.run(_serve(order))


async def _serve(order: BotOrder) -> None:
    access = Access(admins=order.admins, chats=order.chats)
    fake = FakeTelegram()  # for its token; the server is in another process
    server = Server(fake, order.port)
    setup = BotSetup(fake, Scripted(), access, budget=Budget(), server=server)
    with Kiosque(Settings(home=order.home)) as kiosque:
        async with benched(kiosque, order.memory, setup) as bench:
            bench.context.now = lambda: day_of(order)
            bench.notices.every = bench.errata.every = _EVERY_S
            bench.errata.pace = order.pace
            await asyncio.gather(bench.notices.run(), bench.errata.run())


@dataclass(slots=True)
class BotProcess:
    """Starts and kills it.

    Args:
        order: what bot.
        kills: how often it was killed.
    """

    order: BotOrder
    kills: int = 0
    _process: BaseProcess | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is None:
            self._process = get_context("spawn").Process(target=serve, args=(self.order,))
            self._process.daemon = True
            self._process.start()

    async def kill(self) -> None:
        """``kill -9``, and wait until it is over."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.join)
            self._process, self.kills = None, self.kills + 1


@asynccontextmanager
async def running(order: BotOrder) -> AsyncIterator[BotProcess]:
    """The bot, started; killed at the end of the block."""
    bot = BotProcess(order)
    bot.start()
    try:
        yield bot
    finally:
        kills = bot.kills
        await bot.kill()
        bot.kills = kills
