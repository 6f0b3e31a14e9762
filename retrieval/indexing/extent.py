"""How much a change is, which decides whether the live generation is worth copying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.archive.targets import Targets

if TYPE_CHECKING:
    from retrieval.generations import Places

_MOST_DEAD = 0.25  # of the windows: deleted ones keep their room in Chroma's graph
_MOST_NEW = 1 / 3


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a change is: windows afterwards, new ones, and those gone.

    ``surplus`` are those that the vector index leaves out afterwards; ``shifted`` tells that
    a window that stays is left out either before or afterwards, not both.
    """

    windows: int
    new: int
    gone: tuple[int, ...]
    surplus: frozenset[int]
    shifted: bool


def extent_of(places: Places, change: int) -> Extent:
    """How much a staged change is."""
    with Targets(places.archive, change) as after:
        windows, _ = after.counts()
        gone, _ = after.gone()
        surplus = after.surplus()
    with Targets(places.archive, change, only_new=True) as targets:
        new = targets.ids()
    with Targets(places.archive, 0) as before:
        shifted = (before.surplus() ^ surplus) - new - set(gone)
    return Extent(windows, len(new), tuple(gone), frozenset(surplus), bool(shifted))


def is_small(extent: Extent, dead: int) -> bool:
    """Whether copying the live generation costs less than building, and leaves it fast."""
    if extent.shifted:
        return False
    return extent.new <= _MOST_NEW * extent.windows and dead <= _MOST_DEAD * extent.windows
