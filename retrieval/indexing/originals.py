"""Finding the article that a new text repeats, among those of the archive and of this run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.indexing.copying import Edition, copied_share, shared_share
from retrieval.indexing.report import Like
from retrieval.likeness import agreement, bands, signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.archive.similar import SimilarArticles
    from retrieval.vocabulary import Article, Draft

_LEAST_AGREEMENT = 0.25
_MOST_COMPARED = 8  # whole texts; the likeliest


@dataclass(frozen=True, slots=True)
class _Pending:
    """A draft of this run that no shelf holds yet."""

    draft: Draft
    signature: bytes
    bands: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Likely:
    """An article whose signature agrees, and where its text is."""

    agreed: float
    article_id: str
    said: Draft | None = None
    shelf: SimilarArticles | None = None
    revision: int = 0


class Originals:
    """Looks among the archive, what the run has staged, and what it is about to stage.

    Args:
        shelves: the archive, and what holds the texts of this run if that is another.
        signing: make and compare signatures; without them nothing is found to be a copy.
    """

    def __init__(self, shelves: Sequence[SimilarArticles], *, signing: bool = True) -> None:
        self._shelves = shelves
        self._signing = signing
        self._pending: dict[str, _Pending] = {}
        self._noted: set[str] = set()
        self._signed = ("", b"")  # the last draft that was looked for is often noted next

    def article(self, article_id: str) -> Article | None:
        """An article as it is in the archive, before this run."""
        return next((found for s in self._shelves if (found := s.before(article_id))), None)

    def find(self, draft: Draft) -> Like | None:
        """The article that says already what a draft says, and how much of it."""
        value = self._signature(draft)
        wanted = bands(value)
        mine = _edition(draft)
        likely = sorted(self._likely(value, wanted), key=lambda one: one.agreed, reverse=True)
        best: Like | None = None
        for one in likely[:_MOST_COMPARED]:
            said = one.said or (one.shelf.of_revision(one.revision) if one.shelf else None)
            share = copied_share(mine, _edition(said)) if said else None
            if said and share is not None and (best is None or share > best.share):
                best = Like(one.article_id, said.title, share)
            if best and best.share == 1.0:
                break
        return best

    def share(self, draft: Draft, article_id: str) -> float:
        """How much of a draft an article says too, as this run leaves it (0 to 1)."""
        if (pending := self._pending.get(article_id)) is not None:
            return shared_share(_edition(draft), _edition(pending.draft))
        held = (shelf.after(article_id) for shelf in reversed(self._shelves))
        found = next((article for article in held if article), None)
        return shared_share(_edition(draft), _edition(found)) if found else 0.0

    def note(self, article_id: str, draft: Draft) -> None:
        """An article will say this: later drafts of the run may repeat it."""
        value = self._signature(draft)
        self._pending[article_id] = _Pending(draft, value, frozenset(bands(value)))
        self._noted.add(article_id)

    def staged(self) -> list[tuple[str, bytes]]:
        """What was noted is on a shelf now; its signatures, by article."""
        signed = [(id_, pending.signature) for id_, pending in self._pending.items()]
        self._pending.clear()
        return signed if self._signing else []

    def _likely(self, value: bytes, wanted: Sequence[int]) -> Iterator[_Likely]:
        for article_id, pending in self._pending.items():
            if not pending.bands.isdisjoint(wanted):
                agreed = agreement(value, pending.signature)
                if agreed >= _LEAST_AGREEMENT:
                    yield _Likely(agreed, article_id, said=pending.draft)
        for shelf in self._shelves:
            for found in shelf.candidates(wanted):
                agreed = agreement(value, found.signature)
                replaced = found.article_id in self._noted and not found.staged
                if agreed >= _LEAST_AGREEMENT and not replaced:
                    yield _Likely(agreed, found.article_id, shelf=shelf, revision=found.revision)

    def _signature(self, draft: Draft) -> bytes:
        if not self._signing:
            return b""
        if self._signed[0] != draft.text:
            self._signed = (draft.text, signature(draft.text))
        return self._signed[1]


def _edition(said: Draft | Article) -> Edition:
    names = f"{said.outlet or ''} {said.author or ''}"
    return Edition(said.title, said.text, said.published, names)
