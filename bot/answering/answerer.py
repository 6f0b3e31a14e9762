"""From a question to an answer without a model: understand, search, judge, say or refuse."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.candidates import Candidate, Judge, Weights, candidates
from bot.answering.extractive import Limits, chosen, denied, statements
from bot.answering.refusal import after_searching, before_searching, is_outside, nearest
from bot.answering.relevance import light_terms
from bot.answering.understanding import Asked, parts
from retrieval.errors import BadQuestion
from retrieval.periods import is_about_now
from retrieval.scope import EVERYTHING, Scope
from retrieval.search import Found, HybridSearch, Query
from retrieval.vocabulary import Answer, Notice, Reason, Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from retrieval.archive.reader import ArchiveReader
    from retrieval.embedding.protocol import Embedder
    from retrieval.vocabulary import Evidence, PublicationDate, Turn

_RECENT = timedelta(days=90)
"""An older article may not tell how things stand now."""


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
        self._sentences = _SentenceVectors(embedder)

    def answer(
        self, text: str, today: date, turns: Sequence[Turn] = (), scope: Scope = EVERYTHING
    ) -> Answer:
        """Answer a question.

        Args:
            text: the question as it was typed.
            today: the day on which it is asked.
            turns: the turns before it, oldest first.
            scope: articles outside are not looked at.

        Raises:
            BadQuestion: it is empty or too long.
            KiosqueError: the archive or the embedding model cannot be used.
        """
        clock = _Clock()
        asked = parts(checked(text, self._options.max_question_chars), today, turns)
        clock.lap("understand")
        reason = before_searching(asked[0])
        if reason is not None:
            return self._refused_early(asked[0], reason, scope, clock)
        found = [self._found(one, scope) for one in asked]
        clock.lap("search")
        judged = [self._judged(one, result) for one, result in zip(asked, found, strict=True)]
        kept = _merged(
            [chosen(one, self._options.limits, self._options.max_statements) for one in judged],
            self._options.max_statements,
        )
        evidence = [one for result in found for one in result.evidence]
        if not kept:
            premise = any(denied(one, self._options.limits) for one in judged)
            coverage = self._reader.coverage()
            why = after_searching(asked[0], coverage, evidence, denied=premise)
            if not evidence and asked[0].question.period is not None:
                evidence = self._whenever(asked[0], scope)
            return self._refused(asked[0], why, evidence, clock)
        said = statements(kept)
        question = replace(asked[0].question, text=text)
        clock.lap("answer")
        return Answer(
            question,
            Status.EXTRACTIVE,
            said,
            _newest(kept),
            _notices(asked[0], kept, today),
            timings_ms=clock.total(),
        )

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

    def _refused_early(self, asked: Asked, reason: Reason, scope: Scope, clock: _Clock) -> Answer:
        """Refuse before searching; what a vague question names is still looked up."""
        named = any(term.term not in light_terms() for term in asked.terms)
        if reason is not Reason.TOO_VAGUE or not named:
            return self._refused(asked, reason, (), clock)
        if is_outside(asked.question.period, self._reader.coverage()):
            reason = Reason.OUT_OF_PERIOD
        return self._refused(asked, reason, self._whenever(asked, scope), clock)

    def _refused(
        self, asked: Asked, reason: Reason, evidence: Sequence[Evidence], clock: _Clock
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


def _merged(answers: Sequence[Sequence[Candidate]], most: int) -> list[Candidate]:
    """The sentences of a question's parts: the best of each first, each once."""
    merged: list[Candidate] = []
    for depth in range(max(map(len, answers), default=0)):
        for kept in answers:
            if depth < len(kept) and not _holds(merged, kept[depth]):
                merged.append(kept[depth])
    return merged[:most]


def _holds(merged: Sequence[Candidate], one: Candidate) -> bool:
    key = (one.evidence.article.id, one.span)
    return any((other.evidence.article.id, other.span) == key for other in merged)


def _newest(kept: Sequence[Candidate]) -> PublicationDate | None:
    dates = [one.evidence.article.published for one in kept]
    return max((day for day in dates if day), key=lambda day: day.last_day, default=None)


def _notices(asked: Asked, kept: Sequence[Candidate], today: date) -> tuple[Notice, ...]:
    """Beside the answer: that no model wrote it, its language when another, its age when old."""
    notices = [Notice("without_model")]
    if asked.question.language not in {one.evidence.article.language for one in kept}:
        notices.append(Notice("other_language"))
    newest = _newest(kept)
    if newest and is_about_now(asked.question.text) and today - newest.last_day > _RECENT:
        notices.append(Notice("may_have_changed", (("date", str(newest)),)))
    return tuple(notices)


class _SentenceVectors:
    """Cosines of sentences with a question; what was embedded lately is not embedded again."""

    _MOST = 4096

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def cosines(self, question: NDArray[np.float32], texts: Sequence[str]) -> list[float]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        made = dict(zip(new, self._embedder.embed_passages(new), strict=True)) if new else {}
        vectors = [made[text] if text in made else self._known[text] for text in texts]
        self._known.update(made)
        while len(self._known) > self._MOST:
            self._known.popitem(last=False)
        return [float(vector @ question) for vector in vectors]


class _Clock:
    """Milliseconds of each stage, and of all."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._begun = self._last = now()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = self._now()
        self._laps[name] = (now - self._last) * 1000
        self._last = now

    def total(self) -> dict[str, float]:
        return {**self._laps, "total": (self._now() - self._begun) * 1000}
