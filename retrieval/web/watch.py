"""One round of the watcher: feeds are fetched, folders are walked, what is new is one change.

A feed that fails is asked again after a pause that grows from 15 minutes to a day, or after
the ``Retry-After`` of its server; one that answers 410 is asked no more. Of folders no file is
opened: the stamps of the files tell which have changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from retrieval.errors import NotFound, WatcherBusy
from retrieval.reading import Refused, find_sources
from retrieval.reading.metadata import metadata_above
from retrieval.storage import storage_faults
from retrieval.text.file_names import told
from retrieval.vocabulary import Draft, Unreadable
from retrieval.web.feeds import Collection, Collector, KnownPages, pause
from retrieval.web.pages import WebReader
from retrieval.web.response import FetchFailed, FetchReason, Validators
from retrieval.web.watch_store import FeedState, WatchStore

if TYPE_CHECKING:
    from retrieval.change import Indexer, Report
    from retrieval.change.report import Progress

_MAX_PAGES = 50
"""Pages of feed entries in one round, so that a round takes a minute or two at most."""
_SETTLED_S = 2.0
"""Seconds since the last change of a file; before that it may still be being written."""


class WatchParts(Protocol):
    """What a round needs; each part is opened only when there is something to do for it."""

    def web_reader(self) -> AbstractContextManager[WebReader]:
        """Fetches and reads pages and feeds."""

    def known_pages(self) -> KnownPages:
        """The pages that the archive has."""

    def identity(self) -> str:
        """Identifies the archive; ``""`` if there is none yet."""

    def indexer(self, by: str) -> Indexer:
        """Takes articles into the archive."""


@dataclass(frozen=True, slots=True)
class WatchTargets:
    """What is followed.

    Args:
        folders: folders or files.
        feeds: addresses.
        prune: withdraw the articles of files that have vanished.
        max_vanished: if more files vanish at once, none is withdrawn: half a disk may be
            missing, and nobody is there to be asked.
    """

    folders: tuple[Path, ...] = ()
    feeds: tuple[str, ...] = ()
    prune: bool = False
    max_vanished: int = 20


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What a round did.

    Args:
        feeds: how many feeds were fetched.
        waiting: how many files are still being written.
        problems: what gave no article, that of ``report`` included.
        report: of the change; None if there was nothing to read.
        more: another round should follow soon: files are being written, or there was too much
            for one round.
    """

    feeds: int
    waiting: int
    problems: tuple[Unreadable, ...]
    report: Report | None = None
    more: bool = False

    @property
    def changed(self) -> bool:
        """Whether the round changed the archive."""
        done = self.report
        return done is not None and bool(
            done.added or done.changed or done.near_duplicates or (done.removed and done.pruned)
        )


def run_round(
    targets: WatchTargets, store: WatchStore, parts: WatchParts, now: float, progress: Progress
) -> RoundReport:
    """Look at all targets, and take in what is new.

    The store is written after the archive: a round that is interrupted, or that finds the
    archive busy, is repeated whole by the next one.

    Args:
        targets: what is followed.
        store: what earlier rounds did.
        parts: opens what is needed.
        now: seconds since the epoch.
        progress: receives the stages.

    Raises:
        Failed: the archive cannot be changed now.
    """
    store.bind(parts.identity())
    changes = scan(targets.folders, store.files(now), now)
    vanished = _to_withdraw(targets, changes)
    feeds, web = _fetch_feeds(targets.feeds, store, parts, now, progress)
    drafts = [each for each in web.found if isinstance(each, Draft)]
    report: Report | None = None
    if drafts or changes.changed or vanished:
        report = parts.indexer("watch").index(
            list(map(Path, changes.changed)),
            prune=targets.prune,
            progress=progress,
            gathered=drafts,
            vanished=list(map(Path, vanished)),
            now=now,
        )
    if feeds or report:
        awaited = report.awaited if report else {}
        due = {path: moment.timestamp() for path, moment in awaited.items()}
        store.save(feeds, web.records, changes.changed, vanished, now, due)
    if report:
        store.bind(parts.identity())
    unread = (each for each in web.found if isinstance(each, Unreadable))
    problems = (*map(told, changes.problems), *unread, *(report.unreadable if report else ()))
    more = web.cut or changes.waiting > 0
    return RoundReport(len(feeds), changes.waiting, problems, report, more)


