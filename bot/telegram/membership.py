"""Groups that the bot is brought to.

It stays where it may answer, and says first that it is a program; it leaves the others.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import ChatMember

from bot.telegram.ask import leave
from bot.telegram.post import Content, Post, Target
from bot.telegram.replies import say
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from telegram import ChatMemberUpdated, Update
    from telegram.ext import ContextTypes

    from bot.telegram.context import Desk

logger = logging.getLogger(__name__)
_INSIDE = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR)


class Membership:
    """Handles what becomes of the bot in chats.

    Args:
        desk: what the work is done with.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_change(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """The bot was brought in, thrown out or blocked."""
        change = update.my_chat_member
        if change is None:
            return
        chat, status = change.chat, change.new_chat_member.status
        logger.info("membership changed", extra={"chat": chat.id, "status": status})
        if chat.type == "private":
            if status not in _INSIDE:
                self._desk.runs.stop(change.from_user.id)
            return
        if status not in _INSIDE:
            return
        if not self._desk.access.admits_chat(chat.id):
            await self._say(change, "telegram.not_in_this_group")
            await leave(self._desk, chat.id)
        elif change.old_chat_member.status not in _INSIDE:
            await self._say(change, "telegram.hello_group")

    async def _say(self, change: ChatMemberUpdated, key: str) -> None:
        """Say a sentence to a group, in the language of who changed something there."""
        texts = await self._desk.texts_for(change.from_user)
        sentence = texts.text(key, id=change.chat.id)
        post = Post(self._desk.bot, Target(change.chat.id), self._desk.ids)
        await say(post, Content(messages([block(sentence)])[0]))
