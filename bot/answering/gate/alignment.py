"""Where a statement that copies its support departs from it."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from bot.answering.gate.names import named_in
from bot.answering.gate.polarity import is_negator
from bot.answering.gate.verdict import Fault

if TYPE_CHECKING:
    from bot.answering.gate.reading import Reading

_MOST_TOKENS = 160
COPIED = 0.72
_FEW = 3


def departs(said: Reading, held: Reading) -> Fault | None:
    """The fault of a near copy: another name in a name's place, a negation put in or left out.

    A statement that is worded otherwise has none here: the other rules judge it.
    """
    if max(len(said.tokens), len(held.tokens)) > _MOST_TOKENS or said.language != held.language:
        return None
    a = [token.folded for token in said.tokens]
    b = [token.folded for token in held.tokens]
    match = SequenceMatcher(None, a, b, autojunk=False)
    same = sum(block.size for block in match.get_matching_blocks())
    copied = same >= COPIED * len(a) and len(a) >= 5
    for kind, a1, a2, b1, b2 in match.get_opcodes():
        if kind == "replace" and _renames(said, held, (a1, a2), (b1, b2), strict=copied):
            return Fault.NAME
        if copied and kind != "equal" and _negates(said, held, (a1, a2), (b1, b2)):
            return Fault.NEGATION
    return None


def _renames(
    said: Reading, held: Reading, place: tuple[int, int], other: tuple[int, int], *, strict: bool
) -> bool:
    """Whether a place has another name; out of a copy, one that the support has nowhere."""
    new = [name for name in said.names if place[0] <= name.at < place[1]]
    old = [name for name in held.names if other[0] <= name.at < other[1]]
    new = [name for name in new if not named_in(name, old)]
    old = [name for name in old if not named_in(name, new)]
    if not new or not old:
        return False
    if strict and place[1] - place[0] <= 4 and other[1] - other[0] <= 4:
        return not _same_run(said, held, place, other)
    if max(place[1] - place[0], other[1] - other[0]) > _FEW:
        return False
    gone = any(not named_in(name, said.names) for name in old)
    return gone and any(not named_in(name, held.names) for name in new)


def _same_run(said: Reading, held: Reading, place: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether both places name one thing: "M. Dupont" and "Jean Dupont"."""
    runs = {name.run for name in said.names if place[0] <= name.at < place[1]}
    whole = [name for name in said.names if name.run in runs]
    old_runs = {name.run for name in held.names if other[0] <= name.at < other[1]}
    old_whole = [name for name in held.names if name.run in old_runs]
    return any(named_in(name, old_whole) for name in whole)


def _negates(said: Reading, held: Reading, place: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a negation stands on one side only of a small difference."""
    if max(place[1] - place[0], other[1] - other[0]) > 3:
        return False
    here = any(is_negator(said.tokens, at) for at in range(*place))
    there = any(is_negator(held.tokens, at) for at in range(*other))
    return here != there
