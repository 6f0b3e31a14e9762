"""Messages that ask: whom they are for, who may ask, how often; then the answer begins."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.memory.values import Pending, Place
from bot.telegram.addressed import Addressed, addressed, is_from_a_person, place_of
from bot.telegram.answer import Answering, Question
from bot.telegram.fairness import Once
from bot.telegram.replies import reply
from bot.telegram.rows import turns_of
from bot.telegram.runs import Taken
from retrieval.vocabulary import Turn

if TYPE_CHECKING:
    from datetime import timedelta

    from telegram import Message, Update
    from telegram.ext import ContextTypes

    from bot.telegram.context import Desk
    from bot.telegram.fairness import Rates

logger = logging.getLogger(__name__)

_MOST_EXCHANGES = 4
_MOST_CONTEXT_CHARS = 2_000
_SAID_AGAIN_AFTER = 60.0
_TOO_MANY = "telegram.too_many"


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Why a question is not answered now: a key of the catalogue, and its facts."""

    key: str
    facts: dict[str, object] = field(default_factory=dict)


class Asking:
    """Handles messages that may be questions.

    Args:
        desk: what the work is done with.
        rates: how many questions a user may ask.
    """

    def __init__(self, desk: Desk, rates: Rates) -> None:
        self._desk = desk
        self._rates = rates
        self._refused = Once(_SAID_AGAIN_AFTER)
        self._apologised = Once(desk.times.stale)

    async def on_message(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A message: silence when it is for somebody else."""
        message, me = update.message, self._desk.bot.bot
        if message is None or not is_from_a_person(message, me):
            return
        asked = addressed(message, me)
        if asked is None:
            return
        await self._when_admitted(message, asked)

    async def ask(self, message: Message, text: str) -> None:
        """A message that asks this."""
        await self._when_admitted(message, Addressed(text))

    async def _when_admitted(self, message: Message, asked: Addressed) -> None:
        place = place_of(message)
        if not self._desk.access.admits(place.chat, place.user):
            await self.refuse(message)
        elif self._age(message).total_seconds() > self._desk.times.stale:
            if self._apologised.may(place.chat, self._desk.clock()):
                await reply(self._desk, message, "telegram.was_away")
        else:
            await self._take(message, place, asked)

    def _age(self, message: Message) -> timedelta:
        return self._desk.now() - message.date

    async def refuse(self, message: Message) -> None:
        """Say once in private that the bot is not for everybody; leave a group."""
        place = place_of(message)
        if place.chat != place.user:
            await leave(self._desk, place.chat)
        elif self._refused.may(("access", place.user), self._desk.clock()):
            await reply(self._desk, message, "telegram.not_admitted", id=place.user)

    async def _take(self, message: Message, place: Place, asked: Addressed) -> None:
        """Begin to answer, or say why not."""
        if not (asked.text or asked.replied_text):
            await reply(self._desk, message, "telegram.ask_how")
            return
        refused = await self.begin(place, message.message_id, asked)
        if refused is None:
            return
        again = ("rate", place.user)
        if refused.key != _TOO_MANY or self._refused.may(again, self._desk.clock()):
            await reply(self._desk, message, refused.key, **refused.facts)

    async def begin(self, place: Place, number: int, asked: Addressed) -> NotBegun | None:
        """Begin to answer what a message asks, once.

        Args:
            place: where it was asked.
            number: the message, which the answer replies to.
            asked: what it asks.

        Returns:
            None, or why it is not answered now.
        """
        wait = self._rates.wait(place.user, self._desk.clock())
        if wait > 0:
            return NotBegun(_TOO_MANY, {"seconds": math.ceil(wait)})
        turns = await self._turns(place, asked)
        memory = self._desk.memory
        taken = Pending(place, number, self._desk.now(), asked.text or asked.replied_text)
        if not await memory.do(memory.store.take, taken):
            return None  # the same update again: it is answered, or being answered
        started = await self._begin(taken, turns)
        if started is Taken.STARTED:
            return None
        await memory.do(memory.store.settle, place.chat, number)
        why = "closing" if self._desk.runs.closing else started.name.lower()
        return NotBegun(f"telegram.taken.{why}")

    async def _begin(self, taken: Pending, turns: tuple[Turn, ...]) -> Taken:
        place = taken.place
        language = await self._desk.chosen_language(place.user)
        question = Question(taken.question, place, taken.message, turns, language, taken.shown)
        return self._desk.runs.start(
            place.user, lambda stop: Answering(self._desk, question, stop).run()
        )

    async def resume(self) -> None:
        """Answer what a crash left without its whole answer, unless that was long ago."""
        memory = self._desk.memory
        for taken in await memory.do(memory.store.pending):
            old = (self._desk.now() - taken.at).total_seconds() > self._desk.times.stale
            turns = await self._turns(taken.place, Addressed(taken.question))
            if old or await self._begin(taken, turns) is not Taken.STARTED:
                await memory.do(memory.store.settle, taken.place.chat, taken.message)

    async def _turns(self, place: Place, asked: Addressed) -> tuple[Turn, ...]:
        """What was said before: what is replied to, else the conversation."""
        memory = self._desk.memory
        if asked.replied_text and asked.text:
            return (Turn("user", asked.replied_text[:_MOST_CONTEXT_CHARS]),)
        if asked.replied_id:
            shown = await memory.do(memory.store.answer_shown_in, place.chat, asked.replied_id)
            if shown is not None and shown.place.user != place.user:
                return turns_of([shown])
        since = self._desk.now() - self._desk.memory_span
        return turns_of(await memory.do(memory.store.last, place, since, _MOST_EXCHANGES))


async def leave(desk: Desk, chat: int) -> None:
    """Go from a group where nobody is to be answered."""
    try:
        await desk.bot.leave_chat(chat)
    except TelegramError as error:
        logger.info("a group could not be left: %s", error, extra={"chat": chat})
