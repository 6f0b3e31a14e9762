"""Two sentences of the passages that support a statement together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answering.closeness import best_match
from bot.answering.gate.figures import Figure, stands_in
from bot.answering.gate.reading import Reading, read
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.gate.grounds import Unit

_JOINT = re.compile(r"(?:,| et| and|;| mais| but| tandis que| while)(?= )")
_LEAST_TERMS = 4
_MOST_SPLITS = 2


def neighbours(unit: Unit, units: Sequence[Unit]) -> list[Unit]:
    """The sentences of its passage that stand just before and after a sentence."""
    own = [one for one in units if one.number == unit.number]
    at = own.index(unit)
    return own[max(0, at - 1) : at] + own[at + 1 : at + 2]


def joined(one: Unit, other: Unit) -> Unit:
    """Two neighbours read as one sentence."""
    first, second = sorted((one, other), key=lambda unit: unit.span.start)
    text = first.evidence.article.text[first.span.start : second.span.end]
    return replace(
        first,
        span=Span(first.span.start, second.span.end),
        read=read(text.replace("\n", " "), first.read.language),
    )


def numbers_bound(said: Reading, sentences: Sequence[Unit]) -> bool:
    """Whether each number stands with what it counts in one of the sentences."""
    return all(any(_bound(one, unit.read) for unit in sentences) for one in said.figures)


def _bound(figure: Figure, held: Reading) -> bool:
    if not stands_in(figure, held.figures):
        return False
    return not figure.noun or bool(figure.unit) or best_match(figure.noun, held.terms) > 0


def halves(said: Reading) -> list[tuple[str, str]]:
    """The ways to cut a statement into two facts, the evenest first."""
    text = said.text
    cuts = [(text[: match.start()], text[match.end() :].strip()) for match in _JOINT.finditer(text)]
    whole = [
        cut
        for cut in cuts
        if min(len(read(half, said.language).content) for half in cut) >= _LEAST_TERMS
    ]
    whole.sort(key=lambda cut: abs(len(cut[0]) - len(cut[1])))
    return whole[:_MOST_SPLITS]
