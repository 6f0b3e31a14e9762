"""Messages that may be questions: addressed to the bot, allowed, not too many; then answered."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from telegram import MessageEntity
from telegram.error import TelegramError

from bot.answering.intents import Intent
from bot.answering.tasks import worded
from bot.memory.conversation import turns_of
from bot.memory.values import PendingQuestion, Place
from bot.telegram.answer import AnswerTask, ChatQuestion
from bot.telegram.limits import Once, Rates
from bot.telegram.post import reply
from bot.telegram.runs import Taken
from retrieval.vocabulary import Turn

if TYPE_CHECKING:
    from datetime import timedelta

    from telegram import Message, Update, User
    from telegram.ext import ContextTypes

    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

_COMMANDS_A_QUESTION = 4  # commands are cheaper
_MAX_EXCHANGES = 4
_MAX_CONTEXT_CHARS = 2_000
_SAID_AGAIN_AFTER = 60.0
_TOO_MANY = "telegram.too_many"


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Why a question is not answered now: a key of the catalogue, and its facts."""

    key: str
    facts: dict[str, object] = field(default_factory=dict)


class QuestionHandler:
    """Handles messages that may be questions.

    Args:
        context: what the work is done with.
        rates: how many questions a user may ask.
    """

    def __init__(self, context: BotContext, rates: Rates) -> None:
        self._context = context
        self._rates = rates
        self._commands = Rates(
            rates.per_minute * _COMMANDS_A_QUESTION, rates.per_hour * _COMMANDS_A_QUESTION
        )
        self._refused = Once(_SAID_AGAIN_AFTER)
        self._apologised = Once(context.times.stale)

    async def on_message(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A message: silence when it is for somebody else."""
        message, me = update.message, self._context.bot.bot
        if message is None or not is_from_a_person(message, me):
            return
        asked = addressed(message, me)
        if asked is None:
            return
        if message.from_user is not None and is_forwarded_text(message):
            language = (await self._context.texts_for(message.from_user)).language
            asked = Addressed(worded(Intent.CLAIM, message.text or message.caption or "", language))
        await self._when_admitted(message, asked)

    async def ask(self, message: Message, text: str) -> None:
        """A message that asks this."""
        await self._when_admitted(message, Addressed(text))

    async def _when_admitted(self, message: Message, asked: Addressed) -> None:
        place = place_of(message)
        if not self._context.access.admits(place.chat, place.user):
            await self.refuse(message)
        elif self._age(message).total_seconds() > self._context.times.stale:
            if self._apologised.may(place.chat, self._context.clock()):
                await reply(self._context, message, "telegram.was_away")
        else:
            await self._take(message, place, asked)

    def _age(self, message: Message) -> timedelta:
        return self._context.now() - message.date

    async def refuse(self, message: Message) -> None:
        """Say once in private that the bot is not for everybody; leave a group."""
        place = place_of(message)
        if place.chat != place.user:
            await leave(self._context, place.chat)
        elif self._refused.may(("access", place.user), self._context.clock()):
            await reply(self._context, message, "telegram.not_admitted", id=place.user)

    async def admits_command(self, message: Message) -> bool:
        """Whether somebody may send a command now; it is counted, and the first refusal is sent."""
        user, now = place_of(message).user, self._context.clock()
        wait = self._commands.wait(user, now)
        if wait > 0 and self._refused.may(("commands", user), now):
            seconds = math.ceil(wait)
            await reply(self._context, message, "telegram.too_many_commands", seconds=seconds)
        return wait <= 0

    async def _take(self, message: Message, place: Place, asked: Addressed) -> None:
        """Begin to answer, or say why not."""
        if not (asked.text or asked.replied_text):
            await reply(self._context, message, "telegram.ask_how")
            return
        refused = await self.begin(place, message.message_id, asked)
        if refused is None:
            return
        again = ("rate", place.user)
        if refused.key != _TOO_MANY or self._refused.may(again, self._context.clock()):
            await reply(self._context, message, refused.key, **refused.facts)

    async def begin(self, place: Place, number: int, asked: Addressed) -> NotBegun | None:
        """Begin to answer what a message asks, once.

        Args:
            place: where it was asked.
            number: the message, which the answer replies to.
            asked: what it asks.

        Returns:
            None, or why it is not answered now.
        """
        wait = self._rates.wait(place.user, self._context.clock())
        if wait > 0:
            return NotBegun(_TOO_MANY, {"seconds": math.ceil(wait)})
        turns = await self._turns(place, asked)
        memory = self._context.memory
        taken = PendingQuestion(
            place, number, self._context.now(), asked.text or asked.replied_text
        )
        if not await memory.do(memory.store.add_pending, taken):
            return None  # the same update again: it is answered, or being answered
        started = await self._begin(taken, turns)
        if started is Taken.STARTED:
            return None
        await memory.do(memory.store.remove_pending, place.chat, number)
        why = "closing" if self._context.runs.closing else started.name.lower()
        return NotBegun(f"telegram.taken.{why}")

    async def _begin(self, taken: PendingQuestion, turns: tuple[Turn, ...]) -> Taken:
        place = taken.place
        language = await self._context.chosen_language(place.user)
        question = ChatQuestion(taken.question, place, taken.message, turns, language, taken.shown)
        return self._context.runs.start(
            place.user, lambda stop: AnswerTask(self._context, question, stop).run()
        )

    async def resume(self) -> None:
        """Answer what a crash left without its whole answer, unless that was long ago."""
        memory = self._context.memory
        for taken in await memory.do(memory.store.pending):
            old = (self._context.now() - taken.at).total_seconds() > self._context.times.stale
            turns = await self._turns(taken.place, Addressed(taken.question))
            if old or await self._begin(taken, turns) is not Taken.STARTED:
                await memory.do(memory.store.remove_pending, taken.place.chat, taken.message)

    async def _turns(self, place: Place, asked: Addressed) -> tuple[Turn, ...]:
        """The turns before: the message that is replied to, else the conversation."""
        memory = self._context.memory
        if asked.replied_text and asked.text:
            return (Turn("user", asked.replied_text[:_MAX_CONTEXT_CHARS]),)
        if asked.replied_id:
            shown = await memory.do(memory.store.answer_shown_in, place.chat, asked.replied_id)
            if shown is not None and shown.place.user != place.user:
                return turns_of([shown])
        since = self._context.now() - self._context.memory_span
        return turns_of(await memory.do(memory.store.last, place, since, _MAX_EXCHANGES))


async def leave(context: BotContext, chat: int) -> None:
    """Go from a group where nobody is to be answered."""
    try:
        await context.bot.leave_chat(chat)
    except TelegramError as error:
        logger.info("a group could not be left: %s", error, extra={"chat": chat})


_ASKED = 400
"""Characters up to which a forwarded text with a question mark is a question."""
_COMMANDS = frozenset({"ask", "demander"})


@dataclass(frozen=True, slots=True)
class Addressed:
    """A question put to the bot.

    Args:
        text: what is asked; empty when only the bot was named.
        replied_text: what somebody else's message says that the question replies to.
        replied_id: the bot's own message that it replies to, or 0.
    """

    text: str
    replied_text: str = ""
    replied_id: int = 0


def place_of(message: Message) -> Place:
    """The place of a message; a thread counts in forums only."""
    thread = message.message_thread_id if message.is_topic_message else None
    user = message.from_user.id if message.from_user else 0
    return Place(message.chat_id, thread or 0, user)


def is_from_a_person(message: Message, me: User) -> bool:
    """Not from another bot, not posted through this one, not in the name of a channel."""
    sender = message.from_user
    via_us = message.via_bot is not None and message.via_bot.id == me.id
    return sender is not None and not sender.is_bot and message.sender_chat is None and not via_us


def addressed(message: Message, me: User) -> Addressed | None:
    """What a message asks of the bot; None when it is not for the bot.

    In private all is. In a group: ``/ask``, a mention, or a reply to the bot.
    """
    text = message.text or message.caption or ""
    command, rest = _command(message, text)
    if command is not None:
        name, _, bot = command.lower().lstrip("/").partition("@")
        ours = not bot or bot == (me.username or "").lower()
        return _asked(message, rest, me) if ours and name in _COMMANDS else None
    private = message.chat.type == "private"
    without, mentioned = _without_mentions(message, text, me)
    if private or mentioned or _replies_to(message, me):
        return _asked(message, without, me)
    return None


def is_forwarded_text(message: Message) -> bool:
    """Whether a message in private brings another's text, which is no question: it is checked."""
    text = (message.text or message.caption or "").strip()
    forwarded = message.forward_origin is not None and message.chat.type == "private"
    asks = len(text) <= _ASKED and "?" in text
    return forwarded and not asks and bool(text)


def _asked(message: Message, text: str, me: User) -> Addressed:
    replied = message.reply_to_message
    asked = " ".join(text.split())
    if replied is None or (replied.forum_topic_created is not None):
        return Addressed(asked)
    if replied.from_user is not None and replied.from_user.id == me.id:
        return Addressed(asked, replied_id=replied.message_id)
    return Addressed(asked, replied_text=(replied.text or replied.caption or "").strip())


def _replies_to(message: Message, me: User) -> bool:
    replied = message.reply_to_message
    return bool(replied and replied.from_user and replied.from_user.id == me.id)


def _command(message: Message, text: str) -> tuple[str | None, str]:
    """The command that a message begins with, and the rest of it."""
    for entity, value in _entities(message, [MessageEntity.BOT_COMMAND]).items():
        if entity.offset == 0:
            return value, text[len(value) :]
    return None, text


def _without_mentions(message: Message, text: str, me: User) -> tuple[str, bool]:
    """The text without the mentions of the bot, and whether there were any."""
    name = f"@{me.username or ''}".lower()
    mentioned = False
    for entity, value in _entities(
        message, [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    ).items():
        by_id = entity.user is not None and entity.user.id == me.id
        if by_id or value.lower() == name:
            text, mentioned = text.replace(value, " ", 1), True
    return text, mentioned


def _entities(message: Message, kinds: list[str | None]) -> dict[MessageEntity, str]:
    if message.text is not None:
        return message.parse_entities(kinds)
    return message.parse_caption_entities(kinds) if message.caption is not None else {}
