"""Edited questions: the last one that somebody asked is answered anew, in the same message."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.memory.unanswered import UnansweredQuestions
from bot.telegram.addressing import addressed, is_from_a_person, place_of
from bot.telegram.limits import Priority

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import Message, Update
    from telegram.ext import ContextTypes

    from bot.memory.store import Store
    from bot.memory.values import Place
    from bot.telegram.addressing import Addressed
    from bot.telegram.answer import AnswerTask
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """The answer to the question before it was edited.

    Args:
        id: its number; 0 when it is not stored.
        question: what was asked.
        messages: those that show it, in order; the viewer of its sources is the last, if open.
    """

    id: int
    question: str
    messages: tuple[int, ...] = ()


class EditHandler:
    """Handles messages that were edited.

    Args:
        context: what the work is done with.
        asking: answers questions.
    """

    def __init__(self, context: BotContext, asking: QuestionHandler) -> None:
        self._context = context
        self._asking = asking

    async def on_edit(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """An edited message: silence unless it is the last question of somebody, and recent."""
        message, me = update.edited_message, self._context.bot.bot
        if message is None or not is_from_a_person(message, me) or self._is_old(message.date):
            return
        place, asked = place_of(message), addressed(message, me)
        if asked is None or not (asked.text or asked.replied_text):
            return
        if self._context.access.admits(place.chat, place.user):
            await self._answer_anew(message, place, asked)

    def _is_old(self, asked_at: datetime) -> bool:
        return self._context.sure_now() - asked_at > self._context.memory_span

    async def _answer_anew(self, message: Message, place: Place, asked: Addressed) -> None:
        """Stop the answer that is under way, or take back the one that stands, and answer."""
        memory, number = self._context.memory, message.message_id
        under_way = self._asking.under_way(place.user)
        if under_way is not None and under_way.asks != (place.chat, number):
            return  # a later question
        found = await memory.do(last_answer, memory.store, place, number)
        before = found or under_way or self._deleted(place, number)
        if before is None:
            return
        if before.question == (asked.text or asked.replied_text):
            return  # an edit of something else: the preview of an address, a mark
        if not await self._asking.may_ask(message):
            return
        if under_way is not None:
            under_way.supersede()
            await self._context.runs.ended(place.user)
            found = await memory.do(last_answer, memory.store, place, number)
        earlier = found or EarlierAnswer(0, "", under_way.messages if under_way else ())
        await self._take_back(place, number, earlier)
        shown = earlier.messages[0] if earlier.messages else 0
        await self._asking.start(place, number, asked, shown)

    def _deleted(self, place: Place, number: int) -> AnswerTask | None:
        """The answer to a message, if it is the last, and was deleted before it was whole."""
        deleted = self._asking.deleted(place.user)
        return deleted if deleted is not None and deleted.asks == (place.chat, number) else None

    async def _take_back(self, place: Place, number: int, earlier: EarlierAnswer) -> None:
        """Forget an answer; only its first message stays, to show the next one."""
        memory = self._context.memory
        await memory.do(UnansweredQuestions(memory.store).drop, place.chat, number)
        if earlier.id:
            await memory.do(memory.store.rows, "DELETE FROM answers WHERE id = ?", earlier.id)
        for message in earlier.messages[1:]:
            with suppress(TelegramError):
                await self._context.bot.delete_message(
                    place.chat, message, rate_limit_args=Priority.CONTROL
                )


def last_answer(store: Store, place: Place, asked: int) -> EarlierAnswer | None:
    """The answer to a message, if it is the last one of a conversation; or what told of none.

    Args:
        store: the memory.
        place: the conversation.
        asked: the message.
    """
    rows = store.rows(
        "SELECT id, question, asked, viewer FROM answers WHERE chat = ? AND thread = ?"
        " AND user = ? ORDER BY id DESC LIMIT 1",
        place.chat,
        place.thread,
        place.user,
    )
    if not rows or rows[0][2] != asked:
        left = UnansweredQuestions(store).asked_in(place.chat, asked)
        return EarlierAnswer(0, left.question, (left.shown,)) if left else None
    id_, question, _, viewer = rows[0]
    shown = store.rows(
        "SELECT message FROM messages WHERE answer = ? AND chat = ? ORDER BY message",
        id_,
        place.chat,
    )
    messages = (*(message for (message,) in shown), *((viewer,) if viewer else ()))
    return EarlierAnswer(id_, question, messages)
