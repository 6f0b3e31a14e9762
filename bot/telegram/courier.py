"""Sending what nobody asked for: a notice that is stored, in its chat once, whatever happens.

A notice is stored before it is sent. What a crash or a broken connection leaves in doubt is
looked for in its chat first, by the words that it has, and sent when it is not there.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from telegram.error import ChatMigrated, NetworkError, RetryAfter

from bot.memory import outbox
from bot.telegram.buttons import Button
from bot.telegram.groups import follow
from bot.telegram.limits import seconds_of
from bot.telegram.post import BlockedError, Content, GoneError, Post, Target, UnreachableError
from bot.telegram.rich import MessageText

if TYPE_CHECKING:
    from bot.memory.values import SentNotice
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

_TRIES = 5
_SHORT_WAIT = 3.0
_AWAY = 30.0
"""Seconds until Telegram is tried again, when it does not answer."""


class Delivered(Enum):
    """What became of a notice."""

    SHOWN = "shown"
    BLOCKED = "who reads there has blocked the bot"
    GONE = "the chat takes no message"
    LATER = "it was not sent, and may be sent later"
    UNKNOWN = "it may have been shown or not"


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """How the sending of a notice ended.

    Args:
        became: what became of it.
        message: the message that shows it, or 0.
        wait: seconds until its chat may take one.
        away: whether Telegram could not be reached, or lost a reply.
    """

    became: Delivered
    message: int = 0
    wait: float = 0.0
    away: bool = False


@dataclass(frozen=True, slots=True)
class Courier:
    """Sends notices.

    Args:
        context: what the bot works with.
        pause: seconds before a send of unknown outcome is looked for.
    """

    context: BotContext
    pause: float = 1.0

    async def newest(self, chat: int) -> int:
        """A number that no message of a chat sent from now on has, nor one below it."""
        memory = self.context.memory
        stored = await memory.do(outbox.last_message, memory.store, chat)
        return max(self.context.ids.newest(chat), stored)

    async def deliver(self, notice: SentNotice, *, in_doubt: bool = False) -> DeliveryOutcome:
        """Send a notice, with a little patience: one chat must not hold the others up.

        Args:
            notice: what was stored.
            in_doubt: whether it may have been sent before: it is then looked for first.
        """
        content = _content(notice)
        place = notice.place
        target = Target(place.chat, place.thread, notice.reply_to)
        post = Post(self.context.bot, target, self.context.ids)
        if notice.after:  # a reply that is lost now is looked for after it, also after a restart
            self.context.ids.saw(place.chat, notice.after)
        if in_doubt:
            post.doubt(content, notice.after)
        try:
            await self._tried(post, content)
        except BlockedError:
            return DeliveryOutcome(Delivered.BLOCKED)
        except (UnreachableError, GoneError) as error:
            logger.info("a notice reaches nobody: %s", error)
            return DeliveryOutcome(Delivered.GONE)
        except ChatMigrated as moved:  # while it was looked for
            await follow(self.context, place.chat, moved.new_chat_id)
            return DeliveryOutcome(Delivered.UNKNOWN)
        except (RetryAfter, NetworkError) as error:
            logger.info("a notice could not be sent now: %s", error)
            became = Delivered.UNKNOWN if post.is_in_doubt or post.id else Delivered.LATER
            away = not isinstance(error, RetryAfter)
            wait = _AWAY if isinstance(error, NetworkError) else seconds_of(error)
            return DeliveryOutcome(became, wait=wait, away=away)
        finally:
            post.abandon()
        if post.target.chat != place.chat:
            await follow(self.context, place.chat, post.target.chat)
        return DeliveryOutcome(Delivered.SHOWN, post.id)

    async def _tried(self, post: Post, content: Content) -> None:
        for left in reversed(range(_TRIES)):
            try:
                await post.try_to_say(content)
            except (UnreachableError, GoneError):
                raise
            except RetryAfter as error:
                if not left or seconds_of(error) > _SHORT_WAIT:
                    raise
                await asyncio.sleep(seconds_of(error))
            except NetworkError:
                if not left:
                    raise
                await asyncio.sleep(self.pause)
            else:
                return


def _content(notice: SentNotice) -> Content:
    rows = tuple(tuple(Button(label, data) for label, data in row) for row in notice.buttons)
    return Content(MessageText(notice.html, notice.plain), rows)
