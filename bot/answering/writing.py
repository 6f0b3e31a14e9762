"""Has a chat model write an answer; each statement is shown once it is grounded and verified.

The model writes statements with the words that prove them. The words are located in the
passages, certain vetoes are applied, and the verifier is asked, beside the writing, as soon as
a statement is whole. Where the verifier gives no verdict, the sentence of the article stands in
the statement's place.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.answering.grounding import GroundedClaim, ground_claim
from bot.answering.model_claims import ClaimStream, DeclinedAnswer
from bot.answering.picking import is_sayable
from bot.answering.understanding import accepted_rewrite, last_turns, needs_turns
from bot.answering.verifying import parse_choice
from bot.messages.catalogue import Catalogue
from prompts import rendering
from prompts.rendering import PromptQuestion
from retrieval.errors import WriterUnavailable
from retrieval.text.analysis import guess_language
from retrieval.vocabulary import Citation, Statement

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from bot.answering.evidence import GatheredEvidence
    from bot.answering.grounding import GivenPassage, Quote
    from bot.answering.model.protocol import ChatModel
    from bot.answering.model_claims import Claim
    from bot.answering.request import Request
    from bot.answering.verifying import Verifier
    from prompts.rendering import Message

_LOG = logging.getLogger(__name__)
_STANDALONE_TOKENS, _REWORD_TOKENS, _SELECT_TOKENS = 80, 200, 20
_SEARCHES = 3
_SEARCH_CHARS = 300
_CLAIMS = 3
"""Claims that are read for each statement that may be said: some do not pass."""


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """How a model is asked.

    Args:
        max_tokens: of what it writes.
        context_tokens: of what it reads and writes.
        timeout_s: for the whole of an answer.
    """

    max_tokens: int
    context_tokens: int
    timeout_s: float


@dataclass(slots=True)
class AnswerDraft:
    """What was said of an answer so far; a quote keeps the number that it was given first.

    Args:
        max_statements: statements that may be said.
    """

    max_statements: int
    statements: list[Statement] = field(default_factory=list)
    dropped: int = 0
    cut: bool = False
    unverified: bool = False
    declined: DeclinedAnswer | None = None
    _numbers: dict[tuple[str, int, int], Citation] = field(default_factory=dict)

    def add(self, text: str, quotes: Sequence[Quote]) -> Statement | None:
        """Say a statement, unless it was said; its quotes are numbered."""
        if any(one.text.casefold() == text.casefold() for one in self.statements):
            return None
        statement = Statement(text, tuple(dict.fromkeys(self._cited(one) for one in quotes)))
        self.statements.append(statement)
        return statement

    @property
    def is_full(self) -> bool:
        """Whether no more is to be said."""
        return len(self.statements) >= self.max_statements

    def _cited(self, quote: Quote) -> Citation:
        article, span = quote.given.evidence.article, quote.span
        key = (article.id, span.start, span.end)
        if key not in self._numbers:
            text = article.text[span.start : span.end]
            marked = quote.words if quote.words != span else None
            number = len(self._numbers) + 1
            self._numbers[key] = Citation(number, article, text, span.start, span.end, marked)
        return self._numbers[key]


class Writer:
    """Has a model answer. Safe for several answers at once.

    Args:
        model: the chat model that writes.
        verifier: checks each statement.
        options: how the model is asked.
    """

    def __init__(self, model: ChatModel, verifier: Verifier, options: WritingOptions) -> None:
        self.model = model
        self.verifier = verifier
        self.options = options

    async def standing_alone(self, request: Request) -> str | None:
        """A follow-up in words that need no earlier question, when the model finds them."""
        if not needs_turns(request):
            return None
        language = guess_language(request.text)
        messages = rendering.standalone(request.text, language, last_turns(request.turns))
        written = await self._short(messages, _STANDALONE_TOKENS, self.options.timeout_s / 4)
        return accepted_rewrite(written, request) if written else None

    async def searches(self, posed: PromptQuestion, left_s: float) -> tuple[str, ...]:
        """Other searches for a question whose answer was not found; none when it fails."""
        written = await self._short(rendering.reword(posed), _REWORD_TOKENS, left_s)
        lines = [line.strip(' \t-–•*0123456789.)"«»') for line in (written or "").splitlines()]
        return tuple(line[:_SEARCH_CHARS] for line in lines if len(line) > 3)[:_SEARCHES]

    async def selected(
        self, question: str, language: str, sentences: Sequence[tuple[str, str]], left_s: float
    ) -> tuple[int, ...] | None:
        """The numbers, from 1, of the sentences that answer; None when the model is away."""
        messages = rendering.select(question, language, sentences)
        written = await self._short(messages, _SELECT_TOKENS, left_s)
        if written is None:
            return None
        return parse_choice(written, len(sentences)) or ()

    async def _short(
        self, messages: Sequence[Message], max_tokens: int, left_s: float
    ) -> str | None:
        """What the model writes, whole; None when it cannot be used."""
        try:
            async with asyncio.timeout(left_s):
                return await self.model.complete(messages, max_tokens=max_tokens)
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("The model was not used: %s", str(error) or "it took too long")
            return None

    async def write(
        self,
        messages: Sequence[Message],
        given: Sequence[GivenPassage],
        gathered: GatheredEvidence,
        draft: AnswerDraft,
        deadline: float,
    ) -> AsyncGenerator[Statement, None]:
        """The statements of an answer in their order, each as soon as it is verified.

        What else became of it is in ``draft``. Closing the generator ends every request.

        Args:
            messages: what the model is asked.
            given: the passages in them.
            gathered: the question.
            draft: takes what is said.
            deadline: on the loop's clock.

        Raises:
            WriterUnavailable: the model cannot be used; what came before may have been cut.
            TimeoutError: the time is over.
        """
        pending: asyncio.Queue[asyncio.Task[_CheckedClaim] | None] = asyncio.Queue()
        work = _Work(self, given, gathered, deadline, pending)
        reading = asyncio.create_task(work.read(messages, draft))
        try:
            while (task := await pending.get()) is not None and not draft.is_full:
                statement = _statement_of(await task, draft)
                if statement is not None:
                    yield statement
            if not draft.is_full:
                await reading
        finally:
            for each in (reading, *work.tasks):
                each.cancel()
            await asyncio.gather(reading, *work.tasks, return_exceptions=True)

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """What the model writes, piece by piece."""
        return self.model.stream(messages, max_tokens=self.options.max_tokens)

    async def supports(self, claim: GroundedClaim, language: str, deadline: float) -> bool | None:
        """The verifier's verdict on a claim, before the deadline."""
        texts = Catalogue(language)
        passages = [one.fenced(texts) for one in claim.ground]
        try:
            async with asyncio.timeout_at(deadline):
                return await self.verifier.supports(claim.text, language, passages)
        except TimeoutError:
            return None


