"""One question, from the moment it is taken to the moment its answer stands in the chat."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from telegram.constants import ChatAction
from telegram.error import Forbidden, TelegramError

from bot.answering.events import Finished, Request, Verified
from bot.messages.catalogue import Catalogue
from bot.messages.errors import explained
from bot.messages.wording import answer_text
from bot.telegram.buttons import answer_rows
from bot.telegram.delivery import Delivery
from bot.telegram.limiter import Priority
from bot.telegram.posting import Content, GoneError, Target, UnreachableError
from bot.telegram.records import Cited, Kept, Place
from bot.telegram.rich import Shown, block, messages
from bot.telegram.showing import answer_messages, interrupted_messages, partial_message
from retrieval.errors import BadUse, KiosqueError
from retrieval.text.analysis import guess_language

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from bot.telegram.buttons import Rows
    from bot.telegram.desk import Desk
    from retrieval.vocabulary import Answer, Citation, Statement, Turn

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be answered, and where.

    Args:
        text: what was asked.
        place: who asks, and where.
        message: the message that asks.
        turns: what was said before.
        language: that of the reader when they chose one; else that of the question.
        shown: the message that a crash left of the answer, or 0.
    """

    text: str
    place: Place
    message: int
    turns: tuple[Turn, ...] = ()
    language: str | None = None
    shown: int = 0


class Interrupted(Exception):
    """The answer was stopped; what was verified of it is shown."""


