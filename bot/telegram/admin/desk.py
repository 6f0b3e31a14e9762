"""What administrators are told without asking: questions in vain, silent feeds, a stuck index.

A report is sent, then noted: a bot that is killed between the two sends it once more, and none
is lost. Who cannot be reached now is tried again at the next look.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.desk.gaps import gap_report, weekly_moment
from bot.desk.status import feeds_of
from bot.memory.reports import ReportMemory
from bot.messages.desk import compaction_lines, gap_lines, silent_lines
from bot.telegram.post import Content, Post, Target, say
from bot.telegram.rich import block, messages
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.desk.freshness import FeedFreshness
    from bot.desk.gaps import GapReport
    from bot.telegram.context import BotContext
    from config.settings import Settings
    from retrieval.embedding.embedder import Embedder

logger = logging.getLogger(__name__)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = timedelta(days=7)
_LATE = timedelta(days=1)
"""A first report is sent so long after its moment; else it waits for the next one."""


@dataclass(slots=True)
class DeskReports:
    """Tells administrators what they would want to know.

    Args:
        context: what the bot works with.
        settings: who the administrators are, and when they are told.
        embedder: gives the embedding model, which groups questions.
    """

    context: BotContext
    settings: Settings
    embedder: Callable[[], Embedder] | None = None

    async def look(self) -> None:
        """Send what is due."""
        await self._feeds()
        await self._compaction()
        await self._gaps()

    # --- feeds ------------------------------------------------------------------------

    async def _feeds(self) -> None:
        """Tell of each feed that falls silent, once, and once when it is back."""
        memory = self.context.memory
        reports = ReportMemory(memory.store)
        feeds = {one.url: one for one in await asyncio.to_thread(feeds_of, self.settings.home)}
        told = await memory.do(reports.sent, "feed")
        for url, admin in told:
            if url not in feeds:  # followed no more
                await memory.do(reports.drop, "feed", url, admin)
        for feed in feeds.values():
            for admin in self.settings.telegram.admins:
                await self._feed(reports, feed, admin, told=(feed.url, admin) in told)

    async def _feed(
        self, reports: ReportMemory, feed: FeedFreshness, admin: int, *, told: bool
    ) -> None:
        if feed.silent == told:
            return
        texts = await self.context.texts_of(admin)
        back = [texts.text("freshness.back", url=feed.url)]
        if await self._tell(admin, silent_lines(feed, texts) if feed.silent else back):
            do = self.context.memory.do
            if feed.silent:
                await do(reports.note, "feed", feed.url, admin, self.context.now().isoformat())
            else:
                await do(reports.drop, "feed", feed.url, admin)

    # --- the base of the indexes -----------------------------------------------------

    async def _compaction(self) -> None:
        """Tell once that it cannot be made anew, and once that it was after all."""
        known, memory = self.context.figures.compaction, self.context.memory
        if known is False:
            return
        problem = known if isinstance(known, KiosqueError) else None
        reports = ReportMemory(memory.store)
        told = await memory.do(reports.sent, "compaction")
        for admin in self.settings.telegram.admins:
            if (problem is not None) == (("", admin) in told):
                continue
            texts = await self.context.texts_of(admin)
            if not await self._tell(admin, compaction_lines(problem, texts)):
                continue
            if problem is not None:
                moment = self.context.now().isoformat()
                await memory.do(reports.note, "compaction", "", admin, moment)
            else:
                await memory.do(reports.drop, "compaction", "", admin)

    # --- gaps -------------------------------------------------------------------------

    async def _gaps(self) -> None:
        telegram = self.settings.telegram
        if telegram.gaps_day == "off" or not telegram.admins:
            return
        memory = self.context.memory
        reports = ReportMemory(memory.store)
        now = self.context.now().astimezone(ZoneInfo(self.settings.reading.timezone))
        moment = weekly_moment(now, _WEEKDAYS.index(telegram.gaps_day), telegram.gaps_hour)
        sent = await memory.do(reports.sent, "gaps")
        due = [admin for admin in telegram.admins if _is_due(sent.get(("", admin)), moment, now)]
        if not due:
            return
        report = await self._gap_report(reports, moment - _WEEK)
        for admin in due:
            texts = await self.context.texts_of(admin)
            if not report.questions or await self._tell(admin, gap_lines(report, texts)):
                await memory.do(reports.note, "gaps", "", admin, moment.isoformat())

    async def _gap_report(self, reports: ReportMemory, since: datetime) -> GapReport:
        questions = await self.context.memory.do(reports.unanswered, since)
        people = self.settings.telegram.gaps_people
        return await asyncio.to_thread(gap_report, questions, since, people, self.embedder)

    # --- sending ----------------------------------------------------------------------

    async def _tell(self, admin: int, lines: Sequence[str]) -> bool:
        """Write to an administrator; whether all of it could be shown."""
        for shown in messages([block(line) for line in lines]):
            post = Post(self.context.bot, Target(admin), self.context.ids)
            if not await say(post, Content(shown)):
                return False
        return True


def _is_due(sent: str | None, moment: datetime, now: datetime) -> bool:
    """Whether a report of a moment is to be sent to somebody who had the last one then."""
    if sent is None:
        return now - moment < _LATE
    before = datetime.fromisoformat(sent)
    return before < moment or before - now > _WEEK  # the clock was wrong then
