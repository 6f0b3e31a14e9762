"""What orders of administrators are planned, done and shown with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram.error import NetworkError, RetryAfter

from bot.memory.values import AuditEntry
from bot.messages.catalogue import Catalogue
from bot.telegram.admin.order import Order
from bot.telegram.post import Content, GoneError, Post, Target, UnreachableError, say
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from telegram import User

    from bot.telegram.admin.archive_worker import ArchiveWorker, Step
    from bot.telegram.admin.order import OrderKind, OrderState
    from bot.telegram.admin.order_store import Book
    from bot.telegram.admin.uploads import Boxes
    from bot.telegram.buttons import Rows
    from bot.telegram.context import BotContext
    from retrieval.archive.history import Change

logger = logging.getLogger(__name__)

_MAX_CHANGES = 100
"""Changes of the history among which that of an order is looked for."""


@dataclass(frozen=True, slots=True)
class Working:
    """Who has the archive changed, what, and since when; no name when the bot does by itself."""

    who: str
    name: str
    since: float
    order: int = 0


@dataclass(slots=True)
class Administration:
    """The parts that orders share, and their messages.

    Args:
        context: what the bot works with.
        worker: plans and makes changes.
        boxes: files that wait.
        progress: seconds between two changes of a progress message.
        turn: held by the order that is being planned or done.
        working: who has the archive changed now.
    """

    context: BotContext
    worker: ArchiveWorker
    boxes: Boxes
    progress: float = 3.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    working: Working | None = None

    @property
    def book(self) -> Book:
        """The orders that are stored."""
        return self.context.memory.orders

    async def generation(self) -> int:
        """The live generation of the indexes; 0 before the first change."""
        return await asyncio.to_thread(self.context.reader.live_generation) or 0

    async def newest(self) -> int:
        """The number of the newest change of the history; 0 when there is none."""
        found = await asyncio.to_thread(self.context.reader.changes, 1)
        return found[0].id if found else 0

    async def made_by(self, order: Order) -> Change | None:
        """The change that an order made, if it made one: what is in the history was done."""
        found = await asyncio.to_thread(self.context.reader.changes, _MAX_CHANGES)
        ours = (one for one in found if one.id > order.seen and one.by == order.by)
        return next(ours, None)

    async def show(self, order: Order, post: Post, lines: Sequence[str], rows: Rows = ()) -> None:
        """Have the message of an order say something."""
        await self.put(order, post, Content(messages([block(line) for line in lines])[0], rows))

    async def put(self, order: Order, post: Post, content: Content) -> None:
        """The same; in a new message when the old one was deleted."""
        try:
            await post.say(content)
        except GoneError:
            post.id = 0
            await say(post, content)
        except (UnreachableError, RetryAfter, NetworkError) as error:
            logger.info("an order could not be shown: %s", error)  # what is done is done
        if order.id and post.id and post.id != order.message:
            await self.context.memory.do(self.book.moved, order.id, post.id)

    def new_order(
        self,
        user: User,
        texts: Catalogue,
        chat: int,
        kind: OrderKind,
        state: OrderState,
        name: str,
        facts: Mapping[str, Any],
        message: int = 0,
    ) -> Order:
        """An order that is not stored yet; see `Order`."""
        at, who = self.context.now(), user.first_name
        return Order(0, at, chat, message, user.id, who, texts.language, kind, state, name, facts)

    def post(self, order: Order) -> Post:
        """The message that shows an order."""
        return Post(self.context.bot, Target(order.chat), self.context.ids, order.message)

    async def note(self, user: int, action: str, name: str) -> None:
        """Write an act down for the audit."""
        act = AuditEntry(self.context.now(), user, action, name)
        logger.info("admin", extra={"user": act.user, "action": action, "detail": act.detail})
        await self.context.memory.do(self.context.memory.store.add_act, act)

    def busy_line(self, texts: Catalogue) -> str:
        """Who is working, on what, and for how long; empty when nobody is."""
        working = self.working
        if working is None:
            return ""
        seconds = round(self.context.clock() - working.since)
        key = "telegram.order.busy" if working.who else "telegram.order.busy_watching"
        return texts.text(key, who=working.who, name=working.name, seconds=seconds)

    @asynccontextmanager
    async def progress_shown(
        self, order: Order, post: Post, key: str, rows: Rows = ()
    ) -> AsyncIterator[Callable[[Step], None]]:
        """Show that something goes on, until the block ends.

        Args:
            order: what is being planned or done.
            post: its message.
            key: the sentence that says so; it may show the name and the seconds.
            rows: the buttons under it.

        Yields:
            What takes the steps of the work.
        """
        steps: list[Step] = []

        async def show() -> None:
            texts, begun = Catalogue(order.language), self.context.clock()
            while True:
                seconds = round(self.context.clock() - begun)
                lines = [texts.text(key, name=order.name, seconds=seconds)]
                lines += [step_line(step, texts) for step in steps[-1:]]
                await self.show(order, post, lines, rows)
                await asyncio.sleep(self.progress)

        showing = asyncio.create_task(show())
        try:
            yield steps.append
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)


def step_line(step: Step, texts: Catalogue) -> str:
    """A stage, and how far it is."""
    key = f"progress.{step.stage}"
    name = texts.text(key) if texts.has(key) else step.stage
    if step.total is not None:
        facts = {"done": step.done, "total": step.total}
        return texts.text("telegram.order.step", stage=name, **facts)
    return texts.text("telegram.order.step_open", stage=name, done=step.done)
