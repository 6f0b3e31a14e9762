"""Errata in Telegram: proposed to administrators after each change, sent to readers, once each.

A change of the archive, whoever made it, is looked at once: administrators are told which
answers cite what changed. What they have sent goes out at a quiet pace. A conversation that
takes nothing now is tried later, and holds nobody up; in the end it is told how it went.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.desk.errata import Fate, proposed, version_now
from bot.memory.reports import ReportMemory
from bot.memory.values import (
    NOTICE,
    ErratumOutcome,
    ErratumState,
    SentNotice,
    StoredAnswer,
)
from bot.messages.catalogue import Catalogue
from bot.messages.errata import cited_lines, end_lines, erratum_lines
from bot.telegram.buttons import Button, data, rows
from bot.telegram.courier import Delivered
from bot.telegram.post import Content, Post, Target, say
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from bot.desk.errata import CitedArticle, ErratumReader, ProposedErratum
    from bot.memory.errata import Conversation, ErratumStore
    from bot.memory.values import Erratum, StoredSource
    from bot.telegram.buttons import Rows
    from bot.telegram.context import BotContext
    from bot.telegram.courier import Courier, DeliveryOutcome
    from bot.telegram.rich import Block

logger = logging.getLogger(__name__)

_BY_PEOPLE = {"correct", "withdraw", "rollback"}
"""Changes after which administrators are told even that nothing is to be corrected."""
_MAX_PROPOSED = 5
_SOON = 2.0
_LOOKED, _PROPOSED = "erratum_looked", "erratum_proposed"
_UNTOLD = {Delivered.BLOCKED: ErratumOutcome.BLOCKED, Delivered.GONE: ErratumOutcome.GONE}


@dataclass(slots=True)
class ErratumService:
    """Looks after each change of the archive, and sends what administrators have sent.

    Args:
        context: what the bot works with.
        courier: sends.
        zone: the time zone in which days are counted.
        every: seconds between two looks.
        pace: seconds between two messages: readers who ask are answered meanwhile.
    """

    context: BotContext
    courier: Courier
    zone: ZoneInfo
    every: float = 10.0
    pace: float = 0.08
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _not_before: dict[Conversation, float] = field(default_factory=dict)

    @property
    def _errata(self) -> ErratumStore:
        return self.context.memory.errata

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    async def run(self) -> None:
        """Go on until the bot ends; a round that fails goes to the log."""
        while True:
            wait = self.every
            self._woken.clear()
            try:
                wait = min(wait, await self.round())
            except Exception:
                logger.exception("errata could not be looked at")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait)

    async def round(self) -> float:
        """Finish what is under way, propose, send, report; seconds until more can be sent."""
        await self.resume()
        await self.look()
        sending = await self.context.memory.do(self._errata.in_state, ErratumState.SENDING)
        waits = [await self._send(erratum) for erratum in sending]
        await self._report()
        return min(waits, default=self.every)

    async def proposal(self, article_id: str) -> ProposedErratum:
        """The erratum of an article as it is now, and whom it concerns."""
        context = self.context
        return await context.memory.do(
            proposed, self._errata, context.reader, article_id, context.now()
        )

    # --- proposing --------------------------------------------------------------------

    async def look(self) -> None:
        """Tell administrators which answers cite what changed since the last look."""
        memory, admins = self.context.memory, self.context.access.admins
        reports = ReportMemory(memory.store)
        newest = await asyncio.to_thread(self.context.reader.live_generation) or 0
        noted = (await memory.do(reports.sent, _LOOKED)).get(("", 0))
        looked = newest if noted is None else min(int(noted), newest)
        if looked < newest and admins:
            proposed = await self._proposed(looked)
            for admin in sorted(admins):
                await self._propose_to(admin, proposed, str(newest))
        if noted != str(newest):
            await memory.do(reports.note, _LOOKED, "", 0, str(newest))

    async def _proposed(self, looked: int) -> list[ProposedErratum]:
        """What is to be told of the changes after one."""
        touched = await asyncio.to_thread(self.context.reader.touched_since, looked)
        cited = await self.context.memory.do(self._errata.cited)
        found = []
        for article_id in sorted(touched.keys() & cited.keys()):
            one = await self.proposal(article_id)
            if one.readers and (one.to_tell() or touched[article_id] in _BY_PEOPLE):
                found.append(one)
        return found

    async def _propose_to(
        self, admin: int, proposed: Sequence[ProposedErratum], change: str
    ) -> None:
        """Tell an administrator; of what was told of this change before a kill, nothing again.

        Each message is sent, then noted: one at most, the last before a kill, comes twice.
        """
        texts, memory = await self.context.texts_of(admin), self.context.memory
        reports = ReportMemory(memory.store)
        told = await memory.do(reports.sent, _PROPOSED)
        for one in proposed[:_MAX_PROPOSED]:
            if told.get((one.article.id, admin)) != change:
                lines = cited_lines(texts, one.article, one.counts, len(one.told))
                await self._tell_admin(admin, lines, proposal_rows(one, texts))
                await memory.do(reports.note, _PROPOSED, one.article.id, admin, change)
        left = len(proposed) - _MAX_PROPOSED
        if left > 0:
            await self._tell_admin(admin, [texts.text("erratum.many", count=left)])

    # --- sending ----------------------------------------------------------------------

    async def resume(self) -> None:
        """Send what a crash left under way, once it was looked for in its chat."""
        for notice in await self.context.memory.do(self._errata.under_way):
            await self._delivered(notice, in_doubt=True)

    async def _send(self, erratum: Erratum) -> float:
        """Send an erratum to those who wait for it and can be told now.

        Returns:
            Seconds until others can be told.
        """
        memory, waits = self.context.memory, [self.every]
        now = await self.proposal(erratum.article_id)
        found = {one.conversation: one for one in now.readers}
        for conversation in await self._waiting(erratum):
            wait = self._not_before.get(conversation, 0.0) - self.context.clock()
            if wait > 0:
                waits.append(wait)
                continue
            if await self._version(erratum) != erratum.version:
                await memory.do(self._errata.outdate, erratum.id)
                return 0.0
            if conversation not in found:
                await memory.do(self._errata.drop, erratum.id, conversation)
                continue
            outcome = await self._sent(erratum, now.article, found[conversation])
            if outcome is not None and outcome.became is Delivered.LATER:
                self._not_before[conversation] = self.context.clock() + outcome.wait
                waits.append(outcome.wait)
            if outcome is not None and outcome.away:
                waits.append(_SOON)
                break  # the next chats would fare no better; it goes on where it was
            await asyncio.sleep(self.pace)
        await memory.do(self._errata.end_if_sent, erratum.id)
        return min(waits)

    async def _waiting(self, erratum: Erratum) -> list[Conversation]:
        outcomes = await self.context.memory.do(self._errata.outcomes, erratum.id)
        return [where for where, became in outcomes.items() if became is ErratumOutcome.WAITING]

    async def _version(self, erratum: Erratum) -> str:
        return await asyncio.to_thread(version_now, self.context.reader, erratum.article_id)

    async def _sent(
        self, erratum: Erratum, article: CitedArticle, reader: ErratumReader
    ) -> DeliveryOutcome | None:
        """Send an erratum to one conversation; None when it does not wait for it any more."""
        texts, place = Catalogue(reader.language), reader.place
        lines = erratum_lines(texts, article, reader, erratum.at, self.zone)
        text = messages(erratum_blocks(lines))[0]
        sources = sources_shown(article, reader)
        after, now = await self.courier.newest(place.chat), self.context.now()
        answer = StoredAnswer(0, place, now, reader.language, lines[0], NOTICE, text.plain)

        def written(number: int) -> SentNotice:
            numbered = rows([Button(f"[{s.number}]", data("s", number, s.number)) for s in sources])
            pairs = tuple(tuple((b.label, b.data) for b in row) for row in numbered)
            facts = number, place, after, text.html, text.plain, pairs
            return SentNotice(*facts, reply_to=reader.reply_to)

        put = self._errata.put
        notice = await self.context.memory.do(put, erratum, answer, sources, written)
        return None if notice is None else await self._delivered(notice)

    async def _delivered(self, notice: SentNotice, *, in_doubt: bool = False) -> DeliveryOutcome:
        """Send a message, and remember what became of it."""
        memory = self.context.memory
        outcome = await self.courier.deliver(notice, in_doubt=in_doubt)
        if outcome.became is Delivered.SHOWN:
            await memory.do(self._errata.shown, notice, outcome.message)
        elif outcome.became is not Delivered.UNKNOWN:  # else it is looked for at the next round
            became = _UNTOLD.get(outcome.became, ErratumOutcome.WAITING)
            await memory.do(self._errata.not_shown, notice, became)
        return outcome

    # --- reporting --------------------------------------------------------------------

    async def _report(self) -> None:
        """Tell who had an erratum sent how that ended; all administrators of a terminal's."""
        memory = self.context.memory
        for erratum in await memory.do(self._errata.untold):
            outcomes = await memory.do(self._errata.outcomes, erratum.id)
            admins = self.context.access.admins
            for admin in [erratum.sender] if erratum.sender in admins else sorted(admins):
                texts = await self.context.texts_of(admin)
                await self._tell_admin(admin, end_lines(texts, erratum, outcomes))
            await memory.do(self._errata.told, erratum.id)

    async def _tell_admin(self, admin: int, lines: Sequence[str], below: Rows = ()) -> None:
        post = Post(self.context.bot, Target(admin), self.context.ids)
        await say(post, Content(messages(erratum_blocks(lines))[0], below))


def proposal_rows(one: ProposedErratum, texts: Catalogue) -> Rows:
    """Under a proposal: see the erratum, or have it sent though nothing that was read changed."""
    if one.to_tell():
        return ((Button(texts.text("erratum.button.preview"), data("j", one.erratum.id, 0)),),)
    if one.to_tell(everybody=True):
        return ((Button(texts.text("erratum.button.anyway"), data("j", one.erratum.id, 1)),),)
    return ()


def erratum_blocks(lines: Sequence[str]) -> list[Block]:
    """Lines as a message; the first is its heading."""
    return [block(line, "" if at else "b") for at, line in enumerate(lines)]


def sources_shown(article: CitedArticle, reader: ErratumReader) -> list[StoredSource]:
    """What an erratum shows of its article: what it says now, else what was read."""
    sources = []
    for number, one in enumerate(reader.shown, 1):
        source = replace(one.source, number=number)
        if one.fate is Fate.CHANGED and one.now is not None and article.text is not None:
            quote = article.text[one.now.start : one.now.end]
            source = replace(source, start=one.now.start, end=one.now.end, quote=quote, answer=None)
            source = replace(source, title=article.title, digest=article.digest)
        sources.append(source)
    return sources
