"""The sentences of the evidence, each with the probability that it answers the question."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering.relevance import (
    FEATURES,
    Ground,
    Standing,
    contradicts,
    features,
    is_disqualified,
    names_in,
    probability,
    wanted_terms,
)
from config import data
from retrieval.analysis import analyse
from retrieval.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.answering.understanding import Asked
    from retrieval.vocabulary import Evidence, Span

JUDGED_PASSAGES = 6
"""So many passages of a question are read sentence by sentence."""
_COMPARED = 14
_DISQUALIFIED = 0.02
# Where this share of a question's words stands nowhere near, it is about something else.
_UNCOVERED = 0.75
_LEAST = FEATURES.index("least")
# No number of the sentence stands by what is counted; another word may be used for it.
_UNCOUNTED = 0.4
_UNIT = FEATURES.index("unit")


@dataclass(frozen=True, slots=True)
class Weights:
    """The calibrated model of ``config/thresholds.toml``."""

    bias: float
    values: tuple[float, ...]

    def of(self, values: tuple[float, ...]) -> float:
        """The probability that a sentence with these features answers."""
        return probability(values, self.values, self.bias)


def load_weights() -> Weights:
    """The weights that come with Kiosque."""
    table = data.load("thresholds.toml")["relevance"]
    return Weights(table["bias"], tuple(table["weights"][name] for name in FEATURES))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer.

    ``contradicts`` when it denies the question's premise; ``ruled_out`` when it cannot answer,
    whatever speaks for it: it lacks a name of the question, or the kind of thing asked for.
    """

    evidence: Evidence
    span: Span
    text: str
    terms: frozenset[str]
    features: tuple[float, ...]
    probability: float
    contradicts: bool
    ruled_out: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """The sentences found for a question.

    Args:
        likely: those that may answer, the most probable first.
        ruled_out: where those stand that cannot: article ids and spans.
    """

    likely: tuple[Candidate, ...]
    ruled_out: frozenset[tuple[str, Span]]


@dataclass(frozen=True, slots=True)
class Judge:
    """What judging sentences needs besides the question and the evidence.

    Args:
        frequency: in how many passages of the archive a term stands.
        passages: how many passages the archive has.
        cosines: of the question and each of some sentences.
        weights: the calibrated model.
    """

    frequency: Callable[[str], int]
    passages: int
    cosines: Callable[[Sequence[str]], Sequence[float]]
    weights: Weights


@lru_cache(maxsize=512)
def _terms_of(text: str, language: str) -> frozenset[str]:
    return frozenset(analyse(text, language))


@lru_cache(maxsize=512)
def _names_of(text: str, language: str) -> frozenset[str]:
    return names_in(text, language)


def judged(asked: Asked, evidence: Sequence[Evidence], judge: Judge) -> Judged:
    """The sentences of the best passages, and which of them cannot answer.

    Every sentence is judged by its words; only the best of them are embedded too, since
    that takes milliseconds a sentence.
    """
    names = frozenset(
        name
        for one in evidence[:JUDGED_PASSAGES]
        for name in _names_of(one.article.text, one.article.language)
    )
    wanted = wanted_terms(asked, judge.frequency, judge.passages, names)
    pool = [
        (Standing(one, rank, one.dense, one.dense), span)
        for rank, one in enumerate(evidence[:JUDGED_PASSAGES])
        for span in sentences(one.passage.text, one.passage.start)
    ]

    def weighed(standing: Standing, span: Span) -> Candidate:
        text = _text(standing, span)
        ground = _ground(standing.evidence, text)
        values = features(asked, wanted, text, ground, standing)
        likely = judge.weights.of(values)
        out = is_disqualified(asked, wanted, text, ground)
        if out or values[_LEAST] >= _UNCOVERED:
            likely = min(likely, _DISQUALIFIED)
        elif asked.unit and not values[_UNIT]:
            likely *= _UNCOUNTED
        denied = contradicts(asked, text, ground.sentence)
        terms = ground.sentence
        return Candidate(standing.evidence, span, text, terms, values, likely, denied, out)

    by_words = [(standing, weighed(standing, span)) for standing, span in pool]
    out = frozenset((one.evidence.article.id, one.span) for _, one in by_words if one.ruled_out)
    first = sorted(by_words, key=lambda pair: -pair[1].probability)[:_COMPARED]
    cosines = judge.cosines([one.text for _, one in first])
    best = max(cosines, default=0.0)
    second = [
        weighed(Standing(standing.evidence, standing.rank, cosine, best), one.span)
        for (standing, one), cosine in zip(first, cosines, strict=True)
    ]
    return Judged(tuple(sorted(second, key=lambda one: -one.probability)), out)


def _text(standing: Standing, span: Span) -> str:
    return standing.evidence.article.text[span.start : span.end]


def _ground(evidence: Evidence, sentence: str) -> Ground:
    article = evidence.article
    language = article.language
    return Ground(
        _terms_of(sentence, language),
        _terms_of(evidence.passage.text, language),
        _terms_of(article.title, language),
        _terms_of(article.text, language),
    )
