"""The numbers of a claim beside those of a window, each with what it counts. Pure.

"312 personnes" and "312 euros" are no agreement, and "trois ans" beside "sept ans" is another
number of the same thing. Days, months and years are dates, and not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.given_facts import measure, unit_after
from retrieval.text.analysis import fold_in_place
from retrieval.text.dates import date_mentions
from retrieval.text.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGINNING = 5
"""Letters that two forms of a noun have in common."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of a text and what it counts.

    Args:
        value: what it is worth.
        start: where it begins.
        end: where it ends.
        unit: the folded word or sign after it, "%" for a share; "" for none.
    """

    value: float
    start: int
    end: int
    unit: str

    def counts_as(self, other: Counted) -> bool:
        """Whether both count the same thing: one noun, or units of one measure."""
        if self.unit == other.unit:
            return True
        one, two = measure(self.unit), measure(other.unit)
        if one or two:
            return one == two
        least = min(len(self.unit), len(other.unit))
        return least >= _BEGINNING and self.unit[:_BEGINNING] == other.unit[:_BEGINNING]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A number of a claim that a text does not give, and what it gives of the same thing."""

    said: Counted
    given: Counted


def counted(text: str, language: str | None = None) -> tuple[Counted, ...]:
    """The numbers of a text that are no part of a date.

    Args:
        text: a sentence or a passage.
        language: for number words; guessed when not given.
    """
    dates = date_mentions(text)
    folded = fold_in_place(text)
    return tuple(
        Counted(n.value, n.start, n.end, "%" if n.is_percent else unit_after(folded, n.end))
        for n in numbers(text, language)
        if all(n.end <= said.start or said.end <= n.start for said in dates)
    )


def agreeing(said: Sequence[Counted], given: Sequence[Counted]) -> float:
    """The share of a claim's numbers that a text gives of the same thing; 0 without numbers."""
    met = sum(any(n.value == g.value and n.counts_as(g) for g in given) for n in said)
    return met / len(said) if said else 0.0


def replaced(said: Sequence[Counted], given: Sequence[Counted]) -> tuple[Replacement, ...]:
    """The numbers of a claim that a text gives otherwise: none of this value, one of this thing."""
    values = {one.value for one in given}
    own = {one.value for one in said}
    found = []
    for one in said:
        others = [g for g in given if g.unit and g.value not in own and one.counts_as(g)]
        if one.value not in values and others:
            found.append(Replacement(one, others[0]))
    return tuple(found)
