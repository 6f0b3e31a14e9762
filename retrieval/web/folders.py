"""Which files of the followed folders have changed: a walk, and no file is opened."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import NotFound
from retrieval.reading import find_sources
from retrieval.reading.metadata import metadata_above
from retrieval.vocabulary import Unreadable

_SETTLED_S = 2.0
"""A file that was changed less than so many seconds ago may still be being written."""


@dataclass(slots=True)
class FolderNews:
    """What a walk found.

    ``changed`` maps files to their stamps, ``vanished`` lists those that were there before;
    ``waiting`` counts files that are still being written.
    """

    changed: dict[str, str] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)
    waiting: int = 0
    problems: list[Unreadable] = field(default_factory=list)


def look(folders: Sequence[Path], known: Mapping[str, str], now: float) -> FolderNews:
    """Walk some folders (or files).

    Args:
        folders: where to look.
        known: the stamps of the files as they were read.
        now: seconds since the epoch.
    """
    news = FolderNews()
    for folder in folders:
        _walk(Path(os.path.realpath(folder)), known, now, news)
    return news


def _walk(folder: Path, known: Mapping[str, str], now: float, news: FolderNews) -> None:
    """A folder that is gone or empty has lost nothing: its disk may just not be there."""
    try:
        sources = list(find_sources([folder]))
    except NotFound:
        news.problems.append(Unreadable(str(folder), "watch_missing"))
        return
    found = {str(source) for source in sources if isinstance(source, Path)}
    news.problems += [
        source
        for source in sources
        if isinstance(source, Unreadable) and source.reason == "unreadable"
    ]
    before = {path for path in known if path == str(folder) or Path(path).is_relative_to(folder)}
    if before and not found:
        news.problems.append(Unreadable(str(folder), "watch_empty"))
        return
    news.vanished += sorted(before - found)
    for path in sorted(found):
        _judge(Path(path), known, now, news)


def _judge(path: Path, known: Mapping[str, str], now: float, news: FolderNews) -> None:
    try:
        stamp, changed = _stamp(path)
    except OSError:  # it went while we looked
        return
    if known.get(str(path)) == stamp:
        return
    if 0 <= now - changed < _SETTLED_S:
        news.waiting += 1
    else:
        news.changed[str(path)] = stamp


def _stamp(path: Path) -> tuple[str, float]:
    """What changes when a file or what is said of it does, and when it last did."""
    found = path.stat()
    parts = [found.st_size, found.st_mtime_ns, int(os.access(path, os.R_OK))]
    changed = found.st_mtime
    for beside in metadata_above(path.parent):
        try:
            said = beside.stat()
        except OSError:
            continue
        parts += [said.st_size, said.st_mtime_ns]
        changed = max(changed, said.st_mtime)
    return ":".join(map(str, parts)), changed
