"""The gate: whether the passages that were given support a sentence, and by which words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.gate.comparing import fault_against, says_other, words_met
from bot.answering.gate.grounds import Unit, units
from bot.answering.gate.reading import Reading, read
from bot.answering.gate.verdict import Checked, Fault, GateLimits, Quote
from bot.answering.gate.wording import says_nothing_fit, worded
from retrieval.analysis import guess_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from retrieval.vocabulary import Evidence

_TRIED = 8
_CITED = 0.03
_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence that may support a statement, and how well it does before faults count."""

    unit: Unit
    words: float
    cosine: float
    support: float
    foreign: bool


class Gate:
    """Checks sentences against the passages of one prompt.

    Args:
        question: what was asked.
        language: of the answer, ``fr`` or ``en``.
        given: the passages, numbered from 1 in the prompt.
        vectors: the unit vectors of some sentences, a row each.
        limits: the calibrated rule of support.
    """

    def __init__(
        self,
        question: str,
        language: str,
        given: Sequence[Evidence],
        vectors: Callable[[Sequence[str]], NDArray[np.float32]],
        limits: GateLimits,
    ) -> None:
        self._question = question
        self._language = language
        self._given = tuple(given)
        self._vectors = vectors
        self._limits = limits

    @cached_property
    def _units(self) -> list[Unit]:
        return [
            unit
            for number, evidence in enumerate(self._given, start=1)
            for unit in units(number, evidence)
        ]

    def check(self, sentence: str) -> Checked:
        """Whether the passages support a sentence, and which sentences of theirs do."""
        clean = worded(sentence)
        fault = says_nothing_fit(clean.text)
        if fault is not None:
            return Checked(clean.text, fault, (), 0.0)
        said = self._read(clean.text)
        scored = self.score(said, clean.cited)
        return self._judge(clean.text, said, scored)

    def _read(self, text: str) -> Reading:
        guessed = guess_language(text) if len(text) > 20 else self._language
        return read(text, guessed)

    def score(self, said: Reading, cited: Sequence[int] = ()) -> list[Scored]:
        """The sentences given, those that support a statement best first."""
        if not self._units:
            return []
        rows = self._vectors([said.text, *(unit.read.text for unit in self._units)])
        cosines = rows[1:] @ rows[0]
        result = [
            self._scored(said, unit, float(cosine))
            for unit, cosine in zip(self._units, cosines, strict=True)
        ]
        result.sort(key=lambda one: one.support + _CITED * (one.unit.number in cited), reverse=True)
        return result

    def _scored(self, said: Reading, unit: Unit, cosine: float) -> Scored:
        words = words_met(said, unit)
        foreign = said.language != unit.read.language
        support = self._limits.support(words, cosine, foreign=foreign)
        return Scored(unit, words, cosine, support, foreign)

    def _judge(self, text: str, said: Reading, scored: list[Scored]) -> Checked:
        if not scored or scored[0].support < self._limits.least:
            return Checked(text, Fault.NO_SUPPORT, (), scored[0].support if scored else 0.0)
        first: Fault | None = None
        bar = scored[-1]
        for one in scored[:_TRIED]:
            if one.support < self._limits.least or self._far_below(one, bar):
                break
            fault = fault_against(said, one.unit)
            if fault is None:
                return Checked(text, None, (_quote(one.unit),), one.support)
            first = first or fault
            if bar is scored[-1] and says_other(said, one.unit, fault):
                bar = one
        return Checked(text, first or Fault.NO_SUPPORT, (), scored[0].support)

    def _far_below(self, one: Scored, best: Scored) -> bool:
        """Whether another sentence is so much nearer that its fault decides."""
        weight = self._limits.words if not one.foreign else self._limits.foreign_words
        by_words = weight * (best.words - one.words)
        weight = self._limits.cosine if not one.foreign else self._limits.foreign_cosine
        return by_words + weight * (best.cosine - one.cosine) > _MARGIN


def _quote(unit: Unit) -> Quote:
    return Quote(unit.evidence, unit.span)
