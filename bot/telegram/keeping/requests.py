"""What administrators send in private: documents, addresses, replies to what was asked."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.telegram.keeping.articles import Articles
from bot.telegram.keeping.batches import Batch, Batches
from bot.telegram.keeping.overview import Overview
from bot.telegram.keeping.values import Kind, Order, State
from bot.telegram.replies import argument, reply
from bot.telegram.uploads import is_as_named, refusal

if TYPE_CHECKING:
    from telegram import Document, Message, Update
    from telegram.ext import ContextTypes

    from bot.telegram.desk import Desk
    from bot.telegram.keeping.orders import Orders

_FETCH = 60.0
_MOST_NAMED = 3
_URL = re.compile(r"https?://[^\s<>\"]{3,2000}", re.ASCII | re.IGNORECASE)
_CORRECT = re.compile(r"/(?:correct|corriger)(?:@\w+)?(?:\s+(\S{1,64}))?\s*", re.ASCII)


class Requests:
    """Turns what administrators send into orders.

    Args:
        desk: what the bot works with.
        orders: plans them.
        gather: seconds without a further document that make those sent one plan.
    """

    def __init__(self, desk: Desk, orders: Orders, gather: float = 2.0) -> None:
        self._desk = desk
        self._orders = orders
        self._kit = orders.kit
        self._batches = Batches(gather, self._kit.boxes.new, self._whole)
        self.articles = Articles(desk, orders)
        self.overview = Overview(desk, orders)

    # --- documents --------------------------------------------------------------------

    async def on_document(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A file in private: taken from administrators only."""
        message = update.message
        if message is None or message.document is None or message.from_user is None:
            return
        user, document = message.from_user, message.document
        if not self._desk.access.is_admin(user.id):
            await reply(self._desk, message, "telegram.admins_only")
            return
        why = refusal(document.file_name or "", document.file_size or 0)
        if why is not None:
            await reply(self._desk, message, why)
            return
        asked = await self._asked_by(message)
        captioned = _CORRECT.fullmatch(message.caption or "")
        if captioned is not None or (asked is not None and asked.kind is Kind.CORRECT):
            id_ = captioned[1] if captioned else asked.facts["article"] if asked else None
            await self._correction(message, document, id_ or "")
            return
        await self._batches.add(user.id, message, lambda box: self._brought(message, document, box))

    async def _correction(self, message: Message, document: Document, id_: str) -> None:
        """Plan what a document would make of an article."""
        article, _ = await self.articles.named(message, id_)
        if article is None:
            return
        box = await asyncio.to_thread(self._kit.boxes.new)
        if await self._brought(message, document, box) is None:
            await asyncio.to_thread(self._kit.boxes.discard, box)
            return
        facts = {"box": box, "article": article.id}
        await self._orders.plan(message, Kind.CORRECT, article.title, facts)

    async def _brought(self, message: Message, document: Document, box: str) -> str | None:
        """Fetch a document into a box; None when it is not what it is called, or does not come."""
        name = document.file_name or ""
        try:
            async with asyncio.timeout(_FETCH):
                file = await document.get_file()
                content = bytes(await file.download_as_bytearray())
        except (TimeoutError, TelegramError):
            await reply(self._desk, message, "telegram.upload.not_fetched", name=name)
            return None
        if not is_as_named(name, content):
            await reply(self._desk, message, "telegram.upload.wrong_type")
            return None
        return await asyncio.to_thread(self._kit.boxes.put, box, name, content)

    async def _whole(self, batch: Batch) -> None:
        """All that was sent together is there."""
        if not batch.names:
            await asyncio.to_thread(self._kit.boxes.discard, batch.box)
            return
        name = ", ".join(batch.names[:_MOST_NAMED])
        if len(batch.names) > _MOST_NAMED and batch.message.from_user is not None:
            texts = await self._desk.texts_for(batch.message.from_user)
            left = len(batch.names) - _MOST_NAMED
            name = texts.text("telegram.order.names_more", names=name, count=left)
        await self._orders.plan(batch.message, Kind.INDEX, name, {"box": batch.box})

    # --- texts ------------------------------------------------------------------------

    async def on_text(self, message: Message) -> bool:
        """A text in private; whether it was for us: a reply to what was asked, or an address."""
        user = message.from_user
        private = message.chat.type == "private"
        if user is None or not private or not self._desk.access.is_admin(user.id):
            return False
        text = (message.text or "").strip()
        asked = await self._asked_by(message)
        if asked is not None:
            await self._answered(message, asked, text)
            return True
        if _URL.fullmatch(text) is None:
            return False
        await self._orders.plan(message, Kind.INDEX, text, {"sources": [text]})
        return True

    async def _asked_by(self, message: Message) -> Order | None:
        """What the bot asked in the message that this one replies to."""
        replied = message.reply_to_message
        if replied is None:
            return None
        memory, book = self._desk.memory, self._kit.book
        found = await memory.do(book.shown_in, message.chat_id, replied.message_id)
        return found if found is not None and found.state is State.ASKED else None

    async def _answered(self, message: Message, asked: Order, text: str) -> None:
        if asked.kind is Kind.CORRECT:
            await reply(self._desk, message, "telegram.ask.file_please")
            return
        await self._desk.memory.do(self._kit.book.settle, asked.id, State.DONE)
        await self.articles.withdrawal(message, asked.facts["article"], asked.name, text)

    # --- commands ---------------------------------------------------------------------

    async def reindex(self, message: Message) -> None:
        """Read all the uploads again."""
        folder = self._kit.boxes.uploads
        if not await asyncio.to_thread(folder.is_dir):
            await reply(self._desk, message, "telegram.upload.none")
            return
        if message.from_user is not None:
            texts = await self._desk.texts_for(message.from_user)
            name = texts.text("telegram.order.uploads")
            await self._orders.plan(message, Kind.REINDEX, name, {"sources": [str(folder)]})

    async def add(self, message: Message) -> None:
        """Index what an address gives."""
        url = argument(message)
        if _URL.fullmatch(url) is None:
            await reply(self._desk, message, "telegram.ask.url")
            return
        await self._orders.plan(message, Kind.INDEX, url, {"sources": [url]})

    async def feed(self, message: Message) -> None:
        """Index a feed and follow it; without an address, list those that are followed."""
        url = argument(message)
        if not url:
            await self.overview.feeds(message)
        elif _URL.fullmatch(url) is None:
            await reply(self._desk, message, "telegram.ask.url")
        else:
            await self._orders.plan(message, Kind.FEED, url, {"sources": [url]})
