"""The sources a run has seen so far, and the article of the archive that a draft is of."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.archive.rows import Link
from retrieval.change.report import Item, Kind
from retrieval.vocabulary import State
from retrieval.web.urls import address_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from retrieval.archive.rows import Known
    from retrieval.change.report import Difference, Like
    from retrieval.vocabulary import Draft, PublicationDate


class Recognition:
    """The articles of the archive by what they say and by their addresses.

    Args:
        known: the articles, by origin.
    """

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._known = known

    def by_digest(self, digest: str) -> Known | None:
        """An article with the same text and metadata; a live one if there is any."""
        return self._by_digest.get(digest)

    def by_address(self, draft: Draft) -> Known | None:
        """The one article at a draft's address; None when several have it: a section's."""
        found = [known for key in address_keys(draft) for known in self._by_address.get(key, ())]
        return found[0] if len({known.id for known in found}) == 1 else None

    @cached_property
    def _by_digest(self) -> dict[str, Known]:
        """Made when the first new source is met: mostly there is none."""
        order = sorted(self._known.values(), key=lambda known: (known.pruned, _withdrawn(known)))
        return {known.digest: known for known in reversed(order)}

    @cached_property
    def _by_address(self) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        for known in self._known.values():
            for key in _keys((known.url, known.origin)):
                found.setdefault(key, []).append(known)
        return found


def address_keys(draft: Draft) -> list[str]:
    """What identifies a draft's address, if it has one that does."""
    return _keys((draft.url, draft.origin))


def _keys(addresses: Iterable[str | None]) -> list[str]:
    keys = (address_key(address) for address in addresses if address)
    return list(dict.fromkeys(key for key in keys if key))


def _withdrawn(known: Known) -> bool:
    return known.state is State.WITHDRAWN


@dataclass(frozen=True, slots=True)
class SeenArticle:
    """What a run makes of an article: its digest, and whether it writes a revision of it."""

    article_id: str
    digest: str
    title: str
    published: PublicationDate | None
    writes: bool


@dataclass(slots=True)
class SeenSources:
    """The sources and articles of a run.

    Args:
        origins: the digest of each source.
        articles: what each article becomes, by id.
        addresses: the first article at each address.
        digests: the first article that is written with each digest.
        repeated: the articles that linked sources repeat.
    """

    origins: dict[str, str] = field(default_factory=dict)
    articles: dict[str, SeenArticle] = field(default_factory=dict)
    addresses: dict[str, SeenArticle] = field(default_factory=dict)
    digests: dict[str, SeenArticle] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)

    def note(self, item: Item, draft: Draft, digest: str) -> None:
        """Keep what becomes of an article."""
        writes = item.kind is not Kind.UNCHANGED
        seen = SeenArticle(item.article_id, digest, draft.title, draft.published, writes)
        self.articles[item.article_id] = seen
        for key in address_keys(draft):
            self.addresses.setdefault(key, seen)
        if writes:
            self.digests.setdefault(digest, seen)

    def at_address(self, draft: Draft) -> SeenArticle | None:
        """The article of this run that has a draft's address."""
        found = (self.addresses.get(key) for key in address_keys(draft))
        return next((seen for seen in found if seen), None)

    def holds(self, article_id: str) -> bool:
        """Whether the text of an article was seen, as its own or in a source that repeats it."""
        return article_id in self.articles or article_id in self.repeated


def item_of(
    kind: Kind,
    article_id: str,
    draft: Draft,
    digest: str = "",
    *,
    changes: Difference | None = None,
    like: Like | None = None,
    same_address: str = "",
) -> Item:
    """A draft as a line of the report."""
    return Item(
        kind,
        article_id,
        draft.source,
        draft.title,
        draft.removed,
        draft.published,
        draft.outlet,
        changes,
        like,
        same_address,
        digest,
    )


def link_of(draft: Draft, digest: str, file: str, like: Like) -> Link:
    """A draft as a link to the article that it repeats."""
    return Link(
        draft.origin,
        like.article_id,
        draft.source,
        file,
        draft.title,
        draft.outlet,
        draft.published,
        draft.url,
        digest,
        like.share,
    )
