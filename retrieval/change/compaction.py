"""Makes the base of the indexes anew, beside, while questions are answered and changes made.

Small changes stand upon the base (`retrieval.index.extension`). When they have become many, a
base of all is made by a process of its own, which takes long and locks nobody out; then, under
the writer's lock and in seconds, it takes the old one's place with what changed meanwhile upon it.
"""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.archive.archive_after import ArchiveAfter
from retrieval.change.commit import dropped_if_unfinished, writing
from retrieval.change.report import Progress, Silent
from retrieval.errors import (
    ArchiveBusy,
    ArchiveMissing,
    Failed,
    IndexDamaged,
    KiosqueError,
    StorageFull,
)
from retrieval.index.build import GenerationBuilder, empty
from retrieval.index.extension import build_on_next_base
from retrieval.index.generations import Generation
from retrieval.index.tail import Tail
from retrieval.storage import compaction_lock, is_writing, storage_faults

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.change.commit import Options, WriteSession
    from retrieval.index.generations import Places

_WAIT_S = 6 * 3600.0
"""For another writer to end, once the base is made: to wait costs less than to make it again."""
_LOOK_S = 0.5
_CLEARED_S = 1.0
"""For a writer to end that deletes what is left of an earlier base."""
_MB, _FEW = 1_000_000, 10
_ROOM = 1.1
"""Of the old base's size that must be free."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What making the base anew did.

    Args:
        change: its number in the history.
        windows: how many windows the indexes hold.
        before: how many had come upon the old base, or were gone from it.
        after: the same of the new one: what changed meanwhile.
        took_ms: how long it took.
    """

    change: int
    windows: int
    before: int
    after: int
    took_ms: int


_SOON_S, _LATER_S = 3600.0, 24 * 3600.0
"""Between a first failure, or a later one, and the next attempt."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often in a row the base could not be made anew, and when it is to be tried again.

    Args:
        failed: how often.
        again_at: not before this moment, in seconds of a clock that never jumps.
        for_room: there was no room for it: then it may be tried as soon as there is.
    """

    failed: int = 0
    again_at: float = 0.0
    for_room: bool = False

    def after_failure(self, now: float, *, for_room: bool) -> Attempts:
        """What holds after one more failure, at a moment of the same clock."""
        wait = _LATER_S if self.failed else _SOON_S
        return Attempts(self.failed + 1, now + wait, for_room)


def may_try(places: Places, share: float, attempts: Attempts, now: float) -> bool:
    """Whether the base is to be made anew now, by what is there and what failed before.

    Not while somebody writes: that may last for hours, and may make a base itself.
    """
    if now < attempts.again_at and not (attempts.for_room and has_room(places)):
        return False
    return not is_writing(places.home) and is_due(places, share)


def has_room(places: Places) -> bool:
    """Whether the disk has room for a new base; as far as can be known."""
    try:
        live = _live(places)
        _see_to_room(places, Tail.of(places.generation(live), live).base)
    except StorageFull:
        return False
    except KiosqueError:
        return True
    return True


def is_due(places: Places, share: float) -> bool:
    """Whether so much came upon the base that it should be made anew at a quiet time.

    Never of a damaged one, which is for `kiosque doctor`.

    Args:
        places: where things are.
        share: of the base's windows that may come upon it, or be gone from it.
    """
    return _is_over(places, share) is True


def is_settled(places: Places, share: float) -> bool:
    """Whether the base can be read and is not to be made anew: nothing is wrong any more.

    Args:
        places: where things are.
        share: as of `is_due`.
    """
    return _is_over(places, share) is False


def _is_over(places: Places, share: float) -> bool | None:
    """Whether more than that share came upon the base; None when it cannot be read."""
    try:
        base, tail = places.sizes(_live(places))
    except KiosqueError:
        return None
    return tail > share * base


def compact(places: Places, options: Options, progress: Progress | None = None) -> Compacted:
    """Make the base anew.

    A process that is killed meanwhile leaves a folder that the next writer deletes, and all as it
    was: it is begun again from the start.

    Args:
        places: where things are.
        options: who does it, and how long the past is kept.
        progress: called at each stage and step.

    Raises:
        ArchiveMissing: there is no archive, or nothing in it.
        ArchiveBusy: another process does it, or writes for too long.
        Failed: another base was made meanwhile; that one stays.
        StorageFull: no room, or no right, to write; nothing has changed.
        ArchiveDamaged: the archive or the live indexes cannot be read; nothing has changed.
        ServerUnreachable: the Chroma server does not answer, or refuses; nothing has changed.
    """
    with compaction_lock(places.home, _CLEARED_S):
        return _compacted(places, options, progress or Silent())


