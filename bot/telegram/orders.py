"""What administrators want changed: a plan, their word, the work with its progress, the outcome."""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.telegram.addressed import place_of
from bot.telegram.buttons import Button, data
from bot.telegram.child import Child, Ended
from bot.telegram.posting import Content, Post, Target
from bot.telegram.records import Act
from bot.telegram.replies import reply, say
from bot.telegram.rich import block, messages
from bot.telegram.uploads import FOLDER, Placed, is_text, place, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from telegram import CallbackQuery, Message, Update
    from telegram.ext import ContextTypes

    from bot.messages.catalogue import Catalogue
    from bot.telegram.buttons import Pressed
    from bot.telegram.desk import Desk

logger = logging.getLogger(__name__)

_FETCH, _PLAN, _WORK = 60.0, 300.0, 3600.0
_MOST_ORDERS = 100
_COUNTS = ("added", "changed", "unchanged", "near_duplicates")


@dataclass(slots=True)
class Order:
    """A change that waits for a word, or is being made."""

    id: int
    user: int
    name: str
    path: Path
    post: Post
    texts: Catalogue
    placed: Placed | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class Orders:
    """Handles uploads, ``/reindex`` and the buttons of plans.

    Args:
        desk: what the work is done with.
        home: the folder of the archive; uploads are kept there.
        config: the settings file that the bot was given, if any.
        progress: seconds between two changes of a progress message.
    """

    def __init__(
        self, desk: Desk, home: Path, config: Path | None = None, progress: float = 3.0
    ) -> None:
        self._desk = desk
        self._home = home
        self._config = config
        self._progress = progress
        self._ids = itertools.count(1)
        self._orders: dict[int, Order] = {}
        self._planning = asyncio.Lock()
        self._working: Order | None = None

    async def on_document(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A file: taken from administrators only."""
        message = update.message
        if message is None or message.document is None:
            return
        if not self._desk.access.is_admin(place_of(message).user):
            await reply(self._desk, message, "telegram.admins_only")
            return
        name, size = message.document.file_name or "", message.document.file_size or 0
        why = refusal(name, size)
        if why is not None:
            await reply(self._desk, message, why)
            return
        async with asyncio.timeout(_FETCH):
            file = await message.document.get_file()
            content = bytes(await file.download_as_bytearray())
        if not is_text(content):
            await reply(self._desk, message, "telegram.upload.wrong_type")
            return
        placed = await asyncio.to_thread(place, self._home, name, content)
        if placed is None:
            await reply(self._desk, message, "telegram.upload.already")
            return
        await self._plan(message, placed.path.name, placed.path, placed)

    async def reindex(self, message: Message) -> None:
        """Read all the uploads again."""
        folder = self._home / FOLDER
        if not folder.is_dir():
            await reply(self._desk, message, "telegram.upload.none")
            return
        await self._plan(message, FOLDER, folder, None)

    async def close(self) -> None:
        """End what is being made; the archive is as it was."""
        working = self._working
        if working is not None and working.task is not None:
            working.task.cancel()
            await asyncio.gather(working.task, return_exceptions=True)

    # --- the plan ---------------------------------------------------------------------

    async def _plan(self, message: Message, name: str, path: Path, placed: Placed | None) -> None:
        """Say what would change, with buttons to have it done or not."""
        if message.from_user is None:
            return
        texts = await self._desk.texts_for(message.from_user)
        post = Post(self._desk.bot, Target(message.chat_id, 0, message.message_id), self._desk.ids)
        order = Order(next(self._ids), message.from_user.id, name, path, post, texts, placed)
        async with self._planning:
            ended = await self._indexed(path, dry_run=True)
        changes = sum(ended.report.get(kind, 0) for kind in ("added", "changed"))
        lines = [texts.text("telegram.upload.plan", name=name), *_report_lines(ended, texts)]
        if not changes:
            await self._undone(order)
            await self._say(order, lines)
            return
        self._remember(order)
        await self._note(order, "plan")
        yes = Button(texts.text("telegram.button.confirm"), data("y", order.id))
        await self._say(order, lines, (yes, self._no(order)))

    def _remember(self, order: Order) -> None:
        self._orders[order.id] = order
        if len(self._orders) > _MOST_ORDERS:
            del self._orders[min(self._orders)]

    def _no(self, order: Order) -> Button:
        return Button(order.texts.text("telegram.button.cancel"), data("n", order.id))

    async def _indexed(self, path: Path, *, dry_run: bool = False) -> Ended:
        try:
            async with asyncio.timeout(_PLAN if dry_run else _WORK):
                return await Child(self._config, path, dry_run=dry_run).run()
        except TimeoutError:
            return Ended({}, "timeout")

    # --- the word ---------------------------------------------------------------------

    async def on_click(self, query: CallbackQuery, button: Pressed) -> str:
        """Do what a plan says, or do not; what to tell the one who clicked."""
        order = self._orders.get(button.id)
        user = query.from_user
        texts = await self._desk.texts_for(user)
        if order is None or not self._desk.access.is_admin(user.id):
            return texts.text("telegram.button_expired")
        if button.action == "n":
            await self._cancelled(order)
            return ""
        if self._working is not None:
            return texts.text("telegram.upload.busy")
        self._working = order
        order.task = asyncio.create_task(self._work(order), name=f"index {order.name}")
        return ""

    async def _cancelled(self, order: Order) -> None:
        if order.task is not None:
            order.task.cancel()
            return
        self._orders.pop(order.id, None)
        await self._undone(order)
        await self._note(order, "cancel")
        await self._say(order, [order.texts.text("telegram.upload.cancelled", name=order.name)])

    # --- the work ---------------------------------------------------------------------

    async def _work(self, order: Order) -> None:
        """Have it done, and say how far it is, then how it ended."""
        await self._note(order, "index")
        showing = asyncio.create_task(self._show_progress(order))
        try:
            ended = await self._indexed(order.path)
            lines = _report_lines(ended, order.texts)
            outcome = "failed" if ended.problem else "done"
        except asyncio.CancelledError:
            lines, outcome = [], "cancelled"
        finally:
            self._working = None
            self._orders.pop(order.id, None)
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
        if outcome != "done":
            await self._undone(order)
        await self._note(order, outcome)
        head = order.texts.text(f"telegram.upload.{outcome}", name=order.name)
        await self._say(order, [head, *lines])

    async def _show_progress(self, order: Order) -> None:
        begun = self._desk.clock()
        while True:
            seconds = round(self._desk.clock() - begun)
            line = order.texts.text("telegram.upload.working", name=order.name, seconds=seconds)
            await self._say(order, [line], (self._no(order),))
            await asyncio.sleep(self._progress)

    # --- in common --------------------------------------------------------------------

    async def _say(self, order: Order, lines: list[str], row: tuple[Button, ...] = ()) -> None:
        shown = messages([block(line) for line in lines])[0]
        await say(order.post, Content(shown, (row,) if row else ()))

    async def _undone(self, order: Order) -> None:
        if order.placed is not None:
            await asyncio.to_thread(order.placed.undo)

    async def _note(self, order: Order, action: str) -> None:
        act = Act(self._desk.now(), order.user, action, order.name)
        logger.info("admin", extra={"user": act.user, "action": action, "detail": act.detail})
        await self._desk.memory.do(self._desk.memory.store.note, act)


def _report_lines(ended: Ended, texts: Catalogue) -> list[str]:
    """What a report says, or why there is none."""
    if ended.problem:
        return [ended.problem]
    report: dict[str, Any] = ended.report
    lines = [texts.text(f"index.{kind}", count=report[kind]) for kind in _COUNTS if report[kind]]
    for one in report["unreadable"][:10]:
        reason = f"unreadable.{one['reason']}"
        said = texts.text(reason) if texts.has(reason) else one["reason"]
        name = one["source"].replace("\\", "/").rpartition("/")[2]
        lines.append(texts.text("unreadable.line", source=name, reason=said))
    return lines
