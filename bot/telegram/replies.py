"""Short sentences of the bot itself, in the reader's language."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from telegram.error import NetworkError, RetryAfter

from bot.telegram.post import Content, GoneError, Post, Target, UnreachableError
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Message

    from bot.telegram.buttons import Rows
    from bot.telegram.context import Desk
    from bot.telegram.rich import Block

logger = logging.getLogger(__name__)


def argument(message: Message) -> str:
    """What follows a command."""
    return (message.text or "").partition(" ")[2].strip()


async def reply(desk: Desk, message: Message, key: str, **facts: object) -> None:
    """Reply to a message with a sentence of the catalogue."""
    if message.from_user is None:
        return
    texts = await desk.texts_for(message.from_user)
    await reply_with(desk, message, [block(texts.text(key, **facts))])


async def reply_with(desk: Desk, message: Message, blocks: Sequence[Block], rows: Rows = ()) -> int:
    """Reply to a message; the number of the last message sent, 0 when none could be."""
    thread = message.message_thread_id if message.is_topic_message else None
    target = Target(message.chat_id, thread or 0, message.message_id)
    contents = messages(blocks)
    post = Post(desk.bot, target, desk.ids)
    for part, shown in enumerate(contents):
        if part:
            post = Post(desk.bot, Target(target.chat, target.thread), desk.ids)
        last = shown is contents[-1]
        if not await say(post, Content(shown, rows if last else ())):
            return 0
    return post.id


async def say(post: Post, content: Content) -> bool:
    """Have a message say something; whether it could be said."""
    try:
        await post.say(content)
    except (UnreachableError, GoneError, RetryAfter, NetworkError) as error:
        logger.info("a message could not be shown: %s", error, extra={"chat": post.target.chat})
        return False
    return True
