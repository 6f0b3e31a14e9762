"""What the web gives for one change of the archive: pages, and the new entries of feeds.

`action_for` decides from values alone what is to be done with an entry; `Collector` does it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from config.data import load
from retrieval.archive.known import KnownArticles
from retrieval.errors import ArchiveMissing
from retrieval.reading import Refused
from retrieval.storage import Closing
from retrieval.vocabulary import Draft, LeftOut, Recognised, Unreadable
from retrieval.web.pages import FeedItem, PageResult, WebReader, is_about
from retrieval.web.response import FetchFailed, FetchReason, WebResponse
from retrieval.web.urls import address, canonical
from retrieval.web.watch_store import EntryRecord

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Self

WebFound = Draft | Unreadable | LeftOut | Recognised

_MAX_BYTES = 200_000_000  # of drafts, held in memory
_MAX_PAGES = 1_000
_MAX_TRIES = 5
_FIRST_PAUSE_S, _MAX_PAUSE_S = 900.0, 86_400.0
_CLOCK_TOLERANCE_S = 900.0


class EntryAction(StrEnum):
    """What is to be done with an entry."""

    READ = "read"
    RECOGNISE = "recognise"  # the archive has its article, unchanged
    WAIT = "wait"  # it failed, and is not due
    SKIP = "skip"  # it was read before, whatever the archive holds now


def stamp_of(item: FeedItem) -> str:
    """A digest of what the feed says of an entry."""
    return hashlib.sha256(item.entry.piece.raw.encode()).hexdigest()[:16]


def action_for(
    stamp: str, record: EntryRecord | None, origin: str, now: float, *, requested: bool
) -> EntryAction:
    """What to do with an entry.

    Args:
        stamp: of the entry as it is now.
        record: what was done before; None for an entry that is new.
        origin: of its article in the archive, or ``""``.
        now: seconds since the epoch.
        requested: a person named the feed; an article that was rolled back may then return.
    """
    same = record is not None and record.stamp == stamp
    if same and not requested:
        return EntryAction.SKIP
    if origin and (same or record is None):
        return EntryAction.RECOGNISE
    if not requested and record is not None and record.next_try > now:
        return EntryAction.WAIT
    return EntryAction.READ


def pause(failures: int) -> float:
    """The seconds to wait after so many failures in a row: doubled each time, from 15 minutes."""
    return min(_FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10), _MAX_PAUSE_S)


def _embargo(item: FeedItem, now: float) -> datetime | None:
    """When an entry is published, if that is later than now."""
    moment = item.entry.moment
    return moment if moment and moment.timestamp() > now + _CLOCK_TOLERANCE_S else None


def _record_of(
    stamp: str, result: PageResult, before: EntryRecord | None, now: float
) -> EntryRecord:
    """The record of an entry that was read; a temporary failure is tried five times."""
    tries = (before.tries if before else 0) + 1
    if not result.retry or tries >= _MAX_TRIES:
        return EntryRecord(stamp)
    return EntryRecord("", tries, now + max(result.retry_after, pause(tries)))


class KnownPages(Closing):
    """The articles of the archive that came from the web, by each of their addresses.

    Args:
        known: the articles of the archive; None when there is no archive yet.
    """

    def __init__(self, known: KnownArticles | None) -> None:
        self._known = known

    @classmethod
    def of(cls, archive: Path) -> Self:
        """The pages of an archive that may be missing.

        Args:
            archive: the file ``archive.db``.

        Raises:
            ArchiveDamaged: it cannot be read.
        """
        with suppress(ArchiveMissing):
            return cls(KnownArticles(archive))
        return cls(None)

    def close(self) -> None:
        """Let the archive go."""
        if self._known:
            self._known.close()

    def origin_of(self, link: str) -> str:
        """The origin of the article at an address; ``""`` if the archive has none."""
        if self._known is None:
            return ""
        if origin := self._known.origin_at(link):
            return origin
        try:
            return self._known.origin_at(canonical(link))
        except FetchFailed:
            return ""


@dataclass(slots=True)
class Collection:
    """What was collected, and what to remember once the archive has it.

    Attributes:
        found: drafts, and what gave none.
        records: what was done with the entries, by feed and key.
        unfinished: the feeds of which some entries are still to be read.
        cut: some entries were not read because the collection was full.
        pages: how many pages of entries were fetched.
    """

    found: list[WebFound] = field(default_factory=list)
    records: dict[str, dict[str, EntryRecord]] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    cut: bool = False
    pages: int = 0


@dataclass(slots=True)
class _FirstPage:
    """The first entry whose page has a certain text; ``index`` is its place in what was found."""

    origin: str
    index: int
    result: PageResult
    is_about: bool = False


class Collector:
    """Reads addresses and feeds into a `Collection`.

    Args:
        reader: fetches and reads.
        known: the pages of the archive.
        now: seconds since the epoch.
        requested: a person named the addresses; else they are followed by the watcher.
        advance: called after each page, with 1.
        max_pages: of entries; then the collection is full.
    """

    def __init__(
        self,
        reader: WebReader,
        known: KnownPages,
        now: float,
        *,
        requested: bool,
        advance: Callable[[int], None],
        max_pages: int = _MAX_PAGES,
    ) -> None:
        self.collection = Collection()
        self._reader = reader
        self._known = known
        self._now = now
        self._requested = requested
        self._advance = advance
        self._max_pages = max_pages
        self._bytes = 0
        self._first_pages: dict[str, _FirstPage] = {}

    def address(self, url: str, before: Callable[[str], Mapping[str, EntryRecord]]) -> None:
        """Read a page, a file or a feed. Never raises for what it holds.

        Args:
            url: its address.
            before: gives the records of a feed.
        """
        try:
            result = self._address(url, before)
        except (FetchFailed, Refused) as failure:
            result = PageResult.of_failure(url, failure)
        if result is not None:
            self._add(result.found)
            self._advance(1)

    def _address(
        self, url: str, before: Callable[[str], Mapping[str, EntryRecord]]
    ) -> PageResult | None:
        """The result of a page; None for a feed, whose entries were read.

        Raises:
            FetchFailed, Refused: it gave nothing, or not all of it was read.
        """
        if self._is_full:
            raise FetchFailed(FetchReason.LATER)
        response = self._reader.fetch(url)
        if not self._reader.is_feed(response):
            return self._reader.page(response, url)
        self.feed(response, url, before(url))
        if self.collection.cut:
            raise FetchFailed(FetchReason.LATER)
        return None

    def feed(self, response: WebResponse, url: str, before: Mapping[str, EntryRecord]) -> None:
        """Read the new entries of a feed.

        Args:
            response: the feed.
            url: its address, as it was given.
            before: the records of its entries.

        Raises:
            Refused: it is no feed, or exceeds the limits of parsing.
        """
        records = self.collection.records.setdefault(url, {})
        for item in self._reader.items(response, url):
            record = self._entry(item, records.get(item.key) or before.get(item.key))
            if record is not None:
                records[item.key] = record
            if record is None or not record.stamp:
                self.collection.unfinished.add(url)

    def _entry(self, item: FeedItem, before: EntryRecord | None) -> EntryRecord | None:
        """Do what is to be done with an entry; its record, None if it is left for later."""
        origin, stamp = self._known.origin_of(item.entry.link), stamp_of(item)
        action = action_for(stamp, before, origin, self._now, requested=self._requested)
        if action is EntryAction.READ:
            if not origin and (until := _embargo(item, self._now)):
                self._add((LeftOut(item.key, "scheduled", until=until),))
                return EntryRecord(next_try=until.timestamp())
            if not self._is_full:
                return _record_of(stamp, self._read(item, origin), before, self._now)
            self.collection.cut = True
            return None
        if action is EntryAction.RECOGNISE:
            self._add((Recognised(origin),))
        return None if action is EntryAction.WAIT else EntryRecord(stamp)

    def _read(self, item: FeedItem, origin: str) -> PageResult:
        """Read the article of an entry; one that the archive has keeps its origin."""
        self.collection.pages += self._reader.fetches(item)
        result = self._reader.item(item)
        if origin and result.article is not None:
            result = replace(result, found=(replace(result.article, origin=origin),))
        result = self._without_repeats(item, result)
        self._add(result.found)
        self._advance(1)
        return result

    def _without_repeats(self, item: FeedItem, result: PageResult) -> PageResult:
        """The result of an entry, unless its page has the text of another one's.

        A wall that is not recognised as one gives the same page at each address. Then no page
        counts that is not about its entry.
        """
        article, found = result.article, self.collection.found
        if article is None:
            return result
        piece = item.entry.piece
        about = is_about(article.text, f"{piece.claims.title} {piece.text}")
        first = self._first_pages.setdefault(
            article.text, _FirstPage(article.origin, len(found), result)
        )
        first.is_about |= about and first.origin == article.origin
        if about or first.origin == article.origin:
            return result
        if not first.is_about:
            found[first.index : first.index + 1] = first.result.as_repeated().found
        return result.as_repeated()

    @property
    def _is_full(self) -> bool:
        return self._bytes >= _MAX_BYTES or self.collection.pages >= self._max_pages

    def _add(self, found: Sequence[WebFound]) -> None:
        self.collection.found += found
        self._bytes += sum(len(each.raw) for each in found if isinstance(each, Draft))


# --- feeds of a site -----------------------------------------------------------------------------

_MAX_LINKED = 4  # linked feeds that are fetched until one can be read
_HOME_PATHS = ("", "index.html", "fr")
# A home page that fails like this may have a feed that can be read.
_HOME_MAY_FAIL = {
    FetchReason.FORBIDDEN, FetchReason.NOT_FOUND, FetchReason.TOO_LARGE, FetchReason.REDIRECTS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed of a site, or of a list of subscriptions.

    Args:
        url: its address.
        title: that the page gives it, or ``""``.
        listed: it stands in a list of subscriptions, all of which are wanted.
    """

    url: str
    title: str = ""
    listed: bool = False


