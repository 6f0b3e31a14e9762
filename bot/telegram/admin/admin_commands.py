"""What administrators ask for by commands and buttons: articles, feeds, the history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.messages.answers import source_line
from bot.messages.errors import explained
from bot.telegram.admin.message_contents import web_links
from bot.telegram.admin.order import OrderKind, OrderState
from bot.telegram.admin.plans import feed_key, feed_lines, feed_rows, history_lines
from bot.telegram.admin.sharing import named
from bot.telegram.post import Content, Post, Target, argument, reply, reply_with, say
from bot.telegram.rich import block, messages
from bot.web_sources import followed_feeds
from retrieval.errors import BadUse, KiosqueError
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from telegram import CallbackQuery, Message, User

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.buttons import ButtonPress
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Article
    from retrieval.web.watch_store import FeedState

_MAX_LISTED = 10
_MAX_REASON = 500


class AdminCommands:
    """Plans what commands and buttons ask for, and asks for what they lack.

    Args:
        context: what the bot works with.
        orders: plans what is asked for.
    """

    def __init__(self, context: BotContext, orders: Orders) -> None:
        self._context = context
        self._orders = orders
        self._admin = orders.admin

    # --- addresses and feeds ----------------------------------------------------------

    async def reindex(self, message: Message) -> None:
        """Read all the uploads again."""
        folder = self._admin.boxes.uploads
        if not await asyncio.to_thread(folder.is_dir):
            await reply(self._context, message, "telegram.upload.none")
            return
        if message.from_user is not None:
            texts = await self._context.texts_for(message.from_user)
            name = texts.text("telegram.order.uploads")
            await self._orders.plan(message, OrderKind.REINDEX, name, {"sources": [str(folder)]})

    async def add(self, message: Message) -> None:
        """Index what addresses give."""
        found = [link.address for link in web_links(argument(message))]
        if not found or message.from_user is None:
            await reply(self._context, message, "telegram.ask.url")
            return
        texts = await self._context.texts_for(message.from_user)
        await self._orders.plan(message, OrderKind.INDEX, named(found, texts), {"sources": found})

    async def feed(self, message: Message) -> None:
        """Index a feed, or that of a site, and follow it; without an address, list the feeds."""
        found = [link.address for link in web_links(argument(message))]
        if not argument(message):
            await self.feeds(message)
        elif len(found) != 1:
            await reply(self._context, message, "telegram.ask.url")
        else:
            await self._orders.plan(message, OrderKind.FEED, found[0], {"sources": found})

    async def feeds(self, message: Message) -> None:
        """The feeds that are followed, each with a button to stop."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        try:
            feeds = await self._followed()
        except KiosqueError as error:
            problem = explained(error, texts, public=True).message
            await reply_with(self._context, message, [block(problem)])
            return
        lines = [block(line) for line in feed_lines(feeds, texts)]
        await reply_with(self._context, message, lines, feed_rows(feeds, texts))

    async def on_feed_click(self, query: CallbackQuery, button: ButtonPress) -> str:
        """Plan to follow a feed no more."""
        texts = await self._context.texts_for(query.from_user)
        try:
            feeds = await self._followed()
        except KiosqueError as error:
            return explained(error, texts, public=True).message
        url = next((feed.url for feed in feeds if feed_key(feed.url) == button.id), None)
        if url is None or query.message is None:
            return texts.text("telegram.button_expired")
        target = Target(query.message.chat.id, 0, query.message.message_id)
        facts = {"sources": [url]}
        await self._orders.plan_for(query.from_user, target, OrderKind.UNFEED, url, facts)
        return ""

    async def _followed(self) -> list[FeedState]:
        return await asyncio.to_thread(followed_feeds, self._admin.worker.settings.home)

    # --- articles ---------------------------------------------------------------------

    async def correct(self, message: Message) -> None:
        """Ask for the corrected file of an article."""
        article, texts = await self.named(message, argument(message).partition(" ")[0])
        if article is not None and message.from_user is not None:
            target = Target(message.chat_id, 0, message.message_id)
            await self._ask(message.from_user, target, OrderKind.CORRECT, article, texts)

    async def withdraw(self, message: Message) -> None:
        """Withdraw an article; ask for the reason when none is given."""
        id_, _, reason = argument(message).partition(" ")
        article, texts = await self.named(message, id_)
        if article is None or message.from_user is None:
            return
        if reason.strip():
            await self.withdrawal(message, article.id, article.title, reason)
            return
        target = Target(message.chat_id, 0, message.message_id)
        await self._ask(message.from_user, target, OrderKind.WITHDRAW, article, texts)

    async def on_source_click(self, query: CallbackQuery, kind: OrderKind, article_id: str) -> str:
        """Ask for the corrected file of the article of a source, or why it is withdrawn."""
        texts = await self._context.texts_for(query.from_user)
        article, problem = await self._found(article_id, texts)
        if article is None or query.message is None:
            return problem
        target = Target(query.message.chat.id, 0, query.message.message_id)
        await self._ask(query.from_user, target, kind, article, texts)
        return ""

    async def withdrawal(self, message: Message, id_: str, title: str, reason: str) -> None:
        """Plan to withdraw an article, for a reason."""
        reason = " ".join(reason.split())[:_MAX_REASON]
        facts = {"article": id_, "reason": reason}
        await self._orders.plan(message, OrderKind.WITHDRAW, title, facts)

    async def named(self, message: Message, id_: str) -> tuple[Article | None, Catalogue]:
        """The article of an id that may be changed; who wrote it is told why there is none."""
        assert message.from_user is not None  # noqa: S101 - an administrator
        texts = await self._context.texts_for(message.from_user)
        article, problem = await self._found(id_, texts)
        if article is None:
            await reply_with(self._context, message, [block(problem)])
        return article, texts

    async def _found(self, id_: str, texts: Catalogue) -> tuple[Article | None, str]:
        if not id_:
            return None, texts.text("telegram.ask.id")
        try:
            article = await asyncio.to_thread(self._context.reader.article, id_)
        except KiosqueError as error:
            return None, explained(error, texts, public=True).message
        if article.state is State.WITHDRAWN:
            withdrawn = BadUse("article_withdrawn", title=article.title, id=article.id)
            return None, explained(withdrawn, texts).message
        return article, ""

    async def _ask(
        self, user: User, target: Target, kind: OrderKind, article: Article, texts: Catalogue
    ) -> None:
        """Ask for what an order needs; the reply to it goes on."""
        line = texts.text(f"telegram.ask.{kind}", line=source_line(texts, article))
        post = Post(self._context.bot, target, self._context.ids)
        if not await say(post, Content(messages([block(line)])[0], asks=True)):
            return
        title, facts = article.title, {"article": article.id}
        order = self._admin.new_order(
            user, texts, target.chat, kind, OrderState.ASKED, title, facts, post.id
        )
        await self._context.memory.do(self._admin.book.add, order)

    # --- the history ------------------------------------------------------------------

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
        await self._orders.plan(message, OrderKind.ROLLBACK, name, {"change": last.id})

    async def history(self, message: Message) -> None:
        """The last changes: who, when, what."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        changes = await asyncio.to_thread(self._context.reader.changes, _MAX_LISTED)
        names = await self._context.memory.do(self._admin.book.names)
        lines = history_lines(changes, names, texts)
        await reply_with(self._context, message, [block(line) for line in lines])
