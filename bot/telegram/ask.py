"""Messages that may be questions: addressed to the bot, allowed, not too many; then answered."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.answering.intents import Intent
from bot.answering.tasks import worded
from bot.memory.conversation import turns_of
from bot.memory.unanswered import UnansweredQuestions
from bot.memory.values import PendingQuestion, Place
from bot.telegram.addressing import (
    Addressed,
    addressed,
    is_forwarded,
    is_from_a_person,
    place_of,
)
from bot.telegram.admin.admission import Admission
from bot.telegram.answer import AnswerTask, ChatQuestion
from bot.telegram.groups import admits, follow_known, leave
from bot.telegram.limits import Once, Rates
from bot.telegram.post import reply
from bot.telegram.runs import Taken
from bot.telegram.unanswered import Unanswered
from retrieval.vocabulary import Turn

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Collection, Coroutine

    from telegram import Message, Update
    from telegram.ext import ContextTypes

    from bot.memory.values import StoredAnswer
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Understanding

logger = logging.getLogger(__name__)

_COMMANDS_A_QUESTION = 4  # commands are cheaper
_MAX_EXCHANGES = 4
_MAX_CONTEXT_CHARS = 2_000
_SAID_AGAIN_AFTER = 60.0
_MAX_DELETED = 100
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
        self.rates = rates
        self._commands = Rates(
            rates.per_minute * _COMMANDS_A_QUESTION, rates.per_hour * _COMMANDS_A_QUESTION
        )
        self._refused = Once(_SAID_AGAIN_AFTER)
        self._apologised = Once(context.times.stale)
        self._under_way: dict[int, AnswerTask] = {}
        self._deleted: dict[int, AnswerTask] = {}
        self._unanswered = Unanswered(context)
        self._left = UnansweredQuestions(context.memory.store)

    async def on_message(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A message: silence when it is for somebody else."""
        message, me = update.message, self._context.bot.bot
        if message is None or not is_from_a_person(message, me):
            return
        asked = addressed(message, me)
        if asked is None:
            return
        self._first_of_album(message)  # the other pictures need no word of their own
        said = message.text or message.caption or ""
        if message.from_user is not None and is_forwarded(message, said):
            language = (await self._context.texts_for(message.from_user)).language
            asked = Addressed(worded(Intent.CLAIM, said, language))
        await self._when_admitted(message, asked)

    async def on_unread(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A picture, a sound, a sticker… in private: one line an album says what the bot reads."""
        message = update.message
        if message is None or not is_from_a_person(message, self._context.bot.bot):
            return
        if not self._context.access.admits(message.chat_id, place_of(message).user):
            await self.refuse(message)
        elif self._is_stale(message) or not self._first_of_album(message):
            return
        elif await self.admits_command(message):
            unread = "telegram.unread_but_heard" if self._context.listens else "telegram.unread"
            await reply(self._context, message, unread)

    def _first_of_album(self, message: Message) -> bool:
        album = message.media_group_id
        return album is None or self._refused.may(("album", album), self._context.clock())

    async def ask(self, message: Message, text: str, *, chronology: bool = False) -> None:
        """A message that asks this, or for the chronology of it."""
        await self._when_admitted(message, Addressed(text, chronology=chronology))

    async def _when_admitted(self, message: Message, asked: Addressed) -> None:
        if await self.admitted(message):
            await self._take(message, place_of(message), asked)

    async def admitted(self, message: Message) -> bool:
        """Whether a message is taken: from whom may ask, and not of long ago; else it is said."""
        place = place_of(message)
        if not await admits(self._context, place.chat, place.user):
            await self.refuse(message)
        elif not self._is_stale(message):
            return True
        elif await self._context.memory.do(self._left.knows, place.chat, message.message_id):
            pass  # taken before a stop: the message of its answer says what became of it
        elif self._apologised.may(place.chat, self._context.clock()):
            await reply(self._context, message, "telegram.was_away")
        return False

    def _is_stale(self, message: Message) -> bool:
        age = self._context.sure_now() - message.date
        return age.total_seconds() > self._context.times.stale

    async def refuse(self, message: Message) -> None:
        """Say once in private that the bot is not for everybody, or give a code; leave a group."""
        place = place_of(message)
        if place.chat < 0:
            if not await admits(self._context, place.chat, place.user):
                await leave(self._context, place.chat)
        elif not self._refused.may(("access", place.user), self._context.clock()):
            return
        elif self._context.access.by_code:
            await Admission(self._context).ask(message)
        else:
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
        wait = self.rates.wait(place.user, self._context.clock())
        if wait > 0:
            return NotBegun(_TOO_MANY, {"seconds": math.ceil(wait)})
        return await self.start(place, number, asked)

    async def may_ask(self, message: Message) -> bool:
        """Whether somebody may ask now; it is counted, and the first refusal is sent."""
        user, now = place_of(message).user, self._context.clock()
        wait = self.rates.wait(user, now)
        if wait > 0 and self._refused.may(("rate", user), now):
            await reply(self._context, message, _TOO_MANY, seconds=math.ceil(wait))
        return wait <= 0

    def under_way(self, user: int) -> AnswerTask | None:
        """The answer that somebody waits for, if there is one."""
        return self._under_way.get(user)

    def deleted(self, user: int) -> AnswerTask | None:
        """The last answer of somebody, if they deleted its message before it was whole."""
        return self._deleted.get(user)

    async def start(
        self, place: Place, number: int, asked: Addressed, shown: int = 0
    ) -> NotBegun | None:
        """Begin to answer what may be asked, in a message that is there, or 0; see `begin`."""
        await self._context.runs.settled(place.user)  # the answer before is a turn of this one
        turns = await self._turns(place, asked)
        memory = self._context.memory
        taken = PendingQuestion(
            place, number, self._context.now(), asked.text or asked.replied_text, shown
        )
        if not await memory.do(memory.store.add_pending, taken):
            return None  # the same update again: it is answered, or being answered
        started = await self._begin(taken, () if asked.chronology else turns, asked.chronology)
        if shown and started is not Taken.STARTED:  # what it shows is no answer any more
            self._unanswered.tell(taken)
            return None
        return await self._started(taken, started)

    async def answer_here(
        self, place: Place, number: int, asked: Addressed, stop: asyncio.Event, heard: str = ""
    ) -> None:
        """Answer a question in the place that somebody has already, for a recording or a dossier.

        Args:
            place: where it was asked.
            number: the message, which the answer replies to.
            asked: what it asks.
            stop: asks the answer to end.
            heard: the words that were understood of a recording, which the answer shows.
        """
        memory = self._context.memory
        turns = () if asked.chronology else await self._turns(place, asked)
        taken = PendingQuestion(place, number, self._context.now(), asked.text)
        if await memory.do(memory.store.add_pending, taken):
            language = await self._context.chosen_language(place.user)
            question = ChatQuestion(
                asked.text,
                place,
                number,
                turns,
                language,
                chronology=asked.chronology,
                heard=heard,
            )
            await self._work(question, stop)

    async def _begin(
        self, taken: PendingQuestion, turns: tuple[Turn, ...], chronology: bool = False
    ) -> Taken:
        place = taken.place
        language = await self._context.chosen_language(place.user)
        question = ChatQuestion(
            taken.question, place, taken.message, turns, language, taken.shown, chronology
        )
        return await self._run(question)

    async def again(
        self,
        answer: StoredAnswer,
        known: Understanding,
        shown: tuple[int, ...],
        *,
        spoken: bool = False,
    ) -> NotBegun | None:
        """Begin to answer a question once more, in the place of its answer.

        Args:
            answer: what is shown now.
            known: how the question is to be understood.
            shown: the messages that show the answer.
            spoken: whether it was asked aloud: the answer shows what was heard again.

        Returns:
            None, or why it is not answered now.
        """
        place, memory = answer.place, self._context.memory
        wait = self.rates.wait(place.user, self._context.clock())
        if wait > 0:
            return NotBegun(_TOO_MANY, {"seconds": math.ceil(wait)})
        await self._context.runs.settled(place.user)  # its buttons are seen before it ends
        now, first = self._context.now(), shown[0]
        taken = PendingQuestion(place, answer.asked, now, answer.question, first)
        if not await memory.do(memory.store.add_pending, taken, again=True):
            return NotBegun("telegram.taken.busy")
        question = ChatQuestion(
            answer.question,
            place,
            answer.asked,
            language=await self._context.chosen_language(place.user),
            shown=first,
            known=known,
            former=shown[1:],
            heard=answer.question if spoken else "",
        )
        return await self._started(taken, await self._run(question))

    async def _started(self, taken: PendingQuestion, started: Taken) -> NotBegun | None:
        """None for an answer that is begun; else the question is dropped: why."""
        if started is Taken.STARTED:
            return None
        memory, chat = self._context.memory, taken.place.chat
        await memory.do(memory.store.remove_pending, chat, taken.message)
        return NotBegun(self._context.runs.refusal(started))

    async def _run(self, question: ChatQuestion) -> Taken:
        user = question.place.user
        return await self._context.runs.start(user, lambda stop: self._work(question, stop))

    def _work(self, question: ChatQuestion, stop: asyncio.Event) -> Coroutine[object, object, None]:
        """The work of an answer, which is known as under way until it ends."""
        task, user = AnswerTask(self._context, question, stop), question.place.user
        self._under_way[user] = task
        self._deleted.pop(user, None)

        async def work() -> None:
            try:
                await task.run()
            finally:
                del self._under_way[user]
                if task.undelivered:
                    self._unanswered.tell(task.pending)
                if task.was_deleted:
                    self._remember_deleted(user, task)

        return work()

    def _remember_deleted(self, user: int, task: AnswerTask) -> None:
        """Keep what was deleted, of so many people, for an edit of its question."""
        self._deleted[user] = task
        if len(self._deleted) > _MAX_DELETED:
            del self._deleted[next(iter(self._deleted))]

    async def resume(self, chats: Collection[int] | None = None) -> None:
        """Answer what a stop left without its whole answer, or tell that it is not answered.

        Args:
            chats: only what was asked in these.
        """
        memory = self._context.memory
        await follow_known(self._context)
        for taken in await memory.do(memory.store.pending):
            if chats is not None and taken.place.chat not in chats:
                continue
            if not await self._resumed(taken):
                self._unanswered.tell(taken)

    async def _resumed(self, taken: PendingQuestion) -> bool:
        """Begin to answer a question again, unless it was asked long ago, or stops us each time."""
        old = (self._context.sure_now() - taken.at).total_seconds() > self._context.times.stale
        if old or not await self._context.memory.do(self._left.begin_again, taken):
            return False
        turns = await self._turns(taken.place, Addressed(taken.question))
        return await self._begin(taken, turns) is Taken.STARTED

    async def ask_again(self, asked: PendingQuestion) -> NotBegun | None:
        """Begin to answer a question whose reader was told that it is not answered.

        Args:
            asked: the question; its answer takes the place of the message that told it.

        Returns:
            None, or why it is not answered now.
        """
        wait = self.rates.wait(asked.place.user, self._context.clock())
        if wait > 0:
            return NotBegun(_TOO_MANY, {"seconds": math.ceil(wait)})
        memory = self._context.memory
        if not await memory.do(self._left.ask_again, asked, self._context.now()):
            return NotBegun("telegram.button_expired")
        turns = await self._turns(asked.place, Addressed(asked.question))
        started = await self._begin(asked, turns)
        if started is Taken.STARTED:
            return None
        await memory.do(self._left.leave, asked, asked.place.chat, asked.shown)
        return NotBegun(self._context.runs.refusal(started))

    async def _turns(self, place: Place, asked: Addressed) -> tuple[Turn, ...]:
        """The turns before: the message that is replied to, else the conversation."""
        memory = self._context.memory
        if asked.replied_text and asked.text:
            return (Turn("user", asked.replied_text[:_MAX_CONTEXT_CHARS]),)
        if asked.replied_id:
            shown = await memory.do(memory.store.answer_shown_in, place.chat, asked.replied_id)
            if shown is not None and shown.place.user != place.user:
                return turns_of([shown])
        since = self._context.sure_now() - self._context.memory_span
        return turns_of(await memory.do(memory.store.last, place, since, _MAX_EXCHANGES))
