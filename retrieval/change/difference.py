"""What a new text of an article says otherwise than the one before: pure, and bounded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.vocabulary import Article, Draft

FIELDS = ("title", "published", "outlet", "author", "url", "language")
"""What may change beside the text, in the order in which it is told."""
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
