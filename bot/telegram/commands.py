"""The commands of the bot, each with a French and an English name, and the menus of them."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.answering.intents import Intent
from bot.answering.tasks import task_of, worded
from bot.desk.status import a_week_before, system_status
from bot.memory.reports import ReportMemory
from bot.memory.updates import UpdateStore
from bot.messages.answers import coverage_line
from bot.messages.catalogue import LANGUAGES, Catalogue
from bot.messages.desk import status_lines_of
from bot.messages.errors import explained
from bot.telegram.addressing import is_from_a_person, place_of
from bot.telegram.admin.admission import Admission
from bot.telegram.admin.uploads import formats
from bot.telegram.buttons import Button, answer_rows, data
from bot.telegram.post import Post, Target, reply, reply_with, say
from bot.telegram.rich import block
from bot.telegram.view import article_list, remembered
from retrieval.errors import KiosqueError
from retrieval.vocabulary import Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from telegram import Message, Update
    from telegram.ext import ContextTypes

    from bot.desk.status import SystemStatus
    from bot.telegram.admin.errata import ErratumHandler
    from bot.telegram.admin.inbox import Requests
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext
    from bot.telegram.dossiers import DossierHandler
    from bot.telegram.subjects import SubjectHandler

    Handler = Callable[[Message], Awaitable[None]]
    from collections.abc import Iterable

    from telegram import BotCommandScope
    from telegram.ext import ExtBot

    from bot.messages.catalogue import Catalogue
    from bot.telegram.limits import Priority

logger = logging.getLogger(__name__)

_NEAR: dict[str, str] = {
    Status.PASSAGES: "passages.lead",
    Status.REFUSED: "refusal.nearest",
}
"""What stands above passages that are no sources of an answer."""


class Commands:
    """Handles commands.

    Args:
        context: what the work is done with.
        asking: answers the question of a deep link.
        requests: changes of the archive.
        dossiers: chronologies and dossiers.
        subjects: what people follow.
        errata: corrections for readers of earlier answers.
    """

    def __init__(
        self,
        context: BotContext,
        asking: QuestionHandler,
        requests: Requests,
        dossiers: DossierHandler,
        subjects: SubjectHandler,
        errata: ErratumHandler,
    ) -> None:
        self._context = context
        self._dossiers = dossiers
        self._subjects = subjects
        self._errata = errata
        self._requests = requests
        self._asking = asking

    def handlers(self) -> list[tuple[list[str], Any]]:
        """The names of each command, and what PTB is to call."""
        return [
            (["start"], self._for_anybody(self._start)),
            (["aide", "help"], self._for_anybody(self._help)),
            (["oublie", "forget"], self._for_anybody(self._forget)),
            (["verifier", "check"], self._for_readers(self._task(Intent.CLAIM))),
            (["citation", "quote"], self._for_readers(self._task(Intent.QUOTE))),
            (["nouveau", "new"], self._for_readers(self._new)),
            (["sources"], self._for_readers(self._sources)),
            (["articles"], self._for_readers(self._articles)),
            (["chrono", "timeline"], self._for_readers(self._dossiers.chronology)),
            (["dossier"], self._for_readers(self._dossiers.dossier)),
            (["langue", "language"], self._for_readers(self._language)),
            (["suivre", "follow"], self._for_readers(self._subjects.follow)),
            (["suivis", "following"], self._for_readers(self._subjects.following)),
            (["stop", "arret"], self._for_readers(self._stop)),
            (["status", "statut"], self._for_admins(self._status)),
            (["reindex"], self._for_admins(self._requests.commands.reindex)),
            (["ajouter", "add"], self._for_admins(self._requests.commands.add)),
            (["flux", "feed", "feeds"], self._for_admins(self._requests.commands.feed)),
            (["corriger", "correct"], self._for_admins(self._requests.commands.correct)),
            (["retirer", "withdraw"], self._for_admins(self._requests.commands.withdraw)),
            (["annuler", "rollback"], self._for_admins(self._requests.commands.rollback)),
            (["membres", "members"], self._for_admins(Admission(self._context).members)),
            (["historique", "history"], self._for_admins(self._requests.commands.history)),
            (["rectificatifs", "errata"], self._for_admins(self._errata.listed)),
        ]

    async def unknown(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A command in private that nothing else takes."""
        message = update.message
        if message is not None and await self._asking.admits_command(message):
            await reply(self._context, message, "telegram.unknown_command")

    # --- who may ----------------------------------------------------------------------

    def _for_anybody(self, handler: Handler) -> Any:  # noqa: ANN401 - a callback as PTB takes it
        """In private for everybody; in groups only where the bot answers."""

        async def may(message: Message) -> bool:
            return message.chat.type == "private" or self._admits(message)

        return self._handled(handler, may)

    def _for_readers(self, handler: Handler) -> Any:  # noqa: ANN401
        """For those who may ask; `QuestionHandler` tells the others once."""

        async def may(message: Message) -> bool:
            admitted = self._admits(message)
            if not admitted:
                await self._asking.refuse(message)
            return admitted

        return self._handled(handler, may)

    def _for_admins(self, handler: Handler) -> Any:  # noqa: ANN401
        """In private, and only them: scopes of menus only display."""

        async def may(message: Message) -> bool:
            admin, private = self._is_admin(message), message.chat.type == "private"
            if private and not admin:
                await reply(self._context, message, "telegram.admins_only")
            elif admin and not private and self._admits(message):
                await reply(self._context, message, "telegram.private_only")
            return admin and private

        return self._handled(handler, may)

    def _handled(self, handler: Handler, may: Callable[[Message], Awaitable[bool]]) -> Any:  # noqa: ANN401
        """A callback: only from people, and not too often where the bot answers."""

        async def handled(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
            message = update.message
            if message is None or not is_from_a_person(message, self._context.bot.bot):
                return
            here = message.chat.type == "private" or self._admits(message)
            if here and not await self._asking.admits_command(message):
                return
            if await may(message):
                await handler(message)

        return handled

    def _is_admin(self, message: Message) -> bool:
        return self._context.access.is_admin(place_of(message).user)

    def _admits(self, message: Message) -> bool:
        place = place_of(message)
        return self._context.access.admits(place.chat, place.user)

    # --- what is done -----------------------------------------------------------------

    async def _start(self, message: Message) -> None:
        question = linked((message.text or "").partition(" ")[2])
        if question and self._admits(message):
            await self._asking.ask(message, question)
            return
        if self._context.access.by_code and not self._admits(message):
            await Admission(self._context).ask(message)
            return
        if message.from_user is not None:
            texts = await self._context.texts_for(message.from_user)
            introduction = self._context.introduction(texts)
            await reply(self._context, message, "telegram.welcome", disclosure=introduction)
        if self._keeps(message):
            user = place_of(message).user
            coverage = await asyncio.to_thread(self._context.reader.coverage)
            if not coverage.articles:
                await reply(self._context, message, "telegram.empty_admin", formats=formats())
            await set_for_admin(self._context.bot, user, self._context.default_language)

    async def _help(self, message: Message) -> None:
        texts, bot = await self._texts_of(message), f"@{self._context.bot.username}"
        further = [texts.text(key, bot=bot) for key in self._context.help_lines]
        lines = [texts.text("telegram.help"), *further]
        await reply_with(self._context, message, [block(line, gap="\n\n") for line in lines])
        if self._keeps(message):
            await reply(self._context, message, "telegram.help_admin", formats=formats())

    def _keeps(self, message: Message) -> bool:
        """Whether an administrator writes in private."""
        return self._is_admin(message) and message.chat.type == "private"

    def _task(self, intent: Intent) -> Handler:
        """Check or find what stands behind the command, else the message that it replies to."""

        async def handled(message: Message) -> None:
            text = text_of_task(message)
            if text:
                texts = await self._texts_of(message)
                await self._asking.ask(message, worded(intent, text, texts.language))
            else:
                how = "check" if intent is Intent.CLAIM else "quote"
                await reply(self._context, message, f"telegram.{how}_how")

        return handled

    async def _texts_of(self, message: Message) -> Catalogue:
        if message.from_user is None:
            return Catalogue(self._context.default_language)
        return await self._context.texts_for(message.from_user)

    async def _new(self, message: Message) -> None:
        memory = self._context.memory
        await memory.do(memory.store.end_conversation, place_of(message))
        await reply(self._context, message, "telegram.new")

    async def _sources(self, message: Message) -> None:
        """The sources of the last answer, with their buttons."""
        memory = self._context.memory
        since = self._context.sure_now() - self._context.memory_span
        last = await memory.do(memory.store.last_with_sources, place_of(message), since)
        if message.from_user is None or last is None:
            await reply(self._context, message, "telegram.no_sources")
            return
        answer = await memory.do(memory.store.answer, last)
        sources = await memory.do(memory.store.sources, last)
        texts = await self._context.texts_for(message.from_user)
        heading = _NEAR.get(answer.status, "answer.sources") if answer else "answer.sources"
        lines = [block(texts.text(heading), "b")]
        lines += [block(f"[{s.number}] {remembered(s, texts)}") for s in sources]
        followed = answer is not None and task_of(answer.question) is None
        buttons = answer_rows(last, len(sources), texts, followed=followed)
        await reply_with(self._context, message, lines, buttons)

    async def _articles(self, message: Message) -> None:
        """What the archive covers, and its newest articles, with buttons to the others."""
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        keeps = self._keeps(message)
        content = await article_list(self._context, texts, 0, with_ids=keeps)
        thread = message.message_thread_id if message.is_topic_message else None
        target = Target(message.chat_id, thread or 0, message.message_id)
        await say(Post(self._context.bot, target, self._context.ids), content)

    async def _language(self, message: Message) -> None:
        """Choose a language: by its name, or by a button."""
        named = (message.text or "").partition(" ")[2].strip().lower()[:2]
        memory, user = self._context.memory, place_of(message).user
        if named in {"fr", "en"}:
            await memory.do(memory.store.set_language, user, named)
            await reply(self._context, message, "telegram.language_chosen")
            return
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        both = (Button("Français", data("l", "fr")), Button("English", data("l", "en")))
        await reply_with(
            self._context, message, [block(texts.text("telegram.language_which"))], (both,)
        )

    async def _forget(self, message: Message) -> None:
        user = place_of(message).user
        self._context.runs.stop(user)
        memory = self._context.memory
        gone = await memory.do(memory.store.forget, user)
        await reply(self._context, message, "telegram.forgotten", count=gone)

    async def _stop(self, message: Message) -> None:
        if not self._context.runs.stop(place_of(message).user):
            await reply(self._context, message, "telegram.nothing_to_stop")

    async def _status(self, message: Message) -> None:
        if message.from_user is None:
            return
        texts = await self._context.texts_for(message.from_user)
        context, memory = self._context, self._context.memory
        week = a_week_before(context.now())
        counts = await memory.do(ReportMemory(memory.store).counts, week)
        updates = await memory.do(UpdateStore(memory.store).untaken)
        home, model = self._requests.home, (context.model, context.mode())
        try:
            status = await asyncio.to_thread(
                system_status, home, context.reader, counts, updates, *model
            )
        except KiosqueError as error:
            problem = explained(error, texts, public=True).message
            await reply_with(context, message, [block(problem)])
            return
        lines = await asyncio.to_thread(status_lines, context, status, texts)
        await reply_with(self._context, message, [block(line) for line in lines])


def text_of_task(message: Message) -> str:
    """The text behind a command, else the part selected of the message it replies to, or all.

    Lines are kept, since a title is a line without a stop.
    """
    command = (message.text or message.caption or "").split(maxsplit=1)
    own = command[1].strip() if len(command) > 1 else ""
    replied = message.reply_to_message
    if own or replied is None:
        return own
    selected = message.quote.text if message.quote is not None else ""
    return (selected or replied.text or replied.caption or "").strip()


def linked(payload: str) -> str:
    """The question of a deep link: what follows ``?start=`` is its text in URL-safe base64."""
    if not payload or len(payload) > 64:
        return ""
    try:
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
    return text.strip() if text.isprintable() else ""


_READING = ("ask", "check", "quote", "new", "sources", "articles", "chrono", "dossier", "follow")
_PRIVATE = (*_READING, "following", "stop", "language", "forget", "help")
_GROUP = (*_READING, "stop", "help")
_ADMIN = (
    *_PRIVATE,
    *("add", "feed", "correct", "withdraw", "rollback", "history", "errata", "members"),
    *("status", "reindex"),
)


async def set_menus(bot: ExtBot[Priority], admins: Iterable[int], default: str) -> None:
    """Set the menus; one that fails is set at the next start."""
    await _set(bot, BotCommandScopeAllPrivateChats(), _PRIVATE, default)
    await _set(bot, BotCommandScopeAllGroupChats(), _GROUP, default)
    for admin in admins:
        await set_for_admin(bot, admin, default)


async def set_for_admin(bot: ExtBot[Priority], admin: int, default: str) -> None:
    """The menu of an administrator; it waits for their first /start."""
    await _set(bot, BotCommandScopeChat(admin), _ADMIN, default)


async def _set(
    bot: ExtBot[Priority], scope: BotCommandScope, names: tuple[str, ...], default: str
) -> None:
    for language in (default, *(one for one in LANGUAGES if one != default)):
        texts = Catalogue(language)
        commands = [
            BotCommand(texts.text(f"telegram.command.{name}"), texts.text(f"telegram.about.{name}"))
            for name in names
        ]
        code = None if language == default else language
        try:
            await bot.set_my_commands(commands, scope, code)
        except TelegramError as error:
            logger.info("a menu could not be set: %s", error)
            return


_PACKAGES = ("kiosque", "python-telegram-bot", "chromadb", "langchain-core")


def status_lines(context: BotContext, status: SystemStatus, texts: Catalogue) -> list[str]:
    """Articles, index, model, queue, latency, versions; it reads the archive."""
    figures, metrics, reader = context.figures, context.metrics, context.reader
    generation = reader.live_generation()
    return [
        coverage_line(texts, status.coverage),
        *status_lines_of(status, texts),
        texts.text(
            "telegram.status.index", generation=generation or 0, model=reader.model_id() or "–"
        ),
        texts.text(
            "telegram.status.queue", running=context.runs.count, waiting=context.runs.waiting
        ),
        texts.text("telegram.status.answers", answered=metrics.made, failed=metrics.failed),
        texts.text(
            "telegram.status.latency",
            median=texts.number(figures.percentile(0.5), 2),
            slow=texts.number(figures.percentile(0.95), 2),
        ),
        *_following(context, texts),
        texts.text(
            "telegram.status.extras",
            voice=texts.text(f"telegram.status.{'on' if context.listens else 'off'}"),
            inline=texts.text(f"telegram.status.{'on' if context.drops_quotes else 'off'}"),
        ),
        ", ".join([*(_version(name) for name in _PACKAGES), f"Python {platform.python_version()}"]),
    ]


def _following(context: BotContext, texts: Catalogue) -> list[str]:
    """When feeds and folders were last looked at, and what was wrong."""
    figures = context.figures
    if figures.followed_at is None:
        return []
    at = f"{figures.followed_at.astimezone():%H:%M}"
    if figures.follow_problem:
        problem = figures.follow_problem
        return [texts.text("telegram.status.follow_failed", time=at, problem=problem)]
    return [texts.text("telegram.status.followed", time=at)]


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} ?"
