"""The web addresses that a person names: fetched and read before the archive is touched."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.app import Kiosque
    from retrieval.change.report import Progress
    from retrieval.web.feeds import Collection
    from retrieval.web.watch_store import EntryRecord


def collected(app: Kiosque, urls: Sequence[str], progress: Progress) -> Collection:
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
        store.keep(entries=collection.records, now=time.time())


def _records(app: Kiosque, feed: str) -> Mapping[str, EntryRecord]:
    """The records of the entries of a feed, if there is a readable store."""
    from retrieval.web.watch_store import WatchStore

    if not app.watch_memory.exists():
        return {}
    with suppress(Failed), WatchStore(app.watch_memory) as store:
        return store.records(feed)
    return {}
