"""Questions that a stop left without their whole answer: their readers are told, once.

The message that was half written says it, or a reply; a button below asks the question again, and
its answer takes the place of that message. An answer that the end of the bot cuts short has that
button at once (`bot.telegram.answer`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telegram.error import NetworkError, RetryAfter

from bot.memory.unanswered import MOST_BEGUN, UnansweredQuestions
from bot.messages.catalogue import Catalogue
from bot.telegram.buttons import ask_again_row
from bot.telegram.groups import follow
from bot.telegram.limits import seconds_of
from bot.telegram.post import Content, GoneError, Post, Target, UnreachableError, acknowledge
from bot.telegram.rich import block, messages
from bot.telegram.widening import may_change
from retrieval.text.analysis import guess_language

if TYPE_CHECKING:
    from telegram import CallbackQuery, Update
    from telegram.ext import ContextTypes

    from bot.memory.values import PendingQuestion
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

PATTERN = r"^v1:r:"
"""The data of the button that asks again."""
_AWAY_S = 60.0
"""Between two attempts while Telegram cannot be reached."""


@dataclass(slots=True)
class Unanswered:
    """Tells readers that their questions are not answered.

    Args:
        context: what the work is done with.
    """

    context: BotContext
    _store: UnansweredQuestions = field(init=False)
    _tasks: dict[tuple[int, int], asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._store = UnansweredQuestions(self.context.memory.store)
        self.context.closers.append(self._close)

    def tell(self, asked: PendingQuestion) -> None:
        """Tell the reader of a pending question, however long that takes.

        It stays pending until then: the next start answers or tells it when this process ends
        before; one that is ending begins nothing.
        """
        key = (asked.place.chat, asked.message)
        if key not in self._tasks and not self.context.runs.closing:
            task = self.context.runs.beside(
                "telling of an answer that is not whole", self._told(asked)
            )
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _close(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()

    async def _told(self, asked: PendingQuestion) -> None:
        place, memory = asked.place, self.context.memory
        content = await self._content(asked)
        target = Target(place.chat, place.thread, asked.message)
        post = Post(self.context.bot, target, self.context.ids, asked.shown)
        try:
            await _said(post, content)
        except (UnreachableError, GoneError) as error:
            logger.info("nobody reads that an answer is not whole: %s", error)
            await memory.do(memory.store.remove_pending, place.chat, asked.message)
        else:
            await memory.do(self._store.leave, asked, post.target.chat, post.id)
            await follow(self.context, place.chat, post.target.chat)

    async def _content(self, asked: PendingQuestion) -> Content:
        chosen = await self.context.chosen_language(asked.place.user)
        texts = Catalogue(chosen or guess_language(asked.question))
        if asked.begun >= MOST_BEGUN:  # asked again, it would stop us again
            return Content(messages([block(texts.text("telegram.unanswered.given_up"))])[0])
        said = messages([block(texts.text("telegram.unanswered.stopped"))])[0]
        return Content(said, ask_again_row(texts))


async def _said(post: Post, content: Content) -> None:
    """Show something, however often Telegram is away or asks to wait.

    Raises:
        GoneError, UnreachableError: nobody can read it.
    """
    while True:
        try:
            return await post.say(content)
        except (RetryAfter, NetworkError) as error:
            wait = seconds_of(error) if isinstance(error, RetryAfter) else _AWAY_S
            logger.warning("that an answer is not whole is told later: %s", error)
            await asyncio.sleep(wait)


@dataclass(frozen=True, slots=True)
class UnansweredClicks:
    """Handles the button that asks again.

    Args:
        context: what the work is done with.
        asking: answers.
    """

    context: BotContext
    asking: QuestionHandler

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A click on the button."""
        query = update.callback_query
        if query is not None:
            await acknowledge(query, await self._asked_again(query))

    async def _asked_again(self, query: CallbackQuery) -> str:
        """Begin to answer; what to tell the one who clicked."""
        texts, memory = await self.context.texts_for(query.from_user), self.context.memory
        message, user = query.message, query.from_user.id
        if message is None or not self.context.access.admits(message.chat.id, user):
            return texts.text("telegram.button_expired")
        told = UnansweredQuestions(memory.store).told_in
        asked = await memory.do(told, message.chat.id, message.message_id)
        if asked is None:
            return texts.text("telegram.button_expired")
        if not await may_change(self.context, asked.place, user):
            return texts.text("telegram.not_yours")
        refused = await self.asking.ask_again(asked)
        return texts.text(refused.key, **refused.facts) if refused else ""
