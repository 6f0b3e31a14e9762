"""Following in chats: ``/follow``, ``/following``, and the buttons that follow, leave and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.answering.following import MAX_SUBJECTS
from bot.answering.tasks import task_of
from bot.memory.values import Place, Subject
from bot.messages.answers import shortened
from bot.messages.catalogue import LANGUAGES, Catalogue
from bot.messages.errors import explained
from bot.telegram.addressing import place_of
from bot.telegram.buttons import Button, data, pressed, rows
from bot.telegram.notices import MAX_QUESTION
from bot.telegram.post import (
    Content,
    Post,
    Target,
    acknowledge,
    argument,
    reply,
    reply_with,
    say,
)
from bot.telegram.rich import Block, block, messages
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from telegram import CallbackQuery, Message, Update
    from telegram.ext import ContextTypes

    from bot.answering.following import SubjectSearch
    from bot.memory.values import StoredAnswer
    from bot.telegram.buttons import ButtonPress, Rows
    from bot.telegram.context import BotContext

PATTERN = r"^v1:[oxh]:"
"""The data of the buttons that are handled here."""
HOURS = (7, 8, 12, 18, 20)
AS_IT_COMES, SHOW = 24, 99
_LABEL_CHARS = 40


class SubjectHandler:
    """Handles what people follow.

    Args:
        context: what the work is done with.
        search: tells whether a question can be followed, and the newest change.
        zone: the name of the time zone in which the hours of digests are.
        members: whether everybody in a group may follow there; else only administrators.
    """

    def __init__(
        self, context: BotContext, search: SubjectSearch, zone: str, *, members: bool = False
    ) -> None:
        self._context = context
        self._search = search
        self._zone = zone
        self._members = members

    # --- commands ---------------------------------------------------------------------

    async def follow(self, message: Message) -> None:
        """Follow what stands behind the command, what is replied to, or the last question."""
        if message.from_user is None:
            return
        place = place_of(message)
        if not self._may(place):
            await reply(self._context, message, "follow.not_here")
            return
        texts = await self._context.texts_for(message.from_user)
        text, before = await self._meant(message, place)
        if not text:
            await reply(self._context, message, "follow.how")
            return
        said = await self._begun(place, text, before, texts)
        await reply_with(self._context, message, [block(said)])

    async def following(self, message: Message) -> None:
        """List what somebody follows here, with buttons."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        blocks, buttons = await self._listed(place_of(message), texts)
        await reply_with(self._context, message, blocks, buttons)

    async def _meant(self, message: Message, place: Place) -> tuple[str, tuple[str, ...]]:
        """The question that a command means, and those before it."""
        written = " ".join(argument(message).split())
        if written:
            return written, ()
        replied, memory = message.reply_to_message, self._context.memory
        if replied is not None:
            shown = await memory.do(
                memory.store.answer_shown_in, message.chat_id, replied.message_id
            )
            if shown is not None:
                return await self._question_of(shown)
            return " ".join((replied.text or replied.caption or "").split()), ()
        since = self._context.sure_now() - self._context.memory_span
        last = await memory.do(memory.store.last, place, since, 1)
        if not last or task_of(last[0].question) is not None:
            return "", ()
        return await self._question_of(last[0])

    async def _question_of(self, answer: StoredAnswer) -> tuple[str, tuple[str, ...]]:
        memory = self._context.memory
        before = await memory.do(memory.subjects.before, answer)
        return subject_of(" ".join(answer.question.split())), before

    async def _begun(
        self, place: Place, text: str, before: tuple[str, ...], texts: Catalogue
    ) -> str:
        """Follow a question; what to say of it."""
        memory, today = self._context.memory, self._context.today()
        try:
            refused = await asyncio.to_thread(self._search.refusal, text, before, today)
        except KiosqueError as error:
            return explained(error, texts, public=True).message
        if refused is not None:
            return texts.text("follow.too_vague", question=shortened(text, MAX_QUESTION))
        newest = await asyncio.to_thread(self._search.newest)
        now, language = self._context.now(), texts.language
        subject = Subject(0, place, now, language, text, before, newest, newest)
        await memory.do(memory.subjects.wake, place.user)
        stored = await memory.do(memory.subjects.add, subject, MAX_SUBJECTS)
        if stored is None:
            return texts.text("follow.too_many", count=MAX_SUBJECTS)
        return texts.text("follow.begun", question=shortened(text, MAX_QUESTION))

    def _may(self, place: Place) -> bool:
        """Whether somebody may follow there: in a group only those who are allowed to."""
        private = place.chat == place.user
        return private or self._members or self._context.access.is_admin(place.user)

    # --- the list ---------------------------------------------------------------------

    async def _listed(self, place: Place, texts: Catalogue) -> tuple[list[Block], Rows]:
        """What somebody follows in a place, a button to leave each, and when they are told."""
        memory = self._context.memory
        await memory.do(memory.subjects.wake, place.user)
        found = await memory.do(memory.subjects.of_place, place)
        if not found:
            return [block(texts.text("follow.none"))], ()
        digests = await memory.do(memory.subjects.digests)
        hour = digests[place.user][0] if place.user in digests else AS_IT_COMES
        lines = [block(texts.text("follow.listed", count=len(found)), "b")]
        for number, one in enumerate(found, 1):
            since = texts.date(one.at.date())
            facts = {
                "number": number,
                "question": shortened(one.question, MAX_QUESTION),
                "date": since,
            }
            lines.append(block(texts.text("follow.subject", **facts)))
        key = "follow.as_it_comes" if hour == AS_IT_COMES else "follow.at_hour"
        lines.append(block(texts.text(key, hour=hour, zone=self._zone), "i", "\n\n"))
        leave = [Button(f"✕ {number}", data("x", one.id)) for number, one in enumerate(found, 1)]
        return lines, (*rows(leave), *_hours(hour, texts))

    # --- buttons ----------------------------------------------------------------------

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A click on a button that follows, leaves, or sets the hour."""
        query = update.callback_query
        if query is None:
            return
        button, place = pressed(query.data or ""), _place_of(query)
        texts = await self._context.texts_for(query.from_user)
        if (
            button is None
            or place is None
            or not self._context.access.admits(place.chat, place.user)
        ):
            await acknowledge(query, texts.text("telegram.button_expired"))
        elif button.action == "o":
            await acknowledge(query, await self._follow_answer(button, place, texts))
        elif button.action == "x":
            await self._leave(query, button, place, texts)
        else:
            await self._set_hour(query, button, place, texts)

    async def _follow_answer(self, button: ButtonPress, place: Place, texts: Catalogue) -> str:
        memory = self._context.memory
        answer = await memory.do(memory.store.answer, button.id)
        if answer is None or answer.place.chat != place.chat:
            return texts.text("telegram.button_expired")
        if not self._may(place):
            return texts.text("follow.not_here")
        text, before = await self._question_of(answer)
        here = Place(place.chat, answer.place.thread, place.user)
        return await self._begun(here, text, before, texts)

    async def _leave(
        self, query: CallbackQuery, button: ButtonPress, place: Place, texts: Catalogue
    ) -> None:
        """Follow a subject no more: those who follow it may, and administrators."""
        memory = self._context.memory
        subject = await memory.do(memory.subjects.subject, button.id)
        if subject is None or subject.place.chat != place.chat:
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        if subject.place.user != place.user and not self._context.access.is_admin(place.user):
            await acknowledge(query, texts.text("follow.not_yours"))
            return
        await memory.do(memory.subjects.remove, subject.id)
        await acknowledge(
            query, texts.text("follow.left", question=shortened(subject.question, 80))
        )
        await self._shown_again(query, subject.place, texts)

    async def _set_hour(
        self, query: CallbackQuery, button: ButtonPress, place: Place, texts: Catalogue
    ) -> None:
        memory = self._context.memory
        if button.id == SHOW:
            await acknowledge(query)
            blocks, buttons = await self._listed(place, texts)
            post = Post(self._context.bot, Target(place.chat, place.thread), self._context.ids)
            await say(post, Content(messages(blocks)[0], buttons))
            return
        if button.id > AS_IT_COMES:
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        hour = button.id if button.id < AS_IT_COMES else None
        await memory.do(memory.subjects.set_digest, place.user, hour, self._context.now())
        key = "follow.as_it_comes" if hour is None else "follow.at_hour"
        await acknowledge(query, texts.text(key, hour=button.id, zone=self._zone))
        await self._shown_again(query, place, texts)

    async def _shown_again(self, query: CallbackQuery, place: Place, texts: Catalogue) -> None:
        """Have the list say how it is now, when the button was under it."""
        message = query.message
        markup = getattr(message, "reply_markup", None)
        listed = any(
            (button.callback_data or "").startswith(data("h", AS_IT_COMES))
            for row in (markup.inline_keyboard if markup else ())
            for button in row
            if isinstance(button.callback_data, str)
        )
        if message is None or not listed:
            return
        blocks, buttons = await self._listed(place, texts)
        target = Target(place.chat)
        post = Post(self._context.bot, target, self._context.ids, message.message_id)
        await say(post, Content(messages(blocks)[0], buttons))


def subject_of(question: str) -> str:
    """What a question is about that the command for chronologies made; any other as it stands."""
    for language in LANGUAGES:
        made = Catalogue(language).text("dossier.question", subject="")
        if question.startswith(made):
            return question.removeprefix(made)
    return question


def _hours(chosen: int, texts: Catalogue) -> Rows:
    """Buttons for when to be told; the choice is marked."""
    labels = [(hour, texts.text("follow.button.hour", hour=hour)) for hour in HOURS]
    labels.append((AS_IT_COMES, texts.text("follow.button.as_it_comes")))
    buttons = [
        Button(f"✓ {label}" if hour == chosen else label, data("h", hour)) for hour, label in labels
    ]
    return (tuple(buttons[:-1]), (buttons[-1],))


def _place_of(query: CallbackQuery) -> Place | None:
    """The place of a click; the thread of its message counts in forums only."""
    message = query.message
    if message is None:
        return None
    topic = getattr(message, "is_topic_message", None)
    thread = getattr(message, "message_thread_id", None) if topic else None
    return Place(message.chat.id, thread or 0, query.from_user.id)
