"""The gate: whether the passages that were given support a sentence, and by which words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.gate.agents import agent_changed
from bot.answering.gate.comparing import fault_against, of_another, says_other
from bot.answering.gate.grounds import Unit, units
from bot.answering.gate.pairs import halves, joined, neighbours, numbers_bound
from bot.answering.gate.reading import Reading, read
from bot.answering.gate.sharing import Shares
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
_PAIRED = 3
_ADDED = 0.08
_SURE = 0.6
_TELLING = 20
_ASKED_CHARS = 1000
# Faults that no other sentence makes good, and those that one may.
_DECIDES = (Fault.NEGATION, Fault.AGENT)
_LACKS = (Fault.NO_SUPPORT, Fault.NUMBER, Fault.DATE)


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
        self._asked = read(question[:_ASKED_CHARS], language)
        self._language = language
        self._given = tuple(given)
        self._vectors = vectors
        self._limits = limits

    @cached_property
    def _units(self) -> tuple[Unit, ...]:
        return tuple(
            unit
            for number, evidence in enumerate(self._given, start=1)
            for unit in units(number, evidence)
        )

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset[str]().union(*(unit.read.terms | unit.context for unit in self._units))

    def check(self, sentence: str) -> Checked:
        """Whether the passages support a sentence, and which sentences of theirs do."""
        clean = worded(sentence)
        fault = says_nothing_fit(clean.text)
        if fault is not None:
            return Checked(clean.text, fault, (), 0.0)
        said = self._read(clean.text)
        scored = self.score(said, clean.cited)
        checked = self._by_one(said, scored)
        if self._may_lack(checked, said, scored):
            found = self._by_neighbours(said, scored) or self._by_halves(said, clean.cited)
            checked = found or checked
        return checked

    def _may_lack(self, checked: Checked, said: Reading, scored: Sequence[Scored]) -> bool:
        """Whether a second sentence may hold what the nearest one lacks."""
        if checked.fault is Fault.NAME:
            return not says_other(said, scored[0].unit, Fault.NAME)
        return bool(scored) and checked.fault in _LACKS

    def score(self, said: Reading, cited: Sequence[int] = ()) -> list[Scored]:
        """The sentences given, those that support a statement best first."""
        if not self._units:
            return []
        rows = self._vectors([said.text, *(unit.read.text for unit in self._units)])
        shares = Shares(said, self._vocabulary)
        result = [
            self._scored(said, unit, shares.of(unit), float(cosine))
            for unit, cosine in zip(self._units, rows[1:] @ rows[0], strict=True)
        ]
        result.sort(key=lambda one: one.support + _CITED * (one.unit.number in cited), reverse=True)
        return result

    def _read(self, text: str) -> Reading:
        guessed = guess_language(text) if len(text) > _TELLING else self._language
        return read(text, guessed)

    def _scored(self, said: Reading, unit: Unit, words: float, cosine: float) -> Scored:
        foreign = said.language != unit.read.language
        support = self._limits.support(words, cosine, foreign=foreign)
        return Scored(unit, words, cosine, support, foreign)

    def _fault(self, said: Reading, unit: Unit) -> Fault | None:
        fault = fault_against(said, unit)
        if fault is None and of_another(self._asked, said, unit):
            return Fault.AGENT
        return fault

    def _by_one(self, said: Reading, scored: Sequence[Scored]) -> Checked:
        """The statement against single sentences, the nearest first.

        One that has something else in the place of what it lacks decides: farther ones
        are not asked.
        """
        first: Fault | None = None
        bar: Scored | None = None
        for one in scored[:_TRIED]:
            if one.support < self._limits.least or (bar and self._far_below(one, bar)):
                break
            fault = self._fault(said, one.unit)
            if fault is None:
                return Checked(said.text, None, (_quote(one.unit),), one.support)
            first = fault if fault in _DECIDES else first or fault
            if bar is None and says_other(said, one.unit, fault):
                bar = one
        support = scored[0].support if scored else 0.0
        return Checked(said.text, first or Fault.NO_SUPPORT, (), support)

    def _far_below(self, one: Scored, best: Scored) -> bool:
        """Whether another sentence is so much nearer that its fault decides."""
        words = self._limits.foreign_words if one.foreign else self._limits.words
        cosine = self._limits.foreign_cosine if one.foreign else self._limits.cosine
        gap = words * (best.words - one.words) + cosine * (best.cosine - one.cosine)
        return gap > _MARGIN

    def _by_neighbours(self, said: Reading, scored: Sequence[Scored]) -> Checked | None:
        """The statement against two sentences that stand side by side."""
        by_unit = {id(one.unit): one for one in scored}
        shares = Shares(said, self._vocabulary)
        for one in scored[:_PAIRED]:
            for unit in neighbours(one.unit, self._units):
                pair = joined(one.unit, unit)
                cosine = max(one.cosine, by_unit[id(unit)].cosine)
                both = self._scored(said, pair, shares.of(pair), cosine)
                if both.support < self._limits.least or both.words - one.words < _ADDED:
                    continue
                if agent_changed(said, one.unit.read) or self._fault(said, pair):
                    continue
                if not numbers_bound(said, (one.unit, unit)):
                    continue
                quotes = (_quote(one.unit), _quote(unit))
                return Checked(said.text, None, quotes, both.support)
        return None

    def _by_halves(self, said: Reading, cited: Sequence[int]) -> Checked | None:
        """The two facts of a statement, each against a sentence of its own."""
        for cut in halves(said):
            found = []
            for half in cut:
                part = read(half, said.language)
                shares = Shares(part, self._vocabulary)
                if max(shares.of(unit) for unit in self._units) < _SURE:
                    break
                checked = self._by_one(part, self.score(part, cited))
                if checked.fault or checked.support < _SURE:
                    break
                found.append(checked)
            if len(found) == len(cut):
                quotes = tuple(dict.fromkeys(quote for one in found for quote in one.quotes))
                return Checked(said.text, None, quotes, min(one.support for one in found))
        return None


def _quote(unit: Unit) -> Quote:
    return Quote(unit.evidence, unit.span)