@contextmanager
def only_watcher(home: Path) -> Iterator[None]:
    """Hold the watcher's lock of a home: two watchers would fetch everything twice.

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


# --- feeds ----------------------------------------------------------------------------------


def _fetch_feeds(
    urls: Sequence[str], store: WatchStore, parts: WatchParts, now: float, progress: Progress
) -> tuple[list[FeedState], Collection]:
    """Fetch the feeds that are due; their new states, and what they gave."""
    due = [feed for feed in map(store.feed, urls) if not feed.gone and _is_due(feed, now)]
    if not due:
        return [], Collection()
    progress.stage("fetch", None)
    with parts.known_pages() as known, parts.web_reader() as reader:
        collector = Collector(
            reader, known, now, requested=False, advance=progress.advance, max_pages=_MAX_PAGES
        )
        checked = [_fetch_feed(feed, reader, collector, store, now) for feed in due]
    return checked, collector.collection


def _is_due(feed: FeedState, now: float) -> bool:
    """Whether its pause is over, or was reckoned by a clock that has been set back since."""
    return feed.next_check <= now or feed.checked > now


def _fetch_feed(
    feed: FeedState, reader: WebReader, collector: Collector, store: WatchStore, now: float
) -> FeedState:
    """Fetch one feed and collect its new entries; its new state."""
    collection = collector.collection
    try:
        response = reader.fetch(feed.url, feed.validators)
        if not response.not_modified:
            collector.feed(response, feed.url, store.records(feed.url))
    except (FetchFailed, Refused) as failure:
        collection.found.append(Unreadable(feed.url, failure.reason, failure.detail))
        return _failed(feed, failure, now)
    validators = feed.validators if response.not_modified else response.validators
    if feed.url in collection.unfinished:  # the rest is read when the feed comes whole again
        validators = Validators()
    return FeedState(feed.url, feed.listed, validators, now)


def _failed(feed: FeedState, failure: FetchFailed | Refused, now: float) -> FeedState:
    """The state of a feed that failed: due after a pause, or gone."""
    failures = feed.failures + 1
    requested = failure.retry_after if isinstance(failure, FetchFailed) else 0.0
    return replace(
        feed,
        checked=now,
        reason=failure.reason,
        failures=failures,
        next_check=now + max(requested, pause(failures)),
        gone=failure.reason == FetchReason.GONE,
    )


# --- folders --------------------------------------------------------------------------------


@dataclass(slots=True)
class FolderChanges:
    """What a walk found.

    Attributes:
        changed: the stamps of new and changed files, by path.
        vanished: the files that were there before.
        waiting: how many files are still being written.
        problems: folders and files that cannot be looked at.
    """

    changed: dict[str, str] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)
    waiting: int = 0
    problems: list[Unreadable] = field(default_factory=list)


def scan(folders: Sequence[Path], known: Mapping[str, str], now: float) -> FolderChanges:
    """Walk folders (or files), and compare the stamps of their files.

    Args:
        folders: where to look.
        known: the stamps of the files when they were read, by path.
        now: seconds since the epoch.
    """
    changes = FolderChanges()
    for folder in folders:
        _scan(Path(os.path.realpath(folder)), known, now, changes)
    return changes


def _scan(folder: Path, known: Mapping[str, str], now: float, changes: FolderChanges) -> None:
    """Walk one folder. If it is missing or empty, its disk may be away: nothing has vanished."""
    try:
        sources = list(find_sources([folder]))
    except NotFound:
        changes.problems.append(Unreadable(str(folder), "watch_missing"))
        return
    found = {str(source) for source in sources if isinstance(source, Path)}
    changes.problems += [
        source
        for source in sources
        if isinstance(source, Unreadable) and source.reason == "unreadable"
    ]
    before = {path for path in known if path == str(folder) or Path(path).is_relative_to(folder)}
    if before and not found:
        changes.problems.append(Unreadable(str(folder), "watch_empty"))
        return
    changes.vanished += sorted(before - found)
    for path in sorted(found):
        _compare(Path(path), known, now, changes)


def _compare(path: Path, known: Mapping[str, str], now: float, changes: FolderChanges) -> None:
    try:
        stamp, changed = _stamp(path)
    except OSError:  # it vanished during the walk
        return
    if known.get(str(path)) == stamp:
        return
    if 0 <= now - changed < _SETTLED_S:
        changes.waiting += 1
    else:
        changes.changed[str(path)] = stamp


def _stamp(path: Path) -> tuple[str, float]:
    """The stamp of a file and its ``metadata.csv``, and when one of them last changed."""
    found = path.stat()
    parts = [found.st_size, found.st_mtime_ns, int(os.access(path, os.R_OK))]
    changed = found.st_mtime
    for beside in metadata_above(path.parent):
        try:
            row = beside.stat()
        except OSError:
            continue
        parts += [row.st_size, row.st_mtime_ns]
        changed = max(changed, row.st_mtime)
    return ":".join(map(str, parts)), changed


def _to_withdraw(targets: WatchTargets, changes: FolderChanges) -> list[str]:
    if not targets.prune or not changes.vanished:
        return []
    if len(changes.vanished) > targets.max_vanished:
        among = os.path.commonpath(changes.vanished)
        changes.problems.append(Unreadable(among, "watch_many_gone", str(len(changes.vanished))))
        return []
    return changes.vanished