def compact_if_due(
    places: Places, options: Options, share: float, progress: Progress | None = None
) -> Compacted | None:
    """Make the base anew if `is_due`, also once nobody else does it; raises as `compact`."""
    if not is_due(places, share):
        return None
    with compaction_lock(places.home, _CLEARED_S):
        return _compacted(places, options, progress or Silent()) if is_due(places, share) else None


def _compacted(places: Places, options: Options, progress: Progress) -> Compacted:
    started = time.monotonic()
    base, windows = _sound_base(places)
    _see_to_room(places, base)
    places.patient().remove(places.next_base)
    with dropped_if_unfinished(places, places.next_base):
        empty(places.next_base)
        progress.stage("build", windows)
        _build(places, progress)
        with ExitStack() as stack:
            session = _opened_soon(stack, places, options, progress)
            change, windows, before, after = _flipped(session, base, options.by)
    return Compacted(change, windows, before, after, round((time.monotonic() - started) * 1000))


def _build(places: Places, progress: Progress) -> None:
    builder = GenerationBuilder(places, None)
    try:
        builder.finish(progress.advance)
    finally:
        builder.stop()


def _flipped(session: WriteSession, base: int, by: str) -> tuple[int, int, int, int]:
    """Put the next base in the old one's place; the change, the windows, both tails' sizes."""
    places, store = session.places, session.store
    live = store.live_generation() or 0
    if Tail.of(places.generation(live), live).base != base:
        raise Failed("compaction_overtaken")
    _, before = places.sizes(live)
    change = store.begin("compact", by)
    with dropped_if_unfinished(places, places.generation(change)):
        totals = build_on_next_base(places, change, live, lambda _: None)
        _, after = places.sizes(change)
    store.publish(change, {}, totals)
    session.clean_up(afresh=True)
    return change, totals[0], before, after


def _live(places: Places) -> int:
    with ArchiveAfter(places.archive, 0) as archive:
        live = archive.generation()
    if live is None:
        raise ArchiveMissing("archive_empty", path=str(places.archive))
    return live


def _sound_base(places: Places) -> tuple[int, int]:
    """The base of the live generation, and its windows; all but its Chroma is read at the end.

    Raises:
        IndexDamaged: an index is damaged; that is told now, and not after an hour.
    """
    while True:
        live = _live(places)
        try:
            base = Tail.of(places.generation(live), live).base
            with Generation(places, live, without_chroma=(base,)) as generation:
                windows, _ = len(generation.table), generation.lexical.count()
            return base, windows
        except IndexDamaged:
            if _live(places) == live:  # else it was replaced between the two looks
                raise


def _see_to_room(places: Places, base: int) -> None:
    """A disk that would fill in the middle is told before anything is begun.

    Raises:
        StorageFull: there is less room than the old base takes.
    """
    with storage_faults(places.home):
        needed = round(_ROOM * _size(places.generation(base)))
        free = shutil.disk_usage(places.home).free
    if free < needed:
        facts = {"needed": -_megabytes(-needed), "free": _megabytes(free)}
        raise StorageFull("compaction_no_room", path=str(places.home), **facts)


def _megabytes(size: int) -> int | float:
    """A number of bytes in whole megabytes, or in tenths where there are few; rounded down."""
    return size // _MB if abs(size) >= _FEW * _MB else size * 10 // _MB / 10


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _opened_soon(
    stack: ExitStack, places: Places, options: Options, progress: Progress
) -> WriteSession:
    """As `writing`, once whoever writes has ended."""
    patience, told = time.monotonic() + _WAIT_S, False
    while True:
        try:
            return stack.enter_context(writing(places, options, progress))
        except ArchiveBusy:
            if time.monotonic() > patience:
                raise
        if not told:
            progress.stage("wait", None)
            told = True
        time.sleep(_LOOK_S)
