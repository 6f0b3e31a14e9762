"""From a question to an answer without a model: understand, search, judge, say or refuse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.candidates import Candidate, Judge, Weights, candidates
from bot.answering.clock import Clock
from bot.answering.composing import evolved, merged
from bot.answering.differences import changes
from bot.answering.events import Request
from bot.answering.extractive import Limits, chosen, denied, statements
from bot.answering.notices import newest, notices, period_notice
from bot.answering.prepared import Prepared, Understood
from bot.answering.refusal import after_searching, before_searching, is_outside, nearest
from bot.answering.relevance import light_terms
from bot.answering.sentence_vectors import SentenceVectors
from bot.answering.understanding import Asked, asked_period, parts
from retrieval.errors import BadQuestion
from retrieval.scope import EVERYTHING, Scope
from retrieval.search import Found, HybridSearch, Query
from retrieval.vocabulary import Answer, Notice, Reason, Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from bot.answering.drafting import Draft
    from retrieval.archive.reader import ArchiveReader
    from retrieval.embedding.protocol import Embedder
    from retrieval.vocabulary import Evidence, Statement, Turn


_RULED_OUT = 0.03
"""Sentences that rules of `bot.answering.candidates` rule out are less probable than this."""


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """How answers are made.

    Args:
        max_statements: sentences in an answer.
        max_question_chars: a longer question is refused as bad use.
        weights: how sentences are judged.
        limits: which of them are said.
    """

    max_statements: int
    max_question_chars: int
    weights: Weights
    limits: Limits


class Answerer:
    """Answers questions with the sentences of the archive. Safe from several threads.

    Args:
        search: finds the evidence.
        reader: the archive, for what it covers.
        embedder: compares sentences with questions.
        options: how answers are made.
    """

    def __init__(
        self,
        search: HybridSearch,
        reader: ArchiveReader,
        embedder: Embedder,
        options: AnswerOptions,
    ) -> None:
        self._search = search
        self._reader = reader
        self._options = options
        self._sentences = SentenceVectors(embedder)

    def answer(
        self, text: str, today: date, turns: Sequence[Turn] = (), scope: Scope = EVERYTHING
    ) -> Answer:
        """Answer a question with sentences of the articles, verbatim.

        Args:
            text: the question as it was typed.
            today: the day on which it is asked.
            turns: the turns before it, oldest first.
            scope: articles outside are not looked at.

        Raises:
            BadQuestion: it is empty or too long.
            KiosqueError: the archive or the embedding model cannot be used.
        """
        understood = self.understand(Request(text, today, tuple(turns), scope))
        if isinstance(understood, Answer):
            return understood
        return self.extractive(self.prepare(understood))

    def understand(self, request: Request) -> Understood | Answer:
        """What a question asks for, or the answer to one that need not be searched for.

        Raises:
            BadQuestion: it is empty or too long.
            KiosqueError: the archive or the embedding model cannot be used.
        """
        clock = Clock()
        text = checked(request.text, self._options.max_question_chars)
        asked = parts(text, request.today, request.turns)
        clock.lap("understand")
        reason = before_searching(asked[0])
        if reason is not None:
            return self._refused_early(asked[0], reason, request.scope, clock)
        return Understood(request, asked, clock)

    def prepare(self, understood: Understood) -> Prepared:
        """Search for a question, and judge the sentences that are found.

        Raises:
            KiosqueError: the archive or the embedding model cannot be used.
        """
        asked, scope, clock = understood.asked, understood.request.scope, understood.clock
        found = tuple(self._found(one, scope) for one in asked)
        clock.lap("search")
        judged = tuple(
            tuple(self._judged(one, result)) for one, result in zip(asked, found, strict=True)
        )
        return Prepared(understood.request, asked, found, judged, clock)

    def extractive(self, prepared: Prepared, *, is_there: bool = False) -> Answer:
        """The sentences that answer, as they stand, or a refusal.

        Args:
            prepared: the question, with the sentences that may answer it.
            is_there: whether the answer is known to be among them, improbable by their words
                alone; what lacks the kind of thing asked for still answers nothing.
        """
        options = self._options
        limits = replace(options.limits, refuse_below=_RULED_OUT) if is_there else options.limits
        kept = merged(
            [chosen(one, limits, options.max_statements) for one in prepared.judged],
            options.max_statements,
        )
        if not kept:
            return self.refuse(prepared)
        changed = changes(prepared.asked, prepared.judged)
        return self._said(
            prepared,
            Status.EXTRACTIVE,
            statements([*changed] or kept),
            (Notice("without_model"),),
            differ=bool(changed),
        )

    def written(self, prepared: Prepared, draft: Draft) -> Answer:
        """An answer of statements that a model wrote and the gate let through."""
        changed = changes(prepared.asked, prepared.judged)
        said = evolved(draft.statements, changed) if changed else tuple(draft.statements)
        known = (Notice("model_cut"),) if draft.cut else ()
        return self._said(prepared, draft.status, said, known, differ=bool(changed))

    def _said(
        self,
        prepared: Prepared,
        status: Status,
        said: tuple[Statement, ...],
        known: tuple[Notice, ...] = (),
        *,
        differ: bool,
    ) -> Answer:
        request = prepared.request
        question = replace(
            prepared.asked[0].question, text=request.shown, period=asked_period(prepared.asked)
        )
        articles = [citation.article for one in said for citation in one.citations]
        prepared.clock.lap("answer")
        return Answer(
            question,
            status,
            said,
            newest(articles),
            (*known, *notices(question, articles, request.today, differ=differ)),
            timings_ms=prepared.clock.total(),
            evolution=differ,
        )

    def is_denied(self, prepared: Prepared) -> bool:
        """Whether a good sentence says the opposite of what the question supposes."""
        return any(denied(one, self._options.limits) for one in prepared.judged)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of sentences, a row each; those seen lately are not made again.

        Raises:
            ModelUnavailable: they cannot be made.
        """
        return self._sentences.vectors(texts)

    def refuse(self, prepared: Prepared) -> Answer:
        """Why what was found does not answer, what the archive covers, and what comes nearest."""
        first = prepared.asked[0]
        premise = self.is_denied(prepared)
        evidence: Sequence[Evidence] = [e for one in prepared.found for e in one.evidence]
        why = after_searching(first, self._reader.coverage(), evidence, denied=premise)
        if not evidence and first.question.period is not None:
            evidence = self._whenever(first, prepared.request.scope)
        refused = self._refused(first, why, evidence, prepared.clock)
        if why is Reason.OUT_OF_PERIOD:  # the reason itself says the period
            return refused
        return replace(refused, notices=period_notice(asked_period(prepared.asked)))

    def _found(self, asked: Asked, scope: Scope) -> Found:
        question = asked.question
        return self._search.search(
            Query(asked.search_text, question.language, question.period, scope)
        )

    def _whenever(self, asked: Asked, scope: Scope) -> list[Evidence]:
        """What comes nearest at any time, to be named when a period holds nothing."""
        query = Query(asked.search_text, asked.question.language, scope=scope)
        return list(self._search.search(query).evidence)

    def _judged(self, asked: Asked, found: Found) -> list[Candidate]:
        with self._search.generation() as generation:
            if generation is None:
                return []
            lexical = generation.lexical
            judge = Judge(
                lexical.document_frequency,
                lexical.count(),
                lambda texts: self._sentences.cosines(found.vector, texts),
                self._options.weights,
            )
            return candidates(asked, found.evidence, judge)

    def _refused_early(self, asked: Asked, reason: Reason, scope: Scope, clock: Clock) -> Answer:
        """Refuse before searching; what a vague question names is still looked up."""
        named = any(term.term not in light_terms() for term in asked.terms)
        if reason is not Reason.TOO_VAGUE or not named:
            return self._refused(asked, reason, (), clock)
        if is_outside(asked.question.period, self._reader.coverage()):
            reason = Reason.OUT_OF_PERIOD
        return self._refused(asked, reason, self._whenever(asked, scope), clock)

    def _refused(
        self, asked: Asked, reason: Reason, evidence: Sequence[Evidence], clock: Clock
    ) -> Answer:
        clock.lap("answer")
        refusal = Refusal(reason, self._reader.coverage(), nearest(evidence))
        return Answer(asked.question, Status.REFUSED, refusal=refusal, timings_ms=clock.total())


def checked(text: str, most: int) -> str:
    """The question without the white space around it.

    Raises:
        BadQuestion: nothing is left (``question_empty``), or more than ``most`` characters
            (``question_too_long``).
    """
    stripped = "".join(c if c.isprintable() else " " for c in text).strip()
    if not stripped:
        raise BadQuestion("question_empty")
    if len(stripped) > most:
        raise BadQuestion("question_too_long", length=len(stripped), most=most)
    return stripped
