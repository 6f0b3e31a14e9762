"""What waits for the bot: long polling, offsets that confirm, and two pollers who conflict."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram.args import Args
from tests.fake_telegram.errors import conflict

_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_MOST = 100


@dataclass(slots=True)
class Updates:
    """The queue of updates of one bot."""

    pending: list[dict[str, Any]] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    polls: int = 0
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(700_000_001))
    _poller: asyncio.Event | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, kind: str, content: Any) -> int | None:  # noqa: ANN401 - any JSON
        """Queue an update; nothing when the bot did not ask for its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT
        if not wanted:
            return None
        update_id = next(self._ids)
        self.pending.append({"update_id": update_id, kind: content})
        self._news.set()
        return update_id

    async def poll(self, args: Args) -> list[dict[str, Any]]:
        """Give what is pending, or wait for it.

        Raises:
            ApiError: another poll came meanwhile.
        """
        self.polls += 1
        self._take_over(args)
        mine = asyncio.Event()
        if self._poller is not None:
            self._poller.set()
        self._poller = mine
        try:
            return await self._wait(args, mine)
        finally:
            if self._poller is mine:
                self._poller = None

    async def _wait(self, args: Args, ended: asyncio.Event) -> list[dict[str, Any]]:
        limit = args.number("limit", _MOST) or _MOST
        deadline = asyncio.get_running_loop().time() + args.number("timeout")
        while True:
            if ended.is_set():
                raise conflict()
            left = deadline - asyncio.get_running_loop().time()
            if self.pending or left <= 0:
                return self.pending[:limit]
            self._news.clear()
            waits = [asyncio.create_task(event.wait()) for event in (self._news, ended)]
            try:
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def _take_over(self, args: Args) -> None:
        """Confirm what is below the offset, and remember which kinds are wanted."""
        offset = args.number("offset")
        if offset > 0:
            self.pending = [u for u in self.pending if u["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]
        if "allowed_updates" in args.form:
            self.allowed = args.value("allowed_updates") or []
