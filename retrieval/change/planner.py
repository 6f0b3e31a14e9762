"""What a change would do: decided from what was read and what is known, nothing else."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.archive.rows import Link, Move
from retrieval.change.report import Item, Kind, LeftOutCount, Like, difference
from retrieval.text.addresses import address_key, address_keys
from retrieval.text.file_names import told
from retrieval.vocabulary import State, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from retrieval.archive.known import KnownArticles
    from retrieval.archive.rows import Known
    from retrieval.change.duplicates import DuplicateFinder
    from retrieval.change.report import Difference
    from retrieval.vocabulary import Draft, LeftOut, PublicationDate

_ID_DIGITS = 10
_SAME_STORY = 0.3
"""Of the runs of words of a text: so many shared tell that it is another state of a text."""


class Planner:
    """Decides draft by draft, so that memory never holds more than one text.

    Args:
        known: the articles of the archive.
        texts: where texts are compared.
        linking: link what repeats an article to it, instead of adding it.
    """

    def __init__(
        self,
        known: KnownArticles,
        texts: DuplicateFinder,
        *,
        linking: bool = True,
    ) -> None:
        self._known = known
        self._texts = texts
        self._linking = linking
        self._new_ids: dict[str, str] = {}
        self._seen = SeenSources()
        self._moves: list[tuple[str, Move]] = []
        self.linked: list[Link] = []
        self.items: list[Item] = []
        self.unreadable: list[Unreadable] = []
        self.left_out: dict[tuple[str, str], LeftOutCount] = {}
        self.awaited: dict[str, datetime] = {}
        self.counts: Counter[Kind] = Counter()

    def decide(self, draft: Draft, digest: str, file: str = "") -> Item | None:
        """What becomes of a draft; None when it is another text of a source met in this run.

        Args:
            draft: as a reader made it.
            digest: `retrieval.archive.rows.draft_digest` of it.
            file: where it was found, resolved.
        """
        earlier = self._seen.origins.get(draft.origin)
        self._seen.origins.setdefault(draft.origin, digest)
        if earlier is not None:
            if earlier != digest:
                self.reject(Unreadable(draft.source, "same_origin", draft.origin))
            return None
        link = self._standing_link(draft, digest)
        if link is not None:
            self._seen.repeated.add(link.article_id)
            return self._counted(item_of(Kind.UNCHANGED, link.article_id, draft))
        known = self._recognised(draft, digest)
        if known is not None:
            return self._again(known, draft, digest, file)
        return self._first(draft, digest, file)

    def recognise(self, origin: str) -> None:
        """Count an article of the archive as unchanged, without reading its source again."""
        known = None if origin in self._seen.origins else self._known.by_origin(origin)
        if known:
            self._seen.origins[origin] = known.digest
            self.counts[Kind.UNCHANGED] += 1

    def reject(self, problem: Unreadable) -> None:
        """Keep what gave no article, for the report."""
        self.unreadable.append(told(problem))

    def leave_out(self, left: LeftOut, file: str = "") -> None:
        """Count what is not to be taken in, for the report.

        Args:
            left: what it is; if it may come later, its file is awaited.
            file: where it was found, as it was named; ``""`` for what is in no file.
        """
        if file and left.until:
            self.awaited[file] = min(left.until, self.awaited.get(file, left.until))
        left = told(left)
        key = (left.reason, left.detail)
        before = self.left_out.get(key, LeftOutCount(*key))
        self.left_out[key] = before.with_one(left)

    def find_removed(self, under: Iterable[str], unread: Iterable[str]) -> list[Item]:
        """The live articles that should have been met and were not.

        An article whose text was seen elsewhere, or is repeated by a linked source, stays.

        Args:
            under: files and folders that were read, resolved.
            unread: those that could not be read: what they held is not gone.
        """
        roots, skipped = tuple(under), tuple(unread)
        unmet = {
            id_ for root in roots for id_ in self._known.under(root) if not self._seen.holds(id_)
        }
        found = (known for id_ in sorted(unmet) if (known := self._known.by_id(id_)))
        gone = [
            Item(Kind.REMOVED, known.id, known.source, known.title)
            for known in found
            if known.origin not in self._seen.origins
            and known.state is not State.WITHDRAWN
            and _inside(known.file, roots)
            and not _inside(known.file, skipped)
            and not self._stands_elsewhere(known.id, roots)
        ]
        for item in gone:
            self._counted(item)
        return gone

    def _stands_elsewhere(self, article_id: str, roots: tuple[str, ...]) -> bool:
        links = self._known.links_to(article_id)
        return any(not link.stale and not _inside(link.file, roots) for link in links)

    def moved(self) -> list[Move]:
        """The articles that were met in another place only, if their own file is gone."""
        return [move for origin, move in self._moves if origin not in self._seen.origins]

    # --- what a source was before -----------------------------------------------------

    def _standing_link(self, draft: Draft, digest: str) -> Link | None:
        """The link of a source that says what it said, to an article that does so too."""
        link = self._known.link(draft.origin) if self._linking else None
        if link is None or link.digest != digest:
            return None
        known, article = self._known.by_origin(draft.origin), self._known.by_id(link.article_id)
        gone = article is None or article.pruned
        withdrawn = article is not None and article.state is State.WITHDRAWN
        if link.stale and not withdrawn:  # what a person withdrew stays out, its copies too
            return None
        return None if gone or (known and not known.pruned) else link

    def _recognised(self, draft: Draft, digest: str) -> Known | None:
        """The article that a source is of: by its origin, what it says, or its address."""
        known = self._known.by_origin(draft.origin)
        if known is None:
            same = self._known.by_digest(digest)
            seen = self._seen.articles.get(same.id) if same else None
            if seen is None or not seen.writes or seen.digest == digest:
                known = same
        if known is None:
            known = self._known.by_address((draft.url, draft.origin))
            if known and (known.id in self._seen.articles or not self._is_next_text(draft, known)):
                known = None
        return known

    def _is_next_text(self, draft: Draft, known: Known) -> bool:
        """Whether a text with the address of an article is what that article says now.

        An address that is the source itself says so. One that is only told of a file may be
        that of a section: the texts must resemble each other too.
        """
        origin = address_key(draft.origin)
        if origin and origin == address_key(known.origin):
            return True
        before = self._texts.article(known.id)
        return before is not None and self._same_story(
            draft, known.id, before.title, before.published
        )

    def _same_story(
        self, draft: Draft, article_id: str, title: str, published: PublicationDate | None
    ) -> bool:
        if not _may_be_same_day(draft.published, published):
            return False
        same_title = draft.title.casefold() == title.casefold()
        return same_title or self._texts.share(draft, article_id) >= _SAME_STORY

    def _again(self, known: Known, draft: Draft, digest: str, file: str) -> Item | None:
        seen = self._seen.articles.get(known.id)
        kind = _kind(known, digest)
        if seen is not None and seen.digest == digest:
            kind = Kind.UNCHANGED
        elif seen is not None and seen.writes:
            self._reject_second(draft)
            return None
        if kind is Kind.ADDED and (like := self._original(draft, digest)):
            return self._repeating(draft, digest, file, like)
        if known.origin != draft.origin and known.file:
            move = Move(known.id, known.file, draft.origin, draft.source, file)
            self._moves.append((known.origin, move))
        before = self._texts.article(known.id) if kind is Kind.CHANGED else None
        changes = difference(before, draft) if before else None
        return self._noted(item_of(kind, known.id, draft, digest, changes=changes), draft, digest)

    # --- what is new ------------------------------------------------------------------

    def _first(self, draft: Draft, digest: str, file: str) -> Item | None:
        like = self._original(draft, digest)
        if like is not None:
            return self._repeating(draft, digest, file, like)
        seen = self._seen.at_address(draft)
        if seen and self._same_story(draft, seen.article_id, seen.title, seen.published):
            self._reject_second(draft)
            return None
        known = self._known.by_address((draft.url, draft.origin))
        other = seen.article_id if seen else known.id if known else ""
        item = item_of(Kind.ADDED, self._new_id(draft.origin), draft, digest, same_address=other)
        return self._noted(item, draft, digest)

    def _original(self, draft: Draft, digest: str) -> Like | None:
        """The article that a new text repeats, if such texts are to be linked."""
        if not self._linking:
            return None
        twin = self._seen.digests.get(digest)
        return Like(twin.article_id, twin.title, 1.0) if twin else self._texts.find(draft)

    def _repeating(self, draft: Draft, digest: str, file: str, like: Like) -> Item:
        """A source to link; one that is linked so already is unchanged."""
        self._seen.repeated.add(like.article_id)
        link = self._known.link(draft.origin)
        if link and (link.article_id, link.digest) == (like.article_id, digest):
            return self._counted(item_of(Kind.UNCHANGED, like.article_id, draft))
        self.linked.append(link_of(draft, digest, file, like))
        item = item_of(Kind.NEAR_DUPLICATE, like.article_id, draft, digest, like=like)
        return self._counted(item)

    # --- keeping account --------------------------------------------------------------

    def _reject_second(self, draft: Draft) -> None:
        self.reject(Unreadable(draft.source, "same_origin", draft.url or draft.origin))

    def _noted(self, item: Item, draft: Draft, digest: str) -> Item:
        """Count an article, and keep what later sources of the run are compared with."""
        self._seen.note(item, draft, digest)
        return self._counted(item)

    def _counted(self, item: Item) -> Item:
        self.counts[item.kind] += 1
        if item.kind is not Kind.UNCHANGED:
            self.items.append(item)
        return item

    def _new_id(self, origin: str) -> str:
        """Short enough to type, the same for an origin for ever, and nobody else's."""
        hexadecimal = hashlib.sha256(origin.encode()).hexdigest()
        digits = _ID_DIGITS
        while self._owner(hexadecimal[:digits], origin) != origin:
            digits += 2
        return hexadecimal[:digits]

    def _owner(self, id_: str, origin: str) -> str:
        """The origin that an id stands for; ``origin`` takes one that is free."""
        known = self._known.by_id(id_)
        return known.origin if known else self._new_ids.setdefault(id_, origin)


def _kind(known: Known, digest: str) -> Kind:
    """A person's withdrawal stands, whatever the file says; a pruned article may return."""
    if known.pruned:
        return Kind.ADDED
    if known.state is State.WITHDRAWN or known.says(digest):
        return Kind.UNCHANGED
    return Kind.CHANGED


def _may_be_same_day(one: PublicationDate | None, other: PublicationDate | None) -> bool:
    if one is None or other is None:
        return True
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def _inside(file: str, roots: tuple[str, ...]) -> bool:
    return any(file == root or file.startswith(root.rstrip("/") + "/") for root in roots if file)


# --- what was seen -------------------------------------------------------------------------------


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
        for key in address_keys((draft.url, draft.origin)):
            self.addresses.setdefault(key, seen)
        if writes:
            self.digests.setdefault(digest, seen)

    def at_address(self, draft: Draft) -> SeenArticle | None:
        """The article of this run that has a draft's address."""
        keys = address_keys((draft.url, draft.origin))
        found = (self.addresses.get(key) for key in keys)
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
