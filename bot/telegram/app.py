"""PTB's application, with our bot, our rate limiter and our handlers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from telegram import ChatMember, Update
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

from bot.telegram.ask import leave
from bot.telegram.commands import Commands
from bot.telegram.limits import Limiter, Priority
from bot.telegram.post import Content, Post, Target, reply, say
from bot.telegram.rich import block, messages
from bot.telegram.view import Clicks

if TYPE_CHECKING:
    from telegram import ChatMemberUpdated, Update
    from telegram.ext import ContextTypes
    from telegram.request import BaseRequest

    from bot.telegram.admin.confirmation import Orders
    from bot.telegram.admin.inbox import Requests
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext
    from bot.telegram.limits import Budget

logger = logging.getLogger(__name__)

App = Application[Any, Any, Any, Any, Any, Any]
_AT_ONCE = 256
_CONNECTIONS = 64
_POLLS_AFTER = 5.0


def new_bot(
    token: str,
    base_url: str = "",
    base_file_url: str = "",
    *,
    budget: Budget | None = None,
    requests: tuple[BaseRequest, BaseRequest] | None = None,
) -> Bot:
    """PTB's bot.

    Args:
        token: from BotFather.
        base_url: another Bot API server, as PTB takes it.
        base_file_url: where its files are.
        budget: what may be sent.
        requests: how to call it, and how to poll it; HTTP by default.
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
    return Bot(
        token, get_updates_request=polls, request=calls, rate_limiter=Limiter(budget), **named
    )


def new_application(
    bot: Bot, context: BotContext, asking: QuestionHandler, orders: Orders, requests: Requests
) -> App:
    """PTB's application with all the handlers.

    Args:
        bot: PTB's bot.
        context: what the handlers work with.
        asking: handles questions.
        orders: changes of the archive.
        requests: what administrators send.
    """
    application: App = ApplicationBuilder().bot(bot).concurrent_updates(_AT_ONCE).build()
    commands, clicks = (
        Commands(context, asking, requests),
        Clicks(context, orders, requests, asking),
    )
    membership = Membership(context)
    new_message = filters.UpdateType.MESSAGE  # edited ones and channels are not answered
    application.add_handler(TypeHandler(Update, _noticing(context)), group=-1)
    for names, handler in commands.handlers():
        application.add_handler(CommandHandler(names, handler, new_message))
    application.add_handler(CallbackQueryHandler(clicks.on_click))
    application.add_handler(ChatMemberHandler(membership.on_change))
    documents = new_message & filters.Document.ALL & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(documents, requests.on_document))
    others = filters.COMMAND & filters.ChatType.PRIVATE & ~filters.Regex(r"^/(ask|demander)\b")
    application.add_handler(MessageHandler(new_message & others, commands.unknown))
    text = _text(asking, requests)
    application.add_handler(MessageHandler(new_message & filters.TEXT, text))
    captioned = new_message & filters.CAPTION & filters.ChatType.PRIVATE
    application.add_handler(MessageHandler(captioned, _captioned(requests)))
    application.add_error_handler(_sorry(context))
    return application


def _text(asking: QuestionHandler, requests: Requests) -> Any:  # noqa: ANN401
    """A text: what an administrator sends to keep the archive, else maybe a question."""

    async def text(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        if message is None or not await requests.on_text(message):
            await asking.on_message(update, context)

    return text


def _captioned(requests: Requests) -> Any:  # noqa: ANN401
    """A picture with words: channels post their links so."""

    async def captioned(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await requests.on_text(update.message)

    return captioned


def _noticing(context: BotContext) -> Any:  # noqa: ANN401 - a callback as PTB takes it
    """Remember the numbers of messages, to find one whose reply was lost."""

    async def notice(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
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


_INSIDE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR)


class Membership:
    """Handles what becomes of the bot in chats.

    Args:
        context: what the work is done with.
    """

    def __init__(self, context: BotContext) -> None:
        self._context = context

    async def on_change(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """The bot was brought in, thrown out or blocked."""
        change = update.my_chat_member
        if change is None:
            return
        chat, status = change.chat, change.new_chat_member.status
        logger.info("membership changed", extra={"chat": chat.id, "status": status})
        if chat.type == "private":
            if status not in _INSIDE:
                self._context.runs.stop(change.from_user.id)
            return
        if status not in _INSIDE:
            return
        if not self._context.access.admits_chat(chat.id):
            await self._say(change, "telegram.not_in_this_group")
            await leave(self._context, chat.id)
        elif change.old_chat_member.status not in _INSIDE:
            await self._say(change, "telegram.hello_group")

    async def _say(self, change: ChatMemberUpdated, key: str) -> None:
        """Say a sentence to a group, in the language of who changed something there."""
        texts = await self._context.texts_for(change.from_user)
        introduction = self._context.introduction(texts)
        sentence = texts.text(key, id=change.chat.id, disclosure=introduction)
        post = Post(self._context.bot, Target(change.chat.id), self._context.ids)
        await say(post, Content(messages([block(sentence)])[0]))
