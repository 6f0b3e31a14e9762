"""What administrators send in private: documents, and replies to what the bot asked."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.telegram.admin.admin_commands import AdminCommands
from bot.telegram.admin.captions import Caption, caption_of
from bot.telegram.admin.order import Order, OrderKind, OrderState
from bot.telegram.admin.sharing import Sharing, is_choice
from bot.telegram.admin.uploads import BadLabelsError, advice, formats, is_as_named, refusal, row_of
from bot.telegram.files import fetched
from bot.telegram.post import reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from telegram import Document, Message, Update
    from telegram.ext import ContextTypes

    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.context import BotContext

_MAX_NAMED = 3
_CORRECT = re.compile(
    r"/(?:correct|corriger)(?:@\w+)?(?:[ \t]+(\S{1,64}))?[ \t]*(?:\n(.*))?", re.ASCII | re.DOTALL
)
_MAX_CAPTION = 200


@dataclass(slots=True)
class Batch:
    """Documents that one administrator sends together.

    Args:
        box: where they are.
        message: the message of the first one.
        names: of the files.
        captions: by file, the album that it is of or ``""``, and its caption.
        origins: the numbers of their messages.
    """

    box: str
    message: Message
    names: list[str] = field(default_factory=list)
    captions: dict[str, tuple[str, str]] = field(default_factory=dict)
    origins: list[int] = field(default_factory=list)
    under_way: int = 0


class Batches:
    """Waits until no more documents come.

    Args:
        wait: seconds without a document that end a batch.
        new_box: makes a box.
        whole: given each batch that is whole.
    """

    def __init__(
        self,
        wait: float,
        new_box: Callable[[], str],
        whole: Callable[[Batch], Awaitable[None]],
    ) -> None:
        self._wait = wait
        self._new_box = new_box
        self._whole = whole
        self._open: dict[int, Batch] = {}
        self._opening = asyncio.Lock()

    async def add(
        self, user: int, message: Message, bring: Callable[[Batch], Awaitable[str | None]]
    ) -> None:
        """Add a document to the batch of its sender, and wait whether more come.

        Args:
            user: who sent it.
            message: the message that brought it.
            bring: puts it into the box; its name there, or None when it was refused.
        """
        async with self._opening:
            if user not in self._open:
                box = await asyncio.to_thread(self._new_box)
                self._open[user] = Batch(box, message)
            batch = self._open[user]
            batch.under_way += 1
        try:
            name = await bring(batch)
            if name is not None:
                batch.names.append(name)
        finally:
            batch.under_way -= 1
            await self._closed(user, batch)

    async def _closed(self, user: int, batch: Batch) -> None:
        """End a batch if no more documents come."""
        came = len(batch.names)
        await asyncio.sleep(self._wait)
        if batch.under_way or len(batch.names) != came or self._open.get(user) is not batch:
            return
        del self._open[user]
        await self._whole(batch)


class Requests:
    """Turns what administrators send into orders.

    Args:
        context: what the bot works with.
        orders: plans them.
        gather: seconds without a further document that make those sent one plan.
    """

    def __init__(self, context: BotContext, orders: Orders, gather: float = 2.0) -> None:
        self._context = context
        self._orders = orders
        self._admin = orders.admin
        self._batches = Batches(gather, self._admin.boxes.new, self._whole)
        self.commands = AdminCommands(context, orders)
        self.sharing = Sharing(context, orders, gather)

    # --- documents --------------------------------------------------------------------

    @property
    def home(self) -> Path:
        """The folder of the archive."""
        return self._admin.worker.settings.home

    async def on_document(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A file in private: taken from administrators only."""
        message = update.message
        if message is None or message.document is None or message.from_user is None:
            return
        user, document = message.from_user, message.document
        if not self._context.access.is_admin(user.id):
            await reply(self._context, message, "telegram.admins_only")
            return
        why = refusal(document.file_name or "", document.file_size or 0)
        if why is not None:
            await self._refused(message, document, why)
            return
        if not await self._orders.is_new(message):
            return
        asked = await self._asked_by(message)
        captioned = _CORRECT.fullmatch(message.caption or "")
        if captioned is not None or (asked is not None and asked.kind is OrderKind.CORRECT):
            id_ = captioned[1] if captioned else asked.facts["article"] if asked else None
            caption = captioned[2] if captioned else message.caption
            await self._correction(message, document, id_ or "", caption or "")
            return
        await self._batches.add(user.id, message, lambda batch: self._added(message, batch))

    async def _refused(self, message: Message, document: Document, key: str) -> None:
        """Say why a document is not taken, and what can be done."""
        if message.from_user is not None:
            texts = await self._context.texts_for(message.from_user)
            name = document.file_name or ""
            helps = texts.text(advice(name))
            await reply(self._context, message, key, name=name, advice=helps, formats=formats())

    async def _correction(
        self, message: Message, document: Document, id_: str, caption: str
    ) -> None:
        """Plan the correction of an article by a document."""
        article, _ = await self.commands.named(message, id_)
        if article is None:
            return
        box = self._admin.boxes.new()
        name = await self._brought(message, document, box)
        if name is None:
            await asyncio.to_thread(self._admin.boxes.discard, box)
            return
        said = await self._captions(box, {name: ("", caption)})
        facts = {"box": box, "article": article.id, "origins": [message.message_id], **said}
        await self._orders.plan(message, OrderKind.CORRECT, article.title, facts)

    async def _added(self, message: Message, batch: Batch) -> str | None:
        """Fetch a document of a batch, with its caption."""
        if message.document is None:
            return None
        name = await self._brought(message, message.document, batch.box)
        if name is not None:
            batch.captions[name] = (message.media_group_id or "", (message.caption or "").strip())
            batch.origins.append(message.message_id)
        return name

    async def _brought(self, message: Message, document: Document, box: str) -> str | None:
        """Download a document into a box; its name there, or None when it is not taken."""
        name = document.file_name or ""
        content = await fetched(self._context.bot, document.file_id)
        if content is None:
            await reply(self._context, message, "telegram.upload.not_fetched", name=name)
            return None
        if not is_as_named(name, content):
            await self._refused(message, document, "telegram.upload.not_as_named")
            return None
        try:
            return await asyncio.to_thread(self._admin.boxes.put, box, name, content)
        except BadLabelsError:
            await reply(self._context, message, "telegram.upload.bad_table", name=name)
            return None

    async def _captions(self, box: str, captions: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
        """Store what captions say as rows of the box; the facts of the order that show it."""
        if not any(text for _, text in captions.values()):
            return {}
        outlets = (await asyncio.to_thread(self._context.reader.coverage)).outlets
        said = {name: caption_of(text, outlets) for name, (_, text) in captions.items() if text}
        unread = [captions[name][1][:_MAX_CAPTION] for name, one in said.items() if not one]
        rows = {name: row_of(one.columns) for name, one in shared(said, captions).items() if one}
        if rows:
            await asyncio.to_thread(self._admin.boxes.label, box, rows)
        alone = len(captions) == 1
        told = [{"name": "" if alone else name, "said": row} for name, row in rows.items()]
        return {"told": told, "unread_captions": unread}

    async def _whole(self, batch: Batch) -> None:
        """Plan a batch that is complete."""
        if not batch.names:
            await asyncio.to_thread(self._admin.boxes.discard, batch.box)
            return
        name = ", ".join(batch.names[:_MAX_NAMED])
        if len(batch.names) > _MAX_NAMED and batch.message.from_user is not None:
            texts = await self._context.texts_for(batch.message.from_user)
            left = len(batch.names) - _MAX_NAMED
            name = texts.text("telegram.order.names_more", names=name, count=left)
        said = await self._captions(batch.box, batch.captions)
        facts = {"box": batch.box, "origins": batch.origins, **said}
        await self._orders.plan(batch.message, OrderKind.INDEX, name, facts)

    # --- texts ------------------------------------------------------------------------

    def may_keep(self, message: Message) -> bool:
        """Whether an administrator writes in private."""
        user, private = message.from_user, message.chat.type == "private"
        return private and user is not None and self._context.access.is_admin(user.id)

    async def on_text(self, message: Message) -> bool:
        """Handle a text in private; False when it is a question for the archive."""
        user = message.from_user
        if user is None or not self.may_keep(message):
            return False
        text = (message.text or message.caption or "").strip()
        asked = await self._asked_by(message)
        if asked is not None:
            await self._answered(message, asked, text)
            return True
        return await self.sharing.on_message(message, user)

    async def _asked_by(self, message: Message) -> Order | None:
        """The order that waits for this reply, if the message is one."""
        replied = message.reply_to_message
        if replied is None:
            return None
        memory, book = self._context.memory, self._admin.book
        found = await memory.do(book.shown_in, message.chat_id, replied.message_id)
        waits = found is not None and found.state is OrderState.ASKED and not is_choice(found)
        return found if waits else None

    async def _answered(self, message: Message, asked: Order, text: str) -> None:
        if asked.kind is OrderKind.CORRECT:
            await reply(self._context, message, "telegram.ask.file_please")
            return
        await self._context.memory.do(self._admin.book.settle, asked.id, OrderState.DONE)
        await self.commands.withdrawal(message, asked.facts["article"], asked.name, text)


def shared(
    said: Mapping[str, Caption], captions: Mapping[str, tuple[str, str]]
) -> dict[str, Caption]:
    """What is said of each file: by its own caption, else by the only one of its album.

    Args:
        said: what the captions say, by the file that has one.
        captions: of each file, its album or ``""``, and its caption.
    """
    albums: dict[str, list[str]] = {}
    for name, (album, _) in captions.items():
        albums.setdefault(album or f"\0{name}", []).append(name)
    found: dict[str, Caption] = {}
    for names in albums.values():
        own = [name for name in names if name in said]
        if len(own) == 1 and len(names) > 1:
            found |= dict.fromkeys(names, said[own[0]].of_several)
        else:
            found |= {name: said[name] for name in own}
    return found
