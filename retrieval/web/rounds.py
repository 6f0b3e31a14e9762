"""One round: feeds asked, folders walked, and what is new in them made one change."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from retrieval.errors import WatcherBusy
from retrieval.storage import storage_faults
from retrieval.vocabulary import Draft, Unreadable
from retrieval.web.feeds import ask, due
from retrieval.web.folders import FolderNews, look
from retrieval.web.gatherer import Gatherer
from retrieval.web.known import KnownPages
from retrieval.web.run import Gathering, Run
from retrieval.web.watched import FeedState, WatchStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.change import Indexer, Report
    from retrieval.change.report import Progress

_MOST_PAGES = 50
"""Pages of feeds in one round: a first round of many ends within a minute or two."""


class Parts(Protocol):
    """What a round is made with; each is opened only when there is something to do with it."""

    def gatherer(self) -> AbstractContextManager[Gatherer]:
        """What fetches pages and feeds."""

    def known_pages(self) -> KnownPages:
        """The pages that the archive has."""

    def identity(self) -> str:
        """What tells the archive apart; ``""`` when there is none yet."""

    def indexer(self, by: str) -> Indexer:
        """What takes articles in."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed: folders (or files), and feeds.

    ``prune`` withdraws the articles of files that have gone, unless more than ``most_gone``
    went at once: half a disk may be missing, and nobody is there to be asked.
    """

    folders: tuple[Path, ...] = ()
    feeds: tuple[str, ...] = ()
    prune: bool = False
    most_gone: int = 20


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What a round did.

    ``report`` is that of the change, None when there was nothing to read; ``problems`` holds
    what gave no article, the report's own included. ``more`` when another round should follow
    soon: something is being written, or there was too much for one.
    """

    asked: int
    waiting: int
    problems: tuple[Unreadable, ...]
    report: Report | None = None
    more: bool = False

    @property
    def changed(self) -> bool:
        """Whether the archive is another one than before."""
        done = self.report
        return done is not None and bool(
            done.added or done.changed or done.near_duplicates or (done.removed and done.pruned)
        )


def run_round(
    followed: Followed, store: WatchStore, parts: Parts, now: float, progress: Progress
) -> RoundReport:
    """Look everywhere, and take in what is new.

    What was seen is remembered only once the archive has it: a round that is cut short, or
    that finds the archive busy, is made again whole by the next one.

    Raises:
        Failed: the archive cannot be changed now.
    """
    store.settle(parts.identity())
    news = look(followed.folders, store.files(now), now)
    feeds = due([store.feed(url) for url in followed.feeds], now)
    run = Run(most_pages=_MOST_PAGES)
    asked = _ask(feeds, store, parts, now, run, progress)
    gone = _gone(followed, news)
    report = _index(followed, news, gone, run, parts, now, progress)
    if asked or news.changed or gone:
        awaited = report.awaited if report else {}
        until = {path: moment.timestamp() for path, moment in awaited.items()}
        store.keep(asked, run.seen, news.changed, gone, now, until)
    if report is not None:
        store.settle(parts.identity())
    unread = (each for each in run.found if isinstance(each, Unreadable))
    problems = (*news.problems, *unread, *(report.unreadable if report else ()))
    more = run.cut or news.waiting > 0
    return RoundReport(len(asked), news.waiting, problems, report, more)


def _ask(
    feeds: Sequence[FeedState],
    store: WatchStore,
    parts: Parts,
    now: float,
    run: Run,
    progress: Progress,
) -> list[FeedState]:
    if not feeds:
        return []
    known = parts.known_pages()
    progress.stage("fetch", None)
    with parts.gatherer() as gatherer:
        gathering = Gathering(gatherer, known, now, False, progress.advance)
        return [ask(feed, gathering, store, run) for feed in feeds]


def _gone(followed: Followed, news: FolderNews) -> list[str]:
    """The files whose articles are to be withdrawn."""
    if not followed.prune or not news.vanished:
        return []
    if len(news.vanished) > followed.most_gone:
        among = os.path.commonpath(news.vanished)
        news.problems.append(Unreadable(among, "watch_many_gone", str(len(news.vanished))))
        return []
    return news.vanished


def _index(
    followed: Followed,
    news: FolderNews,
    gone: Sequence[str],
    run: Run,
    parts: Parts,
    now: float,
    progress: Progress,
) -> Report | None:
    """One change of all that is new; None when nothing has to be read."""
    drafts = [each for each in run.found if isinstance(each, Draft)]
    if not (drafts or news.changed or gone):
        return None
    return parts.indexer("watch").index(
        [Path(path) for path in news.changed],
        prune=followed.prune,
        progress=progress,
        gathered=drafts,
        vanished=[Path(path) for path in gone],
        now=now,
    )


@contextmanager
def only_watcher(home: Path) -> Iterator[None]:
    """Follow alone: two watchers would fetch everything twice.

    Raises:
        WatcherBusy: another process is watching.
        StorageFull: no room, or no right, to write in the home.
    """
    with storage_faults(home):
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "watch.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise WatcherBusy("watch_busy", path=str(home)) from None
    try:
        yield
    finally:
        lock.release()
