"""What a run has met so far: what later sources of it are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.archive.rows import Link
from retrieval.indexing.recognising import address_keys
from retrieval.indexing.report import Item, Kind

if TYPE_CHECKING:
    from retrieval.indexing.difference import Difference
    from retrieval.indexing.report import Like
    from retrieval.vocabulary import Draft, PublicationDate


@dataclass(frozen=True, slots=True)
class Met:
    """What a run makes of an article: its digest, and whether it writes a revision of it."""

    article_id: str
    digest: str
    title: str
    published: PublicationDate | None
    writes: bool


@dataclass(slots=True)
class Account:
    """The sources and articles of a run.

    Args:
        origins: the digest of each source.
        articles: what each article becomes, by id.
        addresses: the first article at each address.
        digests: the first article that is written with each digest.
        repeated: the articles that linked sources repeat.
    """

    origins: dict[str, str] = field(default_factory=dict)
    articles: dict[str, Met] = field(default_factory=dict)
    addresses: dict[str, Met] = field(default_factory=dict)
    digests: dict[str, Met] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)

    def note(self, item: Item, draft: Draft, digest: str) -> None:
        """Keep what becomes of an article."""
        writes = item.kind is not Kind.UNCHANGED
        met = Met(item.article_id, digest, draft.title, draft.published, writes)
        self.articles[item.article_id] = met
        for key in address_keys(draft):
            self.addresses.setdefault(key, met)
        if writes:
            self.digests.setdefault(digest, met)

    def at_address(self, draft: Draft) -> Met | None:
        """The article of this run that has a draft's address."""
        found = (self.addresses.get(key) for key in address_keys(draft))
        return next((met for met in found if met), None)

    def holds(self, article_id: str) -> bool:
        """Whether the text of an article was met, as its own or in a source that repeats it."""
        return article_id in self.articles or article_id in self.repeated


def item_of(
    kind: Kind,
    article_id: str,
    draft: Draft,
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
