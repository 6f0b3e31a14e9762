"""What runs beside the handlers: recovery after a crash, following, the indexes' base made anew."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.messages.catalogue import Catalogue
from bot.messages.errors import explained
from bot.options import places
from bot.telegram.admin.administration import Working
from bot.telegram.admin.archive_jobs import CompactIndexes, WatchRound
from bot.telegram.admin.execution import INTERRUPTED, OrderOutcome, settle
from bot.telegram.admin.order import OrderState
from bot.telegram.admin.sharing import choice, is_choice
from bot.telegram.post import Post, Target
from retrieval.change.compaction import Attempts, has_room, is_settled, may_try
from retrieval.errors import Failed, KiosqueError, StorageFull, WatcherBusy
from retrieval.storage import is_writing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.telegram.admin.administration import Administration
    from bot.telegram.admin.archive_worker import ArchiveWorker
    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.admin.order import Order
    from retrieval.web.watch import RoundReport

logger = logging.getLogger(__name__)

_LONGEST_S = 3600.0
_LOOK_S = 600.0
_COMPACT_S = 24 * 3600.0
_TWICE = 2
_MAX_LOGGED = 5


# --- recovery -----------------------------------------------------------------------------


async def recover(orders: Orders, home: Path, pause: float = 2.0) -> None:
    """Say how each order ended that was being done when the bot was killed.

    Its worker may still run, and end well: that is waited for, since the history tells only
    then. Meanwhile nothing else is planned or done.

    Args:
        orders: those of this bot.
        home: the folder of the archive.
        pause: seconds between two looks at whether somebody writes.
    """
    admin = orders.admin
    left = await admin.context.memory.do(admin.book.in_state, OrderState.WORKING)
    if left:
        async with admin.turn:
            await _until_nobody_writes(home, pause)
            for order in left:
                await _settled(admin, order)
    await _asked_again(admin)
    await orders.sweep()


async def _asked_again(admin: Administration) -> None:
    """Ask what a message is meant as, where that was stored and not asked any more."""
    for order in await admin.context.memory.do(admin.book.in_state, OrderState.ASKED):
        if is_choice(order) and not order.message:
            target = Target(order.chat, 0, order.facts["origins"][0])
            post = Post(admin.context.bot, target, admin.context.ids)
            await admin.put(order, post, choice(order, Catalogue(order.language)))


async def _until_nobody_writes(home: Path, pause: float) -> None:
    """Twice in a row: a worker that is starting holds the lock only after a second or two."""
    loop = asyncio.get_running_loop()
    deadline, free = loop.time() + _LONGEST_S, 0
    while free < _TWICE and loop.time() < deadline:
        await asyncio.sleep(pause)
        free = 0 if await asyncio.to_thread(is_writing, home) else free + 1


async def _settled(admin: Administration, order: Order) -> None:
    """Store how it ended, and tell in a new message: nobody looks at the old one."""
    made = await admin.made_by(order)
    outcome = OrderOutcome(OrderState.DONE, change=made.id) if made else INTERRUPTED
    post = Post(admin.context.bot, Target(order.chat, 0, order.message), admin.context.ids)
    crashed = Catalogue(order.language).text("telegram.order.crashed")
    await settle(admin, order, replace(outcome, recovered=bool(made)), post, (crashed,))


# --- feeds and folders --------------------------------------------------------------------


@dataclass(slots=True)
class Following:
    """Looks at the feeds and folders that are followed, again and again.

    Args:
        admin: what the archive is changed with.
        every: seconds between two rounds.
        is_wanted: whether there is anything to follow.
        language: that of its errors.
    """

    admin: Administration
    every: float
    is_wanted: Callable[[], bool]
    language: str = "fr"

    async def run(self) -> None:
        """Go on until the bot ends; a round that fails is told to the log and ``/status``."""
        while True:
            await asyncio.sleep(self.every)
            try:
                if await asyncio.to_thread(self.is_wanted):
                    await self.round()
            except Exception:
                logger.exception("a round of following failed")

    async def round(self) -> None:
        """Look once at what is followed, never while an order is done."""
        context = self.admin.context
        try:
            done = await self._made()
        except WatcherBusy:
            logger.info("another process follows; leaving that to it")
            return
        except KiosqueError as error:
            problem = explained(error, Catalogue(self.language)).message
            context.figures.followed_at, context.figures.follow_problem = context.now(), problem
            logger.error("following failed", exc_info=error)
            return
        except Exception as error:  # a fault of ours
            reference = uuid4().hex[:8]
            logger.error("following failed", exc_info=error, extra={"reference": reference})
            problem = Catalogue(self.language).text("telegram.order.broken", reference=reference)
            context.figures.followed_at, context.figures.follow_problem = context.now(), problem
            return
        context.figures.followed_at, context.figures.follow_problem = context.now(), ""
        _log(done)

    async def _made(self) -> RoundReport:
        admin = self.admin
        async with admin.turn:
            ours = Working("", "", admin.context.clock())
            admin.working = admin.working or ours
            try:
                return await admin.worker.run(WatchRound(), _LONGEST_S)
            finally:
                if admin.working is ours:
                    admin.working = None


# --- the base of the indexes --------------------------------------------------------------


@dataclass(slots=True)
class Compacting:
    """Has the base of the indexes made anew again and again, whenever that is due.

    It takes long and locks no order out, so it has a worker of its own. What fails is tried again
    after an hour, then once a day, and at once when there is room again. Another process may make
    it meanwhile: the watcher, or somebody by hand.

    Args:
        admin: whose orders go first.

    Attributes:
        attempts: what failed so far.
    """

    admin: Administration
    attempts: Attempts = field(default_factory=Attempts, init=False)

    async def run(self) -> None:
        """Go on until the bot ends."""
        worker = self.admin.worker.another()
        try:
            while True:
                await asyncio.sleep(_LOOK_S)
                if self.admin.working is None:
                    await self.look(worker)
        finally:
            await worker.close()

    async def look(self, worker: ArchiveWorker) -> None:
        """Have it made if it is due, and not to be left for later."""
        settings, now = worker.settings, self.admin.context.clock()
        home, share = places(settings), settings.indexing.tail_share
        try:
            if await asyncio.to_thread(may_try, home, share, self.attempts, now):
                await self._made(worker)
            elif await asyncio.to_thread(is_settled, home, share):
                self._all_is_well()
        except Exception as error:
            for_room = isinstance(error, StorageFull) and not await asyncio.to_thread(
                has_room, home
            )
            self._noted(error, for_room=for_room)

    async def _made(self, worker: ArchiveWorker) -> None:
        made = await worker.run(CompactIndexes(), _COMPACT_S)
        if made is not None:
            self._all_is_well()
            logger.info("made the base of the indexes anew", extra={"windows": made.windows})

    def _all_is_well(self) -> None:
        self.attempts, self.admin.context.figures.compaction = Attempts(), True

    def _noted(self, error: Exception, *, for_room: bool) -> None:
        """Tell the log, and by the figures the administrators if it is not the first time.

        A fault of ours has a reference, which the log has too.
        """
        now = self.admin.context.clock()
        self.attempts = self.attempts.after_failure(now, for_room=for_room)
        if isinstance(error, KiosqueError):
            said = explained(error, Catalogue(self.admin.context.default_language))
            logger.warning(
                "the base of the indexes could not be made anew",
                extra={"reason": said.message, "to do": said.do, "times": self.attempts.failed},
            )
        else:
            reference = uuid4().hex[:8]
            logger.error(
                "the base of the indexes could not be made anew",
                exc_info=error,
                extra={"reference": reference},
            )
            error = Failed("compaction_broken", reference=reference)
        if self.attempts.failed > 1:
            self.admin.context.figures.compaction = error


def _log(done: RoundReport) -> None:
    report = done.report
    counts = {"added": report.added, "changed": report.changed} if report else {}
    unread = [f"{one.source}: {one.reason}" for one in done.problems[:_MAX_LOGGED]]
    logger.info("followed", extra={"added": 0, "changed": 0, **counts, "unreadable": unread})
