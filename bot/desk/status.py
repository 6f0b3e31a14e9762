"""How things are: articles, feeds, last change, questions of the week, model, disk."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.desk.freshness import FeedFreshness, freshness
from bot.memory.reports import UnansweredCounts
from retrieval.web.watch_store import WatchStore

if TYPE_CHECKING:
    from datetime import datetime

    from bot.memory.updates import UntakenUpdates
    from retrieval.archive.history import Change
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Coverage

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """How things are.

    Args:
        coverage: what the archive holds.
        change: the last change, if there was one.
        feeds: those of the list.
        questions: of the last seven days.
        model: the chat model's name, or ``""``.
        mode: what its test allows it: ``write``, ``select`` or ``off``.
        used_bytes: of the files in the home folder.
        free_bytes: of the disk that it is on.
        updates: of Telegram, which no worker has taken yet.
    """

    coverage: Coverage
    change: Change | None
    feeds: tuple[FeedFreshness, ...]
    questions: UnansweredCounts
    model: str
    mode: str
    used_bytes: int
    free_bytes: int
    updates: UntakenUpdates


def system_status(
    home: Path,
    reader: ArchiveReader,
    questions: UnansweredCounts,
    updates: UntakenUpdates,
    model: str = "",
    mode: str = "off",
) -> SystemStatus:
    """Look at everything; it reads files, and changes nothing.

    Args:
        home: the folder of the archive.
        reader: of the archive.
        questions: counted in the memory by its owner.
        updates: looked up there as well.
        model: the chat model's name.
        mode: its mode.

    Raises:
        ArchiveMissing: there is no archive yet.
        Failed: a store cannot be read.
    """
    changes = reader.changes(1)
    return SystemStatus(
        reader.coverage(),
        changes[0] if changes else None,
        feeds_of(home),
        questions,
        model,
        mode,
        _used_bytes(home),
        shutil.disk_usage(home).free,
        updates,
    )


def feeds_of(home: Path) -> tuple[FeedFreshness, ...]:
    """How fresh the feeds of a home are; none when none is followed.

    Raises:
        Failed: their store cannot be read.
    """
    path = home / "watch.db"
    if not path.exists():
        return ()
    with WatchStore(path) as store:
        return freshness(store.feeds(), store.arrivals())


def _used_bytes(home: Path) -> int:
    total = 0
    for folder, _, names in os.walk(home):
        for name in names:
            try:
                total += os.lstat(Path(folder) / name).st_size
            except OSError:  # it vanished: a generation was replaced
                continue
    return total


def a_week_before(now: datetime) -> datetime:
    """The first moment of the week of a status."""
    return now.astimezone(UTC) - WEEK
