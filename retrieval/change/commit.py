"""Commits a staged change: vectors, the next generation, one transaction that publishes both.

Before that transaction nothing of the change is visible, and after it all of it is. What is cut
short leaves vectors, which stay, and a folder, which the next writer deletes.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.archive_after import ArchiveAfter, VectorCache
from retrieval.archive.history import Retention, expire, forget_vectors
from retrieval.archive.meta import Recipe
from retrieval.archive.writer import ArchiveStore
from retrieval.change.report import Progress, Silent
from retrieval.errors import Failed, IndexDamaged, ServerUnreachable, StorageFull
from retrieval.index.build import GenerationBuilder, build_afresh, build_from, check_generation
from retrieval.reading.text.dating import ZONE
from retrieval.storage import writer_lock

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
        live = self.store.live_generation() or 0
        finished = [number for number in self.places.numbers() if number <= live]
        for number in self.places.numbers():
            is_recent = number in finished[-self.keep :]
            if number != live and not (is_recent and self.places.is_read(number)):
                self.places.drop(number)


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
    size = size_of(session.places, change)
    base = session.store.live_generation()
    tombstones = int(session.store.fact(meta.TOMBSTONES) or 0) + len(size.gone)
    with _dropped_if_unfinished(session, change):
        embedded = 0
        small = not afresh and base is not None and is_small(size, tombstones)
        copied = False
        if small and base is not None and _is_sound(session, base):
            embedded = embed_lacking(session, change, embedder, lambda _: None)
            copied = _copied(session, change, base, size.new)
        if not copied:
            tombstones = 0
            embedded += _afresh(session, change, size.windows, embedder)
    # If this fails, the folder stays: when the disk refuses to confirm, the change may
    # prove to be live at the next opening. The next writer deletes it if it is not.
    session.store.publish(change, counts, tombstones)
    _clean_up(session, change, size, afresh=not tombstones)
    return embedded


def _clean_up(session: WriteSession, change: int, size: ChangeSize, *, afresh: bool) -> None:
    """Delete what is not needed any more. The change is live whatever comes of it.

    What a failing disk leaves is deleted after a later change.
    """
    with suppress(Failed):
        _clear_server(session, change, size)
        session.drop_generations()
        expire(session.store, session.retention)
        if afresh:  # not more often: it reads every window
            forget_vectors(session.store)


def _copied(session: WriteSession, change: int, base: int, new: int) -> bool:
    """Build from the live generation; False if what came of it does not answer.

    Windows that hardly differ link to each other in Chroma's graph, and may be cut off when
    some are replaced; made afresh, they are found.
    """
    session.progress.stage("build", new)
    try:
        build_from(session.places, change, base, change, session.progress.advance)
    except (IndexDamaged, ServerUnreachable):
        return False
    return True


@contextmanager
def _dropped_if_unfinished(session: WriteSession, number: int) -> Iterator[None]:
    """A generation that cannot be built is deleted; damage in it is the fault of the disk."""
    try:
        yield
    except BaseException as error:
        session.places.drop(number)
        folder = str(session.places.generation(number))
        if isinstance(error, IndexDamaged) and str(error.facts.get("path")).startswith(folder):
            detail = error.facts.get("detail", error.key)
            raise StorageFull("build_failed", path=folder, detail=detail) from error
        raise


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


def _is_sound(session: WriteSession, number: int) -> bool:
    with ArchiveAfter(session.places.archive, 0) as archive:
        windows, passages = archive.counts()
        surplus = len(archive.surplus())
    try:
        check_generation(session.places, number, windows, passages, surplus)
    except (IndexDamaged, ServerUnreachable):
        return False
    return True


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


def _clear_server(session: WriteSession, change: int, size: ChangeSize) -> None:
    """On a server the old windows stay until the new are live; the archive hides them."""
    old = sorted(size.surplus.union(size.gone))
    if session.places.chroma_url and old:
        with session.places.open_vectors(change) as vectors:
            vectors.delete(old)


_MAX_TOMBSTONES = 0.25  # of the windows: deleted ones keep their room in Chroma's graph
_MAX_NEW = 1 / 3


@dataclass(frozen=True, slots=True)
class ChangeSize:
    """How much a change is: windows afterwards, new ones, and those gone.

    ``surplus`` are those that the vector index leaves out afterwards; ``shifted`` tells that
    a window that stays is left out either before or afterwards, not both.
    """

    windows: int
    new: int
    gone: tuple[int, ...]
    surplus: frozenset[int]
    shifted: bool


def size_of(places: Places, change: int) -> ChangeSize:
    """How much a staged change is."""
    with ArchiveAfter(places.archive, change) as after:
        windows, _ = after.counts()
        gone, _ = after.gone()
        surplus = after.surplus()
    with ArchiveAfter(places.archive, change, only_new=True) as archive:
        new = archive.ids()
    with ArchiveAfter(places.archive, 0) as before:
        shifted = (before.surplus() ^ surplus) - new - set(gone)
    return ChangeSize(windows, len(new), tuple(gone), frozenset(surplus), bool(shifted))


def is_small(size: ChangeSize, tombstones: int) -> bool:
    """Whether copying the live generation costs less than building, and leaves it fast."""
    if size.shifted:
        return False
    return size.new <= _MAX_NEW * size.windows and tombstones <= _MAX_TOMBSTONES * size.windows
