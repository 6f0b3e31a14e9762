"""Groups: what becomes of the bot in them, and of them when they become supergroups.

A supergroup has another number than the group that it was. Telegram tells the new one in both
chats, and in its refusal of whatever is sent to the old one. What is stored of the group then
moves to the new number, and so does its place in the list of groups that are answered, which
the settings still give by the old number.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram import ChatMember
from telegram.error import ChatMigrated, TelegramError

from bot.telegram.post import Content, Post, Target, say
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from telegram import ChatMemberUpdated, Update
    from telegram.ext import ContextTypes

    from bot.memory.store import Store
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

_FIRST_SUPERGROUP = -1_000_000_000_000
"""Supergroups have numbers below this one, groups have numbers above it."""


async def follow(context: BotContext, old: int, new: int) -> None:
    """Follow a group that is answered to its new number; the administrators learn it, once."""
    if old == new or not context.access.admits_chat(old):
        return
    context.access = context.access.with_move(old, new)
    if not await context.memory.do(move_chat, context.memory.store, old, new):
        return
    logger.info("a group became a supergroup", extra={"chat": old, "new": new})
    for admin in sorted(context.access.admins):
        texts = await context.texts_of(admin)
        sentence = texts.text("telegram.group_moved", old=old, new=new)
        post = Post(context.bot, Target(admin), context.ids)
        await say(post, Content(messages([block(sentence)])[0]))


async def follow_known(context: BotContext) -> None:
    """Follow the groups that became supergroups before this process saw it."""
    for old, new in await context.memory.do(moved_chats, context.memory.store):
        if context.access.admits_chat(old) and context.access.number_now(old) != new:
            context.access = context.access.with_move(old, new)


async def admits(context: BotContext, chat: int, user: int) -> bool:
    """Whether a user may ask in a chat, which may be what a group became meanwhile."""
    if chat < 0 and not context.access.admits_chat(chat):
        for old in context.access.groups_before(_FIRST_SUPERGROUP):
            await _look(context, old)
    return context.access.admits(chat, user)


async def _look(context: BotContext, old: int) -> None:
    """Ask Telegram whether a group is a supergroup now."""
    try:
        await context.bot.get_chat(old)
    except ChatMigrated as moved:
        await follow(context, old, moved.new_chat_id)
    except TelegramError as error:
        logger.debug("a group could not be looked up: %s", error)


def move_chat(store: Store, old: int, new: int) -> bool:
    """Have what is stored of a group belong to the supergroup that it became.

    The numbers of the old group's messages mean nothing there: viewers and questions that are
    answered lose theirs. Its nameless administrators have the number of the chat.

    Returns:
        Whether that is new.
    """
    user = "user = iif(user = ?1, ?2, user)"
    with store.transaction() as change:
        moved = change.execute("INSERT OR IGNORE INTO moves VALUES (?, ?)", (old, new))
        change.execute(
            f"UPDATE answers SET chat = ?2, {user}, asked = 0, viewer = 0 WHERE chat = ?1",  # noqa: S608
            (old, new),
        )
        change.execute(
            f"UPDATE OR REPLACE beginnings SET chat = ?2, {user} WHERE chat = ?1",  # noqa: S608
            (old, new),
        )
        change.execute(
            f"UPDATE OR REPLACE subjects SET chat = ?2, {user} WHERE chat = ?1",  # noqa: S608
            (old, new),
        )
        change.execute(
            "UPDATE OR REPLACE erratum_readers SET chat = ?2 WHERE chat = ?1", (old, new)
        )
    return moved.rowcount == 1


def moved_chats(store: Store) -> list[tuple[int, int]]:
    """The groups that became supergroups: their old numbers, and the new ones."""
    return [(old, new) for old, new in store.rows("SELECT old, new FROM moves")]


async def leave(context: BotContext, chat: int) -> None:
    """Go from a group where nobody is to be answered."""
    try:
        await context.bot.leave_chat(chat)
    except TelegramError as error:
        logger.info("a group could not be left: %s", error, extra={"chat": chat})


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
            user, memory = change.from_user.id, self._context.memory
            if status not in _INSIDE:
                self._context.runs.stop(user)
            elif self._context.access.admits_user(user):  # what they follow is told again
                await memory.do(memory.subjects.wake, user)
            return
        if status not in _INSIDE:
            return
        if not await admits(self._context, chat.id, change.from_user.id):
            await self._say(change, "telegram.not_in_this_group")
            await leave(self._context, chat.id)
        elif change.old_chat_member.status not in _INSIDE and not self._is_known(chat.id):
            await self._say(change, "telegram.hello_group")

    def _is_known(self, chat: int) -> bool:
        """Whether the bot said what it is before this group became a supergroup."""
        return chat in self._context.access.moves.values()

    async def on_upgrade(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A group became a supergroup: the old chat says so, and the new one."""
        message = update.message
        if message is not None and message.migrate_to_chat_id:
            await follow(self._context, message.chat_id, message.migrate_to_chat_id)
        elif message is not None and message.migrate_from_chat_id:
            await follow(self._context, message.migrate_from_chat_id, message.chat_id)

    async def _say(self, change: ChatMemberUpdated, key: str) -> None:
        """Say a sentence to a group, in the language of who changed something there."""
        texts = await self._context.texts_for(change.from_user)
        introduction = self._context.introduction(texts)
        sentence = texts.text(key, id=change.chat.id, disclosure=introduction)
        post = Post(self._context.bot, Target(change.chat.id), self._context.ids)
        await say(post, Content(messages([block(sentence)])[0]))