@dataclass(frozen=True, slots=True)
class _CheckedClaim:
    """A claim with the verifier's verdict: None when there is none."""

    claim: GroundedClaim
    verdict: bool | None


class _Work:
    """Reads what a model writes, and has each claim checked beside the reading."""

    def __init__(
        self,
        writer: Writer,
        given: Sequence[GivenPassage],
        gathered: GatheredEvidence,
        deadline: float,
        pending: asyncio.Queue[asyncio.Task[_CheckedClaim] | None],
    ) -> None:
        self._writer = writer
        self._given = given
        self._language = gathered.asked.question.language
        self._today = gathered.request.today
        self._deadline = deadline
        self._pending = pending
        self.tasks: list[asyncio.Task[_CheckedClaim]] = []

    async def read(self, messages: Sequence[Message], draft: AnswerDraft) -> None:
        """Read until the model is done, declines, or has said enough."""
        stream = ClaimStream()
        try:
            async with aclosing(self._writer.stream(messages)) as pieces:
                while len(self.tasks) < _CLAIMS * draft.max_statements:
                    async with asyncio.timeout_at(self._deadline):
                        piece = await anext(pieces, None)
                    for claim in stream.finish() if piece is None else stream.feed(piece):
                        self._take(claim, draft)
                    if piece is None:
                        return
        finally:
            self._pending.put_nowait(None)

    def _take(self, claim: Claim | DeclinedAnswer, draft: AnswerDraft) -> None:
        if isinstance(claim, DeclinedAnswer):
            draft.declined = claim
            return
        task = asyncio.create_task(self._checked(claim))
        self.tasks.append(task)
        self._pending.put_nowait(task)

    async def _checked(self, claim: Claim) -> _CheckedClaim:
        found = await asyncio.to_thread(
            ground_claim, claim, self._given, self._language, self._today
        )
        if found.fault is not None:
            return _CheckedClaim(found, None)
        verdict = await self._writer.supports(found, self._language, self._deadline)
        return _CheckedClaim(found, verdict)


def _statement_of(checked: _CheckedClaim, draft: AnswerDraft) -> Statement | None:
    """The statement that a claim becomes; None when it is not said."""
    claim = checked.claim
    if claim.fault is not None or checked.verdict is False:
        draft.dropped += 1
        _LOG.info("A statement was not said: %s", claim.fault or "the verifier says no")
        _LOG.debug("It was: %.200s", claim.text)
        return None
    if checked.verdict is True:
        return draft.add(claim.text, claim.quotes)
    draft.unverified = True
    first = claim.quotes[0]
    text = first.given.evidence.article.text[first.span.start : first.span.end]
    if is_sayable(text):
        return draft.add(text, claim.quotes[:1])
    draft.dropped += 1
    return None
