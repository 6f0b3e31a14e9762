"""What somebody sends together: documents, gathered into one box, and the parts of a long text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.telegram.admin.shared import PART

if TYPE_CHECKING:
    from telegram import Message

_TOGETHER = 2.0
"""Seconds between the parts of a text at most."""


@dataclass(slots=True)
class Batch:
    """Files of one administrator.

    Args:
        box: where they are.
        message: the first message that brought one.
        names: theirs.
        captions: of each file, the album that it is of or ``""``, and its caption.
        origins: the messages that brought them.
    """

    box: str
    message: Message
    names: list[str] = field(default_factory=list)
    captions: dict[str, tuple[str, str]] = field(default_factory=dict)
    origins: list[int] = field(default_factory=list)
    under_way: int = 0


class Batches:
    """Waits until no more documents come.

    Args:
        wait: seconds without a document that end a batch.
        new_box: makes a box.
        whole: given each batch that is whole.
    """

    def __init__(
        self,
        wait: float,
        new_box: Callable[[], str],
        whole: Callable[[Batch], Awaitable[None]],
    ) -> None:
        self._wait = wait
        self._new_box = new_box
        self._whole = whole
        self._open: dict[int, Batch] = {}

    async def add(
        self, user: int, message: Message, bring: Callable[[Batch], Awaitable[str | None]]
    ) -> None:
        """Bring a document into the batch of its sender; the last one to come ends it.

        Args:
            user: who sent it.
            message: the message that brought it.
            bring: puts it into the box; its name there, or None when it was refused.
        """
        batch = self._open.get(user)
        if batch is None:
            batch = self._open[user] = Batch(self._new_box(), message)
        batch.under_way += 1
        try:
            name = await bring(batch)
            if name is not None:
                batch.names.append(name)
        finally:
            batch.under_way -= 1
            await self._closed(user, batch)

    async def _closed(self, user: int, batch: Batch) -> None:
        """End a batch, unless more comes meanwhile."""
        came = len(batch.names)
        await asyncio.sleep(self._wait)
        if batch.under_way or len(batch.names) != came or self._open.get(user) is not batch:
            return
        del self._open[user]
        await self._whole(batch)


class TextParts:
    """Joins a text that Telegram cut for its length: the parts come one right after the other.

    Args:
        wait: seconds without a further part that end a text.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._open: dict[int, list[Message]] = {}

    async def whole(self, user: int, message: Message) -> list[Message]:
        """All the parts of a text, in their order; none when an earlier part answers for this."""
        parts = self._open.get(user)
        if parts is not None and _goes_on(parts[-1], message):
            parts.append(message)
            return []
        if not _may_go_on(message):
            return [message]
        parts = self._open[user] = [message]
        came = 0
        while came != len(parts):
            came = len(parts)
            await asyncio.sleep(self._wait)
        if self._open.get(user) is parts:
            del self._open[user]
        return sorted(parts, key=lambda part: part.message_id)


def _may_go_on(message: Message) -> bool:
    return len(message.text or "") >= PART


def _goes_on(before: Message, message: Message) -> bool:
    """Whether a message is the next part of a text: sent with the one before, and no reply."""
    together = abs((message.date - before.date).total_seconds()) <= _TOGETHER
    return _may_go_on(before) and together and message.text is not None
