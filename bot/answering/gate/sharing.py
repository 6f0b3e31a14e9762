"""How many of a statement's words its support has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.closeness import closeness
from bot.answering.gate.figures import stands_in
from bot.answering.gate.patterns import verb_of_saying

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.answering.gate.grounds import Unit
    from bot.answering.gate.reading import Reading

# What verbs of saying and names weigh; what words just before the support count.
_LIGHT, _NAMED, _BEHIND = 0.25, 0.5, 0.4


class Shares:
    """The words of one statement, compared once with all that the passages use.

    Args:
        said: the statement.
        vocabulary: every term of the passages.
    """

    def __init__(self, said: Reading, vocabulary: Iterable[str]) -> None:
        self._said = said
        known = tuple(vocabulary)
        self._weights = {
            term: _LIGHT if verb_of_saying().match(term) else 1.0 for term in said.words
        }
        self._weights |= {name.term: _NAMED for name in said.names}
        self._near: dict[str, Mapping[str, float]] = {
            term: {other: near for other in known if (near := closeness(term, other))}
            for term in self._weights
        }

    def of(self, unit: Unit) -> float:
        """The share of the words that a sentence has, 0 to 1; what is before it counts less."""
        total = met = 0.0
        for term, weight in self._weights.items():
            found = self._met(term, unit.read.terms)
            if found < 1.0:
                found = max(found, _BEHIND * self._met(term, unit.context))
            total += weight
            met += weight * found
        for figure in self._said.figures:
            total += 1.0
            met += stands_in(figure, unit.read.figures)
        return met / total if total else 1.0

    def _met(self, term: str, ground: frozenset[str]) -> float:
        if term in ground:
            return 1.0
        near = self._near[term]
        return max((near[other] for other in near.keys() & ground), default=0.0)
