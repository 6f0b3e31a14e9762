"""The one way from a question to its answer, for every front, with or without a model.

understand → search and read → write, select or pick → answer. Each stage is a method, so that
`bot.answering.chain` can join the same stages as a LangChain Runnable; `Pipeline.events` joins
them without it, since importing LangChain takes most of a second. What blocks runs in threads.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bot.answering import notices, picking, refusal
from bot.answering.evidence import GatheredEvidence, UnderstoodRequest
from bot.answering.grounding import fitting_passages
from bot.answering.intents import Intent
from bot.answering.overview import MAX_ARTICLES, Overviews
from bot.answering.request import Finished, Retrieved, Searching, Stopwatch, Verified
from bot.answering.tasks import task_of
from bot.answering.trust import Mode
from bot.answering.understanding import (
    UnderstoodQuestion,
    as_subject,
    outlet_named,
    understand,
    understand_again,
    understanding_of,
    widened,
)
from bot.answering.writing import AnswerDraft
from bot.messages.catalogue import Catalogue
from prompts import rendering
from prompts.rendering import PromptQuestion
from retrieval.errors import BadQuestion, QuestionTooLong, WriterUnavailable
from retrieval.text.analysis import analyse
from retrieval.text.periods import names
from retrieval.vocabulary import Answer, Notice, Reason, Status

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from bot.answering.evidence import Finder
    from bot.answering.grounding import GivenPassage
    from bot.answering.picking import Pick, PickingLimits
    from bot.answering.request import Event, Request
    from bot.answering.task_reports import Tasks
    from bot.answering.writing import Writer
    from prompts.rendering import Message
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Article, Citation, Hit, Statement

_LOG = logging.getLogger(__name__)
_PASSAGES = 8
"""Passages that a model is given."""
_PROMPT_TOKENS = 1_100
"""What a prompt takes besides the passages and the question."""
_SELECTED_FROM = 10
"""Sentences that a model chooses among."""
_TURN_CHARS = 300
_WHOLE = 100_000


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """Settings of the answers.

    Args:
        max_statements: sentences of articles in an answer without a model.
        max_written: statements of a model in an answer.
        max_question_chars: a longer question is refused as bad use.
        limits: when a sentence of an article is said.
    """

    max_statements: int
    max_written: int
    max_question_chars: int
    limits: PickingLimits


class Pipeline:
    """Answers questions over an archive. Safe for concurrent questions.

    Args:
        finder: finds what may answer.
        reader: the archive, for what it covers.
        options: how answers are made.
        writer: has a model write; None without a model.
        mode: what the model is trusted with, and the key of a notice about it, if any.
        tasks: gives what checks texts and finds quotes; None to take them for questions.
    """

    def __init__(
        self,
        finder: Finder,
        reader: ArchiveReader,
        options: AnswerOptions,
        writer: Writer | None = None,
        mode: Callable[[], tuple[Mode, str | None]] = lambda: (Mode.OFF, None),
        tasks: Callable[[], Tasks] | None = None,
    ) -> None:
        self._finder = finder
        self._reader = reader
        self._options = options
        self._writer = writer
        self._mode = mode
        self._overviews = Overviews(reader)
        self._tasks = tasks

    async def events(self, request: Request) -> AsyncGenerator[Event, None]:
        """Answer a question, event by event; the last event holds the answer.

        Raises:
            BadQuestion: it is empty or too long.
            KiosqueError: the archive or the embedding model cannot be used.
        """
        understood = await self.understand(request)
        if isinstance(understood, Answer):
            yield Finished(understood)
            return
        yield Searching(understood.asked.question)
        gathered = await self.gather(understood)
        yield retrieved(gathered)
        async with aclosing(self.answer(gathered)) as events:
            async for event in events:
                yield event

    async def understand(self, request: Request) -> UnderstoodRequest | Answer:
        """Understand a question, or refuse one that need not be searched for."""
        clock = Stopwatch()
        task = None
        if self._tasks is not None:
            task = await asyncio.to_thread(task_of, request.text)
        if task is not None:
            return UnderstoodRequest(request, task.understood(request.text), clock)
        text = checked(request.text, self._options.max_question_chars)
        request = replace(request, text=text)
        writer = self._writer if request.known is None else None
        if writer is not None and self._mode()[0] is Mode.WRITE:
            alone = await writer.standing_alone(request)
            if alone is not None:
                request = replace(request, text=alone, turns=(), typed=request.shown)
        understood = await asyncio.to_thread(self._understood, request, clock)
        asked, request = understood.asked, understood.request
        is_name = partial(self._finder.is_name, request=request)
        reason = await asyncio.to_thread(refusal.reason_before_searching, asked, is_name)
        if reason is None:
            return understood
        gathered = GatheredEvidence(request, asked, (), (), clock)
        return await asyncio.to_thread(self._refused, gathered, reason)

    def _understood(self, request: Request, clock: Stopwatch) -> UnderstoodRequest:
        asked = self._question(request)
        asked = as_subject(asked) if request.chronology else asked
        if request.scope.outlets:  # what the front asks for, no word of the question widens
            asked = replace(asked, outlet=None)
        clock.lap("understand")
        return UnderstoodRequest(request, widened(asked, request.without), clock)

    def _question(self, request: Request) -> UnderstoodQuestion:
        if request.known is not None:
            return understand_again(request.text, request.today, request.known)
        asked = understand(request.text, request.today, request.turns)
        outlet = outlet_named(request.text, lambda: self._reader.coverage().outlets)
        return replace(asked, outlet=outlet)

    async def gather(self, understood: UnderstoodRequest) -> GatheredEvidence:
        """Search, and score what is found; what a task needs is searched for claim by claim."""
        if understood.asked.intent in (Intent.CLAIM, Intent.QUOTE):
            return GatheredEvidence(understood.request, understood.asked, (), (), understood.clock)
        return await asyncio.to_thread(self._finder.gather, understood)

    async def answer(self, gathered: GatheredEvidence) -> AsyncGenerator[Event, None]:
        """Write the answer: the verified statements as they come, then the whole answer."""
        if gathered.request.chronology:
            yield Finished(await asyncio.to_thread(self._chronology, gathered))
            return
        mode, why = self._mode() if self._writer is not None else (Mode.OFF, None)
        if self._tasks is not None and gathered.asked.intent in (Intent.CLAIM, Intent.QUOTE):
            tasks = await asyncio.to_thread(self._tasks)
            yield Finished(await tasks.report(gathered, with_model=mode is Mode.WRITE))
        elif mode is Mode.WRITE and self._writer is not None:
            async with aclosing(self._written(gathered, self._writer)) as events:
                async for event in events:
                    yield event
        elif mode is Mode.SELECT and self._writer and gathered.asked.intent is Intent.FACT:
            yield Finished(await self._selected(gathered, self._writer))
        else:
            yield Finished(await asyncio.to_thread(self._without_model, gathered, why))

    # --- with a model ---------------------------------------------------------------

    async def _written(
        self, gathered: GatheredEvidence, writer: Writer
    ) -> AsyncGenerator[Event, None]:
        deadline = asyncio.get_running_loop().time() + writer.options.timeout_s
        draft = AnswerDraft(self._options.max_written)
        async with aclosing(self._model_answers(gathered, writer, draft, deadline)) as looks:
            async for event in looks:
                if isinstance(event, GatheredEvidence):
                    gathered = event
                else:
                    yield event
        gathered.clock.lap("model")
        yield Finished(await asyncio.to_thread(self._conclusion, gathered, draft))

    async def _model_answers(
        self, gathered: GatheredEvidence, writer: Writer, draft: AnswerDraft, deadline: float
    ) -> AsyncGenerator[Event | GatheredEvidence, None]:
        """Ask the model; if it finds no answer, search once more with other words."""
        try:
            first = self._model_statements(gathered, writer, draft, deadline)
            async with aclosing(first) as events:
                async for event in events:
                    yield event
            if draft.statements or gathered.asked.intent is not Intent.FACT:
                return
            again = await self._second_look(gathered, writer, deadline)
            if again is None:
                return
            yield again
            yield retrieved(again)
            draft.declined = None
            second = self._model_statements(again, writer, draft, deadline)
            async with aclosing(second) as events:
                async for event in events:
                    yield event
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("The model could not be used: %s", str(error) or "it took too long")
            draft.cut = True

    async def _model_statements(
        self, gathered: GatheredEvidence, writer: Writer, draft: AnswerDraft, deadline: float
    ) -> AsyncGenerator[Event, None]:
        messages, given = await asyncio.to_thread(self._prompt, gathered, writer)
        if not given:
            return
        gathered.clock.lap("answer")
        statements = writer.write(messages, given, gathered, draft, deadline)
        async with aclosing(statements):
            async for statement in statements:
                yield Verified(statement)
        gathered.clock.lap("model")

    async def _second_look(
        self, gathered: GatheredEvidence, writer: Writer, deadline: float
    ) -> GatheredEvidence | None:
        left = deadline - asyncio.get_running_loop().time()
        searches = await writer.searches(_posed(gathered), max(left, 0.0))
        gathered.clock.lap("model")
        if not searches:
            return None
        return await asyncio.to_thread(self._finder.again, gathered, searches)

    def _prompt(
        self, gathered: GatheredEvidence, writer: Writer
    ) -> tuple[tuple[Message, ...], tuple[GivenPassage, ...]]:
        """The messages for the model, and the passages in them."""
        options, posed = writer.options, _posed(gathered)
        texts = Catalogue(posed.language)
        context = sum(map(len, (posed.text, *posed.before))) // 2
        room = options.context_tokens - options.max_tokens - _PROMPT_TOKENS - context
        if gathered.asked.intent is Intent.FACT:
            given = fitting_passages(gathered.evidence, room, _PASSAGES, _WHOLE)
            if len(given) < min(_PASSAGES, len(gathered.evidence)):
                _LOG.info("The model's window holds %d of %d passages", len(given), _PASSAGES)
            return rendering.write(posed, [one.fenced(texts) for one in given]), given
        given = self._overviews.given(gathered, room)
        fenced = [one.fenced(texts) for one in given]
        return rendering.overview(posed, fenced, self._options.max_written), given

    def _conclusion(self, gathered: GatheredEvidence, draft: AnswerDraft) -> Answer:
        """Decide the answer once the model has finished or failed."""
        if draft.statements:
            status = Status.PARTIAL if draft.dropped or draft.cut else Status.ANSWERED
            known = [Notice("model_cut")] if draft.cut else []
            known += [Notice("verifier_away")] if draft.unverified else []
            return self._answer_with(gathered, status, tuple(draft.statements), known)
        if draft.cut:
            return self._without_model(gathered, "model_away")
        if refusal.is_without_answer(draft):
            return self._refused(gathered)
        return self._without_model(gathered, "model_unsupported")

    async def _selected(self, gathered: GatheredEvidence, writer: Writer) -> Answer:
        """The sentences that the model chooses from the reader's."""
        found = (await asyncio.to_thread(picking.pick_sentences, gathered.hits))[:_SELECTED_FROM]
        question = gathered.asked.question
        texts = Catalogue(question.language)
        listed = [(f"{p.article.title}, {texts.date(p.article.published)}", p.text) for p in found]
        numbers: tuple[int, ...] | None = ()
        if listed:
            numbers = await writer.selected(
                gathered.asked.search_text, question.language, listed, writer.options.timeout_s
            )
        gathered.clock.lap("model")
        if numbers is None:
            return await asyncio.to_thread(self._without_model, gathered, "model_away")
        kept = [found[number - 1] for number in numbers][: self._options.max_statements]
        if not kept:
            return await asyncio.to_thread(self._near_or_refused, gathered)
        return self._extractive(gathered, kept, "model_selected")

    # --- without --------------------------------------------------------------------

    def _without_model(self, gathered: GatheredEvidence, why: str | None = None) -> Answer:
        """The articles' own sentences, else the nearest passages, else a refusal."""
        notice = why or "without_model"
        if gathered.asked.intent is not Intent.FACT:
            kept = self._overviews.picks(gathered)
            if kept:
                return self._extractive(gathered, kept, notice, dated=True)
        found = picking.pick_sentences(self._timely(gathered))
        kept = picking.choose_answers(
            found,
            frozenset(analyse(gathered.asked.search_text, gathered.asked.question.language)),
            self._options.limits,
            self._options.max_statements,
            about_now=gathered.asked.about_now,
        )
        if kept:
            return self._extractive(gathered, kept, notice)
        return self._near_or_refused(gathered, why)

    def _chronology(self, gathered: GatheredEvidence) -> Answer:
        """A sentence of each article about a subject, oldest first, with or without a model."""
        kept = self._overviews.picks(gathered, MAX_ARTICLES)
        if not kept:
            return self._near_or_refused(gathered)
        return self._extractive(gathered, kept, "chronology", dated=True)

    def _timely(self, gathered: GatheredEvidence) -> Sequence[Hit]:
        """The hits; if the archive does not cover the period, only those that mention it."""
        period = gathered.asked.question.period
        if period is None or not refusal.is_outside(period, self._reader.coverage()):
            return gathered.hits
        return [hit for hit in gathered.hits if names(hit.evidence.passage.text, period)]

    def _extractive(
        self,
        gathered: GatheredEvidence,
        kept: Sequence[Pick],
        notice: str,
        *,
        dated: bool | None = None,
    ) -> Answer:
        said = picking.statements(kept)
        dated = picking.is_dated(kept) if dated is None else dated
        return self._answer_with(gathered, Status.EXTRACTIVE, said, [Notice(notice)], dated=dated)

    def _near_or_refused(self, gathered: GatheredEvidence, why: str | None = None) -> Answer:
        coverage = self._reader.coverage()
        near = refusal.near_passages(gathered, coverage, self._options.limits)
        if not near:
            return self._refused(gathered)
        known = [Notice(why)] if why else []
        return self._answer_with(gathered, Status.PASSAGES, (), known, passages=near)

    def _answer_with(
        self,
        gathered: GatheredEvidence,
        status: Status,
        said: tuple[Statement, ...],
        known: Sequence[Notice],
        *,
        dated: bool = False,
        passages: tuple[Citation, ...] = (),
    ) -> Answer:
        request, question = gathered.request, gathered.asked.question
        cited = [c for one in said for c in one.citations] or list(passages)
        articles: list[Article] = [citation.article for citation in cited]
        gathered.clock.lap("answer")
        return Answer(
            replace(question, text=request.shown),
            status,
            said,
            notices.newest(articles),
            (*known, *notices.notices(gathered.asked, cited, request, differ=dated)),
            timings_ms=gathered.clock.total(),
            evolution=dated,
            passages=passages,
            confidence=gathered.best,
            understood=understanding_of(gathered.asked, request),
        )

    def _refused(self, gathered: GatheredEvidence, reason: Reason | None = None) -> Answer:
        coverage = self._reader.coverage()
        return refusal.refused(gathered, coverage, self._options.limits, reason)


def retrieved(gathered: GatheredEvidence) -> Retrieved:
    """The event that says how much was found."""
    return Retrieved(len(gathered.evidence), len({one.article.id for one in gathered.evidence}))


def checked(text: str, max_chars: int) -> str:
    """Validate a question and strip the white space around it.

    Raises:
        BadQuestion: nothing is left (``question_empty``).
        QuestionTooLong: more than ``max_chars`` characters are left.
    """
    stripped = "".join(c if c.isprintable() else " " for c in text).strip()
    if not stripped:
        raise BadQuestion("question_empty")
    if len(stripped) > max_chars:
        raise QuestionTooLong("question_too_long", length=len(stripped), most=max_chars)
    return stripped


def _posed(gathered: GatheredEvidence) -> PromptQuestion:
    """The question as it is put to the model."""
    question, request = gathered.asked.question, gathered.request
    today = Catalogue(question.language).date(request.today)
    before = tuple(" ".join(turn.text.split())[:_TURN_CHARS] for turn in request.turns[-4:])
    text = request.known.question if request.known else request.text
    return PromptQuestion(text, question.language, today, before)
