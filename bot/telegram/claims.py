"""A worker's updates: it claims chats and handles what they send, in the order of arrival."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING

from telegram import Update

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.memory.updates import StoredUpdate, UpdateStore
    from bot.telegram.app import App
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

_LOOK, _LOOK_WHEN_FULL = 1.0, 0.1
_IDLE = 3_600.0
"""Seconds after which a silent chat is for any worker: as long as what is counted of a user."""
_AFTER_A_FAULT = 1.0
_ENDING = 0.5


class ClaimedUpdates:
    """Takes updates that the webhook stored.

    Args:
        worker: the number of this worker.
        context: what the handlers work with.
        updates: where the updates are.
        resume: goes on with the answers that a dead worker left in some chats.
        room: how many questions at most may be under way here when a new chat is claimed.
        on_end: is called when the supervisor has gone.
    """

    def __init__(
        self,
        worker: int,
        context: BotContext,
        updates: UpdateStore,
        resume: Callable[[Collection[int]], Awaitable[None]],
        room: int,
        on_end: Callable[[], None],
    ) -> None:
        self._worker = worker
        self._context = context
        self._updates = updates
        self._resume = resume
        self._room = room
        self._on_end = on_end
        self._used: dict[int, float] = {}
        self._handling: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()

    def attend(self) -> None:
        """Listen to the supervisor: it may go while Telegram cannot be reached."""
        listening = self._context.runs.beside("listening to the supervisor", self._listen())
        self._tasks.append(listening)

    async def start(self, application: App) -> None:
        """Begin to take updates."""
        taking = self._context.runs.beside("taking updates", self._run(application))
        self._tasks.append(taking)

    async def stop(self) -> None:
        """Take no more; what is being handled has a moment."""
        for task in self._tasks:
            task.cancel()
        if self._handling:
            _, late = await asyncio.wait(set(self._handling), timeout=_ENDING)
            for task in late:
                task.cancel()

    async def _listen(self) -> None:
        """A line of the supervisor says that there is news; its end, that this is to end."""
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while await reader.read(4_096):
            self._news.set()
        self._on_end()

    async def _run(self, application: App) -> None:
        while True:
            try:
                await self._round(application)
            except Exception:  # whatever it is, a worker must not become deaf
                logger.exception("updates could not be taken")
                await asyncio.sleep(_AFTER_A_FAULT)
            wait = _LOOK if self._free > 0 else _LOOK_WHEN_FULL
            try:
                await asyncio.wait_for(self._news.wait(), wait)
            except TimeoutError:
                continue

    @property
    def _free(self) -> int:
        return max(0, self._room - self._context.runs.count - len(self._handling))

    async def _round(self, application: App) -> None:
        """Take what there is, and let go of the chats that are silent."""
        self._news.clear()
        memory = self._context.memory
        left = await memory.do(self._updates.adopt, self._worker, self._free)
        if left:
            self._use(left)
            await self._resume(left)
        while taken := await memory.do(self._updates.take, self._worker, self._free):
            self._use([one.chat for one in taken])
            for one in taken:
                task = self._context.runs.beside("an update", self._handled(application, one))
                self._handling.add(task)
                task.add_done_callback(self._handling.discard)
        now = self._context.clock()
        silent = [chat for chat, at in self._used.items() if now - at > _IDLE]
        if silent:
            self._used = {c: at for c, at in self._used.items() if now - at <= _IDLE}
            await memory.do(self._updates.release, self._worker, silent)

    def _use(self, chats: Collection[int]) -> None:
        self._used |= dict.fromkeys(chats, self._context.clock())

    async def _handled(self, application: App, stored: StoredUpdate) -> None:
        try:
            update = Update.de_json(json.loads(stored.body), application.bot)
        except Exception as error:  # whatever is wrong with it, it is stepped over
            logger.warning("stepped over an update: %s", error)
        else:
            await application.process_update(update)
        await self._context.memory.do(self._updates.finish, stored.seq)
