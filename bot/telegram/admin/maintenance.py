"""What administrators look at: the history and the feeds, and what they change from there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.telegram.admin.lists import feed_key, feed_lines, feed_rows, history_lines
from bot.telegram.admin.order import Kind
from bot.telegram.post import Target, reply, reply_with
from bot.telegram.rich import block

if TYPE_CHECKING:
    from typing import Any

    from telegram import CallbackQuery, Message

    from bot.telegram.admin.orders import Orders
    from bot.telegram.buttons import ButtonPress
    from bot.telegram.context import BotContext

_LIST = 60.0
_MOST_LISTED = 10


class Overview:
    """Shows the history and the feeds.

    Args:
        context: what the bot works with.
        orders: plans what is asked for.
    """

    def __init__(self, context: BotContext, orders: Orders) -> None:
        self._context = context
        self._orders = orders
        self._kit = orders.kit

    async def feeds(self, message: Message) -> None:
        """The feeds that are followed, each with a button to stop."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        ended = await self._kit.command(["feeds", "--json"], texts.language, _LIST)
        if ended.problem:
            await reply_with(self._context, message, [block(ended.problem)])
            return
        lines = [block(line) for line in feed_lines(ended.report, texts)]
        await reply_with(self._context, message, lines, feed_rows(ended.report, texts))

    async def feed_of(self, message: Message, url: str) -> str:
        """The main feed of a site; the address itself when it is a feed, or none is found."""
        texts = await self._context.texts_for(message.from_user) if message.from_user else None
        language = texts.language if texts else "fr"
        ended = await self._kit.command(["feeds", "find", url, "--json"], language, _LIST)
        found: list[dict[str, Any]] = ended.report if isinstance(ended.report, list) else []
        return str(found[0]["url"]) if found else url

    async def on_feed_click(self, query: CallbackQuery, button: ButtonPress) -> str:
        """Plan to follow a feed no more."""
        texts = await self._context.texts_for(query.from_user)
        ended = await self._kit.command(["feeds", "--json"], texts.language, _LIST)
        feeds: list[dict[str, Any]] = ended.report if isinstance(ended.report, list) else []
        url = next((f["url"] for f in feeds if feed_key(f["url"]) == button.id), None)
        if url is None or query.message is None:
            return texts.text("telegram.button_expired")
        target = Target(query.message.chat.id, 0, query.message.message_id)
        facts = {"sources": [url]}
        await self._orders.plan_for(query.from_user, target, Kind.UNFEED, url, facts)
        return ""

    async def rollback(self, message: Message) -> None:
        """Plan to take the last change back."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        last = await asyncio.to_thread(self._context.reader.last_undoable)
        if last is None:
            await reply(self._context, message, "error.nothing_to_undo")
            return
        name = texts.text("telegram.order.rollback_name", id=last.id)
        await self._orders.plan(message, Kind.ROLLBACK, name, {"change": last.id})

    async def history(self, message: Message) -> None:
        """The last changes: who, when, what."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        changes = await asyncio.to_thread(self._context.reader.changes, _MOST_LISTED)
        names = await self._context.memory.do(self._kit.book.names)
        lines = history_lines(changes, names, texts)
        await reply_with(self._context, message, [block(line) for line in lines])
