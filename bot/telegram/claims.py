"""A worker's updates: it claims chats and handles what they send, in the order of arrival."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

from telegram import Update

from bot.telegram.line import SIGN_S
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.memory.updates import StoredUpdate, UpdateStore
    from bot.telegram.app import App
    from bot.telegram.context import BotContext
    from bot.telegram.line import SupervisorLine

logger = logging.getLogger(__name__)

_LOOK, _LOOK_WHEN_FULL = 1.0, 0.1
_IDLE = 3_600.0
"""Seconds after which a silent chat is for any worker: as long as what is counted of a user."""
_AFTER_A_FAULT = 1.0
_ENDING = 0.5
_TAKEN, _AT_ONCE = 64, 256
"""Updates that are taken together, and that are handled at the same time: as when polling."""
_STUCK = 60.0
"""Seconds: a worker that has looked for updates for so long gives no sign of life any more."""


class ClaimedUpdates:
    """Takes updates that the webhook stored.

    Args:
        worker: the number of this worker.
        context: what the handlers work with.
        updates: where the updates are.
        resume: goes on with the answers that a dead worker left in some chats.
        room: how many questions at most may be under way here when a new chat is claimed.
        line: to the supervisor.
        on_end: is called when it has gone.
    """

    def __init__(
        self,
        worker: int,
        context: BotContext,
        updates: UpdateStore,
        resume: Callable[[Collection[int]], Awaitable[None]],
        room: int,
        line: SupervisorLine,
        on_end: Callable[[], None],
    ) -> None:
        self._worker = worker
        self._context = context
        self._updates = updates
        self._resume = resume
        self._room = room
        self._line = line
        self._on_end = on_end
        self._used: dict[int, float] = {}
        self._handling: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._to_finish: list[int] = []
        self._looking_since: float | None = None

    def attend(self) -> None:
        """Listen to the supervisor: it may go while Telegram cannot be reached."""
        for name, work in (("listening to", self._listen()), ("telling", self._live())):
            self._tasks.append(self._context.runs.beside(f"{name} the supervisor", work))

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
        """The supervisor tells that there is news, and by going that this is to end."""
        async for _ in self._line.news():
            self._news.set()
        self._on_end()

    async def _live(self) -> None:
        """Give signs of life, as long as updates are looked for, be it in vain."""
        while True:
            if not self.is_stuck:
                self._line.sign()
            await asyncio.sleep(SIGN_S)

    @property
    def is_stuck(self) -> bool:
        """Whether a look for updates does not end."""
        since = self._looking_since
        return since is not None and self._context.clock() - since > _STUCK

    async def _run(self, application: App) -> None:
        while True:
            self._looking_since = self._context.clock()
            try:
                await self._round(application)
            except Exception:  # whatever it is, a worker must not become deaf
                logger.exception("updates could not be taken")
                self._looking_since = None
                await asyncio.sleep(_AFTER_A_FAULT)
            self._looking_since = None
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
        for seq in list(self._to_finish):
            await memory.do(self._updates.finish, seq)
            self._to_finish.remove(seq)
        left = await memory.do(self._updates.adopt, self._worker, self._free)
        if left:
            self._use(left)
            await self._resume(left)
        while (space := _AT_ONCE - len(self._handling)) > 0:
            free = self._free
            taken = await memory.do(self._updates.take, self._worker, free, min(space, _TAKEN))
            if not taken:
                break
            self._use([one.chat for one in taken])
            self._looking_since = self._context.clock()  # much to do is no standing still
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
        try:
            await self._context.memory.do(self._updates.finish, stored.seq)
        except KiosqueError as error:  # it must not be handled again once the disk has room
            logger.warning("a handled update cannot be noted yet: %s", error)
            self._to_finish.append(stored.seq)
