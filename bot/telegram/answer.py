"""One question of a chat: its answer is made, shown while it grows, stored and laid out."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from telegram.constants import ChatAction
from telegram.error import Forbidden, TelegramError

from bot.answering.request import Finished, Request, Verified
from bot.answering.tasks import task_of
from bot.desk.metrics import FAILED, STOPPED
from bot.memory.conversation import reason_of, sources_of
from bot.memory.unanswered import UnansweredQuestions
from bot.memory.values import PendingQuestion, Place, StoredAnswer
from bot.messages.answers import (
    answer_span,
    answer_text,
    answer_within,
    citation_numbers,
    lead_lines,
    notice_lines,
    one_a_line,
    passage_line,
    source_line,
    statement_text,
    untitled,
)
from bot.messages.catalogue import Catalogue
from bot.messages.errors import explained
from bot.messages.finding_lines import finding_lines
from bot.telegram.buttons import answer_rows, ask_again_row, follow_row
from bot.telegram.deliver import Delivery
from bot.telegram.groups import follow
from bot.telegram.limits import Priority
from bot.telegram.post import Content, GoneError, Target, UnreachableError
from bot.telegram.rich import Block, MessageText, TextRun, block, emphasised, messages
from bot.telegram.runs import until
from bot.telegram.widening import asked_again, limit_rows
from retrieval.errors import BadUse, KiosqueError, QuestionTooLong
from retrieval.text.analysis import guess_language
from retrieval.vocabulary import Reason, Span, Status

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator, Sequence
    from datetime import date

    from bot.messages.catalogue import Catalogue
    from bot.telegram.buttons import Rows
    from bot.telegram.context import BotContext
    from retrieval.vocabulary import Answer, Citation, Statement, Turn, Understanding

logger = logging.getLogger(__name__)

_HEARD_CHARS = 500
_MAY_COME = (Reason.NOT_IN_ARCHIVE, Reason.OUT_OF_PERIOD)
"""A question that is refused so may be answered by what comes."""


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """A question and its place.

    Args:
        text: the question.
        place: who asks, and where.
        message: the message that asks.
        turns: the conversation so far.
        language: the one that the reader chose, if any; else that of the question is used.
        shown: the message of an answer that a crash cut off, or 0.
        chronology: whether the dated lines of a subject are asked for.
        known: how the question is to be understood, when it is asked again.
        former: the further messages of the answer that this one takes the place of.
        heard: what was understood of a question that was spoken.
    """

    text: str
    place: Place
    message: int
    turns: tuple[Turn, ...] = ()
    language: str | None = None
    shown: int = 0
    chronology: bool = False
    known: Understanding | None = None
    former: tuple[int, ...] = ()
    heard: str = ""


class Interrupted(Exception):
    """The answer was stopped; what was verified of it is shown."""


class Superseded(Exception):
    """The answer was stopped because its question was edited: its message shows the next one."""


class AnswerTask:
    """Answers one question.

    Args:
        context: what the work is done with.
        question: what is to be answered.
        stop: asks the answer to end.

    Attributes:
        was_deleted: whether its reader deleted the message before the answer was whole.
        undelivered: whether Telegram did not take it: the question is pending still.
    """

    def __init__(self, context: BotContext, question: ChatQuestion, stop: asyncio.Event) -> None:
        self._context = context
        self._question = question
        self._stop = stop
        self._superseded = False
        self.was_deleted = self.undelivered = self._cut_short = False
        self._outcome: Status | str = STOPPED
        self._lost: GoneError | UnreachableError | None = None
        self._verified: list[Statement] = []
        self._texts = Catalogue(question.language or guess_language(question.text))
        place = question.place
        self._target = Target(place.chat, place.thread, question.message)
        pace = context.times.private if place.chat > 0 else context.times.group
        self._delivery = Delivery(
            context.bot, self._target, context.ids, pace, question.shown, self._appeared
        )

    @property
    def question(self) -> str:
        """What is asked."""
        return self._question.text

    @property
    def asks(self) -> tuple[int, int]:
        """The chat and the message that asks."""
        return self._question.place.chat, self._question.message

    @property
    def messages(self) -> tuple[int, ...]:
        """The message that shows the answer, once there is one."""
        return (self._delivery.message,) if self._delivery.message else ()

    @property
    def pending(self) -> PendingQuestion:
        """The question as it is kept until it is answered."""
        asked = self._question
        return PendingQuestion(
            asked.place, asked.message, self._context.now(), asked.text, self._delivery.message
        )

    def supersede(self) -> None:
        """End without a word, unless all of the answer is there."""
        self._superseded = True
        self._stop.set()

    async def run(self) -> None:
        """Answer; the reader gets one message whatever happens."""
        begun = self._context.clock()
        memory, chat = self._context.memory, self._question.place.chat
        try:
            contents, number = await self._made()
            self._context.runs.delivers(self._question.place.user)
            ids = await self._delivery.finish(contents)
        except Superseded:
            logger.info("a question was edited while it was answered")
        except UnreachableError as error:
            logger.info("nobody reads this answer: %s", error)
        except GoneError as error:
            self.was_deleted = True
            logger.info("the answer was deleted while it was written: %s", error)
        except TelegramError as error:
            self._outcome, self.undelivered = FAILED, True
            logger.error("an answer could not be delivered: %s", error)
        else:
            seconds = self._context.clock() - begun
            self._context.figures.seconds.append(seconds)
            self._context.metrics.answer_seconds.observe(seconds)
            if number:
                await memory.do(memory.store.set_messages, number, self._delivery.chat, ids)
            if self._cut_short:
                left = UnansweredQuestions(memory.store).leave
                await memory.do(left, self.pending, self._delivery.chat, ids[-1])
            await follow(self._context, chat, self._delivery.chat)
            await self._clear()
        self._context.metrics.ended(self._outcome)
        if not self.undelivered:
            await memory.do(memory.store.remove_pending, chat, self._question.message)

    async def _clear(self) -> None:
        """Delete what is left of a longer answer, in whose place this one stands."""
        for message in self._question.former:
            with suppress(TelegramError):
                await self._context.bot.delete_message(
                    self._delivery.chat, message, rate_limit_args=Priority.CONTROL
                )

    async def _appeared(self, shown: int) -> None:
        memory, chat = self._context.memory, self._question.place.chat
        await memory.do(memory.store.set_shown, chat, self._question.message, shown)

    async def _made(self) -> tuple[list[Content], int]:
        """The messages of the answer, and the number that it is stored under, or 0."""
        try:
            answer = await self._produced()
        except Interrupted:
            if self._lost is not None:
                raise self._lost from None
            if self._superseded:
                raise Superseded from None
            self._cut_short = self._context.runs.closing
            said = interrupted_blocks(self._verified, self._texts)
            again = ask_again_row(self._texts) if self._cut_short else ()
            return _contents(messages(self._below_what_was_heard(said)), again), 0
        except Exception as error:  # a reader is never left without a word
            return self._explained(error), 0
        self._outcome = answer.status
        number = await self._stored(answer)
        openable = len(answer.openable)
        rows: Rows = ()
        followed = task_of(self._question.text) is None
        if number and openable:
            rows = answer_rows(number, openable, self._texts, followed=followed)
        elif number and followed and answer.refusal and answer.refusal.reason in _MAY_COME:
            rows = follow_row(number, self._texts)
        if number and not self._question.chronology:
            rows = (*limit_rows(number, answer.understood, self._texts), *rows)
        said = self._below_what_was_heard(answer_blocks(answer, self._texts))
        return _contents(messages(said), rows), number

    def _below_what_was_heard(self, blocks: Iterable[Block]) -> list[Block]:
        """An answer below the words that were understood, when its question was spoken."""
        said, words = list(blocks), self._question.heard
        if not words or not said:
            return said
        words = words if len(words) <= _HEARD_CHARS else f"{words[:_HEARD_CHARS].rstrip()}…"
        heard = block(self._texts.text("telegram.voice.heard", text=words), "i")
        return [heard, replace(said[0], gap="\n\n"), *said[1:]]

    async def _produced(self) -> Answer:
        """The answer, shown as it grows.

        Raises:
            Interrupted: it was stopped, or nobody can read it.
            Exception: what the chain raised.
        """
        async with asyncio.TaskGroup() as group:
            typing = group.create_task(self._unless_lost(self._typing()))
            pump = group.create_task(self._unless_lost(self._delivery.pump()))
            try:
                outcome = await until(self._stop, self._work())
            finally:
                self._delivery.close()
                typing.cancel()
                # The pump ends after what it is sending: a send that is cut off is lost.
                await asyncio.wait({pump})
        if outcome.error is not None:
            raise outcome.error
        if outcome.value is None:
            raise Interrupted
        return outcome.value

    async def _work(self) -> Answer:
        """Wait for a place and have the question answered."""
        async with self._context.runs.place(), asyncio.timeout(self._context.times.answer):
            asked = self._question
            request = _request(asked, self._context.today())
            answer: Answer | None = None
            async for event in self._context.answers(request):
                if isinstance(event, Verified):
                    self._verified.append(event.statement)
                    so_far = partial_blocks(self._verified, self._texts)
                    self._delivery.show(Content(messages(self._below_what_was_heard(so_far))[0]))
                elif isinstance(event, Finished):
                    answer = event.answer  # the last event
                    self._context.runs.delivers(asked.place.user)
        if answer is None:
            raise RuntimeError("the events ended without an answer")
        return answer

    async def _typing(self) -> None:
        """Say that something is being written, until there is something to read."""
        while not self._delivery.has_appeared:
            try:
                await self._context.bot.send_chat_action(
                    self._target.chat,
                    ChatAction.TYPING,
                    message_thread_id=self._target.thread or None,
                    rate_limit_args=Priority.CONTROL,
                )
            except Forbidden as error:
                raise UnreachableError(str(error)) from error
            except TelegramError as error:
                logger.debug("typing was not shown: %s", error)
            await asyncio.sleep(self._context.times.typing)

    async def _unless_lost(self, helper: Coroutine[object, object, None]) -> None:
        """Do what helps; when it finds that nobody can read the answer, stop."""
        try:
            await helper
        except (GoneError, UnreachableError) as error:
            self._lost = error
            self._stop.set()

    async def _stored(self, answer: Answer) -> int:
        """Keep the answer; 0 when that cannot be: it is shown all the same, without buttons."""
        stored = StoredAnswer(
            0,
            self._question.place,
            self._context.now(),
            self._texts.language,
            self._question.text,
            answer.status.value,
            answer_text(self._texts, answer),
            self._question.message,
            reason=reason_of(answer),
        )
        memory = self._context.memory
        cited = sources_of(answer)
        try:
            number = await memory.do(memory.store.add_answer, stored, cited)
            if number and answer.understood is not None:
                await memory.do(memory.understandings.add, number, answer.understood)
            return number
        except KiosqueError:
            logger.exception("an answer could not be stored")
            return 0

    def _explained(self, error: Exception) -> list[Content]:
        """What went wrong; a fault of ours with a reference, which the log has too."""
        if isinstance(error, BadUse):
            self._outcome = Status.REFUSED
            why = explained(error, self._texts, public=True).message
            too_long = isinstance(error, QuestionTooLong)
            check = [self._texts.text("telegram.check_instead")] if too_long else []
            return self._said(why, *check)
        self._outcome = FAILED
        reference = uuid4().hex[:8]
        logger.error("no answer", exc_info=error, extra={"reference": reference})
        key = "telegram.too_long" if isinstance(error, TimeoutError) else "telegram.failed"
        sorry = self._texts.text(key, reference=reference)
        if not isinstance(error, KiosqueError):
            return self._said(sorry)
        return self._said(explained(error, self._texts, public=True).message, sorry)

    def _said(self, *lines: str) -> list[Content]:
        """Sentences in the place of an answer."""
        return _contents(messages(self._below_what_was_heard(block(line) for line in lines)))


def _request(asked: ChatQuestion, today: date) -> Request:
    if asked.known is not None:
        return asked_again(asked.text, asked.known, today)
    return Request(asked.text, today, asked.turns, chronology=asked.chronology)


def _contents(shown: Sequence[MessageText], rows: Rows = ()) -> list[Content]:
    """Messages, the buttons under the last."""
    return [Content(one, rows if one is shown[-1] else ()) for one in shown]


def partial_blocks(statements: Sequence[Statement], texts: Catalogue) -> list[Block]:
    """What is verified so far, while the rest is being written."""
    return [*_statements(statements, texts), block(texts.text("telegram.going_on"), "i")]


def interrupted_blocks(statements: Sequence[Statement], texts: Catalogue) -> list[Block]:
    """What was verified before the answer was stopped, that it was, and that a program wrote it."""
    known = [block(texts.text("telegram.interrupted"), "i", "\n\n")]
    if statements:  # only what a model writes is shown before it is whole
        known.append(block(texts.text("answer.written"), "i"))
    listed = _sources({c.number: c for s in statements for c in s.citations}, texts)
    return [*_statements(statements, texts), *known, *listed]


def answer_blocks(answer: Answer, texts: Catalogue) -> Iterator[Block]:
    """The whole answer: its sentences or what comes near, what to know of it, its sources."""
    found = finding_lines(texts, answer)
    if answer.refusal is not None and not answer.refusal.coverage.articles:
        yield block(texts.text("telegram.empty"))
    elif found:
        yield from (block(line, gap="\n\n") for line in found)
    elif not answer.statements:
        yield from (block(line) for line in lead_lines(texts, answer))
        yield from (_near(citation, texts) for citation in answer.passages)
    gap = "\n" if one_a_line(answer) else " "
    said = () if found else answer.statements
    yield from _statements(said, texts, gap, dated=answer.evolution)
    for at, line in enumerate(notice_lines(texts, answer)):
        yield block(line, "i", "\n" if at else "\n\n")
    yield from _sources({c.number: c for c in answer.sources}, texts)


def _statements(
    statements: Sequence[Statement], texts: Catalogue, gap: str = "\n", *, dated: bool = False
) -> Iterator[Block]:
    for statement in statements:
        numbers = citation_numbers(statement)
        cited = (TextRun(" "), TextRun(numbers, "b")) if numbers else ()
        yield Block((*_statement(statement, texts, dated=dated), *cited), gap)


def _statement(statement: Statement, texts: Catalogue, *, dated: bool) -> Iterator[TextRun]:
    """A sentence; in one taken from an article, the words that answer are in bold."""
    before, _, after = statement_text(texts, statement, dated=dated).rpartition(statement.text)
    words = _on_a_line(statement.text, answer_span(statement))
    yield from (run for run in (TextRun(before), *words, TextRun(after)) if run.text)


def _near(citation: Citation, texts: Catalogue) -> Block:
    """What comes near: its number, its words with those that would answer in bold, its source."""
    citation = untitled(citation)
    quote = " ".join(citation.quote.split())
    number, _, source = passage_line(texts, citation).partition(quote)
    words = _on_a_line(citation.quote, answer_within(citation))
    runs = (
        TextRun(number.rstrip(), "b"),
        TextRun(" "),
        *words,
        TextRun(" "),
        TextRun(source.lstrip(), "i"),
    )
    return Block(runs, "\n\n")


def _on_a_line(text: str, words: Span | None) -> tuple[TextRun, ...]:
    """Words of an article without the line breaks among them, some in bold."""
    line = " ".join(text.split())
    if words is None:
        return (TextRun(line),)
    end = len(" ".join(text[: words.end].split()))
    start = end - len(" ".join(text[words.start : words.end].split()))
    return emphasised(line, Span(start, end))


def _sources(cited: dict[int, Citation], texts: Catalogue) -> Iterator[Block]:
    """A line an article: the numbers that cite it, where it comes from, its date."""
    numbers: dict[str, list[int]] = {}
    for number in sorted(cited):
        numbers.setdefault(cited[number].article.id, []).append(number)
    for at, group in enumerate(numbers.values()):
        line = source_line(texts, cited[group[0]].article)
        shown = "".join(f"[{number}]" for number in group)
        yield Block((TextRun(shown, "b"), TextRun(f" {line}")), "\n" if at else "\n\n")
