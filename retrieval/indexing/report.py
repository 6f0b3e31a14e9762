"""What a change did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from retrieval.vocabulary import Unreadable


class Kind(StrEnum):
    """What becomes of an article in a change."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a plan; ``cleaned`` lists what cleaning took out of it."""

    kind: Kind
    article_id: str
    source: str
    title: str
    cleaned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an indexing run.

    ``removed`` counts articles whose source is gone; they are withdrawn only when pruning
    was asked for. ``passages`` and ``windows`` are those of the whole archive afterwards.
    ``items`` leaves unchanged articles out.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    near_duplicates: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    items: tuple[Item, ...] = field(default=(), repr=False)
    pruned: bool = False
    dry_run: bool = False
    passages: int = 0
    windows: int = 0
    embedded: int = 0
    took_ms: int = 0