class Answering:
    """Answers one question.

    Args:
        desk: what the work is done with.
        question: what is to be answered.
        stop: asks the answer to end.
    """

    def __init__(self, desk: Desk, question: Question, stop: asyncio.Event) -> None:
        self._desk = desk
        self._question = question
        self._stop = stop
        self._lost: GoneError | UnreachableError | None = None
        self._said: list[Statement] = []
        self._texts = Catalogue(question.language or guess_language(question.text))
        place = question.place
        self._target = Target(place.chat, place.thread, question.message)
        pace = desk.times.private if place.chat > 0 else desk.times.group
        self._delivery = Delivery(
            desk.bot, self._target, desk.ids, pace, question.shown, self._appeared
        )

    async def run(self) -> None:
        """Answer; whatever happens, the reader is told once."""
        begun = self._desk.clock()
        memory, chat = self._desk.memory, self._question.place.chat
        try:
            contents, number = await self._made()
            ids = await self._delivery.finish(contents)
        except UnreachableError as error:
            logger.info("nobody reads this answer: %s", error)
        except GoneError as error:
            logger.info("the answer was deleted while it was written: %s", error)
        except TelegramError as error:
            self._desk.figures.failed += 1
            logger.error("an answer could not be delivered: %s", error)
        else:
            self._desk.figures.seconds.append(self._desk.clock() - begun)
            if number:
                await memory.do(memory.store.shown_in, number, chat, ids)
        await memory.do(memory.store.settle, chat, self._question.message)

    async def _appeared(self, shown: int) -> None:
        memory, chat = self._desk.memory, self._question.place.chat
        await memory.do(memory.store.showing, chat, self._question.message, shown)

    async def _made(self) -> tuple[list[Content], int]:
        """The messages of the answer, and the number that it is kept under, or 0."""
        try:
            answer = await self._produced()
        except Interrupted:
            if self._lost is not None:
                raise self._lost from None
            return _contents(interrupted_messages(self._said, self._texts)), 0
        except Exception as error:  # a reader is never left without a word
            return self._explained(error), 0
        self._desk.figures.answered += 1
        number = await self._kept(answer)
        openable = len(answer.openable)
        rows = answer_rows(number, openable) if number and openable else ()
        return _contents(answer_messages(answer, self._texts), rows), number

    async def _produced(self) -> Answer:
        """The answer, shown as it grows.

        Raises:
            Interrupted: it was stopped, or nobody can read it.
        """
        work = asyncio.create_task(self._work())
        helpers = [
            asyncio.create_task(self._stop.wait()),
            asyncio.create_task(self._unless_lost(self._typing())),
        ]
        pump = asyncio.create_task(self._unless_lost(self._delivery.pump()))
        try:
            await asyncio.wait({work, helpers[0]}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise Interrupted
            return work.result()
        finally:
            self._delivery.close()
            for task in (work, *helpers):
                task.cancel()
            # The pump ends by itself, after what it is sending: a send that is cut off is lost.
            await asyncio.gather(work, pump, *helpers, return_exceptions=True)

    async def _work(self) -> Answer:
        """Wait for a place and go through the chain."""
        async with self._desk.runs.place(), asyncio.timeout(self._desk.times.answer):
            request = Request(self._question.text, self._desk.today(), self._question.turns)
            answer: Answer | None = None
            async for event in self._desk.chain.astream(request):
                if isinstance(event, Verified):
                    self._said.append(event.statement)
                    self._delivery.show(Content(partial_message(self._said, self._texts)))
                elif isinstance(event, Finished):
                    answer = event.answer  # the last event: the chain then ends by itself
        if answer is None:
            raise RuntimeError("the chain ended without an answer")
        return answer

    async def _typing(self) -> None:
        """Say that something is being written, until there is something to read."""
        while not self._delivery.has_appeared:
            try:
                await self._desk.bot.send_chat_action(
                    self._target.chat,
                    ChatAction.TYPING,
                    message_thread_id=self._target.thread or None,
                    rate_limit_args=Priority.CONTROL,
                )
            except Forbidden as error:
                raise UnreachableError(str(error)) from error
            except TelegramError as error:
                logger.debug("typing was not shown: %s", error)
            await asyncio.sleep(self._desk.times.typing)

    async def _unless_lost(self, helper: Coroutine[object, object, None]) -> None:
        """Do what helps; when it finds that nobody can read the answer, stop."""
        try:
            await helper
        except (GoneError, UnreachableError) as error:
            self._lost = error
            self._stop.set()

    async def _kept(self, answer: Answer) -> int:
        """Keep the answer; 0 when that cannot be: it is shown all the same, without buttons."""
        kept = Kept(
            0,
            self._question.place,
            self._desk.now(),
            self._texts.language,
            self._question.text,
            answer.status.value,
            answer_text(self._texts, answer),
            self._question.message,
        )
        memory = self._desk.memory
        cited = [_cited(citation) for citation in answer.openable]
        try:
            return await memory.do(memory.store.keep, kept, cited)
        except KiosqueError:
            logger.exception("an answer could not be kept")
            return 0

    def _explained(self, error: Exception) -> list[Content]:
        """What went wrong; a fault of ours with a reference, which the log has too."""
        if isinstance(error, BadUse):
            return _sentences(explained(error, self._texts, public=True).message)
        self._desk.figures.failed += 1
        reference = uuid4().hex[:8]
        logger.error("no answer", exc_info=error, extra={"reference": reference})
        key = "telegram.too_long" if isinstance(error, TimeoutError) else "telegram.failed"
        sorry = self._texts.text(key, reference=reference)
        if not isinstance(error, KiosqueError):
            return _sentences(sorry)
        return _sentences(explained(error, self._texts, public=True).message, sorry)


def _sentences(*lines: str) -> list[Content]:
    return _contents(messages([block(line) for line in lines]))


def _contents(shown: Sequence[Shown], rows: Rows = ()) -> list[Content]:
    """Messages, the buttons under the last."""
    return [Content(one, rows if one is shown[-1] else ()) for one in shown]


def _cited(citation: Citation) -> Cited:
    article = citation.article
    return Cited(
        citation.number,
        article.id,
        citation.start,
        citation.end,
        citation.quote,
        article.title,
        article.outlet,
        str(article.published) if article.published else None,
        article.url,
        citation.answer,
    )
