"""Articles that administrators correct or withdraw: what is asked, and what is planned of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.messages.errors import explained
from bot.messages.wording import source_line
from bot.telegram.admin.order import Kind, Order, State
from bot.telegram.post import Content, Post, Target, argument, reply_with, say
from bot.telegram.rich import block, messages
from retrieval.errors import BadUse, KiosqueError
from retrieval.vocabulary import State as ArticleState

if TYPE_CHECKING:
    from telegram import CallbackQuery, Message, User

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.orders import Orders
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Article

_MOST_REASON = 500


class Articles:
    """Asks for corrected files and for reasons.

    Args:
        context: what the bot works with.
        orders: plans what is asked for.
    """

    def __init__(self, context: BotContext, orders: Orders) -> None:
        self._context = context
        self._orders = orders

    async def correct(self, message: Message) -> None:
        """Ask for the corrected file of an article."""
        article, texts = await self.named(message, argument(message).partition(" ")[0])
        if article is not None and message.from_user is not None:
            target = Target(message.chat_id, 0, message.message_id)
            await self._ask(message.from_user, target, Kind.CORRECT, article, texts)

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
        await self._ask(message.from_user, target, Kind.WITHDRAW, article, texts)

    async def on_source_click(self, query: CallbackQuery, kind: Kind, article_id: str) -> str:
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
        reason = " ".join(reason.split())[:_MOST_REASON]
        facts = {"article": id_, "reason": reason}
        await self._orders.plan(message, Kind.WITHDRAW, title, facts)

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
        if article.state is ArticleState.WITHDRAWN:
            withdrawn = BadUse("article_withdrawn", title=article.title, id=article.id)
            return None, explained(withdrawn, texts).message
        return article, ""

    async def _ask(
        self, user: User, target: Target, kind: Kind, article: Article, texts: Catalogue
    ) -> None:
        """Ask for what an order needs; the reply to it goes on."""
        line = texts.text(f"telegram.ask.{kind}", line=source_line(texts, article))
        post = Post(self._context.bot, target, self._context.ids)
        if not await say(post, Content(messages([block(line)])[0], asks=True)):
            return
        order = Order(
            0,
            self._context.now(),
            target.chat,
            post.id,
            user.id,
            user.first_name,
            texts.language,
            kind,
            State.ASKED,
            article.title,
            {"article": article.id},
        )
        await self._context.memory.do(self._orders.kit.book.add, order)
