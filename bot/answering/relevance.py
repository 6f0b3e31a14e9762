"""How well a sentence of an article answers a question: features, and their probability.

Pure functions of the question, the sentence and what surrounds it. The weights are
calibrated on questions with known answers and kept in ``config/thresholds.toml``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.closeness import RELATED, best_match
from bot.answering.holds import answers_kind, holds_measure, near_number
from bot.answering.understanding import Asked, Kind, words_of
from retrieval.analysis import Term, fold, opposites, terms
from retrieval.periods import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrieval.vocabulary import Evidence


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term of the question, and how much it weighs.

    ``strict`` terms (names, numbers, peoples) cannot be missing from what answers, but of a
    name of several words ("Emmanuel Macron") one is enough: ``name`` numbers it.
    """

    term: str
    weight: float
    strict: bool
    carried: bool = False
    name: int = 0


def wanted_terms(
    asked: Asked, frequency: Callable[[str], int], passages: int, names: frozenset[str]
) -> tuple[Wanted, ...]:
    """Weigh the terms of a question by their rarity in the archive.

    Args:
        asked: the question understood.
        frequency: in how many passages a term stands.
        passages: how many passages there are.
        names: terms that the evidence writes as names: readers type without capitals.
    """
    result = []
    for carried, group in ((False, asked.terms), (True, asked.carried)):
        last_end = -2
        name = 0
        for term in group:
            weight = math.log(1 + (passages + 1) / (frequency(term.term) + 0.5))
            if term.term in light_terms():
                weight *= 0.25
            strict = term.term in names or _strict(term, asked.question.text)
            name += term.start > last_end + 1
            last_end = term.end if strict else -2
            result.append(
                Wanted(term.term, weight * (0.6 if carried else 1), strict, carried, name)
            )
    return tuple(result)


def light_terms() -> frozenset[str]:
    """Terms that say little: what questions are phrased with."""
    return words_of("light") | words_of("light_english", "en")


def _strict(term: Term, question: str) -> bool:
    """Names, acronyms, numbers and peoples; capitals say nothing in a question all in them."""
    if term.is_number or term.term in words_of("peoples"):
        return True
    if question.isupper():
        return False
    return (term.start > 0 and term.is_name) or (term.text.isupper() and len(term.text) > 1)


def names_in(text: str, language: str) -> frozenset[str]:
    """The terms that a text writes as names: with a capital, not at a sentence's beginning.

    A word that it also writes small ("Moyen Âge", "l'âge"), or that questions are made of, is
    none.
    """
    found = terms(text, language)
    plain = {term.term for term in found if not term.is_name} | light_terms() | _QUESTIONED
    return frozenset(
        term.term
        for term in found
        if term.is_name
        and term.term not in plain
        and not _BEGINS.search(text[max(0, term.start - 3) : term.start] or ".")
    )


_QUESTIONED = frozenset(term.term for term in terms("âge prix coût nombre bilan budget"))


_BEGINS = re.compile(r"[.!?…:«\"“\n]\s*$")


@dataclass(frozen=True, slots=True)
class Ground:
    """The terms of a sentence, of its passage, of its article's title and of all its text."""

    sentence: frozenset[str]
    passage: frozenset[str]
    title: frozenset[str]
    article: frozenset[str]

    def cover(self, term: str) -> tuple[float, float]:
        """How far a term is covered: by the sentence, and by all that surrounds it."""
        near = best_match(term, self.sentence)
        wide = max(near, 0.85 * best_match(term, self.passage), 0.85 * best_match(term, self.title))
        return near, wide


