"""Commits a staged change: vectors, the next generation, one transaction that publishes both.

Before that transaction nothing of the change is visible, and after it all of it is. What is cut
short leaves vectors, which stay, and a folder, which the next writer deletes.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.archive.archive_after import ArchiveAfter, ChangeSize, VectorCache
from retrieval.archive.history import Retention, expire, forget_vectors
from retrieval.archive.meta import Recipe
from retrieval.archive.writer import ArchiveStore
from retrieval.change.report import Progress, Silent
from retrieval.errors import ArchiveBusy, Failed, GraphLossy, IndexDamaged, StorageFull
from retrieval.index.build import GenerationBuilder, build_afresh
from retrieval.index.extension import build_upon
from retrieval.index.generations import SERVER
from retrieval.index.tail import base_of
from retrieval.reading.text.dating import ZONE
from retrieval.storage import compaction_lock, writer_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Places
    from retrieval.reading import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """How changes are made.

    Args:
        limit_bytes: bigger files are refused.
        passage_chars: the size of a passage.
        window_chars: the size of a window.
        keep_generations: how many generations to keep at most, the live one included; those
            before it only while they are read.
        retention: how long the past is kept.
        by: who does it, for the history.
        limits: what reading one source may cost.
        linking: link a text that repeats an article to it, instead of adding it.
        timezone: that of the newspapers, by its IANA name.
    """

    limit_bytes: int = 50_000_000
    passage_chars: int = 1200
    window_chars: int = 280
    keep_generations: int = 2
    retention: Retention = field(default_factory=Retention)
    by: str = "cli"
    limits: Limits | None = None
    linking: bool = True
    timezone: str = ZONE

    def recipe(self, model_id: str) -> Recipe:
        """With an embedding model, how the archive is made."""
        return Recipe(model_id, self.passage_chars, self.window_chars)


_EMBED_BATCH = 256
_CHILD_FROM = 3_000  # windows: fewer are in before a process has started


@dataclass(frozen=True)
class WriteSession:
    """The archive, open for one change, and what committing it needs.

    Args:
        places: where things are.
        store: the archive, open for changes, under the writer's lock.
        progress: called at each stage and step.
        keep: how many generations to keep, the live one included.
        in_subprocess: never write to Chroma in this process: it answers questions.
        retention: how long the past is kept.
    """

    places: Places
    store: ArchiveStore
    progress: Progress
    keep: int = 2
    in_subprocess: bool = False
    retention: Retention = field(default_factory=Retention)

    def drop_generations(self) -> None:
        """Delete the generations that nobody reads, unfinished ones, and those before the last.

        A reader that is about to open one of them finds it gone, and looks again.
        """
        _clear_next_base(self.places)
        live = self.store.live_generation() or 0
        places, numbers = self.places, self.places.numbers()
        recent = [number for number in numbers if number <= live][-self.keep :]
        kept = {number for number in recent if number == live or places.is_read(number)}
        bases = {base_of(places.generation(number), number) for number in kept}
        if None in bases:  # nobody can tell any more which one it is: it may be in use
            kept.update(number for number in numbers if number <= live)
        for number in reversed(numbers):  # no generation outlives its base
            if number not in kept and number not in bases:
                places.drop(number)

    def clean_up(self, *, afresh: bool) -> None:
        """After a change, forget the past; what a failing disk leaves, a later one forgets.

        Args:
            afresh: the base was made anew. Not more often are vectors forgotten that no window
                needs: that reads all windows.
        """
        with suppress(Failed):
            self.drop_generations()
            expire(self.store, self.retention)
            if afresh:
                forget_vectors(self.store)


def commit_change(
    session: WriteSession,
    change: int,
    counts: Mapping[str, int],
    embedder: Embedder | None,
    *,
    afresh: bool = False,
) -> int:
    """Make a staged change live.

    Args:
        session: what it needs.
        change: its number, and its generation's.
        counts: for the audit.
        embedder: for the texts without a vector; None when there can be none.
        afresh: take nothing over from the live generation.

    Returns:
        How many texts were embedded.

    Raises:
        ModelUnavailable: the texts cannot be embedded.
        StorageFull: no room, or no right, to write; nothing has changed.
        ArchiveDamaged: the archive or what was built cannot be read; nothing has changed.
    """
    size, before = _measured(session.places, change)
    live = session.store.live_generation()
    with dropped_if_unfinished(session.places, session.places.generation(change)):
        embedded = 0
        after: tuple[int, int] | None = None
        if not afresh and live is not None and _is_small(session.places, live, size, before):
            embedded = embed_lacking(session, change, embedder, lambda _: None)
            after = _extended(session, change, live, size, before)
        is_new_base = after is None
        if after is None:
            with ArchiveAfter(session.places.archive, change) as archive:
                after = archive.counts()
            embedded += _afresh(session, change, after[0], embedder)
    # If this fails, the folder stays: when the disk refuses to confirm, the change may
    # prove to be live at the next opening. The next writer deletes it if it is not.
    session.store.publish(change, counts, after)
    session.clean_up(afresh=is_new_base)
    return embedded


def _extended(
    session: WriteSession, change: int, live: int, size: ChangeSize, before: tuple[int, int]
) -> tuple[int, int] | None:
    """Build upon the live generation; how many windows and passages there are then.

    None if the live one is damaged: then all is made from the archive.
    """
    after = (
        before[0] + len(size.new) - len(size.gone),
        before[1] + size.new_passages - len(size.gone_passages),
    )
    session.progress.stage("build", len(size.new))
    try:
        build_upon(session.places, change, live, after, session.progress.advance)
    except IndexDamaged:
        return None
    return after


def _clear_next_base(places: Places) -> None:
    """Delete what is left of a base that nobody is making any more."""
    if places.next_base.is_dir():
        with suppress(ArchiveBusy), compaction_lock(places.home):
            places.discard(places.next_base)


@contextmanager
def dropped_if_unfinished(places: Places, folder: Path) -> Iterator[None]:
    """Delete a folder of indexes that cannot be built in the block.

    Args:
        places: where things are.
        folder: the one that is being built.

    Raises:
        StorageFull: what was just written there cannot be read: the fault of the disk.
        Failed: a server lost what was written to it, or a graph finds too little of it.
    """
    try:
        yield
    except BaseException as error:
        places.discard(folder)
        if isinstance(error, IndexDamaged) and _is_inside(str(error.facts.get("path")), folder):
            if str(error.facts["path"]) == str(folder / SERVER):
                raise Failed("build_lost") from error
            if isinstance(error, GraphLossy):
                raise Failed("build_lossy", **error.facts) from error
            detail = error.facts.get("detail", error.key)
            raise StorageFull("build_failed", path=str(folder), detail=detail) from error
        raise


def _is_inside(path: str, folder: Path) -> bool:
    return Path(path).is_relative_to(folder)


@contextmanager
def writing(
    places: Places, options: Options, progress: Progress | None = None
) -> Iterator[WriteSession]:
    """The archive, open for one change: held against other writers, and free of half ones.

    Raises:
        ArchiveBusy: another process is writing.
        ArchiveDamaged: the archive cannot be read.
        StorageFull: no room, or no right, to write.
    """
    with writer_lock(places.home), ArchiveStore(places.archive) as store:
        session = WriteSession(
            places,
            store,
            progress or Silent(),
            options.keep_generations,
            retention=options.retention,
        )
        store.drop_unfinished()
        places.clear_restoring()
        session.drop_generations()
        yield session


def _afresh(session: WriteSession, change: int, windows: int, embedder: Embedder | None) -> int:
    if windows < _CHILD_FROM and not session.in_subprocess:
        embedded = embed_lacking(session, change, embedder, lambda _: None)
        session.progress.stage("build", windows)
        build_afresh(session.places, change, change, lambda _: None, session.progress.advance)
        return embedded
    builder = GenerationBuilder(session.places, change)
    try:
        embedded = embed_lacking(session, change, embedder, builder.ready)
        session.progress.stage("build", windows)
        builder.finish(session.progress.advance)
    finally:
        builder.stop()
    return embedded


def embed_lacking(
    session: WriteSession, change: int, embedder: Embedder | None, ready: Callable[[int], None]
) -> int:
    """Embed what has no vector, batch by batch, each kept for good before the next.

    Args:
        session: what it needs.
        change: whose texts; 0 for those of all articles as they are.
        embedder: None when there is none: then nothing is embedded.
        ready: called with the id of the window up to which all have vectors.

    Returns:
        How many texts were embedded.

    Raises:
        ModelUnavailable: they cannot be embedded.
    """
    if embedder is None:
        return 0
    cache = VectorCache(session.store, embedder.model_id)
    lacking = cache.lacking(change)
    session.progress.stage("embed", lacking)
    for digests, texts, last in cache.batches(change, _EMBED_BATCH):
        cache.put(digests, embedder.embed_passages(texts))
        ready(last)
        session.progress.advance(len(texts))
    return lacking


def _measured(places: Places, change: int) -> tuple[ChangeSize, tuple[int, int]]:
    """How much a staged change is, and how many windows and passages there are before it."""
    with ArchiveAfter(places.archive, change) as after:
        size = after.change_size()
    with ArchiveAfter(places.archive, 0) as before:
        return size, before.totals()


_MAX_NEW = 1 / 3
"""Of the windows afterwards: with more, nearly all is made anew."""
_CHEAP = 20_000
"""Windows of an archive whose indexes are made anew in half a minute: a change sees to it."""
_CHEAP_SHARE, _MAX_SHARE = 0.1, 0.5
"""Of the base's windows: as many may come upon it, of a small archive and of any other."""
_FEW = 256
"""Windows that may come upon any base: no search is slower for them."""


def _is_small(places: Places, live: int, size: ChangeSize, before: tuple[int, int]) -> bool:
    """Whether a change is to be made upon the live generation."""
    windows = before[0] + len(size.new) - len(size.gone)
    if len(size.new) > _MAX_NEW * windows:
        return False
    try:
        base, tail = places.sizes(live)
    except IndexDamaged:
        return False
    share = _CHEAP_SHARE if windows <= _CHEAP else _MAX_SHARE
    return tail + len(size.new) + len(size.gone) <= max(share * base, _FEW)
