"""Questions whose answers are known, each with the sentences that may answer, for calibrating."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.answering.candidates import Candidate, Judge, Weights, judged, load_weights
from bot.answering.refusal import before_searching
from bot.answering.understanding import Asked, parts
from bot.app import Kiosque
from bot.evaluation.questions import Known, read_questions
from config.settings import Settings
from retrieval.search import Query

_LIFT = 8.0
"""Added to the bias while gathering: no sentence is too improbable to show that a rule
lowered it, and the order in which sentences are picked stays what it is."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its candidates: which are right, and how far a rule lowered each."""

    known: Known
    found: tuple[Candidate, ...]
    right: tuple[bool, ...]
    lowered: tuple[float, ...]
    weight: float

    def ranked(self, weights: Weights) -> list[tuple[Candidate, bool]]:
        """The candidates as other weights would judge them, the most probable first."""
        judged = [
            (replace(one, probability=weights.of(one.features) * lowered), right)
            for one, right, lowered in zip(self.found, self.right, self.lowered, strict=True)
        ]
        return sorted(judged, key=lambda pair: -pair[0].probability)


def gathered(home: Path, questions: Path, weight: float) -> Iterator[Judged]:
    """The candidates of each question that is searched for."""
    known_weights = load_weights()
    lifted = Weights(known_weights.bias + _LIFT, known_weights.values)
    with Kiosque(Settings(home=home)) as app:
        for known in read_questions(questions):
            asked = parts(known.question, app.today(), known.history)
            if before_searching(asked[0]) is None:
                found = tuple(one for part in asked for one in _candidates(app, part, lifted))
                right = tuple(_is_right(known, one) for one in found)
                lowered = tuple(one.probability / lifted.of(one.features) for one in found)
                yield Judged(known, found, right, lowered, weight)


def _candidates(app: Kiosque, asked: Asked, weights: Weights) -> list[Candidate]:
    question = asked.question
    found = app.search.search(Query(asked.search_text, question.language, question.period))

    def cosines(texts: Sequence[str]) -> list[float]:
        return [float(one @ found.vector) for one in app.embedder.embed_passages(texts)]

    with app.search.generation() as generation:
        if generation is None or not found.evidence:
            return []
        lexical = generation.lexical
        judge = Judge(lexical.document_frequency, lexical.count(), cosines, weights)
        return list(judged(asked, found.evidence, judge).likely)


def _is_right(known: Known, one: Candidate) -> bool:
    """Whether a sentence overlaps a gold quote in an article that answers."""
    article = one.evidence.article
    return known.names(article) and any(
        match.start() < one.span.end and one.span.start < match.end()
        for quote in known.quotes
        for match in re.finditer(re.escape(quote), article.text)
    )
