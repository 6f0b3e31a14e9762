"""Asking followed feeds for news: politely, and less often while they fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.reading import Refused
from retrieval.vocabulary import Unreadable
from retrieval.web.exchange import Validators
from retrieval.web.failures import FetchFailed
from retrieval.web.feeds import Gathering, Run, pause
from retrieval.web.watch_store import FeedState, WatchStore

if TYPE_CHECKING:
    from collections.abc import Sequence

GONE = "fetch_gone"


def due(feeds: Sequence[FeedState], now: float) -> list[FeedState]:
    """Those that are to be asked now: not gone, and not in a pause after failures."""
    return [feed for feed in feeds if not feed.gone and feed.next_check <= now]


def ask(feed: FeedState, gathering: Gathering, store: WatchStore, run: Run) -> FeedState:
    """Ask one feed, and read what is new in it into a run.

    Returns:
        How it is now; to be kept once the archive has what the run holds.
    """
    now = gathering.now
    try:
        fetched = gathering.gatherer.fetch(feed.url, feed.validators)
        if not fetched.not_modified:
            gathering.feed(fetched, feed.url, store.seen(feed.url), run)
    except FetchFailed as failure:
        return _failing(feed, failure, now, run)
    except Refused as refusal:
        return _failing(feed, refusal, now, run)
    validators = feed.validators if fetched.not_modified else fetched.validators
    # What is left of a feed is read when it comes whole again.
    kept = Validators() if feed.url in run.left else validators
    return FeedState(feed.url, feed.listed, kept, now)


def _failing(feed: FeedState, failure: FetchFailed | Refused, now: float, run: Run) -> FeedState:
    """A feed that gave nothing: asked again after a pause that grows, or never."""
    run.add((Unreadable(feed.url, failure.reason, failure.detail),))
    failures = feed.failures + 1
    asked = failure.retry_after if isinstance(failure, FetchFailed) else 0.0
    return replace(
        feed,
        checked=now,
        reason=failure.reason,
        failures=failures,
        next_check=now + max(asked, pause(failures)),
        gone=failure.reason == GONE,
    )
