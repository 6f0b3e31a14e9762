"""One message of the bot: sent once, then edited; and short replies.

When the reply to a send is lost, the message may exist or not. Nothing is sent again before it
was looked for: an edit with the same words tells, since Telegram says "not modified" of our
message and "not found" of one that never was.
"""

from __future__ import annotations

import asyncio
import logging
import time
import weakref
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from telegram import (
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.telegram.limits import Priority
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import CallbackQuery, Message
    from telegram.ext import ExtBot

    from bot.telegram.buttons import Button, Rows
    from bot.telegram.context import BotContext
    from bot.telegram.rich import Block, MessageText

logger = logging.getLogger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 4.0
_NOT_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout"}  # httpx's words: nothing went out
_NEAR, _LOOK_AHEAD, _MAX_LOOKED_AT = 3, 5, 40
_GONE = ("to edit not found", "can't be edited", "message_id_invalid")
_PATIENCE = 900.0
_NEXT_SEND = 0.05
_MAX_CHATS, _MAX_IDS, _MAX_PRIVATE = 2_000, 64, 2_000


class GoneError(Exception):
    """The message was deleted."""


class UnreachableError(Exception):
    """The chat takes no message: blocked, kicked, or not there."""


class BlockedError(UnreachableError):
    """Somebody has blocked the bot."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: a chat, a thread of it or 0, and what it replies to or 0."""

    chat: int
    thread: int = 0
    reply_to: int = 0


class Ids:
    """The messages that are known, so that an unknown one can be recognised."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, deque[int]] = OrderedDict()
        self._private: deque[int] = deque(maxlen=_MAX_PRIVATE)  # these chats share one count
        self._sends: dict[int, weakref.ref[_Send]] = {}

    def begin(self, send: _Send) -> _Send | None:
        """Begin a send, unless another of its chat is under way or in doubt: that one, then.

        Two sends in doubt could take each other's message. A send that was dropped is over.
        """
        ref = self._sends.get(send.chat)
        other = ref() if ref is not None else None
        if other is None:
            self._sends[send.chat] = weakref.ref(send)
        return other

    def end(self, send: _Send) -> None:
        """What became of a send is known, or nobody looks for it any more."""
        ref = self._sends.get(send.chat)
        if ref is not None and ref() is send:
            del self._sends[send.chat]

    def saw(self, chat: int, message: int) -> None:
        """A message of a chat, whoever wrote it."""
        known = self._known.setdefault(chat, deque(maxlen=_MAX_IDS))
        self._known.move_to_end(chat)
        if len(self._known) > _MAX_CHATS:
            self._known.popitem(last=False)
        known.append(message)
        if chat > 0:
            self._private.append(message)

    def last(self, chat: int) -> int:
        """The newest known message of a chat."""
        return max(self._known.get(chat, ()), default=0)

    def newest(self, chat: int) -> int:
        """A number that no message of a chat sent from now on has, nor one below it."""
        return max(self.last(chat), *(self._private if chat > 0 else ()), 0)

    def unknown(self, chat: int, after: int, ahead: int = _LOOK_AHEAD) -> list[int]:
        """Numbers that a message sent after another may have, the most probable first."""
        known = set(self._known.get(chat, ()))
        near = [n for n in range(after + 1, after + 1 + _NEAR) if n not in known]
        if chat > 0:
            known.update(self._private)
        end = max(*known, after) + ahead if known else after + ahead
        far = [n for n in range(after + 1, end + 1) if n not in known and n not in near]
        return (near + far)[:_MAX_LOOKED_AT]


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says."""

    shown: MessageText
    rows: Rows = ()
    asks: bool = False  # the reader's application begins a reply to it


@dataclass(eq=False)
class _Send:
    """One attempt to send.

    Args:
        chat: where to.
        content: what the message says.
        after: the newest message that was known before.
        lost: whether its reply was lost: the message may exist or not.
        left: the numbers that it may have; None before they were asked for.
    """

    chat: int
    content: Content
    after: int = 0
    lost: bool = False
    left: list[int] | None = None


def markup(rows: Rows) -> InlineKeyboardMarkup | None:
    """Buttons as Telegram takes them."""
    if not rows:
        return None
    return InlineKeyboardMarkup([[_pressable(one) for one in row] for row in rows])


def _pressable(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    if button.copied:
        return InlineKeyboardButton(button.label, copy_text=CopyTextButton(button.copied))
    return InlineKeyboardButton(button.label, callback_data=button.data)


class Post:
    """A message that exists once.

    Args:
        bot: sends and edits.
        target: where it goes.
        ids: the messages that are known.
        id_: the message, when it was sent before.
    """

    def __init__(self, bot: ExtBot[Priority], target: Target, ids: Ids, id_: int = 0) -> None:
        self._bot = bot
        self._ids = ids
        self._doubt: _Send | None = None
        self._plain = False
        self.target = target
        self.id = id_

    async def try_to_say(self, content: Content) -> None:
        """Show this now, if there is room for it.

        Raises:
            RetryAfter: there is no room.
            NetworkError: nobody knows whether it arrived; the next call finds out.
            GoneError, UnreachableError: it never will.
        """
        await self._resolve()
        await self._put(content, Priority.STREAM)

    async def say(self, content: Content) -> None:
        """Say it, even if that takes a while.

        Raises:
            RetryAfter: Telegram asks for more patience than the limiter has.
            NetworkError: Telegram was away for too long.
            GoneError, UnreachableError: it can never be shown.
        """
        pause, deadline = _FIRST_PAUSE, time.monotonic() + _PATIENCE
        while True:
            try:
                await self._resolve()
                await self._put(content, Priority.FINAL)
            except (RetryAfter, GoneError, UnreachableError):
                self._give_up()
                raise
            except NetworkError as error:
                if time.monotonic() > deadline:
                    self._give_up()
                    raise
                logger.warning("no reply: %s", error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return

    def doubt(self, content: Content, after: int) -> None:
        """This was sent after a message, or not: find out first, as after a lost reply."""
        send = _Send(self.target.chat, content, after, lost=True)
        send.left = self._ids.unknown(self.target.chat, after, _MAX_LOOKED_AT)
        self._ids.begin(send)
        self._doubt = send

    @property
    def is_in_doubt(self) -> bool:
        """Whether a message may exist that is not known."""
        return self._doubt is not None

    def abandon(self) -> None:
        """Look no more for a message in doubt; others of the chat may send."""
        self._give_up()

    async def _put(self, content: Content, priority: Priority) -> None:
        try:
            await (self._edit if self.id else self._send)(content, priority)
        except ChatMigrated as moved:
            self.target = replace(self.target, chat=moved.new_chat_id, reply_to=0)
            self.id = 0
            await self._send(content, priority)

    async def _edit(self, content: Content, priority: Priority) -> None:
        await self._call(self.id, content, priority)

    async def _send(self, content: Content, priority: Priority) -> None:
        send = await self._begun(content, priority)
        try:
            self.id = await self._call(0, content, priority)
            self._ids.saw(self.target.chat, self.id)
        except (BadRequest, RetryAfter):
            raise
        except NetworkError as error:
            if type(error.__cause__).__name__ not in _NOT_SENT:
                send.lost = True
                self._doubt = send
            raise
        finally:
            if not send.lost:
                self._ids.end(send)

    async def _begun(self, content: Content, priority: Priority) -> _Send:
        """A send, once no other of the chat is under way or in doubt."""
        send = _Send(self.target.chat, content)
        while (other := self._ids.begin(send)) is not None:
            if other.lost and priority is Priority.STREAM:
                raise RetryAfter(1)
            del other
            await asyncio.sleep(_NEXT_SEND)
        send.after = max(self._ids.last(self.target.chat), self.target.reply_to)
        return send

    async def _resolve(self) -> None:
        """Find out whether a message whose reply was lost exists."""
        if self._doubt is not None:
            self.id = await self._found(self._doubt)
            self._give_up()
            self._doubt = None

    def _give_up(self) -> None:
        """Let others of the chat send."""
        if self._doubt is not None:
            self._ids.end(self._doubt)

    async def _found(self, doubt: _Send) -> int:
        """The number of a message whose reply was lost; 0 when there is none."""
        if doubt.left is None:
            doubt.left = self._ids.unknown(self.target.chat, doubt.after)
        while doubt.left:
            number = doubt.left[0]
            try:
                await self._call(number, doubt.content, Priority.PROBE)
            except GoneError:
                doubt.left.pop(0)
                continue
            logger.info("found the message whose reply was lost", extra={"message_id": number})
            self._ids.saw(self.target.chat, number)
            return number
        return 0

    async def _call(self, id_: int, content: Content, priority: Priority) -> int:
        """Send or edit, with HTML, or with plain text once HTML was refused."""
        try:
            return await self._called(id_, content, priority)
        except BadRequest as error:
            if self._plain or "parse entities" not in error.message.lower():
                raise _meant(error) from error
            logger.error("the HTML of an answer was refused: %s", error.message)
            self._plain = True
        try:
            return await self._called(id_, content, priority)
        except BadRequest as error:
            raise _meant(error) from error

    async def _called(self, id_: int, content: Content, priority: Priority) -> int:
        arguments: dict[str, Any] = {
            "chat_id": self.target.chat,
            "text": content.shown.plain if self._plain else content.shown.html,
            "parse_mode": None if self._plain else "HTML",
            "reply_markup": ForceReply() if content.asks and not id_ else markup(content.rows),
            "link_preview_options": _NO_PREVIEW,
            "rate_limit_args": priority,
        }
        try:
            if id_:
                await self._bot.edit_message_text(message_id=id_, **arguments)
                return id_
            sent = await self._bot.send_message(
                **arguments,
                message_thread_id=self.target.thread or None,
                reply_parameters=self._reply(),
            )
        except Forbidden as error:
            blocked = "blocked by the user" in error.message.lower()
            raise (BlockedError if blocked else UnreachableError)(str(error)) from error
        except BadRequest as error:
            if id_ and "not modified" in error.message.lower():
                return id_
            raise
        return sent.message_id

    def _reply(self) -> ReplyParameters | None:
        if not self.target.reply_to:
            return None
        return ReplyParameters(self.target.reply_to, allow_sending_without_reply=True)


def _meant(error: BadRequest) -> Exception:
    """What a refusal means for a message."""
    message = error.message.lower()
    if any(words in message for words in _GONE):
        return GoneError(message)
    return UnreachableError(message)


def argument(message: Message) -> str:
    """What follows a command."""
    return (message.text or "").partition(" ")[2].strip()


async def acknowledge(query: CallbackQuery, text: str = "") -> None:
    """Tell Telegram that a click was seen, with a line if there is one: too late is no harm."""
    with suppress(TelegramError):
        await query.answer(text[:200] or None)


async def reply(context: BotContext, message: Message, key: str, **facts: object) -> None:
    """Reply to a message with a sentence of the catalogue."""
    if message.from_user is None:
        return
    texts = await context.texts_for(message.from_user)
    await reply_with(context, message, [block(texts.text(key, **facts))])


async def reply_with(
    context: BotContext, message: Message, blocks: Sequence[Block], rows: Rows = ()
) -> int:
    """Reply to a message; the number of the last message sent, 0 when none could be."""
    thread = message.message_thread_id if message.is_topic_message else None
    target = Target(message.chat_id, thread or 0, message.message_id)
    contents = messages(blocks)
    post = Post(context.bot, target, context.ids)
    for part, shown in enumerate(contents):
        if part:
            post = Post(context.bot, Target(target.chat, target.thread), context.ids)
        last = shown is contents[-1]
        if not await say(post, Content(shown, rows if last else ())):
            return 0
    return post.id


async def say(post: Post, content: Content) -> bool:
    """Show something in a message; whether it could be shown."""
    try:
        await post.say(content)
    except (UnreachableError, GoneError, RetryAfter, NetworkError) as error:
        logger.info("a message could not be shown: %s", error, extra={"chat": post.target.chat})
        return False
    return True
