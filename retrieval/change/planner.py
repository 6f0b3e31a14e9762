"""What a change would do: decided from what was read and what is known, nothing else."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from retrieval.archive.rows import Link, Move
from retrieval.change.report import Item, Kind, LeftOutCount, Like, difference
from retrieval.text.addresses import address_key
from retrieval.vocabulary import State, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from retrieval.archive.rows import Known, Link
    from retrieval.change.duplicates import DuplicateFinder
    from retrieval.change.report import Difference
    from retrieval.vocabulary import Draft, LeftOut, PublicationDate

_ID_DIGITS = 10
_UNSURE = ("%", "//", "/.", "..", " ", ";", "\\", "&", "<", '"')  # spelt in several ways
_SAME_STORY = 0.3
"""Of the runs of words of a text: so many shared tell that it is another state of a text."""


class Planner:
    """Decides draft by draft, so that memory never holds more than one text.

    Args:
        known: the articles of the archive, by origin.
        links: the sources that are linked to articles, by origin.
        texts: where texts are compared.
        linking: link what repeats an article to it, instead of adding it.
    """

    def __init__(
        self,
        known: Mapping[str, Known],
        links: Mapping[str, Link],
        texts: DuplicateFinder,
        *,
        linking: bool = True,
    ) -> None:
        self._known = known
        self._standing = {article.id: article for article in known.values()}
        self._links = links
        self._texts = texts
        self._linking = linking
        self._recognition = Recognition(known)
        self._ids = {article.id: article.origin for article in known.values()}
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
        known = self._known.get(origin)
        if known and origin not in self._seen.origins:
            self._seen.origins[origin] = known.digest
            self.counts[Kind.UNCHANGED] += 1

    def reject(self, problem: Unreadable) -> None:
        """Keep what gave no article, for the report."""
        self.unreadable.append(problem)

    def leave_out(self, left: LeftOut, file: str = "") -> None:
        """Count what is not to be taken in, for the report.

        Args:
            left: what it is; if it may come later, its file is awaited.
            file: where it was found, as it was named; ``""`` for what is in no file.
        """
        if file and left.until:
            self.awaited[file] = min(left.until, self.awaited.get(file, left.until))
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
        elsewhere = {
            link.article_id
            for link in self._links.values()
            if not link.stale and not _inside(link.file, roots)
        }
        gone = [
            Item(Kind.REMOVED, known.id, known.source, known.title)
            for origin, known in self._known.items()
            if origin not in self._seen.origins
            and not self._seen.holds(known.id)
            and known.id not in elsewhere
            and known.state is not State.WITHDRAWN
            and _inside(known.file, roots)
            and not _inside(known.file, skipped)
        ]
        for item in gone:
            self._counted(item)
        return gone

    def moved(self) -> list[Move]:
        """The articles that were met in another place only, if their own file is gone."""
        return [move for origin, move in self._moves if origin not in self._seen.origins]

    # --- what a source was before -----------------------------------------------------

    def _standing_link(self, draft: Draft, digest: str) -> Link | None:
        """The link of a source that says what it said, to an article that does so too."""
        link, known = self._links.get(draft.origin), self._known.get(draft.origin)
        if not self._linking or link is None or link.digest != digest:
            return None
        article = self._standing.get(link.article_id)
        gone = article is None or article.pruned
        withdrawn = article is not None and article.state is State.WITHDRAWN
        if link.stale and not withdrawn:  # what a person withdrew stays out, its copies too
            return None
        return None if gone or (known and not known.pruned) else link

    def _recognised(self, draft: Draft, digest: str) -> Known | None:
        """The article that a source is of: by its origin, what it says, or its address."""
        known = self._known.get(draft.origin)
        if known is None:
            same = self._recognition.by_digest(digest)
            seen = self._seen.articles.get(same.id) if same else None
            if seen is None or not seen.writes or seen.digest == digest:
                known = same
        if known is None:
            known = self._recognition.by_address(draft)
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
        known = self._recognition.by_address(draft)
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
        link = self._links.get(draft.origin)
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
        while self._ids.setdefault(hexadecimal[:digits], origin) != origin:
            digits += 2
        return hexadecimal[:digits]


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


class Recognition:
    """The articles of the archive by what they say and by their addresses.

    Args:
        known: the articles, by origin.
    """

    def __init__(self, known: Mapping[str, Known]) -> None:
        self._known = known
        self._keyed: dict[str, dict[str, list[Known]]] = {}

    def by_digest(self, digest: str) -> Known | None:
        """An article with the same text and metadata; a live one if there is any."""
        return self._by_digest.get(digest)

    def by_address(self, draft: Draft) -> Known | None:
        """The one article at a draft's address; None when several have it: a section's."""
        found = [
            known
            for address in (draft.url, draft.origin)
            if address and (key := address_key(address))
            for known in self._at(key, _end(address))
        ]
        return found[0] if len({known.id for known in found}) == 1 else None

    def _at(self, key: str, end: str) -> Iterator[Known]:
        """The articles whose address has a key, among those with the end that it then has."""
        for each in (end, "") if end else tuple(self._by_end):
            keyed = self._keyed.setdefault(each, {})
            for known in () if keyed else self._by_end.get(each, ()):
                for own in _keys((known.url, known.origin)):
                    keyed.setdefault(own, []).append(known)
            yield from keyed.get(key, ())

    @cached_property
    def _by_digest(self) -> dict[str, Known]:
        """Made when the first new source is met: mostly there is none."""
        order = sorted(
            self._known.values(), key=lambda known: (known.pruned, known.state is State.WITHDRAWN)
        )
        return {known.digest: known for known in reversed(order)}

    @cached_property
    def _by_end(self) -> dict[str, list[Known]]:
        """A common form costs 80 microseconds: it is made of the few that may be the same."""
        found: dict[str, list[Known]] = {}
        for known in self._known.values():
            addresses = (one for one in (known.url, known.origin) if one and "://" in one)
            for end in set(map(_end, addresses)):
                found.setdefault(end, []).append(known)
        return found


def _end(address: str) -> str:
    """The last part of a path; it is the same in all spellings of an address. ``""``: unsure."""
    path = address.partition("://")[2].partition("#")[0].partition("?")[0].rstrip("/")
    plain = path.isascii() and path.isprintable() and not any(one in path for one in _UNSURE)
    return path.rpartition("/")[2] if plain and "/" in path else ""


def address_keys(draft: Draft) -> list[str]:
    """What identifies a draft's address, if it has one that does."""
    return _keys((draft.url, draft.origin))


def _keys(addresses: Iterable[str | None]) -> list[str]:
    keys = (address_key(address) for address in addresses if address)
    return list(dict.fromkeys(key for key in keys if key))


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
