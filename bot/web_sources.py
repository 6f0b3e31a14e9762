"""Reading from the web as it is set, and the web addresses that a person names.

They are fetched and read before the archive is touched.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bot.version import installed
from retrieval.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bot.app import Kiosque
    from config.settings import Fetch
    from retrieval.change.report import Progress
    from retrieval.reading import CleaningRules, Clock, Limits
    from retrieval.web.feeds import Collection
    from retrieval.web.pages import WebReader
    from retrieval.web.watch_store import EntryRecord, FeedState


@contextmanager
def web_reader(
    chosen: Fetch, rules: CleaningRules, bounds: Limits, clock: Clock
) -> Iterator[WebReader]:
    """The reader of pages and feeds for one run; its sandbox ends with it.

    Args:
        chosen: the settings of fetching.
        rules: of cleaning.
        bounds: of parsing one source.
        clock: the time of the reading; no article is dated later.
    """
    from retrieval.reading import Sandbox
    from retrieval.web.exchange import FetchLimits
    from retrieval.web.fetch import Fetcher
    from retrieval.web.pages import WebReader

    limits = FetchLimits(
        chosen.timeout_s,
        chosen.max_mb * 1_000_000,
        chosen.pause_s,
        chosen.robots,
        chosen.allow_private,
        chosen.user_agent or f"Kiosque/{installed('kiosque')}",
    )
    with Sandbox(bounds) as parser:
        yield WebReader(Fetcher(limits), rules, parser, clock, full_articles=chosen.full_articles)


def collect(app: Kiosque, urls: Sequence[str], progress: Progress) -> Collection:
    """Fetch and read pages and feeds."""
    from retrieval.web.feeds import Collection, Collector

    if not urls:
        return Collection()
    known, now = app.known_pages(), time.time()
    progress.stage("fetch", None)
    with app.web_reader() as reader:
        collector = Collector(reader, known, now, requested=True, advance=progress.advance)
        for url in urls:
            collector.address(url, lambda feed: _records(app, feed))
    return collector.collection


def remember(app: Kiosque, collection: Collection) -> None:
    """Store which entries were read, so that ``kiosque watch`` does not read them again."""
    if not any(collection.records.values()):
        return
    from retrieval.web.watch_store import WatchStore

    with suppress(Failed), WatchStore(app.watch_memory) as store:
        store.save(entries=collection.records, now=time.time())


def main_feed(app: Kiosque, url: str) -> str:
    """The feed at an address, or the main feed of its site; the address itself if none is found."""
    from retrieval.reading import Refused
    from retrieval.web.discovery import find_feeds
    from retrieval.web.exchange import FetchFailed

    with suppress(FetchFailed, Refused), app.web_reader() as reader:
        return find_feeds(reader, url)[0].url
    return url


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


def _records(app: Kiosque, feed: str) -> Mapping[str, EntryRecord]:
    """The records of the entries of a feed, if there is a readable store."""
    from retrieval.web.watch_store import WatchStore

    if not app.watch_memory.exists():
        return {}
    with suppress(Failed), WatchStore(app.watch_memory) as store:
        return store.records(feed)
    return {}
