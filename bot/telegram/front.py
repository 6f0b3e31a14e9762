"""The process in front of the workers: it takes Telegram's deliveries, sends, and supervises.

It knows neither the archive nor the model. Workers are started by it and end with it; one that
dies, or gives no sign of life, is started again, and what it had claimed is given back first.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import signal
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.memory.updates import UpdateStore, WaitingAge
from bot.telegram.lifecycle import allowed_updates
from bot.telegram.limits import Limiter, seconds_of
from bot.telegram.line import SIGN_S, hired
from bot.telegram.reception import call_server, listen, webhook_server
from bot.telegram.runs import until
from bot.telegram.sender import Sender
from retrieval.errors import BadSettings, KiosqueError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from bot.desk.metrics import BotMetrics, FrontMetrics
    from bot.telegram.app import Bot
    from bot.telegram.context import Memory
    from bot.telegram.line import HiredWorker
    from config.settings import TelegramSettings

logger = logging.getLogger(__name__)

_STOP_WORKERS = 12.0
_LOOK = 2 * SIGN_S
_FIRST_PAUSE, _LONGEST_PAUSE, _LIVED = 0.5, 30.0, 10.0
_TURN = 20.0
"""Seconds at most for what would have each worker say the same sentence."""
_CONNECTIONS = 64
_MEASURED_EVERY = 5.0
_BAD_USE = 2


@dataclass(slots=True)
class Front:
    """Supervises the workers.

    Args:
        settings: the bot's.
        bot: tells Telegram the address.
        memory: the bot's memory.
        metrics: counts the calls of Telegram.
        command: starts a worker: its number, and the socket where it sends.
        socket: where they send: a path that is free.
        lock: a file that is locked as long as one of the processes lives.
        look: seconds of a look at whether a worker gives signs of life.
    """

    settings: TelegramSettings
    bot: Bot
    memory: Memory
    metrics: BotMetrics
    command: Callable[[int, Path], Sequence[str]]
    socket: Path
    lock: int
    look: float = _LOOK
    updates: UpdateStore = field(init=False)
    counted: FrontMetrics = field(init=False)
    code: int = field(default=0, init=False)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _tried: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _workers: dict[int, HiredWorker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.updates = UpdateStore(self.memory.store)
        self.counted = self.metrics.watch_workers(lambda: len(self._workers))

    async def run(self) -> int:
        """Run until a signal, or until a worker says that it cannot begin.

        Returns:
            The exit code.

        Raises:
            BadSettings: Telegram does not know the token; the port is taken.
        """
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self._ending.set)
        secret = self.settings.webhook_secret.get_secret_value() or secrets.token_urlsafe(32)
        path = urlsplit(self.settings.webhook_url).path or "/"
        hook = webhook_server(re.escape(path), secret, self._store)
        async with self._sender():
            await self.memory.do(self.updates.begin)
            listen(hook, self.settings.webhook_listen, self.settings.webhook_port)
            try:
                async with asyncio.TaskGroup() as group:
                    for number in range(1, self.settings.workers + 1):
                        group.create_task(self._kept(number))
                    measuring = group.create_task(self._measured())
                    told = await until(self._ending, self._told(secret))
                    if told.error is not None:
                        self._ending.set()
                    await self._ending.wait()
                    hook.stop()
                    measuring.cancel()
                    await self._stop()
            finally:
                await hook.close_all_connections()
        if told.error is not None:
            raise told.error
        return self.code

    # --- listening --------------------------------------------------------------------

    async def _store(self, update_id: int, chat: int, body: str) -> None:
        try:
            new = await self.memory.do(self.updates.put, update_id, chat, body)
        except KiosqueError:
            self.counted.refused()
            raise
        if new:
            self._wake()

    async def _measured(self) -> None:
        """Tell again and again how much waits."""
        age = WaitingAge()
        while True:
            try:
                backlog = await self.memory.do(self.updates.backlog)
            except KiosqueError as error:
                logger.warning("what waits cannot be counted: %s", error)
            else:
                self.counted.waiting(backlog.count, age.seen(backlog, time.monotonic()))
            await asyncio.sleep(_MEASURED_EVERY)

    @asynccontextmanager
    async def _sender(self) -> AsyncIterator[None]:
        """Listen to the workers."""
        limits = httpx.Limits(max_connections=_CONNECTIONS)
        async with httpx.AsyncClient(limits=limits) as client:
            told = self.metrics.telegram_called
            sender = Sender(client, self.bot.base_url, Limiter(), self._lives, told)
            server = call_server(sender, self.socket)
            try:
                yield
            finally:
                server.stop()
                await server.close_all_connections()

    async def _told(self, secret: str) -> None:
        """Tell Telegram where to deliver, as soon as it can be reached."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self.bot.set_webhook(
                    self.settings.webhook_url,
                    secret_token=secret,
                    allowed_updates=allowed_updates(self.settings),
                )
            except InvalidToken as error:
                raise BadSettings("telegram_token_refused") from error
            except RetryAfter as error:
                self._tried.set()
                await asyncio.sleep(seconds_of(error))
            except TelegramError as error:
                self._tried.set()
                logger.warning("Telegram was not told the address: %s", error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._tried.set()
                logger.info("updates are delivered", extra={"workers": self.settings.workers})
                return

    # --- the workers ------------------------------------------------------------------

    def _lives(self, process: int) -> bool:
        return any(worker.process.pid == process for worker in self._workers.values())

    def _wake(self) -> None:
        """Tell the workers that there is news."""
        for worker in self._workers.values():
            worker.wake()

    async def _kept(self, number: int) -> None:
        """Keep one worker running."""
        await until(self._ending, self._turn(number))
        pause = _FIRST_PAUSE
        while not self._ending.is_set():
            begun = time.monotonic()
            code = await self._ran(number)
            if code == _BAD_USE or (code > 0 and not self._begun.is_set()):
                self.code = code  # it has said what is wrong
                self._ending.set()
            if self._ending.is_set():
                return
            logger.error("a worker ended", extra={"worker": number, "code": code})
            pause = _FIRST_PAUSE if time.monotonic() - begun > _LIVED else pause
            await until(self._ending, asyncio.sleep(pause))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _turn(self, number: int) -> None:
        """Wait until the token was tried and, after the first worker, until that has begun.

        What is wrong with the token, the settings or the archive is so said once.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_TURN):
                await self._tried.wait()
                if number > 1:
                    await self._begun.wait()

    async def _ran(self, number: int) -> int:
        """Run one worker; what it leaves is then for the others."""
        worker = await hired(self.command(number, self.socket), self.lock, self._begun.set)
        self._workers[number] = worker
        if self._ending.is_set():  # it was being started when the others were ended
            worker.terminate()
        try:
            code = await worker.ended(self.look)
        finally:
            del self._workers[number]
        if not self._ending.is_set():
            self.counted.worker_ended(silent=worker.silent)
        await self._given_back(number)
        self._wake()
        return code

    async def _given_back(self, number: int) -> None:
        """Give back what a worker had claimed, as soon as the disk allows; the next start does."""
        while True:
            try:
                gone = await self.memory.do(self.updates.give_back, number)
            except KiosqueError as error:
                logger.error("what a worker had claimed is not given back yet: %s", error)
                if (await until(self._ending, asyncio.sleep(_FIRST_PAUSE))).stopped:
                    return
                continue
            self.counted.given_up(gone)
            if gone:
                logger.error("updates were given up: every worker that took them died")
            return

    async def _stop(self) -> None:
        """End the workers in order; who is late is killed."""
        workers = list(self._workers.values())
        for worker in workers:
            worker.terminate()
        waiting = [asyncio.ensure_future(worker.process.wait()) for worker in workers]
        if waiting:
            await asyncio.wait(waiting, timeout=_STOP_WORKERS)
        for worker in workers:
            worker.kill()
