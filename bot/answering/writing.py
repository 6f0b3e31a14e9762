"""Answers written by a chat model, each sentence let through by the gate as soon as it is whole.

The model proposes and the evidence decides. Where nothing of what the model writes passes, or
where it is away, the articles' own sentences answer, or the question is refused.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.candidates import JUDGED_PASSAGES
from bot.answering.concluding import concluded
from bot.answering.decision import Opinion, Trust
from bot.answering.editing import Editor
from bot.answering.events import Event, Finished, Request, Verified
from bot.answering.gate import Gate
from bot.answering.passages import fitting, given, hints
from bot.answering.sentence_stream import SentenceStream
from bot.answering.standing import accepted, lately, leans
from bot.messages.catalogue import Catalogue
from prompts import rendering
from prompts.rendering import Fenced
from retrieval.analysis import guess_language
from retrieval.errors import WriterUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from bot.answering.answerer import Answerer
    from bot.answering.gate import GateLimits
    from bot.answering.model.protocol import ChatModel
    from bot.answering.passages import Given
    from bot.answering.prepared import Prepared
    from prompts.messages import Message

_LOG = logging.getLogger(__name__)
_SENTENCES, _PASSAGES, _HINTS = 6, 4, 3
_PROMPT_TOKENS = 800
"""What a prompt takes besides the passages and the question: rules, and the hints."""
_STANDALONE_TOKENS = 80
_WORDS = {"fr": (("oui",), ("non",)), "en": (("yes",), ("no",))}


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """How a model is asked.

    Args:
        max_statements: sentences in an answer.
        max_tokens: of what it writes.
        context_tokens: of what it reads and writes.
        timeout_s: for the whole of an answer.
        trust: how much its opinion weighs.
        gate: what a sentence must meet.
    """

    max_statements: int
    max_tokens: int
    context_tokens: int
    timeout_s: float
    trust: Trust
    gate: GateLimits


class Writer:
    """Has a model answer. Safe for several answers at once.

    Args:
        model: the chat model.
        answerer: finds the evidence, answers without a model, and refuses.
        options: how the model is asked.
    """

    def __init__(self, model: ChatModel, answerer: Answerer, options: WritingOptions) -> None:
        self._model = model
        self._answerer = answerer
        self._options = options

    async def standing_alone(self, request: Request) -> Request:
        """A follow-up in words that need no earlier question, when the model finds them."""
        if not leans(request):
            return request
        language = guess_language(request.text)
        messages = rendering.standalone(request.text, language, lately(request.turns))
        try:
            async with asyncio.timeout(self._options.timeout_s / 4):
                written = await self._model.complete(messages, max_tokens=_STANDALONE_TOKENS)
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("A follow-up is understood without the model: %s", error)
            return request
        text = accepted(written, request)
        return (
            request if text is None else replace(request, text=text, turns=(), typed=request.text)
        )

    async def write(self, prepared: Prepared) -> AsyncGenerator[Event, None]:
        """The verified statements as they come, then the whole answer.

        Raises:
            KiosqueError: the archive or the embedding model cannot be used.
        """
        answerer, trust = self._answerer, self._options.trust
        hopeless = prepared.is_hopeless or prepared.best < trust.ask_above
        if hopeless or answerer.is_denied(prepared):
            yield Finished(await asyncio.to_thread(answerer.refuse, prepared))
            return
        deadline = asyncio.get_running_loop().time() + self._options.timeout_s
        editor = self._editor(prepared)
        prepared.clock.lap("answer")
        try:
            async with aclosing(self._sentences(prepared, editor, deadline)) as sentences:
                async for sentence in sentences:
                    prepared.clock.lap("model")
                    statement = await asyncio.to_thread(editor.consider, sentence)
                    prepared.clock.lap("answer")
                    if statement is not None:
                        yield Verified(statement)
                    if editor.is_full:
                        break
        except (WriterUnavailable, TimeoutError) as error:
            _LOG.warning("The model could not be used: %s", str(error) or "it took too long")
            editor.draft.cut = True
        prepared.clock.lap("model")
        yield Finished(await asyncio.to_thread(concluded, answerer, prepared, editor))

    async def _sentences(
        self, prepared: Prepared, editor: Editor, deadline: float
    ) -> AsyncGenerator[str, None]:
        """What the model writes, sentence by sentence; nothing when it sees no answer.

        Raises:
            WriterUnavailable: the model cannot be used.
            TimeoutError: the time is over.
        """
        asked = self._asked(prepared)
        async with asyncio.timeout_at(deadline):
            yes, no = _WORDS[asked.language]
            editor.opinion = Opinion(await self._model.odds(asked.verdict(), yes, no))
        if not editor.is_hopeful:
            return
        stream = SentenceStream()
        messages = asked.answer(may_decline=editor.opinion.odds is None)
        pieces = self._model.stream(messages, max_tokens=self._options.max_tokens)
        async with aclosing(pieces):
            while True:
                async with asyncio.timeout_at(deadline):
                    piece = await anext(pieces, None)
                for sentence in stream.finish() if piece is None else stream.feed(piece):
                    yield sentence
                if piece is None:
                    return

    def _editor(self, prepared: Prepared) -> Editor:
        question = prepared.asked[0].question
        gate = Gate(
            prepared.request.text,
            question.language,
            prepared.evidence[: JUDGED_PASSAGES * len(prepared.asked)],
            self._answerer.vectors,
            self._options.gate,
        )
        return Editor(prepared, gate, self._options.trust, self._options.max_statements)

    def _asked(self, prepared: Prepared) -> _Asked:
        options = self._options
        question = _question(prepared)
        language = prepared.asked[0].question.language
        room = options.context_tokens - options.max_tokens - _PROMPT_TOKENS - len(question) // 2
        promising = given(prepared.judged, _SENTENCES, _PASSAGES)
        kept = fitting(promising, room)
        if len(kept) < len(promising):
            _LOG.info("The prompt holds %d of %d passages", len(kept), len(promising))
        told = hints(prepared.judged, kept, _HINTS)
        return _Asked(question, language, _fenced(kept, Catalogue(language)), told)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the passages that a model is given for it."""

    question: str
    language: str
    passages: tuple[Fenced, ...]
    hints: tuple[tuple[int, str], ...]

    def verdict(self) -> tuple[Message, ...]:
        return rendering.verdict(self.question, self.language, self.passages)

    def answer(self, *, may_decline: bool) -> tuple[Message, ...]:
        return rendering.answer(
            self.question, self.language, self.passages, self.hints, may_decline=may_decline
        )


def _question(prepared: Prepared) -> str:
    """The question; a follow-up that no model put into words has its subject beside it."""
    carried = " ".join(dict.fromkeys(term.text for term in prepared.asked[0].carried))
    return f"{prepared.request.text} ({carried})" if carried else prepared.request.text


def _fenced(passages: Sequence[Given], texts: Catalogue) -> tuple[Fenced, ...]:
    return tuple(
        Fenced(
            number,
            one.evidence.article.title,
            one.evidence.article.outlet or texts.text("source.unknown_outlet"),
            texts.date(one.evidence.article.published),
            one.text,
        )
        for number, one in enumerate(passages, start=1)
    )
