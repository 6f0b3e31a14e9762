"""What a change did, or would do: its articles, and what each says otherwise than before."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from retrieval.errors import Failed
from retrieval.vocabulary import MOSTLY_REMOVED, PublicationDate, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from retrieval.vocabulary import Article, Draft, LeftOut


class Progress(Protocol):
    """Called with stages in their order; one ends when the next begins or the work is over."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins: ``read``, ``embed``, ``build``, ``verify`` or ``wait``.

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
        detail: groups them within the reason, such as ``.doc``.
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
class EmbeddingWork:
    """How much there is to embed.

    Args:
        texts: how many windows have no vector yet.
        a_second: how many of them this machine, or the endpoint, embeds in a second; None when
            they are so few that it was not measured.
    """

    texts: int = 0
    a_second: float | None = None

    @property
    def seconds(self) -> float:
        """How long embedding takes, if it goes on as it began; 0 when that was not measured."""
        return self.texts / self.a_second if self.a_second else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an indexing run.

    ``removed`` counts articles whose source is gone; they are withdrawn only when pruning
    was asked for. ``passages`` and ``windows`` are those of the whole archive afterwards.
    ``awaited`` names the files of which something may be taken in later, and from when.
    ``items`` leaves unchanged articles out. ``declined`` tells that nothing was done because
    somebody who was asked said no. ``work`` is what a plan has still to embed.
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
    work: EmbeddingWork = EmbeddingWork()

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


FIELDS = ("title", "published", "outlet", "author", "url", "language")
"""What may change beside the text, in the order in which it is shown."""
_MAX_STEPS = 5_000_000
"""Of difflib, about a second; beyond, paragraphs are counted without regard to their order."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One of `FIELDS` as it was and as it is; None where nothing was or is known."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """How many paragraphs came, went, and stand in the place of another."""

    added: int = 0
    removed: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two texts of an article.

    Args:
        fields: what changed beside the text.
        paragraphs: what changed in the text.
        layout: the text changed, but only in its white space.
    """

    fields: tuple[FieldChange, ...] = ()
    paragraphs: Paragraphs = Paragraphs()
    layout: bool = False

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.fields or self.paragraphs or self.layout)


def difference(before: Article, after: Article | Draft) -> Difference:
    """What a draft, or a later revision, says otherwise than the article that it replaces."""
    pairs = ((name, _shown(before, name), _shown(after, name)) for name in FIELDS)
    fields = tuple(FieldChange(name, old, new) for name, old, new in pairs if old != new)
    paragraphs = _compared(_paragraphs(before.text), _paragraphs(after.text))
    return Difference(fields, paragraphs, before.text != after.text and not paragraphs)


def _shown(holder: Article | Draft, name: str) -> str | None:
    value = getattr(holder, name)
    return str(value) if value else None


def _paragraphs(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line]


def _compared(old: list[str], new: list[str]) -> Paragraphs:
    """Beginnings and ends that are the same are cut off first: they cost nothing."""
    start = _shared(old, new)
    old, new = old[start:], new[start:]
    stop = _shared(old[::-1], new[::-1])
    old, new = old[: len(old) - stop], new[: len(new) - stop]
    if not old or not new:
        return Paragraphs(added=len(new), removed=len(old))
    held, wanted = Counter(old), Counter(new)
    matches = sum(count * wanted[line] for line, count in held.items())
    if (matches + len(old)) * min(len(old), len(new)) > _MAX_STEPS:
        return Paragraphs((wanted - held).total(), (held - wanted).total())
    return _aligned(old, new)


def _shared(old: list[str], new: list[str]) -> int:
    """How many lines the two begin with alike."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))


def _aligned(old: list[str], new: list[str]) -> Paragraphs:
    """Paragraphs that stand where others stood are changed ones; the rest came or went."""
    added = removed = changed = 0
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone, come = old_end - old_start, new_end - new_start
        replaced = min(gone, come)
        added, removed = added + come - replaced, removed + gone - replaced
        changed += replaced
    return Paragraphs(added, removed, changed)
