"""What web addresses give, before the archive is touched."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.app import Kiosque
    from retrieval.change.report import Progress
    from retrieval.web.entries import Seen
    from retrieval.web.run import Run


def gathered(app: Kiosque, urls: Sequence[str], progress: Progress) -> Run:
    """Fetch pages and feeds, and read them."""
    from retrieval.web.run import Gathering, Run

    run = Run()
    if not urls:
        return run
    known = app.known_pages()
    progress.stage("fetch", None)
    with app.gatherer() as gatherer:
        gathering = Gathering(gatherer, known, time.time(), True, progress.advance)
        for url in urls:
            gathering.address(url, lambda feed: _seen(app, feed), run)
    return run


def remember(app: Kiosque, run: Run) -> None:
    """Let `kiosque watch` know which entries were read. Without it, they are read once more."""
    if not any(run.seen.values()):
        return
    from retrieval.web.watched import WatchStore

    with suppress(Failed), WatchStore(app.watch_memory) as store:
        store.keep(entries=run.seen, now=time.time())


def _seen(app: Kiosque, feed: str) -> Mapping[str, Seen]:
    """What became of the entries of a feed before, as far as anybody remembers."""
    from retrieval.web.watched import WatchStore

    if not app.watch_memory.exists():
        return {}
    with suppress(Failed), WatchStore(app.watch_memory) as store:
        return store.seen(feed)
    return {}
