"""Chronologies and dossiers in a chat: asked for by commands, sent as files, verified when sent."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from uuid import uuid4

from telegram import InputFile, Message, ReplyParameters
from telegram.error import TelegramError

from bot.answering.request import Finished, Request
from bot.desk.metrics import FAILED, STOPPED
from bot.dossier.dossier import FORMATS, WORD, dossier_of, file_name
from bot.dossier.filed import MAX_BYTES
from bot.dossier.files import rendered
from bot.dossier.report import quote_lines, summary_lines
from bot.dossier.verification import verified
from bot.messages.errors import explained
from bot.telegram.addressing import Addressed, place_of
from bot.telegram.buttons import Button, data, pressed
from bot.telegram.files import fetched
from bot.telegram.limits import Priority
from bot.telegram.post import (
    Target,
    acknowledge,
    argument,
    markup,
    reply,
    reply_with,
)
from bot.telegram.rich import block
from bot.telegram.runs import Taken, until
from retrieval.errors import BadUse, KiosqueError
from retrieval.vocabulary import Status

if TYPE_CHECKING:
    from telegram import Update, User
    from telegram.ext import ContextTypes

    from bot.dossier.dossier import Dossier
    from bot.messages.catalogue import Catalogue
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

PATTERN = r"^v1:v:"
"""The data of the buttons that are handled here."""
_READ = (*FORMATS, ".markdown", ".txt")
_OUR_NAME = "dossier"
_CAPTION_CHARS = 900


class DossierHandler:
    """Handles ``/chrono`` and ``/dossier``, and dossiers that are sent in private.

    Args:
        context: what the work is done with.
        asking: answers a chronology as it does a question.
    """

    def __init__(self, context: BotContext, asking: QuestionHandler) -> None:
        self._context = context
        self._asking = asking

    async def chronology(self, message: Message) -> None:
        """The dated lines of a subject, as an answer with its sources."""
        subject = " ".join(argument(message).split())
        if not subject or message.from_user is None:
            await reply(self._context, message, "telegram.chronology_how")
            return
        question = await self._question(message.from_user, subject)
        await self._asking.ask(message, question, chronology=True)

    async def _question(self, user: User, subject: str) -> str:
        """The question that asks for the chronology of a subject."""
        texts = await self._context.texts_for(user)
        return texts.text("dossier.question", subject=subject)

    async def dossier(self, message: Message) -> None:
        """The file of a subject's dossier: Word, or Markdown when it is asked for."""
        subject, form = subject_and_form(argument(message))
        if not subject:
            await reply(self._context, message, "telegram.dossier_how")
            return
        await self._begin(message, place_of(message).user, subject, form)

    async def on_click(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """The button under a file: the same subject, as a file of the other form.

        The subject is that of the command, which the file replies to.
        """
        query = update.callback_query
        if query is None:
            return
        button, shown, user = pressed(query.data or ""), query.message, query.from_user
        asked = shown.reply_to_message if isinstance(shown, Message) else None
        subject = subject_and_form(argument(asked))[0] if asked is not None else ""
        if (
            button is None
            or asked is None
            or not subject
            or button.id >= len(FORMATS)
            or not self._context.access.admits(asked.chat_id, user.id)
        ):
            texts = await self._context.texts_for(user)
            await acknowledge(query, texts.text("telegram.button_expired"))
            return
        await acknowledge(query)
        if await self._asking.admits_command(asked):
            await self._begin(asked, user.id, subject, FORMATS[button.id])

    async def _begin(self, message: Message, user: int, subject: str, form: str) -> None:
        """Begin to make a dossier for somebody, or say why not."""
        taken = await self._context.runs.start(
            user, lambda stop: self._answered(message, user, subject, form, stop)
        )
        if taken is not Taken.STARTED:
            await reply(self._context, message, self._context.runs.refusal(taken))

    async def _answered(
        self, message: Message, user: int, subject: str, form: str, stop: asyncio.Event
    ) -> None:
        """Make a dossier and send it, unless it is stopped; say why it cannot be."""
        outcome, metrics = await until(stop, self._made(subject)), self._context.metrics
        self._context.runs.delivers(user)
        if outcome.error is not None:
            metrics.ended(Status.REFUSED if isinstance(outcome.error, BadUse) else FAILED)
            await self._sorry(message, outcome.error)
        elif outcome.stopped:
            metrics.ended(STOPPED)
            await reply(self._context, message, "telegram.interrupted")
        elif outcome.value is not None:
            metrics.ended(Status.EXTRACTIVE)
            await self._deliver(message, outcome.value, form)
        elif message.from_user is not None:  # answered as a question is: kept, to be followed
            question = await self._question(message.from_user, subject)
            asked = Addressed(question, chronology=True)
            await self._asking.answer_here(place_of(message), message.message_id, asked, stop)

    async def _made(self, subject: str) -> Dossier | None:
        """The dossier of a subject, if anything was found."""
        context, answer = self._context, None
        async with context.runs.place(), asyncio.timeout(context.times.answer):
            request = Request(subject, context.today(), chronology=True)
            async for event in context.answers(request):
                if isinstance(event, Finished):
                    answer = event.answer
        if answer is None:
            raise RuntimeError("the events ended without an answer")
        coverage = await asyncio.to_thread(context.reader.coverage)
        return dossier_of(answer, coverage, context.today())

    async def _deliver(self, message: Message, dossier: Dossier, form: str) -> None:
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        target = _target(message)
        content = await asyncio.to_thread(rendered, dossier, form, texts)
        file = InputFile(content, file_name(dossier.subject, form))
        try:
            sent = await self._context.bot.send_document(
                target.chat,
                file,
                caption=_caption(dossier, texts),
                reply_markup=markup(((_other_form(form, texts),),)),
                message_thread_id=target.thread or None,
                reply_parameters=ReplyParameters(target.reply_to, allow_sending_without_reply=True),
                rate_limit_args=Priority.FINAL,
            )
        except TelegramError as error:  # it may have arrived: it is not sent again
            logger.warning("a dossier was not sent: %s", error)
            await reply(self._context, message, "telegram.dossier_not_sent")
        else:
            self._context.ids.saw(target.chat, sent.message_id)

    async def _sorry(self, message: Message, error: Exception) -> None:
        """Say what went wrong; a fault of ours with a reference, which the log has too."""
        if isinstance(error, KiosqueError) and message.from_user is not None:
            texts = await self._context.texts_for(message.from_user)
            said = explained(error, texts, public=True).message
            await reply_with(self._context, message, [block(said)])
            return
        reference = uuid4().hex[:8]
        logger.error("no dossier", exc_info=error, extra={"reference": reference})
        key = "telegram.too_long" if isinstance(error, TimeoutError) else "telegram.failed"
        await reply(self._context, message, key, reference=reference)

    # --- dossiers that are sent ---------------------------------------------------------

    async def on_document(self, message: Message) -> bool:
        """Verify a file, if it is a dossier from somebody who may ask; False if it is none.

        Of an administrator, only a file that has the name of a dossier is looked at: others are
        articles. Of a reader, a file of another name that is no dossier is what it was before.
        """
        place, document = message.chat_id, message.document
        user = place_of(message).user
        if document is None or not self._context.access.admits(place, user):
            return False
        name, admin = (document.file_name or "").lower(), self._context.access.is_admin(user)
        small, ours = 0 < (document.file_size or 0) <= MAX_BYTES, name.startswith(_OUR_NAME)
        if not small or not name.endswith(_READ) or (admin and not ours):
            return False
        if not await self._asking.admits_command(message):
            return True
        return await self._verify(message, quiet=admin or not ours)

    async def _verify(self, message: Message, *, quiet: bool) -> bool:
        """Say what became of the quotes of a file.

        Args:
            message: brings the file.
            quiet: whether nothing is said of a file that is no dossier.
        """
        document = message.document
        raw = await fetched(self._context.bot, document.file_id) if document is not None else None
        if raw is None or message.from_user is None:
            await reply(self._context, message, "telegram.dossier_not_fetched")
            return True
        try:
            async with self._context.runs.place():
                checked = await asyncio.to_thread(verified, raw, self._context.reader)
        except BadUse as error:
            if not quiet:
                await self._sorry(message, error)
            return not quiet
        texts = await self._context.texts_for(message.from_user)
        lines = [block(line, gap="\n") for line in summary_lines(checked, texts)]
        lines += [block(line) for line in quote_lines(checked, texts)]
        await reply_with(self._context, message, lines)
        return True


def subject_and_form(words: str) -> tuple[str, str]:
    """The subject after ``/dossier``, and the form: ``.md`` or ``.docx`` before or after it."""
    parts = words.split()
    for at in (-1, 0):
        asked = f".{parts[at].lower().lstrip('.')}" if parts else ""
        if asked in FORMATS and (parts[at].startswith(".") or len(parts) > 1):
            del parts[at]
            return " ".join(parts), asked
    return " ".join(parts), WORD


def _other_form(form: str, texts: Catalogue) -> Button:
    """The button that gives the other kind of file."""
    other = next(one for one in FORMATS if one != form)
    key = f"telegram.button.as_{other.removeprefix('.')}"
    return Button(texts.text(key), data("v", FORMATS.index(other)))


def _target(message: Message) -> Target:
    thread = message.message_thread_id if message.is_topic_message else None
    return Target(message.chat_id, thread or 0, message.message_id)


def _caption(dossier: Dossier, texts: Catalogue) -> str:
    """What stands under the file: its subject, how many quotes, that a program made it."""
    text = texts.text(
        "telegram.dossier_caption", count=len(dossier.citations), subject=dossier.subject
    )
    return text if len(text) <= _CAPTION_CHARS else f"{text[:_CAPTION_CHARS]}…"
