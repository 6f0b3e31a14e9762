"""The question in a message: to whom it is addressed, who asks it, and what it is about. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import MessageEntity

from bot.memory.values import Place

if TYPE_CHECKING:
    from telegram import Message, User

_ASKED = 400
"""Characters up to which a forwarded text with a question mark is a question."""
_COMMANDS = frozenset({"ask", "demander"})


@dataclass(frozen=True, slots=True)
class Addressed:
    """A question put to the bot.

    Args:
        text: what is asked; empty when only the bot was named.
        replied_text: what the question is about: the part that it quotes of another message, else
            what somebody else's message says that it replies to.
        replied_id: the bot's own message that it replies to, or 0.
        chronology: whether the dated lines of a subject are asked for. After a crash the words
            of the question say so.
    """

    text: str
    replied_text: str = ""
    replied_id: int = 0
    chronology: bool = False


def place_of(message: Message) -> Place:
    """The place of a message; a thread counts in forums only.

    Anonymous administrators of a group are all its one user, with the number of the group.
    """
    thread = message.message_thread_id if message.is_topic_message else None
    user = message.from_user.id if message.from_user else 0
    return Place(message.chat_id, thread or 0, message.chat_id if _is_anonymous(message) else user)


def is_from_a_person(message: Message, me: User) -> bool:
    """Not from another bot, not posted through this one, not in the name of a channel."""
    sender = message.from_user
    if sender is None or (message.via_bot is not None and message.via_bot.id == me.id):
        return False
    return _is_anonymous(message) or not (sender.is_bot or message.sender_chat)


def _is_anonymous(message: Message) -> bool:
    """Whether an administrator of a group writes in its name."""
    sender = message.sender_chat
    return sender is not None and sender.id == message.chat_id and message.chat.type != "channel"


def addressed(message: Message, me: User) -> Addressed | None:
    """What a message asks of the bot; None when it is not for the bot.

    In private all is. In a group: ``/ask``, a mention, or a reply to the bot.
    """
    text = message.text or message.caption or ""
    command, rest = _command(message, text)
    if command is not None:
        name, _, bot = command.lower().lstrip("/").partition("@")
        ours = not bot or bot == (me.username or "").lower()
        return _asked(message, rest, me) if ours and name in _COMMANDS else None
    private = message.chat.type == "private"
    without, mentioned = _without_mentions(message, text, me)
    if private or mentioned or _replies_to(message, me):
        return _asked(message, without, me)
    return None


def is_forwarded(message: Message, said: str) -> bool:
    """Whether a message in private brings another's words, which ask nothing: they are checked.

    Args:
        message: brings them.
        said: what it says, in writing or aloud.
    """
    text = said.strip()
    forwarded = message.forward_origin is not None and message.chat.type == "private"
    asks = len(text) <= _ASKED and "?" in text
    return forwarded and not asks and bool(text)


def _asked(message: Message, text: str, me: User) -> Addressed:
    replied = message.reply_to_message
    asked = " ".join(text.split())
    if message.quote is not None and message.quote.text.strip():
        return Addressed(asked, replied_text=message.quote.text.strip())
    if replied is None or (replied.forum_topic_created is not None):
        return Addressed(asked)
    if replied.from_user is not None and replied.from_user.id == me.id:
        return Addressed(asked, replied_id=replied.message_id)
    return Addressed(asked, replied_text=(replied.text or replied.caption or "").strip())


def _replies_to(message: Message, me: User) -> bool:
    replied = message.reply_to_message
    return bool(replied and replied.from_user and replied.from_user.id == me.id)


def _command(message: Message, text: str) -> tuple[str | None, str]:
    """The command that a message begins with, and the rest of it."""
    for entity, value in _entities(message, [MessageEntity.BOT_COMMAND]).items():
        if entity.offset == 0:
            return value, text[len(value) :]
    return None, text


def _without_mentions(message: Message, text: str, me: User) -> tuple[str, bool]:
    """The text without the mentions of the bot, and whether there were any."""
    name = f"@{me.username or ''}".lower()
    mentioned = False
    for entity, value in _entities(
        message, [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    ).items():
        by_id = entity.user is not None and entity.user.id == me.id
        if by_id or value.lower() == name:
            text, mentioned = text.replace(value, " ", 1), True
    return text, mentioned


def _entities(message: Message, kinds: list[str | None]) -> dict[MessageEntity, str]:
    if message.text is not None:
        return message.parse_entities(kinds)
    return message.parse_caption_entities(kinds) if message.caption is not None else {}
