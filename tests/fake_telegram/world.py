"""What the server knows: users, chats, their messages, clicks, files, lists of commands."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram.errors import UPGRADED, ApiError, bad_request, forbidden

BOT_ID = 8_000_000_001
TOKEN = f"{BOT_ID}:AAF-not-a-real-token-of-the-tests-000"
USERNAME = "kiosque_test_bot"

ME: dict[str, Any] = {
    "id": BOT_ID,
    "is_bot": True,
    "first_name": "Kiosque",
    "username": USERNAME,
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}

Message = dict[str, Any]


@dataclass(slots=True)
class Chat:
    """A chat and its messages; ``refusal`` is what a bot that writes there is told."""

    id: int
    kind: str
    title: str
    messages: dict[int, Message] = field(default_factory=dict)
    versions: dict[int, list[Message]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    admins: set[int] = field(default_factory=set)
    refusal: ApiError | None = None
    privacy: bool = True
    left: bool = False
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_number(self) -> int:
        """The number of a new message of a supergroup: each has a count of its own."""
        return next(self._numbers)

    @property
    def as_json(self) -> dict[str, Any]:
        """The chat as an update names it."""
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": self.title}
        return {"id": self.id, "type": self.kind, "title": self.title}

    @property
    def shown(self) -> list[Message]:
        """What the bot's messages say now, in their order: what a reader sees of it."""
        return [m for m in self.messages.values() if m["from"]["id"] == BOT_ID]

    @property
    def texts(self) -> list[str]:
        """The texts of the bot's messages, without their marks."""
        return [m.get("text", "") for m in self.shown]

    def edits(self, message_id: int) -> int:
        """How many times a message was edited."""
        return len(self.versions.get(message_id, [])) - 1

    def upgrade(self, new_id: int) -> None:
        """Become a supergroup: the old id only says where to go; `Person.upgrade` tells the bot."""
        self.refusal = bad_request(UPGRADED, migrate_to_chat_id=new_id)


@dataclass(slots=True)
class Click:
    """A click on a button, and what the bot answered."""

    id: str
    answers: list[str] = field(default_factory=list)
    expired: bool = False


@dataclass(slots=True)
class TypedQuery:
    """What somebody types after the name of the bot, and what the bot answered: once, or not."""

    id: str
    answers: list[dict[str, Any]] = field(default_factory=list)
    expired: bool = False

    @property
    def results(self) -> list[dict[str, Any]]:
        """What may be chosen."""
        return [one for answer in self.answers for one in answer["results"]]

    @property
    def button(self) -> dict[str, Any]:
        """The button above them."""
        return self.answers[0]["button"] if self.answers else {}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that somebody sent."""

    id: str
    name: str
    content: bytes
    size: int

    @property
    def path(self) -> str:
        """Where it is downloaded from."""
        return f"documents/{self.id}/{self.name}"


@dataclass(slots=True)
class World:
    """All of it; ``inline`` when BotFather was told that the bot is for inline queries."""

    wall_clock: Callable[[], float] = time.time
    chats: dict[int, Chat] = field(default_factory=dict)
    clicks: dict[str, Click] = field(default_factory=dict)
    typed: dict[str, TypedQuery] = field(default_factory=dict)
    inline: bool = False
    files: dict[str, StoredFile] = field(default_factory=dict)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    webhook: dict[str, Any] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    reactions: list[tuple[int, int, Any]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_id(self) -> int:
        """A number that nothing else has."""
        return next(self._ids)

    def next_message(self, chat: Chat) -> int:
        """The number of a new message; all chats that are no supergroups share one count."""
        return chat.next_number() if chat.kind == "supergroup" else self.next_id()

    def now(self) -> int:
        """The time that messages carry."""
        return int(self.wall_clock())

    def chat(self, chat_id: int) -> Chat:
        """The chat that a bot wants to write to.

        Raises:
            ApiError: it does not know it, or may not.
        """
        chat = self.chats.get(chat_id)
        if chat is None or (chat.kind == "private" and chat_id not in self.started):
            raise bad_request("chat not found")
        if chat.refusal is not None:
            raise chat.refusal
        if chat.left:
            raise forbidden(f"bot is not a member of the {chat.kind} chat")
        return chat

    def keep(self, chat: Chat, message: Message) -> Message:
        """Put a message, or its new version, into its chat."""
        chat.messages[message["message_id"]] = message
        chat.versions.setdefault(message["message_id"], []).append(message)
        return message

    def delete(self, chat: Chat, message_id: int) -> None:
        """Take a message away."""
        chat.messages.pop(message_id, None)
        chat.deleted.add(message_id)
