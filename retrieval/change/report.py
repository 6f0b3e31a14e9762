"""What a change did, or would do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from retrieval.errors import Failed
from retrieval.vocabulary import MOSTLY_REMOVED, PublicationDate, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from retrieval.change.difference import Difference
    from retrieval.vocabulary import LeftOut


class Progress(Protocol):
    """Called with stages in their order; one ends when the next begins or the work is over."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins: ``read``, ``embed``, ``build`` or ``verify``.

        ``total`` steps are to be done; None when nobody can know.
        """

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None) -> None:
        """Nothing is shown."""

    def advance(self, steps: int) -> None:
        """Nothing is shown."""


_EXAMPLE_CHARS = 80
_NAMED = 10  # sources, beside the count of what was left out


class Kind(StrEnum):
    """What becomes of an article in a change."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    NEAR_DUPLICATE = "near_duplicate"


@dataclass(frozen=True, slots=True)
class Like:
    """The article that a source repeats; ``share`` is how much of the source stands in it."""

    article_id: str
    title: str
    share: float


@dataclass(frozen=True, slots=True)
class Item:
    """One article of a plan.

    Args:
        kind: what becomes of it.
        article_id: its id; of a near-duplicate, that of the article that says it already.
        source: where it was read.
        title: as it was read.
        cleaned: what cleaning took out of it.
        published: when it was published.
        outlet: by whom.
        changes: what a changed article says otherwise.
        like: what a near-duplicate repeats.
        same_address: an article with the same address and another text, which may be a
            mistake of the source.
        digest: of what was read (`retrieval.archive.rows.draft_digest`); ``""`` when nothing was.
    """

    kind: Kind
    article_id: str
    source: str
    title: str
    cleaned: tuple[str, ...] = ()
    published: PublicationDate | None = None
    outlet: str | None = None
    changes: Difference | None = None
    like: Like | None = None
    same_address: str = ""
    digest: str = field(default="", repr=False)

    @property
    def mostly_removed(self) -> bool:
        """Whether more of its source was left out than stayed."""
        return any(each.startswith(MOSTLY_REMOVED) for each in self.cleaned)


@dataclass(frozen=True, slots=True)
class LeftOutCount:
    """How many sources were left out for one reason.

    Args:
        reason: a key of the catalogue, under ``left_out``.
        detail: what tells them apart within the reason, such as ``.doc``.
        count: how many.
        sources: the first of them.
        until: when the first may be taken in; None when that is not a matter of time.
    """

    reason: str
    detail: str = ""
    count: int = 0
    sources: tuple[str, ...] = ()
    until: datetime | None = None

    def with_one(self, left: LeftOut) -> LeftOutCount:
        """The count with one more source."""
        times = [moment for moment in (self.until, left.until) if moment]
        return replace(
            self,
            count=self.count + 1,
            sources=(*self.sources, left.source)[:_NAMED],
            until=min(times, default=None),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an indexing run.

    ``removed`` counts articles whose source is gone; they are withdrawn only when pruning
    was asked for. ``passages`` and ``windows`` are those of the whole archive afterwards.
    ``awaited`` names the files of which something may be taken in later, and from when.
    ``items`` leaves unchanged articles out. ``declined`` tells that nothing was done because
    somebody who was asked said no.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    near_duplicates: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    left_out: tuple[LeftOutCount, ...] = ()
    awaited: Mapping[str, datetime] = field(default_factory=dict, repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)
    pruned: bool = False
    dry_run: bool = False
    declined: bool = False
    passages: int = 0
    windows: int = 0
    embedded: int = 0
    took_ms: int = 0

    @property
    def replaced(self) -> int:
        """How many articles lose what they say now: those that change, and those withdrawn."""
        return self.changed + (self.removed if self.pruned else 0)

    def does_as(self, other: Report) -> bool:
        """Whether both do the same to every article, to the letter of its text."""
        return self._doings() == other._doings()

    @property
    def digest(self) -> str:
        """A hash of what it does to every article: it stands for the report in `does_as`."""
        doings = sorted(repr((item, item.digest)) for item in self._doings())
        return hashlib.sha256("\n".join(doings).encode()).hexdigest()

    def _doings(self) -> frozenset[Item]:
        """What happens to articles; what is gone stays unless pruning was asked for."""
        return frozenset(i for i in self.items if self.pruned or i.kind is not Kind.REMOVED)


class PlanChanged(Failed):
    """The archive or the sources are not what they were when a plan was confirmed.

    Nothing has changed.

    Args:
        plan: what the change would do now; None for a correction, which is planned again by
            `Editor.corrected`.
    """

    def __init__(self, plan: Report | None) -> None:
        super().__init__("plan_changed")
        self.plan = plan


@dataclass(frozen=True, slots=True)
class RuleApplied:
    """What one rule took out of the articles of a report.

    Args:
        name: of the rule.
        count: how many pieces.
        articles: out of how many articles.
        example: the first piece.
        source: where that stood.
    """

    name: str
    count: int
    articles: int
    example: str
    source: str


def rules_applied(items: Iterable[Item]) -> list[RuleApplied]:
    """What each rule took out of some articles, the busiest first."""
    found: dict[str, RuleApplied] = {}
    for item in items:
        names = set[str]()
        for name, _, words in (piece.partition(": ") for piece in item.cleaned):
            rule = found.get(name, RuleApplied(name, 0, 0, words[:_EXAMPLE_CHARS], item.source))
            new = name not in names
            found[name] = replace(rule, count=rule.count + 1, articles=rule.articles + new)
            names.add(name)
    return sorted(found.values(), key=lambda rule: -rule.count)


def counts_of(counted: Mapping[Kind, int]) -> dict[str, int]:
    """The numbers of a report by their names in it, for the history."""
    names = {kind: kind.value for kind in Kind} | {Kind.NEAR_DUPLICATE: "near_duplicates"}
    return {names[kind]: counted[kind] for kind in Kind}
