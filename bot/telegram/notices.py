"""Notices of what is new for followed subjects: looked for after each change, sent once.

A notice is stored before it is sent, and marked as shown after it. What a crash leaves between
is looked for in its chat first, by the words that it has, and sent when it is not there.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.answering.following import (
    MAX_QUOTE_CHARS,
    DigestChoice,
    SubjectNews,
    due,
    numbered,
    split,
    standing,
)
from bot.memory.conversation import stored_source
from bot.memory.values import NOTICE, SentNotice, StoredAnswer
from bot.messages.answers import shortened
from bot.messages.catalogue import Catalogue
from bot.messages.news import more_line, news_heading, news_line
from bot.telegram.buttons import Button, data, rows
from bot.telegram.courier import Delivered
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from bot.answering.following import NoticePlan, SubjectSearch
    from bot.memory.subjects import SubjectStore
    from bot.memory.values import NewsItem, Subject
    from bot.telegram.buttons import Rows
    from bot.telegram.context import BotContext
    from bot.telegram.courier import Courier
    from bot.telegram.rich import MessageText

logger = logging.getLogger(__name__)

_AT_A_TIME = 200
_PATIENCE = 10.0
"""Seconds that a subject waits for the answers under way."""
MAX_QUESTION = 120


@dataclass(slots=True)
class NoticeService:
    """Asks the followed subjects again, and tells what is new.

    Args:
        context: what the bot works with.
        search: finds what is new for a subject.
        courier: sends.
        zone: the time zone of the newspapers, in which days and hours are counted.
        every: seconds between two looks.
    """

    context: BotContext
    search: SubjectSearch
    courier: Courier
    zone: ZoneInfo
    every: float = 20.0

    @property
    def _subjects(self) -> SubjectStore:
        return self.context.memory.subjects

    async def run(self) -> None:
        """Go on until the bot ends; a round that fails goes to the log."""
        while True:
            try:
                await self.round()
            except Exception:
                logger.exception("subjects could not be looked at")
            await asyncio.sleep(self.every)

    async def round(self) -> None:
        """Finish what is under way, ask what was not asked since the last change, tell."""
        await self.resume()
        await self.look()
        await self.tell()

    # --- looking ----------------------------------------------------------------------

    async def look(self) -> None:
        """Ask each subject that was not asked since the newest change; answers go first."""
        memory = self.context.memory
        newest = await asyncio.to_thread(self.search.newest)
        await memory.do(self._subjects.rewind, newest)
        while found := await memory.do(self._subjects.to_look_at, newest, _AT_A_TIME):
            for subject in found:
                await self.context.runs.quiet(_PATIENCE)
                await self._looked(subject, newest)

    async def _looked(self, subject: Subject, newest: int) -> None:
        memory = self.context.memory
        told = await memory.do(self._subjects.news, subject.id)
        today = self.context.now().astimezone(self.zone).date()
        found = await asyncio.to_thread(self.search.news, subject, told, today)
        news = [(stored_source(one.citation), one.changed) for one in found]
        await memory.do(self._subjects.add_news, subject.id, news, newest, self.context.now())

    # --- telling ----------------------------------------------------------------------

    async def tell(self) -> None:
        """Send what is due; what no longer stands is not told."""
        memory = self.context.memory
        waiting = [SubjectNews(one, tuple(news)) for one, news in await self._standing()]
        digests = await memory.do(self._subjects.digests)
        choices = {user: DigestChoice(hour, sent) for user, (hour, sent) in digests.items()}
        for plan in due(waiting, choices, self.context.now(), self.zone):
            for part in split(plan):
                if not await self._told(part):
                    break

    async def _standing(self) -> list[tuple[Subject, list[NewsItem]]]:
        memory = self.context.memory
        waiting = await memory.do(self._subjects.waiting)
        ids = {item.source.article_id for _, items in waiting for item in items}
        articles = await asyncio.to_thread(self.context.reader.articles_of, sorted(ids))
        stand = {subject.id: standing(items, articles) for subject, items in waiting}
        stood = {item.id for items in stand.values() for item in items}
        fallen = [item for _, items in waiting for item in items if item.id not in stood]
        if fallen:
            await memory.do(self._subjects.drop_news, fallen)
        return [(subject, stand[subject.id]) for subject, _ in waiting if stand[subject.id]]

    async def _told(self, plan: NoticePlan) -> bool:
        """Send one notice; whether its chat takes more now."""
        first = plan.subjects[0].subject
        texts = Catalogue(first.language)
        after = await self.courier.newest(first.place.chat)
        shown = numbered(plan)
        text = notice_text(plan, texts, self.zone)
        sources = [source for _, each in shown for source in each]
        question = " · ".join(one.subject.question for one in plan.subjects)
        now = self.context.now()
        answer = StoredAnswer(0, first.place, now, first.language, question, NOTICE, text.plain)

        def written(number: int) -> SentNotice:
            labelled = notice_rows(plan, number, len(sources), texts)
            pairs = tuple(tuple((b.label, b.data) for b in row) for row in labelled)
            return SentNotice(number, first.place, after, text.html, text.plain, pairs)

        items = [item for one in plan.subjects for item in one.items]
        memory = self.context.memory
        notice = await memory.do(self._subjects.begin_notice, answer, sources, items, written)
        return await self._sent(notice, in_doubt=False)

    async def resume(self) -> None:
        """Send what a crash left under way, once it was looked for in its chat."""
        for notice in await self.context.memory.do(self._subjects.under_way):
            await self._sent(notice, in_doubt=True)

    async def _sent(self, notice: SentNotice, *, in_doubt: bool) -> bool:
        """Send a notice, and remember what became of it; whether its chat takes more now."""
        memory = self.context.memory
        outcome = await self.courier.deliver(notice, in_doubt=in_doubt)
        if outcome.became in (Delivered.BLOCKED, Delivered.GONE):
            await memory.do(self._subjects.not_shown, notice, unreachable=True)
        elif outcome.became is Delivered.LATER:
            await memory.do(self._subjects.not_shown, notice, unreachable=False)
        elif outcome.became is Delivered.SHOWN:
            await memory.do(self._subjects.shown, notice, outcome.message)
        return outcome.became is Delivered.SHOWN  # what is unknown is looked for at the next round


def notice_text(plan: NoticePlan, texts: Catalogue, zone: ZoneInfo) -> MessageText:
    """The message of a notice."""
    blocks = [block(texts.text("follow.digest"), "b")] if plan.digest else []
    for news, sources in numbered(plan):
        subject = replace(news.subject, question=shortened(news.subject.question, MAX_QUESTION))
        gap = "\n\n" if blocks else "\n"
        blocks.append(block(f"🔔 {news_heading(texts, subject, zone)}", "b", gap))
        for item, source in zip(news.items, sources, strict=False):
            line = news_line(texts, item, source.number, MAX_QUOTE_CHARS)
            blocks.append(block(line))
        more = more_line(texts, news.items, len(sources))
        blocks += [block(more, "i")] if more else []
    return messages(blocks)[0]


def notice_rows(plan: NoticePlan, answer: int, sources: int, texts: Catalogue) -> Rows:
    """Under a notice: its sources, and a way not to get more of them."""
    numbered_ = [Button(f"[{n}]", data("s", answer, n)) for n in range(1, sources + 1)]
    leave = Button(texts.text("follow.button.leave"), data("x", plan.subjects[0].subject.id))
    every = Button(texts.text("follow.button.list"), data("h", 99))
    return (*rows(numbered_), (every,) if plan.digest else (leave, every))