def find_feeds(reader: WebReader, url: str) -> list[FoundFeed]:
    """The feed at an address, or those of the site of a page, the main one first.

    Only the first one was fetched.

    Args:
        reader: fetches and reads.
        url: of a feed, or of a page; for a home page the usual places of feeds are tried.

    Raises:
        FetchFailed: the address cannot be fetched.
        Refused: there is no feed (``not_a_feed``, for a home page ``no_feed``).
    """
    linked: list[FoundFeed] = []
    try:
        response = reader.fetch(url)
        if links := reader.subscriptions(response):
            return listed_feeds(links)
        if reader.is_feed(response):
            reader.items(response, url)  # raises if it cannot be read
            return [FoundFeed(address(url))]
        linked = list(dict.fromkeys(FoundFeed(*link) for link in reader.feed_links(response)))
    except FetchFailed as failure:
        if failure.reason not in _HOME_MAY_FAIL or not _is_home(url):
            raise
    for index, feed in enumerate(linked[:_MAX_LINKED]):
        if _is_readable(reader, feed.url):
            return linked[index:]
    if not _is_home(url):
        raise Refused("not_a_feed")
    return [_in_usual_place(reader, url)]


def listed_feeds(links: Iterable[str]) -> list[FoundFeed]:
    """The feeds of a list of subscriptions; addresses that cannot be fetched are left out.

    Raises:
        Refused: none is left (``not_opml``).
    """
    feeds: list[FoundFeed] = []
    for link in links:
        with suppress(FetchFailed):
            feeds.append(FoundFeed(address(link), listed=True))
    if not feeds:
        raise Refused("not_opml")
    return feeds


def _in_usual_place(reader: WebReader, url: str) -> FoundFeed:
    """The first readable feed in the usual places of a site.

    Raises:
        Refused: there is none (``no_feed``).
    """
    places: Sequence[str] = load("reading/pages.toml")["feeds"]["places"]
    for place in places:
        feed = FoundFeed(urljoin(url, place))
        if _is_readable(reader, feed.url):
            return feed
    raise Refused("no_feed")


def _is_readable(reader: WebReader, url: str) -> bool:
    with suppress(FetchFailed, Refused):
        response = reader.fetch(url)
        if reader.is_feed(response):
            reader.items(response, url)
            return True
    return False


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and parts.path.strip("/").lower() in _HOME_PATHS
