"""Feeds and folders that are followed: looked at from time to time, never while an order works."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.telegram.admin.administration import Working

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.telegram.admin.administration import Kit

logger = logging.getLogger(__name__)

_SECONDS = 3600.0
_ANOTHER = "watch_busy"


@dataclass(slots=True)
class Following:
    """Runs ``kiosque watch --once`` again and again.

    Args:
        kit: what the archive is changed with.
        every: seconds between two rounds.
        is_wanted: whether there is anything to follow.
        language: that of its errors.
    """

    kit: Kit
    every: float
    is_wanted: Callable[[], bool]
    language: str = "fr"

    async def run(self) -> None:
        """Go on until the bot ends; a round that fails is told to the log and ``/status``."""
        while True:
            await asyncio.sleep(self.every)
            try:
                if await asyncio.to_thread(self.is_wanted):
                    await self.round()
            except Exception:
                logger.exception("a round of following failed")

    async def round(self) -> None:
        """Look once at what is followed."""
        kit, figures = self.kit, self.kit.context.figures
        async with kit.turn:
            ours = Working("", "", kit.context.clock())
            kit.working = kit.working or ours
            try:
                words = ["watch", "--once", "--json"]
                ended = await kit.command(words, self.language, _SECONDS)
            finally:
                if kit.working is ours:
                    kit.working = None
        if ended.key == _ANOTHER:
            logger.info("another process follows; leaving that to it")
            return
        figures.followed_at = kit.context.now()
        figures.follow_problem = ended.problem
        if ended.problem:
            logger.error("following failed: %s", ended.problem, extra={"key": ended.key})
            return
        told = ended.report if isinstance(ended.report, dict) else {}
        counts = {name: told.get(name, 0) for name in ("added", "changed")}
        unread = [f"{one['source']}: {one['reason']}" for one in told.get("unreadable", ())][:5]
        logger.info("followed", extra={**counts, "unreadable": unread})
