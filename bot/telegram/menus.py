"""The commands that Telegram lists: for private chats, groups and administrators, in two languages.

Menus only display: who may do what is checked when it is asked for.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.messages.catalogue import LANGUAGES, Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from telegram import BotCommandScope
    from telegram.ext import ExtBot

    from bot.telegram.limits import Priority

logger = logging.getLogger(__name__)

_PRIVATE = ("ask", "new", "sources", "articles", "stop", "language", "forget", "help")
_GROUP = ("ask", "new", "sources", "articles", "stop", "help")
_ADMIN = (
    *_PRIVATE,
    *("add", "feed", "correct", "withdraw", "rollback", "history", "status", "reindex"),
)


async def set_menus(bot: ExtBot[Priority], admins: Iterable[int], default: str) -> None:
    """Tell Telegram what to list; what cannot be told now is told at the next start."""
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
