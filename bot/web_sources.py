"""Reading from the web as it is set: what is followed, and the addresses that a person names.

They are fetched and read before the archive is touched.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import options
from retrieval.errors import ArchiveMissing, Failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.app import Kiosque
    from retrieval.change import Indexer
    from retrieval.change.report import Progress
    from retrieval.web.feeds import Collection, KnownPages
    from retrieval.web.pages import WebReader
    from retrieval.web.watch import RoundReport, WatchTargets
    from retrieval.web.watch_store import EntryRecord, FeedState, WatchStore


@dataclass(frozen=True, slots=True)
class WebSources:
    """Pages and feeds for one archive; the parts of a round of ``kiosque watch``.

    Args:
        kiosque: the archive and the settings.
    """

    kiosque: Kiosque

    @property
    def store_path(self) -> Path:
        """The store of what became of the feeds and folders that are followed."""
        return self.kiosque.settings.home / "watch.db"

    @contextmanager
    def web_reader(self) -> Iterator[WebReader]:
        """Fetches and reads pages and feeds for one run; its sandbox ends with it.

        No article is dated later than now.
        """
        from retrieval.reading import Clock, Sandbox
        from retrieval.web.fetch import Fetcher
        from retrieval.web.pages import WebReader

        settings = self.kiosque.settings
        rules = options.cleaning_rules(settings.home)
        clock = Clock.at(time.time(), settings.reading.timezone)
        fetcher = Fetcher(options.fetch_limits(settings))
        full = settings.fetch.full_articles
        with Sandbox(options.reading_limits(settings)) as parser:
            yield WebReader(fetcher, rules, parser, clock, full_articles=full)

    def identity(self) -> str:
        """What identifies the archive; ``""`` when there is none yet.

        Raises:
            ArchiveDamaged: it cannot be read.
        """
        from retrieval.archive.reader import ArchiveReader

        # Whoever made it may have been killed before anything was in it: that is none, too.
        with suppress(ArchiveMissing), ArchiveReader(self.kiosque.places.archive) as reader:
            return reader.identity()  # not that of one that was opened long ago
        return ""

    def known_pages(self) -> KnownPages:
        """The pages that the archive has; none when there is no archive yet."""
        from retrieval.web.feeds import KnownPages

        return KnownPages.of(self.kiosque.places.archive)

    def indexer(self, by: str) -> Indexer:
        """What takes articles into the archive."""
        return self.kiosque.indexer(by)

    def collect(self, urls: Sequence[str], progress: Progress) -> Collection:
        """Fetch and read the pages and feeds that a person names."""
        from retrieval.web.feeds import Collection, Collector

        if not urls:
            return Collection()
        progress.stage("fetch", None)
        with self.known_pages() as known, self.web_reader() as reader:
            now = time.time()
            collector = Collector(reader, known, now, requested=True, advance=progress.advance)
            for url in urls:
                collector.address(url, self._records)
        return collector.collection

    def remember(self, collection: Collection) -> None:
        """Store which entries were read, so that ``kiosque watch`` does not read them again."""
        if not any(collection.records.values()):
            return
        from retrieval.web.watch_store import WatchStore

        with suppress(Failed), WatchStore(self.store_path) as store:
            store.save(entries=collection.records, now=time.time())

    def main_feed(self, url: str) -> str:
        """The feed at an address, else the main one of its site; else the address itself."""
        from retrieval.reading import Refused
        from retrieval.web.feeds import find_feeds
        from retrieval.web.response import FetchFailed

        with suppress(FetchFailed, Refused), self.web_reader() as reader:
            return find_feeds(reader, url)[0].url
        return url

    def follows_something(self, sources: Sequence[str] = ()) -> bool:
        """Whether there is a folder or a feed to follow; ``sources`` as in `watch_round`."""
        from retrieval.web.watch_store import WatchStore

        with WatchStore(self.store_path) as store:
            targets = self._targets(store, sources)
        return bool(targets.folders or targets.feeds)

    def watch_round(self, progress: Progress, sources: Sequence[str] = ()) -> RoundReport:
        """Look once at the folders and feeds that are followed, and take in what is new.

        Args:
            progress: how far it is.
            sources: folders and addresses of feeds to follow, in place of those of the settings
                and of the list of feeds.

        Raises:
            Failed: the archive cannot be changed now.
        """
        from retrieval.web.watch import run_round
        from retrieval.web.watch_store import WatchStore

        with WatchStore(self.store_path) as store:
            return run_round(self._targets(store, sources), store, self, time.time(), progress)

    def _targets(self, store: WatchStore, sources: Sequence[str]) -> WatchTargets:
        from retrieval.text.addresses import is_url
        from retrieval.web.watch import WatchTargets

        settings = self.kiosque.settings
        folders = settings.watch.folders
        feeds = tuple(feed.url for feed in store.feeds())
        if sources:
            folders = tuple(Path(source) for source in sources if not is_url(source))
            feeds = tuple(source for source in sources if is_url(source))
        max_vanished = settings.indexing.confirm_above
        return WatchTargets(folders, feeds, settings.watch.prune, max_vanished)

    def _records(self, feed: str) -> Mapping[str, EntryRecord]:
        """The records of the entries of a feed, if there is a readable store."""
        from retrieval.web.watch_store import WatchStore

        if not self.store_path.exists():
            return {}
        with suppress(Failed), WatchStore(self.store_path) as store:
            return store.records(feed)
        return {}


def followed_feeds(home: Path) -> list[FeedState]:
    """The feeds that are followed.

    Raises:
        Failed: the list cannot be read.
    """
    from retrieval.web.watch_store import WatchStore

    path = home / "watch.db"
    if not path.exists():
        return []
    with WatchStore(path) as store:
        return store.feeds()
