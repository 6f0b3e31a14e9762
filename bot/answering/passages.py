"""Which passages a model is given, and how much of each: what fits its window, best first. Pure.

A passage is given as its promising sentences with their neighbours, not whole: a small model
reads slowly and answers better from less. The gate knows the whole passage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.answering.candidates import Candidate
    from retrieval.vocabulary import Evidence

_GAP = " (…) "
_NEIGHBOURS = 1
_CHARS_A_TOKEN = 2.5
"""French takes three to four characters a token; fewer are assumed, so that the prompt fits."""
_FENCE_CHARS = 100
_LEAST_CHARS = 300


@dataclass(frozen=True, slots=True)
class Given:
    """A passage as a model is given it: its evidence, and the part of it that is shown."""

    evidence: Evidence
    text: str


def given(
    judged: Sequence[Sequence[Candidate]], sentences_most: int, passages_most: int
) -> tuple[Given, ...]:
    """The passages of the most probable sentences, the best first.

    Args:
        judged: for each part of the question, the sentences found, the most probable first.
        sentences_most: of each part, so many sentences are looked at.
        passages_most: so many passages are given.
    """
    wanted: dict[int, tuple[Evidence, set[int]]] = {}
    for candidate in _in_turn([found[:sentences_most] for found in judged]):
        passage = candidate.evidence.passage
        if passage.id not in wanted and len(wanted) == passages_most:
            continue
        wanted.setdefault(passage.id, (candidate.evidence, set()))[1].add(candidate.span.start)
    return tuple(
        Given(evidence, _excerpt(evidence, starts)) for evidence, starts in wanted.values()
    )


def hints(
    judged: Sequence[Sequence[Candidate]], passages: Sequence[Given], most: int
) -> tuple[tuple[int, str], ...]:
    """The most probable sentences of the passages given, each with its passage's number."""
    numbers = {one.evidence.passage.id: number for number, one in enumerate(passages, start=1)}
    found = [
        (numbers[one.evidence.passage.id], one.text)
        for one in _in_turn(judged)
        if one.evidence.passage.id in numbers
    ]
    return tuple(dict.fromkeys(found))[:most]


def fitting(passages: Sequence[Given], tokens: int) -> tuple[Given, ...]:
    """The first passages that fit so many tokens; the first always, cut where it must be."""
    room = int(tokens * _CHARS_A_TOKEN)
    kept: list[Given] = []
    for one in passages:
        room -= len(one.text) + len(one.evidence.article.title) + 100
        if kept and room < 0:
            break
        kept.append(
            one if room >= 0 else Given(one.evidence, one.text[: max(room, -len(one.text) + 200)])
        )
    return tuple(kept)


def _in_turn(found: Sequence[Sequence[Candidate]]) -> Iterable[Candidate]:
    """The best of each part first, then the second of each, and so on."""
    for depth in range(max(map(len, found), default=0)):
        yield from (one[depth] for one in found if depth < len(one))


def _excerpt(evidence: Evidence, starts: set[int]) -> str:
    """The sentences that begin at some offsets, and their neighbours, gaps marked."""
    passage, text = evidence.passage, evidence.article.text
    spans = sentences(passage.text, passage.start)
    shown = {
        near
        for at, span in enumerate(spans)
        if span.start in starts
        for near in range(at - _NEIGHBOURS, at + _NEIGHBOURS + 1)
    }
    pieces: list[str] = []
    for at, span in enumerate(spans):
        if at in shown:
            between = "" if not pieces else " " if at - 1 in shown else _GAP
            pieces.append(between + text[span.start : span.end])
    return "".join(pieces)
