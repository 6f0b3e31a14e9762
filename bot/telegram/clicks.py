"""Clicks on buttons: answered first, then done, if the one who clicks may see it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from telegram import Message
from telegram.error import TelegramError

from bot.telegram.admin.orders import ACTIONS
from bot.telegram.admin.values import Kind
from bot.telegram.buttons import pressed
from bot.telegram.limits import Priority
from bot.telegram.post import GoneError, Post, Target, UnreachableError
from bot.telegram.view import View, viewed
from retrieval.errors import NotFound
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import CallbackQuery, Update
    from telegram.ext import ContextTypes

    from bot.memory.values import Cited, Kept
    from bot.telegram.admin.orders import Orders
    from bot.telegram.admin.requests import Requests
    from bot.telegram.ask import Asking
    from bot.telegram.buttons import Pressed
    from bot.telegram.context import Desk
    from bot.telegram.post import Content
    from retrieval.vocabulary import Article, Passage

logger = logging.getLogger(__name__)


class Clicks:
    """Handles buttons under answers and viewers.

    Args:
        desk: what the work is done with.
        orders: what administrators confirm or cancel.
        requests: what they ask for by buttons.
        asking: answers what turned out to be a question.
    """

    def __init__(self, desk: Desk, orders: Orders, requests: Requests, asking: Asking) -> None:
        self._desk = desk
        self._orders = orders
        self._requests = requests
        self._asking = asking
        self._viewers: dict[int, asyncio.Lock] = {}
        self._actions: dict[str, Callable[[CallbackQuery, Pressed, Kept], Awaitable[None]]] = {
            "s": self._view,
            "p": self._view,
            "c": self._close,
            "u": self._vote,
            "d": self._vote,
            "k": self._edit,
            "w": self._edit,
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
        if button is not None and button.action in {*ACTIONS, *"fiq"} and self._may_keep(query):
            await self._answer(query, await self._keep(query, button))
            return
        kept = await self._admitted(query, button)
        if button is None or kept is None:
            texts = await self._desk.texts_for(query.from_user)
            await self._answer(query, texts.text("telegram.button_expired"))
            return
        await self._actions[button.action](query, button, kept)

    async def _keep(self, query: CallbackQuery, button: Pressed) -> str:
        """Do what an administrator's button says; what to tell the one who clicked."""
        if button.action == "f":
            return await self._requests.overview.on_feed_click(query, button)
        if button.action in "iq":
            return await self._requests.sharing.on_click(query, button, self._asking)
        return await self._orders.on_click(query, button)

    async def _admitted(self, query: CallbackQuery, button: Pressed | None) -> Kept | None:
        """The answer that a button belongs to, if it is kept and shown to those who click."""
        if button is None or button.action not in self._actions or query.message is None:
            return None
        chat, user = query.message.chat.id, query.from_user.id
        if not self._desk.access.admits(chat, user):
            return None
        memory = self._desk.memory
        kept = await memory.do(memory.store.answer, button.id)
        return kept if kept is not None and kept.place.chat == chat else None

    def _may_keep(self, query: CallbackQuery) -> bool:
        """Whether who clicked may change the archive, here: in private only."""
        private = query.message is not None and query.message.chat.type == "private"
        return private and self._desk.access.is_admin(query.from_user.id)

    async def _edit(self, query: CallbackQuery, button: Pressed, kept: Kept) -> None:
        """Begin to correct or to withdraw the article of a source."""
        texts = await self._desk.texts_for(query.from_user)
        memory = self._desk.memory
        sources = await memory.do(memory.store.sources, kept.id)
        source = next((s for s in sources if s.number == button.number), None)
        if source is None or not self._may_keep(query):
            await self._answer(query, texts.text("telegram.button_expired"))
            return
        kind = Kind.CORRECT if button.action == "k" else Kind.WITHDRAW
        said = await self._requests.articles.on_source_click(query, kind, source.article_id)
        await self._answer(query, said)

    async def _answer(self, query: CallbackQuery, text: str = "") -> None:
        """Tell Telegram that the click was seen: too late is no harm."""
        with suppress(TelegramError):
            await query.answer(text[:200] or None)

    async def _speak(self, query: CallbackQuery, button: Pressed) -> None:
        memory = self._desk.memory
        if button.subject in {"fr", "en"}:
            await memory.do(memory.store.speak, query.from_user.id, button.subject)
        texts = await self._desk.texts_for(query.from_user)
        await self._answer(query, texts.text("telegram.language_chosen"))

    async def _vote(self, query: CallbackQuery, button: Pressed, kept: Kept) -> None:
        memory, user = self._desk.memory, query.from_user.id
        good = button.action == "u"
        await memory.do(memory.store.vote, kept.id, user, self._desk.now(), good=good)
        texts = await self._desk.texts_for(query.from_user)
        await self._answer(query, texts.text("telegram.thanks"))

    async def _close(self, query: CallbackQuery, _button: Pressed, kept: Kept) -> None:
        await self._answer(query)
        memory = self._desk.memory
        async with self._viewer(kept.id):
            if query.message is not None:
                with suppress(TelegramError):
                    await self._desk.bot.delete_message(
                        kept.place.chat, query.message.message_id, rate_limit_args=Priority.CONTROL
                    )
            await memory.do(memory.store.viewed_in, kept.id, 0)

    async def _view(self, query: CallbackQuery, button: Pressed, kept: Kept) -> None:
        await self._answer(query)
        memory = self._desk.memory
        texts = await self._desk.texts_for(query.from_user)
        async with self._viewer(kept.id):
            again = await memory.do(memory.store.answer, kept.id)
            sources = await memory.do(memory.store.sources, kept.id)
            source = next((s for s in sources if s.number == button.number), None)
            if again is None or source is None:
                return
            view = await self._seen(query, button, source, sources)
            content = viewed(view, texts)
            shown = await self._show(query, again, content)
            if shown != again.viewer:
                await memory.do(memory.store.viewed_in, kept.id, shown)

    async def _seen(
        self, query: CallbackQuery, button: Pressed, source: Cited, sources: list[Cited]
    ) -> View:
        found = await asyncio.to_thread(self._looked_up, source.article_id)
        at = button.passage if button.action == "p" else None
        others = [one.number for one in sources]
        keeps = self._may_keep(query)
        return View(button.id, source, others, *found, at=at, keeps=keeps)

    def _looked_up(self, article_id: str) -> tuple[Article | None, list[Passage], str]:
        """An article, its passages, and the reason why it was withdrawn, if it was."""
        reader = self._desk.reader
        try:
            with reader.snapshot():
                article = reader.article(article_id)
                if article.state is State.WITHDRAWN:
                    return article, [], reader.known_as(article.id).note.reason
                return article, reader.passages_of(article_id), ""
        except NotFound:
            return None, [], ""

    async def _show(self, query: CallbackQuery, kept: Kept, content: Content) -> int:
        """Show it in the viewer of the answer, or in a new one; the viewer's number."""
        message = query.message
        thread = 0
        if isinstance(message, Message) and message.is_topic_message:
            thread = message.message_thread_id or 0
        reply_to = message.message_id if message is not None else 0
        target = Target(kept.place.chat, thread, reply_to)
        if message is not None and message.message_id == kept.viewer:
            target = Target(kept.place.chat, thread)
        post = Post(self._desk.bot, target, self._desk.ids, kept.viewer)
        try:
            try:
                await post.say(content)
            except GoneError:
                post = Post(self._desk.bot, target, self._desk.ids)
                await post.say(content)
        except (UnreachableError, GoneError, TelegramError) as error:
            logger.info("a source could not be shown: %s", error)
        return post.id

    def _viewer(self, answer: int) -> asyncio.Lock:
        """One click after the other: two at once would open two viewers."""
        if len(self._viewers) > 1_000:
            self._viewers = {n: lock for n, lock in self._viewers.items() if lock.locked()}
        return self._viewers.setdefault(answer, asyncio.Lock())
