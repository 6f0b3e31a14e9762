"""The user's side: what people do in Telegram, as the updates that a bot gets."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.errors import forbidden
from tests.fake_telegram.html import parsed, utf16
from tests.fake_telegram.world import ME, USERNAME, Chat, Click, Message, StoredFile, TypedQuery

UNNAMED: dict[str, Any] = {
    "id": 1_087_968_824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
"""In whose name Telegram puts what anonymous administrators write."""

_ids = itertools.count(1001)
# Telegram marks an address without a scheme when it knows the top-level domain.
_ENTITIES = (
    ("bot_command", r"(?:^|(?<=\s))/\w{1,32}(?:@\w+)?"),
    ("mention", r"(?<![\w/])@\w{3,}"),
    ("url", r"https?://[^\s<>\"«»]+[^\s<>\"«».,;:!?)]"),
    ("url", r"(?<![\w@/.-])(?:[\w-]+\.)+(?:com|org|net|info|fr|be|ch)\b(?:/[^\s<>\"«»]*)?"),
)


def entities_of(text: str) -> list[dict[str, Any]]:
    """The commands, mentions and addresses that Telegram marks in what people type."""
    return [
        {"type": kind, "offset": utf16(text[: m.start()]), "length": utf16(m[0])}
        for kind, pattern in _ENTITIES
        for m in re.finditer(pattern, text)
    ]


class Person:
    """Somebody who uses Telegram.

    Args:
        fake: the server.
        name: the first name.
        language: that of the application.
        id_: a Telegram id, when the test wants a given one.
        started: whether the bot may write to them: they once pressed Start.
    """

    def __init__(
        self,
        fake: FakeTelegram,
        name: str,
        language: str = "fr",
        id_: int | None = None,
        *,
        started: bool = True,
    ) -> None:
        self._fake = fake
        self.id = id_ if id_ is not None else next(_ids)
        self.user: dict[str, Any] = {
            "id": self.id,
            "is_bot": False,
            "first_name": name,
            "language_code": language,
        }
        self.private = fake.world.chats.setdefault(self.id, Chat(self.id, "private", name))
        if started:
            fake.world.started.add(self.id)

    def say(
        self, text: str, chat: Chat | None = None, thread: int | None = None, **more: object
    ) -> Message:
        """Type a message; commands and mentions become entities."""
        chat = chat or self.private
        if chat is self.private:
            self._fake.world.started.add(self.id)
        message = self._new(chat, thread)
        message["text"] = text
        marks = entities_of(text)
        if marks:
            message["entities"] = marks
        message |= more
        self._fake.world.keep(chat, message)
        if _is_seen(chat, message):
            self._fake.updates.push("message", message)
        return message

    def link(self, text: str, words: str, address: str) -> Message:
        """Write a text in which some words lead to an address."""
        at = {"offset": utf16(text[: text.index(words)]), "length": utf16(words)}
        return self.say(text, entities=[{"type": "text_link", "url": address, **at}])

    def forward(self, text: str, **more: Any) -> Message:  # noqa: ANN401
        """Forward a post of a channel, in private."""
        channel = {"id": -1_002_000_000_001, "type": "channel", "title": "Le Fanal"}
        origin = {"type": "channel", "date": 1, "chat": channel, "message_id": 7}
        return self.say(text, forward_origin=origin, **more)

    def picture(self, caption: str, chat: Chat | None = None, **more: object) -> Message:
        """Send a picture with words under it."""
        size = {"file_id": "p1", "file_unique_id": "p1", "width": 90, "height": 60}
        marks = entities_of(caption)
        return self.send(chat, photo=[size], caption=caption, caption_entities=marks, **more)

    def say_unnamed(self, text: str, group: Chat) -> Message:
        """Type a message in the name of a group, as its anonymous administrators do."""
        sender = {"from": UNNAMED, "sender_chat": group.as_json}
        return self.say(text, group, None, **sender)

    def again(self, message: Message) -> None:
        """Have Telegram give a message to the bot once more."""
        self._fake.updates.push("message", message)

    def send(self, chat: Chat | None = None, **content: object) -> Message:
        """Send something that is no text: a sticker, a place, a voice…"""
        chat = chat or self.private
        message = self._new(chat, None) | content
        self._fake.world.keep(chat, message)
        self._fake.updates.push("message", message)
        return message

    def reply(self, to: Message, text: str, quoted: str = "") -> Message:
        """Reply to a message, or to a part of it that is quoted, in its chat and thread."""
        chat = self._fake.world.chats[to["chat"]["id"]]
        inner = {name: value for name, value in to.items() if name != "reply_to_message"}
        message = {"reply_to_message": inner}
        if quoted:
            at = utf16(to["text"][: to["text"].index(quoted)])
            message["quote"] = {"text": quoted, "position": at, "is_manual": True}
        return self.say(text, chat, to.get("message_thread_id"), **message)

    def edit(self, message: Message, text: str) -> None:
        """Change a message of one's own."""
        chat = self._fake.world.chats[message["chat"]["id"]]
        changed = message | {"text": text, "edit_date": self._fake.world.now()}
        self._fake.world.keep(chat, changed)
        self._fake.updates.push("edited_message", changed)

    def click(self, message: Message, label: str) -> Click:
        """Press the button of a message that has this label."""
        (data,) = {b["callback_data"] for b in buttons(message) if b["text"] == label}
        return self.press(message, data)

    def press(self, message: Message, data: str) -> Click:
        """Send the data of a button, whatever they are."""
        click = Click(f"{self.id}{self._fake.world.next_id():09d}")
        self._fake.world.clicks[click.id] = click
        query = {
            "id": click.id,
            "from": self.user,
            "message": message,
            "chat_instance": str(message["chat"]["id"]),
            "data": data,
        }
        self._fake.updates.push("callback_query", query)
        return click

    def upload(
        self,
        name: str,
        content: bytes,
        chat: Chat | None = None,
        *,
        size: int | None = None,
        to: Message | None = None,
        **more: object,
    ) -> Message:
        """Send a file; ``size`` is what Telegram says of it, when it is too large to make.

        ``to`` is the message that it replies to.
        """
        chat = chat or self.private
        file = StoredFile(f"file{self._fake.world.next_id()}", name, content, size or len(content))
        self._fake.world.files[file.id] = file
        message = self._new(chat, None)
        message["document"] = {
            "file_id": file.id,
            "file_unique_id": file.id,
            "file_name": name,
            "file_size": file.size,
        }
        if to is not None:
            inner = {name: value for name, value in to.items() if name != "reply_to_message"}
            message["reply_to_message"] = inner
        message |= more
        self._fake.world.keep(chat, message)
        self._fake.updates.push("message", message)
        return message

    def speak(
        self,
        content: bytes,
        chat: Chat | None = None,
        *,
        kind: str = "voice",
        seconds: int = 3,
        size: int | None = None,
        to: Message | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Message:
        """Send something spoken: a ``voice``, an ``audio``, a ``video_note``.

        Args:
            content: of its file.
            chat: where; in private by default.
            kind: what it is.
            seconds: how long it says that it is.
            size: what Telegram says of its size, when it is too large to make.
            to: the message that it replies to.
            more: further fields of the recording.
        """
        chat, id_ = chat or self.private, f"file{self._fake.world.next_id()}"
        file = StoredFile(id_, "file_0.oga", content, size or len(content))
        self._fake.world.files[id_] = file
        said = {"file_id": id_, "file_unique_id": id_, "duration": seconds, "file_size": file.size}
        said |= {"length": 240} if kind == "video_note" else {}
        inner = {name: value for name, value in (to or {}).items() if name != "reply_to_message"}
        replied = {"reply_to_message": inner} if to is not None else {}
        return self.send(chat, **{kind: said | more}, **replied)

    def react(self, message: Message, emoji: str) -> None:
        """Put an emoji under a message."""
        reaction = {
            "chat": message["chat"],
            "message_id": message["message_id"],
            "user": self.user,
            "date": self._fake.world.now(),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        self._fake.updates.push("message_reaction", reaction)

    def ask_inline(self, text: str) -> TypedQuery:
        """Type ``@bot text`` in some other chat; the bot gets it if BotFather was told so."""
        world = self._fake.world
        typed = world.typed.setdefault(str(id_ := world.next_id()), TypedQuery(str(id_)))
        if world.inline:
            query = {"id": typed.id, "from": self.user, "query": text, "offset": ""}
            self._fake.updates.push("inline_query", query)
        return typed

    def choose(self, result: dict[str, Any], chat: Chat) -> Message:
        """Drop a result of an inline query into a chat, as a message of one's own."""
        content = result["input_message_content"]
        text, marks = parsed(content["message_text"])
        return self.say(text, chat, entities=marks, via_bot=ME)

    def block(self) -> None:
        """Block the bot."""
        self.private.refusal = forbidden("bot was blocked by the user")
        self._member(self.private, "member", "kicked")

    def unblock(self) -> None:
        """Let it write again."""
        self.private.refusal = None
        self._member(self.private, "kicked", "member")

    def add_bot(self, group: Chat) -> None:
        """Bring the bot into a group."""
        group.left, group.refusal = False, None
        self._member(group, "left", "member")

    def promote_bot(self, group: Chat) -> None:
        """Make the bot one of a group's administrators."""
        self._member(group, "member", "administrator")

    def kick_bot(self, group: Chat) -> None:
        """Throw the bot out of a group."""
        group.refusal = forbidden(f"bot was kicked from the {group.kind} chat")
        self._member(group, "member", "kicked")

    def upgrade(self, group: Chat, *, told: bool = True) -> Chat:
        """Make a supergroup of a group; both chats say so, unless the bot is not told."""
        new = new_group(self._fake, group.title)
        new.privacy = group.privacy
        group.upgrade(new.id)
        if told:
            self.send(group, migrate_to_chat_id=new.id)
            self.send(new, migrate_from_chat_id=group.id)
        return new

    def delete(self, message: Message) -> None:
        """Delete a message, for everybody."""
        chat = self._fake.world.chats[message["chat"]["id"]]
        self._fake.world.delete(chat, message["message_id"])

    def _new(self, chat: Chat, thread: int | None) -> Message:
        message: Message = {
            "message_id": self._fake.world.next_message(chat),
            "date": self._fake.world.now(),
            "chat": chat.as_json,
            "from": self.user,
        }
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        return message

    def _member(self, chat: Chat, before: str, after: str) -> None:
        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": ME, "status": status, **until}

        change = {
            "chat": chat.as_json,
            "from": self.user,
            "date": self._fake.world.now(),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        self._fake.updates.push("my_chat_member", change)


def new_group(fake: FakeTelegram, title: str, id_: int | None = None) -> Chat:
    """A supergroup that the bot is in; a group where the number is one of a group."""
    chat_id = id_ if id_ is not None else -1_001_000_000_000 - next(_ids)
    kind = "supergroup" if chat_id < -1_000_000_000_000 else "group"
    return fake.world.chats.setdefault(chat_id, Chat(chat_id, kind, title))


def buttons(message: Message) -> Sequence[dict[str, Any]]:
    """The buttons under a message, row by row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _is_seen(chat: Chat, message: Message) -> bool:
    """Whether privacy mode lets a bot see a message of a group."""
    if chat.kind == "private" or not chat.privacy:
        return True
    replied = message.get("reply_to_message", {}).get("from", {}).get("id") == ME["id"]
    text = message.get("text", "")
    marked = [m for m in entities_of(text) if m["type"] == "bot_command"]
    return replied or bool(marked) or f"@{USERNAME}" in text.lower()
