"""PTB's application, with our bot, our rate limiter and our handlers."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ExtBot,
    MessageHandler,
    TypeHandler,
    filters,
)
from telegram.request import HTTPXRequest

from bot.memory.members import MemberStore
from bot.telegram.admin.admission import PATTERN as ADMISSION_BUTTONS
from bot.telegram.admin.admission import Admission
from bot.telegram.admin.errata import PATTERN as ERRATUM_BUTTONS
from bot.telegram.clicks import Clicks
from bot.telegram.commands import Commands
from bot.telegram.dossiers import PATTERN as DOSSIER_BUTTONS
from bot.telegram.dossiers import DossierHandler
from bot.telegram.edits import EditHandler
from bot.telegram.groups import Membership, follow_known
from bot.telegram.limits import Limiter, Priority
from bot.telegram.post import reply
from bot.telegram.subjects import PATTERN as SUBJECT_BUTTONS
from bot.telegram.unanswered import PATTERN as UNANSWERED_BUTTONS
from bot.telegram.unanswered import UnansweredClicks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from telegram.ext import BaseHandler, ContextTypes
    from telegram.request import BaseRequest

    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.admin.errata import ErratumHandler
    from bot.telegram.admin.inbox import Requests
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext
    from bot.telegram.limits import Budget
    from bot.telegram.subjects import SubjectHandler

logger = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]
_AT_ONCE = 256
_CONNECTIONS = 64
_POLLS_AFTER = 5.0
_ASKS = re.compile(r"^/(ask|demander)\b", re.IGNORECASE)


def new_bot(
    token: str,
    base_url: str = "",
    base_file_url: str = "",
    *,
    budget: Budget | None = None,
    requests: tuple[BaseRequest, BaseRequest] | None = None,
    on_call: Callable[[str, str, float], None] | None = None,
) -> Bot:
    """PTB's bot.

    Args:
        token: from BotFather.
        base_url: another Bot API server, as PTB takes it.
        base_file_url: where its files are.
        budget: what may be sent.
        requests: how to call it, and how to poll it; HTTP by default.
        on_call: see `Limiter`.
    """
    polls, calls = requests or (
        HTTPXRequest(read_timeout=_POLLS_AFTER, connect_timeout=5.0),
        HTTPXRequest(
            connection_pool_size=_CONNECTIONS,
            read_timeout=15.0,
            write_timeout=15.0,
            connect_timeout=5.0,
            pool_timeout=10.0,
        ),
    )
    named: dict[str, Any] = {}
    if base_url:
        named["base_url"] = base_url
    if base_file_url:
        named["base_file_url"] = base_file_url
    limiter = Limiter(budget, on_call=on_call)
    return Bot(token, get_updates_request=polls, request=calls, rate_limiter=limiter, **named)


def new_application(
    bot: Bot,
    context: BotContext,
    asking: QuestionHandler,
    orders: Orders,
    requests: Requests,
    subjects: SubjectHandler,
    errata: ErratumHandler,
    first: Sequence[BaseHandler[Any, Any, Any]] = (),
) -> App:
    """PTB's application with all the handlers.

    Args:
        bot: PTB's bot.
        context: what the handlers work with.
        asking: handles questions.
        orders: changes of the archive.
        requests: what administrators send.
        subjects: what people follow.
        errata: corrections for readers of earlier answers.
        first: handlers of what is only there when it is set; they come before the others.
    """
    application: App = ApplicationBuilder().bot(bot).concurrent_updates(_AT_ONCE).build()
    dossiers = DossierHandler(context, asking)
    commands, clicks = (
        Commands(context, asking, requests, dossiers, subjects, errata),
        Clicks(context, orders, requests, asking),
    )
    membership = Membership(context)
    new_message = filters.UpdateType.MESSAGE  # channels are not answered
    application.add_handler(TypeHandler(Update, _noticing(context)), group=-1)
    application.add_handlers(first)
    for names, handler in commands.handlers():
        application.add_handler(CommandHandler(names, handler, new_message))
    application.add_handler(CallbackQueryHandler(subjects.on_click, SUBJECT_BUTTONS))
    admission = Admission(context)
    context.openers.append(admission.resume)
    application.add_handler(CallbackQueryHandler(admission.on_click, ADMISSION_BUTTONS))
    application.add_handler(CallbackQueryHandler(dossiers.on_click, DOSSIER_BUTTONS))
    application.add_handler(CallbackQueryHandler(errata.on_click, ERRATUM_BUTTONS))
    again = UnansweredClicks(context, asking).on_click
    application.add_handler(CallbackQueryHandler(again, UNANSWERED_BUTTONS))
    application.add_handler(CallbackQueryHandler(clicks.on_click))
    application.add_handler(ChatMemberHandler(membership.on_change))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, membership.on_upgrade))
    documents = new_message & filters.Document.ALL & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(documents, _document(dossiers, asking, requests)))
    others = filters.COMMAND & filters.ChatType.PRIVATE & ~filters.Regex(_ASKS)
    application.add_handler(MessageHandler(new_message & others, commands.unknown))
    text = _text(asking, requests)
    application.add_handler(MessageHandler(new_message & (filters.TEXT | filters.CAPTION), text))
    unread = new_message & filters.ATTACHMENT & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(unread, asking.on_unread))
    edited = filters.UpdateType.EDITED_MESSAGE & (filters.TEXT | filters.CAPTION)
    application.add_handler(MessageHandler(edited, EditHandler(context, asking).on_edit))
    application.add_error_handler(_sorry(context))
    return application


def _text(asking: QuestionHandler, requests: Requests) -> Any:  # noqa: ANN401
    """A text or a caption: what an administrator sends to keep the archive, else a question."""

    async def text(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        if message is None or not await requests.on_text(message):
            await asking.on_message(update, context)

    return text


def _document(dossiers: DossierHandler, asking: QuestionHandler, requests: Requests) -> Any:  # noqa: ANN401
    """A file in private: a dossier is verified, a reader's caption is a question.

    The rest is for administrators, who keep the archive with it.
    """

    async def document(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        if message is not None and await dossiers.on_document(message):
            return
        if message is not None and message.caption and not requests.may_keep(message):
            await asking.on_message(update, context)
        else:
            await requests.on_document(update, context)

    return document


def _noticing(context: BotContext) -> Any:  # noqa: ANN401 - a callback as PTB takes it
    """Remember the numbers of messages, to find one whose reply was lost; know members and groups.

    A terminal may have removed a member since the last update; another worker may have learnt
    what a group became.
    """
    members = MemberStore(context.memory.store)

    async def notice(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if context.access.by_code:
            users = await context.memory.do(members.users)
            context.access = context.access.with_members(users)
        chat = update.effective_chat
        if chat is not None and chat.id < 0:
            await follow_known(context)
        if update.message is not None:
            context.ids.saw(update.message.chat_id, update.message.message_id)

    return notice


def _sorry(context: BotContext) -> Any:  # noqa: ANN401
    """Say that something went wrong, with a reference that the log has too."""

    async def sorry(update: object, failed: ContextTypes.DEFAULT_TYPE) -> None:
        reference = uuid4().hex[:8]
        logger.error("a handler failed", exc_info=failed.error, extra={"reference": reference})
        if isinstance(update, Update) and update.message is not None:
            await reply(context, update.message, "telegram.failed", reference=reference)

    return sorry


class Bot(ExtBot[Priority]):
    """A bot that steps over what it cannot read."""

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:  # noqa: ANN401
        """The next updates.

        PTB gives up on all of them when one cannot be read, does not confirm it, and so gets
        it again and again. Here they are then read one by one, and what cannot be read becomes
        an update without content, so that it is confirmed.
        """
        try:
            return await super().get_updates(*args, **kwargs)
        except TelegramError:
            raise
        except Exception:
            logger.exception("an update cannot be read; stepping over it")
            offset = kwargs.get("offset", args[0] if args else None)
            raw = await self.do_api_request("getupdates", api_kwargs={"offset": offset or 0})
            return tuple(self._read(one) for one in raw)

    def _read(self, raw: dict[str, Any]) -> Update:
        try:
            return Update.de_json(raw, self)
        except Exception as error:
            logger.warning("stepped over update %s: %s", raw.get("update_id"), error)
            return Update(int(raw["update_id"]))