FEATURES = (
    "close",
    "close_gap",
    "dense",
    "score",
    "rank",
    "near",
    "wide",
    "least",
    "elsewhere",
    "strict_missing",
    "kind",
    "unit",
    "timely",
    "short",
    "english",
    "near_english",
    "wide_english",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sentence stands among the evidence, and how near it is to the question.

    Args:
        evidence: its passage, with its scores.
        rank: of the passage, from 0.
        cosine: of the question and the sentence.
        best_cosine: the highest of all the sentences compared.
    """

    evidence: Evidence
    rank: int
    cosine: float
    best_cosine: float


def features(
    asked: Asked, wanted: tuple[Wanted, ...], sentence: str, ground: Ground, standing: Standing
) -> tuple[float, ...]:
    """The features of a sentence, in the order of `FEATURES`.

    Args:
        asked: the question understood.
        wanted: its weighed terms.
        sentence: the sentence.
        ground: the terms of the sentence and of what surrounds it.
        standing: where it stands among the evidence.
    """
    covers = [(one, *ground.cover(one.term)) for one in wanted]
    total = sum(one.weight for one in wanted) or 1.0
    near = sum(one.weight * n for one, n, _ in covers) / total
    wide = sum(one.weight * w for one, _, w in covers) / total
    least = sum(one.weight for one, _, w in covers if w == 0) / total
    absent = [one for one, _, w in covers if w == 0 and not best_match(one.term, ground.article)]
    nowhere = sum(one.weight for one in absent) / total
    english = asked.question.language == "en"
    lexical = 0.0 if english else 1.0  # an English question shares few words with French text
    timely = _timeliness(asked, sentence, standing.evidence)
    return (
        (standing.cosine - 0.8) * 10,
        (standing.cosine - standing.best_cosine) * 10,
        (standing.evidence.dense - 0.8) * 10,
        standing.evidence.score,
        1.0 / (1 + standing.rank),
        near * lexical,
        wide * lexical,
        least * lexical,
        nowhere * lexical,
        float(min(sum(one.strict for one in absent), 2)),
        answers_kind(asked, sentence),
        near_number(asked, sentence),
        timely,
        float(len(sentence) < 40),
        float(english),
        near * (1.0 - lexical),
        wide * (1.0 - lexical),
    )


def _timeliness(asked: Asked, sentence: str, evidence: Evidence) -> float:
    """How a sentence meets the period of a question: 1 when it names it, 0 when none is asked."""
    period = asked.question.period
    if period is None:
        return 0.0
    if names(sentence, period):
        return 1.0
    return 0.0 if period.admits(evidence.article.published) else -1.0


def probability(values: tuple[float, ...], weights: tuple[float, ...], bias: float) -> float:
    """The logistic model's probability that a sentence answers."""
    total = bias + sum(v * w for v, w in zip(values, weights, strict=True))
    return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))


def is_disqualified(
    asked: Asked, wanted: tuple[Wanted, ...], sentence: str, ground: Ground
) -> bool:
    """Whether a sentence cannot answer, whatever else speaks for it.

    A number must be there when one is asked for, an age when an age is; and when the soldiers
    of one nation are counted, the number must be said of that nation. Every name of the
    question must stand somewhere in the article.
    """
    if _misses_a_name(wanted, ground.article | ground.title):
        return True
    if asked.kind in (Kind.AGE, Kind.NUMBER, Kind.DATE) and not answers_kind(asked, sentence):
        return True
    if asked.kind is Kind.NUMBER and not holds_measure(asked, sentence):
        return True
    counted = tuple(term for term in asked.unit if term in words_of("peoples"))
    return bool(counted) and near_number(replace(asked, unit=counted), sentence) < 1


def _misses_a_name(wanted: tuple[Wanted, ...], article: frozenset[str]) -> bool:
    own = [one for one in wanted if one.strict and not one.carried]
    said = {one.name for one in own if best_match(one.term, article)}
    return any(one.name not in said for one in own)


_DENIED = re.compile(
    r"\b(?:ne |n')(?:\w+ ){0,2}?(?P<verb>\w+)(?: \w+)? (?:pas|plus|jamais)\b"
    r"(?: (?P<past>\w+))?"
    r"|\b(?:mais|et) (?:pas|non) (?:de |d'|du |des |a |au |en |dans )?(?:l'|la |le |les )?"
    r"(?P<thing>\w+)"
)


def denies(asked: Asked, sentence: str) -> bool:
    """Whether a sentence negates what a question asks the date or the reason of."""
    question = fold(asked.question.text.replace("’", "'"))
    if asked.kind not in (Kind.REASON, Kind.DATE) or re.search(r"\b(?:ne |n'|pas\b)", question):
        return False
    own = frozenset(term.term for term in asked.terms)
    for match in _DENIED.finditer(fold(sentence.replace("’", "'"))):
        said = (match["verb"], match["past"], match["thing"])
        denied = terms(" ".join(word for word in said if word))
        if any(best_match(term.term, own) >= RELATED for term in denied):
            return True
    return False


def contradicts(asked: Asked, sentence: str, found: frozenset[str]) -> bool:
    """Whether a sentence says the opposite of what a question takes for granted.

    "Pourquoi l'OTAN quitte-t-elle l'Irak ?" against "l'OTAN renforce sa mission en Irak". A
    question that only asks whether takes nothing for granted.
    """
    if asked.kind is Kind.YES_NO:
        return False
    return denies(asked, sentence) or any(
        opposites(term.term) & found and best_match(term.term, found) < RELATED
        for term in asked.terms
    )
