"""What a change would do: decided from what was read and what is known, nothing else."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from retrieval.indexing.report import Item, Kind
from retrieval.vocabulary import State, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from retrieval.archive.rows import Known
    from retrieval.vocabulary import Draft

_ID_DIGITS = 10


class Planner:
    """Decides draft by draft, so that memory never holds more than one text.

    Args:
        known: the articles of the archive, by origin.
    """

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._known = known
        self._ids = {article.id: article.origin for article in known.values()}
        self._met: dict[str, str] = {}
        self.items: list[Item] = []
        self.unreadable: list[Unreadable] = []
        self.counts: Counter[Kind] = Counter()

    def decide(self, draft: Draft, digest: str) -> Item | None:
        """What becomes of a draft; None when the same origin was met before in this run.

        Args:
            draft: as a reader made it.
            digest: `retrieval.archive.rows.draft_digest` of it.
        """
        earlier = self._met.get(draft.origin)
        self._met.setdefault(draft.origin, digest)
        if earlier is not None:
            if earlier != digest:
                self.reject(Unreadable(draft.source, "same_origin", draft.origin))
            return None
        known = self._known.get(draft.origin)
        kind = _kind(known, digest)
        id_ = known.id if known else self._new_id(draft.origin)
        item = Item(kind, id_, draft.source, draft.title, draft.removed)
        self._count(item)
        return item

    def recognise(self, origin: str) -> None:
        """Count an article of the archive as unchanged, without reading its source again."""
        known = self._known.get(origin)
        if known and origin not in self._met:
            self._met[origin] = known.digest
            self.counts[Kind.UNCHANGED] += 1

    def reject(self, problem: Unreadable) -> None:
        """Keep what gave no article, for the report."""
        self.unreadable.append(problem)

    def find_removed(self, under: Iterable[str], spared: Iterable[str]) -> list[Item]:
        """The live articles that should have been met and were not.

        Args:
            under: files and folders that were read, resolved.
            spared: those that could not be read: what they held is not gone.
        """
        roots, kept = tuple(under), tuple(spared)
        gone = [
            Item(Kind.REMOVED, known.id, known.source, known.title)
            for origin, known in self._known.items()
            if origin not in self._met
            and known.state is not State.WITHDRAWN
            and _inside(known.file, roots)
            and not _inside(known.file, kept)
        ]
        for item in gone:
            self._count(item)
        return gone

    def _count(self, item: Item) -> None:
        self.counts[item.kind] += 1
        if item.kind is not Kind.UNCHANGED:
            self.items.append(item)

    def _new_id(self, origin: str) -> str:
        """Short enough to type, the same for an origin for ever, and nobody else's."""
        hexadecimal = hashlib.sha256(origin.encode()).hexdigest()
        digits = _ID_DIGITS
        while self._ids.setdefault(hexadecimal[:digits], origin) != origin:
            digits += 2
        return hexadecimal[:digits]


def _kind(known: Known | None, digest: str) -> Kind:
    """A person's withdrawal stands, whatever the file says; a pruned article may return."""
    if known is None or known.pruned:
        return Kind.ADDED
    if known.state is State.WITHDRAWN or known.says(digest):
        return Kind.UNCHANGED
    return Kind.CHANGED


def _inside(file: str, roots: tuple[str, ...]) -> bool:
    return any(file == root or file.startswith(root.rstrip("/") + "/") for root in roots if file)
