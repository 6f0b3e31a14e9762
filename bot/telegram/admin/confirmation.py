"""Orders from the request to the confirmation: a plan with buttons, made anew when outdated."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.messages.catalogue import Catalogue
from bot.messages.errors import explained
from bot.telegram.admin.administration import Administration
from bot.telegram.admin.archive_worker import ArchiveWorker
from bot.telegram.admin.execution import Work, put_away
from bot.telegram.admin.order import Order, OrderKind, OrderState
from bot.telegram.admin.order_kinds import BoxGoneError, PlannedOrder, planned
from bot.telegram.admin.plans import first_page, page
from bot.telegram.admin.sharing import choice_rows
from bot.telegram.admin.uploads import Boxes
from bot.telegram.post import Post, Target
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from telegram import CallbackQuery, Message, User

    from bot.telegram.buttons import ButtonPress, Rows
    from bot.telegram.context import BotContext
    from config.settings import Settings

logger = logging.getLogger(__name__)

ACTIONS = frozenset("ynab")
"""The buttons of orders."""
_QUICK = frozenset({OrderKind.WITHDRAW, OrderKind.ROLLBACK, OrderKind.UNFEED})
_MAX_LINES = 100
"""Of a plan without effect."""
_READING = "telegram.order.reading"
_WAITS = timedelta(days=1)
_REMEMBERED = timedelta(days=365)
_MAX_MET = 1_000


class Orders:
    """Plans orders, and has them done when they are confirmed.

    Args:
        context: what the bot works with.
        settings: those of the bot.
        secrets: what must never be logged.
        progress: seconds between two changes of a progress message.
    """

    def __init__(
        self,
        context: BotContext,
        settings: Settings,
        secrets: Sequence[str] = (),
        progress: float = 3.0,
    ) -> None:
        worker = ArchiveWorker(settings, secrets)
        self.admin = Administration(context, worker, Boxes(settings.home), progress)
        self.work = Work(self.admin, self._plan_again)
        self._context = context
        self._tasks: set[asyncio.Task[None]] = set()
        self._met: OrderedDict[tuple[int, int], None] = OrderedDict()
        self._choosing: set[int] = set()

    def _start(self, work: Coroutine[object, object, None]) -> None:
        """Run something beside the handlers; it is cancelled when the bot stops."""
        task = self._context.runs.beside("a piece of an order", work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what is being planned or done; the archive is as it was."""
        for task in tuple(self._tasks):
            task.cancel()
        await self.work.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.admin.worker.close()

    async def sweep(self) -> None:
        """Expire orders that waited for a day, put files away, and delete those of no order."""
        now, do, book = self._context.sure_now(), self._context.memory.do, self.admin.book
        await do(book.expire, now - _WAITS, now - _REMEMBERED)
        boxes = self.admin.boxes
        for order in await do(book.in_state, OrderState.DONE):
            if not await asyncio.to_thread(boxes.is_gone, order.box):
                await put_away(self.admin, order)
        states = (OrderState.PLANNED, OrderState.ASKED, OrderState.WORKING, OrderState.DONE)
        wanted = [one.box for state in states for one in await do(book.in_state, state)]
        await asyncio.to_thread(boxes.tidy, wanted, (now - _WAITS).timestamp())

    # --- the plan ---------------------------------------------------------------------

    async def is_new(self, message: Message) -> bool:
        """Whether a message was not taken before: Telegram may give one again."""
        key = (message.chat_id, message.message_id)
        if key in self._met:
            return False
        self._met[key] = None
        while len(self._met) > _MAX_MET:
            self._met.popitem(last=False)
        return not await self._context.memory.do(self.admin.book.came_from, *key)

    async def plan(
        self, message: Message, kind: OrderKind, name: str, facts: Mapping[str, Any]
    ) -> None:
        """Begin to plan an order, and to show the plan with its buttons."""
        if message.from_user is not None:
            target = Target(message.chat_id, 0, message.message_id)
            await self.plan_for(message.from_user, target, kind, name, facts)

    async def plan_for(
        self, user: User, target: Target, kind: OrderKind, name: str, facts: Mapping[str, Any]
    ) -> None:
        """Begin to plan an order that no message asks for."""
        texts = await self._context.texts_for(user)
        state = OrderState.PLANNED
        order = self.admin.new_order(user, texts, target.chat, kind, state, name, facts)
        self._start(self._planned(order, Post(self._context.bot, target, self._context.ids)))

    def plan_chosen(self, order: Order, facts: Mapping[str, Any]) -> None:
        """Begin to plan a message that is to be indexed; a second click changes nothing."""
        if order.id not in self._choosing:
            self._choosing.add(order.id)
            self._start(self._chosen(order, facts))

    async def _chosen(self, order: Order, facts: Mapping[str, Any]) -> None:
        try:
            await self._planned(replace(order, facts=facts), self.admin.post(order))
        finally:
            self._choosing.discard(order.id)
        if order.box != facts.get("box", ""):
            await self._discarded(order.box)

    async def _planned(self, order: Order, post: Post, note: str = "") -> None:
        """Plan an order, for the first time or anew, and show it."""
        try:
            await self._plan_shown(order, post, note)
        except Exception as error:  # who asked is never left without a word
            reference = uuid4().hex[:8]
            logger.error("no plan", exc_info=error, extra={"reference": reference})
            said = Catalogue(order.language).text("telegram.order.no_plan", reference=reference)
            rows = choice_rows(order, Catalogue(order.language))
            await self.admin.show(order, post, [order.name, said], rows)

    async def _plan_shown(self, order: Order, post: Post, note: str) -> None:
        admin, texts = self.admin, Catalogue(order.language)
        rows = choice_rows(order, texts)  # they go on working if the bot is killed meanwhile
        if busy := admin.busy_line(texts):
            lines = [busy, texts.text("telegram.order.next", name=order.name)]
            await admin.show(order, post, lines, rows)
        async with admin.turn:
            generation = await admin.generation()
            try:
                found = await self._found(order, post, rows)
            except KiosqueError as error:
                problem = explained(error, texts, public=True).message
                await self._not_wanted(order, post, [order.name, problem])
                return
            except BoxGoneError:
                await self._not_wanted(order, post, [texts.text("telegram.order.gone")])
                return
        order = found.order
        if not found.wanted:
            nothing = texts.text("telegram.order.nothing", name=order.name)
            await self._not_wanted(order, post, [nothing, *order.plan.lines])
            return
        kept = await self._kept(replace(order, generation=generation, message=post.id))
        if kept is not None:
            head = texts.text(f"telegram.plan.{order.kind}", name=order.name)
            notes = [note, head] if note else [head]
            await admin.put(kept, post, first_page(kept, notes, texts))

    async def _found(self, order: Order, post: Post, rows: Rows) -> PlannedOrder:
        if order.kind in _QUICK:
            return await planned(self.admin, order)
        async with self.admin.progress_shown(order, post, _READING, rows) as on_step:
            return await planned(self.admin, order, on_step)

    async def _kept(self, order: Order) -> Order | None:
        """The order, stored with its plan; None when it was given up meanwhile."""
        do, book = self._context.memory.do, self.admin.book
        if order.id:
            first, kept = order.state is OrderState.ASKED, await do(book.planned, order)
        else:
            first, kept = True, True
            order = replace(order, id=await do(book.add, order))
        if first and kept:
            await self.admin.note(order.user, "plan", order.name)
        return replace(order, state=OrderState.PLANNED) if kept else None

    async def _not_wanted(self, order: Order, post: Post, lines: Sequence[str]) -> None:
        """Show that nothing would change, or why there is no plan, without buttons."""
        await asyncio.to_thread(self.admin.boxes.discard, order.box)
        if order.id:
            await self._context.memory.do(self.admin.book.settle, order.id, OrderState.CANCELLED)
        await self.admin.show(order, post, lines[:_MAX_LINES])

    def _plan_again(self, order: Order) -> None:
        """Begin to plan an order anew, since the archive or its sources changed."""
        note = Catalogue(order.language).text("telegram.order.anew")
        self._start(self._planned(order, self.admin.post(order), note))

    # --- the confirmation ---------------------------------------------------------------------

    async def on_click(self, query: CallbackQuery, button: ButtonPress) -> str:
        """Do what a button of an order says; the text that the click is answered with."""
        texts = await self._context.texts_for(query.from_user)
        order = await self._context.memory.do(self.admin.book.order, button.id)
        if order is None:
            return texts.text("telegram.button_expired")
        if button.action == "b":
            return await self._take_back(order, query, texts)
        if button.action == "a":
            content = page(order, button.number or 0, Catalogue(order.language))
            if order.state is not OrderState.PLANNED:
                return texts.text("telegram.button_expired")
            await self.admin.put(order, self.admin.post(order), content)
            return ""
        if button.action == "n":
            return await self._cancelled(order, texts)
        return await self._confirmed(order, query.from_user, texts)

    async def _confirmed(self, order: Order, user: User, texts: Catalogue) -> str:
        """Begin, unless another order is being done, or the archive has changed since the plan."""
        if order.state is OrderState.EXPIRED:
            return texts.text("telegram.order.expired")
        if order.state is OrderState.WORKING:
            return self.admin.busy_line(texts) or texts.text("telegram.button_expired")
        if order.state is not OrderState.PLANNED:
            return texts.text("telegram.button_expired")
        generation = await self.admin.generation()
        if busy := self.admin.busy_line(texts):
            return busy
        if generation != order.generation:
            self._plan_again(order)
            return texts.text("telegram.order.anew")
        return "" if self.work.begin(order, user) else self.admin.busy_line(texts)

    async def _cancelled(self, order: Order, texts: Catalogue) -> str:
        if self.work.stop(order.id):
            return ""
        if not await self._context.memory.do(self.admin.book.give_up, order.id):
            return texts.text("telegram.button_expired")
        self.discard(order.box)
        await self.admin.note(order.user, "cancel", order.name)
        said = Catalogue(order.language).text("telegram.order.cancelled", name=order.name)
        await self.admin.show(order, self.admin.post(order), [said])
        return ""

    def discard(self, box: str) -> None:
        """Begin to delete a box."""
        self._start(self._discarded(box))

    async def _discarded(self, box: str) -> None:
        """Delete a box, not while its files are read."""
        async with self.admin.turn:
            await asyncio.to_thread(self.admin.boxes.discard, box)

    async def _take_back(self, order: Order, query: CallbackQuery, texts: Catalogue) -> str:
        """Plan to take back the change that an order made."""
        if query.message is None or not order.change:
            return texts.text("telegram.button_expired")
        target = Target(query.message.chat.id, 0, query.message.message_id)
        name = texts.text("telegram.order.rollback_name", id=order.change)
        facts = {"change": order.change}
        await self.plan_for(query.from_user, target, OrderKind.ROLLBACK, name, facts)
        return ""
