"""Documents that somebody sends together, gathered into one box: an album, or one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from telegram import Message


@dataclass(slots=True)
class Batch:
    """Files of one administrator: their box, their names, the first message that brought one."""

    box: str
    message: Message
    names: list[str] = field(default_factory=list)
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
        self, user: int, message: Message, bring: Callable[[str], Awaitable[str | None]]
    ) -> None:
        """Bring a document into the batch of its sender; the last one to come ends it.

        Args:
            user: who sent it.
            message: the message that brought it.
            bring: puts it into a box; its name there, or None when it was refused.
        """
        batch = self._open.get(user)
        if batch is None:
            batch = self._open[user] = Batch(self._new_box(), message)
        batch.under_way += 1
        try:
            name = await bring(batch.box)
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
