"""Buttons under answers and viewers: who may press them, and what each does."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram import Message
from telegram.error import TelegramError

from bot.telegram.admin.confirmation import ACTIONS
from bot.telegram.admin.order import OrderKind
from bot.telegram.buttons import pressed
from bot.telegram.limits import Priority
from bot.telegram.post import (
    Content,
    GoneError,
    Post,
    Target,
    UnreachableError,
    acknowledge,
    say,
)
from bot.telegram.view import SourceView, article_list, viewed
from bot.telegram.widening import widen
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import CallbackQuery, Update
    from telegram.ext import ContextTypes

    from bot.memory.values import StoredAnswer, StoredSource
    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.admin.inbox import Requests
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.buttons import ButtonPress
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Article, Passage

logger = logging.getLogger(__name__)


class Clicks:
    """Handles buttons under answers and viewers.

    Args:
        context: what the work is done with.
        orders: what administrators confirm or cancel.
        requests: what they ask for by buttons.
        asking: answers what turned out to be a question.
    """

    def __init__(
        self, context: BotContext, orders: Orders, requests: Requests, asking: QuestionHandler
    ) -> None:
        self._context = context
        self._orders = orders
        self._requests = requests
        self._asking = asking
        self._viewers: dict[int, asyncio.Lock] = {}
        self._actions: dict[
            str, Callable[[CallbackQuery, ButtonPress, StoredAnswer], Awaitable[None]]
        ] = {
            "s": self._view,
            "p": self._view,
            "c": self._close,
            "u": self._vote,
            "d": self._vote,
            "k": self._edit,
            "w": self._edit,
            "z": self._widen,
        }

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A click on any button."""
        query = update.callback_query
        if query is None:
            return
        button = pressed(query.data or "")
        if button is not None and button.action == "l":
            await self._speak(query, button)
            return
        if button is not None and button.action == "e":
            await self._turn(query, button)
            return
        keeps = self._context.may_keep(query)
        if button is not None and button.action in {*ACTIONS, *"fiq"} and keeps:
            await acknowledge(query, await self._keep(query, button))
            return
        answer = await self._admitted(query, button)
        if button is None or answer is None:
            texts = await self._context.texts_for(query.from_user)
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        await self._actions[button.action](query, button, answer)

    async def _keep(self, query: CallbackQuery, button: ButtonPress) -> str:
        """Do what an administrator's button says; what to tell the one who clicked."""
        if button.action == "f":
            return await self._requests.commands.on_feed_click(query, button)
        if button.action in "iq":
            return await self._requests.sharing.on_click(query, button, self._asking)
        return await self._orders.on_click(query, button)

    async def _admitted(
        self, query: CallbackQuery, button: ButtonPress | None
    ) -> StoredAnswer | None:
        """The answer that a button belongs to, if it is stored and shown to those who click."""
        if button is None or button.action not in self._actions or query.message is None:
            return None
        chat, user = query.message.chat.id, query.from_user.id
        if not self._context.access.admits(chat, user):
            return None
        memory = self._context.memory
        answer = await memory.do(memory.store.answer, button.id)
        now = self._context.access.number_now
        return answer if answer is not None and now(answer.place.chat) == now(chat) else None

    async def _edit(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        """Begin to correct or to withdraw the article of a source."""
        texts = await self._context.texts_for(query.from_user)
        memory = self._context.memory
        sources = await memory.do(memory.store.sources, answer.id)
        source = next((s for s in sources if s.number == button.number), None)
        if source is None or not self._context.may_keep(query):
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        kind = OrderKind.CORRECT if button.action == "k" else OrderKind.WITHDRAW
        said = await self._requests.commands.on_source_click(query, kind, source.article_id)
        await acknowledge(query, said)

    async def _widen(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        said = await widen(self._context, self._asking, query, button, answer)
        await acknowledge(query, said)

    async def _speak(self, query: CallbackQuery, button: ButtonPress) -> None:
        memory = self._context.memory
        if button.subject in {"fr", "en"}:
            await memory.do(memory.store.set_language, query.from_user.id, button.subject)
        texts = await self._context.texts_for(query.from_user)
        await acknowledge(query, texts.text("telegram.language_chosen"))

    async def _turn(self, query: CallbackQuery, button: ButtonPress) -> None:
        """Show another page of the list of articles."""
        texts, message = await self._context.texts_for(query.from_user), query.message
        if message is None or not self._context.access.admits(message.chat.id, query.from_user.id):
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        await acknowledge(query)
        keeps = self._context.may_keep(query)
        content = await article_list(self._context, texts, button.id, with_ids=keeps)
        target = Target(message.chat.id)
        await say(Post(self._context.bot, target, self._context.ids, message.message_id), content)

    async def _vote(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        memory, user = self._context.memory, query.from_user.id
        good = button.action == "u"
        await memory.do(memory.store.vote, answer.id, user, self._context.now(), good=good)
        texts = await self._context.texts_for(query.from_user)
        await acknowledge(query, texts.text("telegram.thanks"))

    async def _close(
        self, query: CallbackQuery, _button: ButtonPress, answer: StoredAnswer
    ) -> None:
        await acknowledge(query)
        memory = self._context.memory
        async with self._viewer(answer.id):
            if query.message is not None:
                with suppress(TelegramError):
                    await self._context.bot.delete_message(
                        query.message.chat.id,
                        query.message.message_id,
                        rate_limit_args=Priority.CONTROL,
                    )
            await memory.do(memory.store.set_viewer, answer.id, 0)

    async def _view(self, query: CallbackQuery, button: ButtonPress, answer: StoredAnswer) -> None:
        await acknowledge(query)
        memory = self._context.memory
        texts = await self._context.texts_for(query.from_user)
        async with self._viewer(answer.id):
            again = await memory.do(memory.store.answer, answer.id)
            sources = await memory.do(memory.store.sources, answer.id)
            source = next((s for s in sources if s.number == button.number), None)
            if again is None or source is None:
                return
            view = await self._seen(query, button, source, sources)
            content = viewed(view, texts)
            shown = await self._show(query, again, content)
            if shown != again.viewer:
                await memory.do(memory.store.set_viewer, answer.id, shown)

    async def _seen(
        self,
        query: CallbackQuery,
        button: ButtonPress,
        source: StoredSource,
        sources: list[StoredSource],
    ) -> SourceView:
        found = await asyncio.to_thread(self._looked_up, source.article_id)
        at = button.passage if button.action == "p" else None
        others = [one.number for one in sources]
        keeps = self._context.may_keep(query)
        return SourceView(button.id, source, others, *found, at=at, keeps=keeps)

    def _looked_up(self, article_id: str) -> tuple[Article | None, list[Passage], str]:
        """An article, its passages, and the reason why it was withdrawn, if it was."""
        reader = self._context.reader
        with reader.snapshot():
            found = reader.article_cited(article_id)
            if found is None:
                return None, [], ""
            article, reason = found
            gone = article.state is State.WITHDRAWN
            return article, [] if gone else reader.passages_of(article_id), reason

    async def _show(self, query: CallbackQuery, answer: StoredAnswer, content: Content) -> int:
        """Show it in the viewer of the answer, or in a new one; the viewer's number."""
        message, thread = query.message, 0
        if message is not None and message.chat.id != answer.place.chat:
            message = None  # in the group that became this supergroup: no reply reaches it
        if isinstance(message, Message) and message.is_topic_message:
            thread = message.message_thread_id or 0
        reply_to = message.message_id if message is not None else 0
        target = Target(answer.place.chat, thread, reply_to)
        if message is not None and message.message_id == answer.viewer:
            target = Target(answer.place.chat, thread)
        post = Post(self._context.bot, target, self._context.ids, answer.viewer)
        try:
            try:
                await post.say(content)
            except GoneError:
                post = Post(self._context.bot, target, self._context.ids)
                await post.say(content)
        except (UnreachableError, GoneError, TelegramError) as error:
            logger.info("a source could not be shown: %s", error)
        return post.id

    def _viewer(self, answer: int) -> asyncio.Lock:
        """One click after the other: two at once would open two viewers."""
        if len(self._viewers) > 1_000:
            self._viewers = {n: lock for n, lock in self._viewers.items() if lock.locked()}
        return self._viewers.setdefault(answer, asyncio.Lock())
