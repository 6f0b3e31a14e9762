"""Carrying a staged change out: vectors, the next generation, the flip.

Until the flip nothing of it is visible, and after it all of it is. What is cut short in
between leaves vectors, which are kept, and a folder, which the next writer deletes.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.archive_after import Targets
from retrieval.archive.history import Keeping, expire, forget_vectors
from retrieval.archive.meta import Recipe
from retrieval.archive.stock import VectorStock
from retrieval.archive.store import ArchiveStore
from retrieval.change.report import Progress, Silent
from retrieval.change.worker import GenerationBuilder
from retrieval.errors import Failed, IndexDamaged, ServerUnreachable, StorageFull
from retrieval.index.build import build_afresh, build_from, check_generation
from retrieval.reading.text.moments import ZONE
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
        keeping: how long the past is kept.
        by: who does it, for the history.
        limits: what reading one source may cost.
        linking: link a text that repeats an article to it, instead of adding it.
        timezone: that of the newspapers, by its IANA name.
    """

    limit_bytes: int = 50_000_000
    passage_chars: int = 1200
    window_chars: int = 280
    keep_generations: int = 2
    keeping: Keeping = field(default_factory=Keeping)
    by: str = "cli"
    limits: Limits | None = None
    linking: bool = True
    timezone: str = ZONE

    def recipe(self, model_id: str) -> Recipe:
        """With an embedding model, how the archive is made."""
        return Recipe(model_id, self.passage_chars, self.window_chars)


_EMBED_BATCH = 256
_WORKER_FROM = 3_000  # windows: fewer are in before a process has started


@dataclass(frozen=True)
class Workshop:
    """What carrying out a change needs.

    Args:
        places: where things are.
        store: the archive, open for changes, under the writer's lock.
        progress: told of the stages.
        keep: how many generations to keep, the live one included.
        apart: never write to Chroma in this process: it answers questions.
        keeping: how long the past is kept.
    """

    places: Places
    store: ArchiveStore
    progress: Progress
    keep: int = 2
    apart: bool = False
    keeping: Keeping = field(default_factory=Keeping)

    def tidy(self) -> None:
        """Delete the generations that nobody reads, unfinished ones, and those before the last.

        A reader that is about to open one of them finds it gone, and looks again.
        """
        live = self.store.live_generation() or 0
        finished = [number for number in self.places.numbers() if number <= live]
        for number in self.places.numbers():
            is_recent = number in finished[-self.keep :]
            if number != live and not (is_recent and self.places.is_read(number)):
                self.places.drop(number)


def carry_out(
    shop: Workshop,
    change: int,
    counts: Mapping[str, int],
    embedder: Embedder | None,
    *,
    afresh: bool = False,
) -> int:
    """Make a staged change live.

    Args:
        shop: what it needs.
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
    extent = extent_of(shop.places, change)
    base = shop.store.live_generation()
    dead = int(shop.store.fact(meta.DEAD) or 0) + len(extent.gone)
    with _dropped_if_unfinished(shop, change):
        embedded = 0
        small = not afresh and base is not None and is_small(extent, dead)
        copied = False
        if small and base is not None and _is_sound(shop, base):
            embedded = embed_lacking(shop, change, embedder, lambda _: None)
            copied = _copied(shop, change, base, extent.new)
        if not copied:
            dead = 0
            embedded += _afresh(shop, change, extent.windows, embedder)
    # If this fails, the folder stays: when the disk refuses to confirm, the change may
    # prove to be live at the next opening. The next writer deletes it if it is not.
    shop.store.flip(change, counts, dead)
    _clean_up(shop, change, extent, afresh=not dead)
    return embedded


def _clean_up(shop: Workshop, change: int, extent: Extent, *, afresh: bool) -> None:
    """Delete what is not needed any more. The change is live whatever comes of it.

    What a failing disk leaves is deleted after a later change.
    """
    with suppress(Failed):
        _clear_server(shop, change, extent)
        shop.tidy()
        expire(shop.store, shop.keeping)
        if afresh:  # not more often: it reads every window
            forget_vectors(shop.store)


def _copied(shop: Workshop, change: int, base: int, new: int) -> bool:
    """Build from the live generation; False if what came of it does not answer.

    Windows that hardly differ link to each other in Chroma's graph, and may be cut off when
    some are replaced; made afresh, they are found.
    """
    shop.progress.stage("build", new)
    try:
        build_from(shop.places, change, base, change, shop.progress.advance)
    except (IndexDamaged, ServerUnreachable):
        return False
    return True


@contextmanager
def _dropped_if_unfinished(shop: Workshop, number: int) -> Iterator[None]:
    """A generation that cannot be built is deleted; damage in it is the fault of the disk."""
    try:
        yield
    except BaseException as error:
        shop.places.drop(number)
        folder = str(shop.places.generation(number))
        if isinstance(error, IndexDamaged) and str(error.facts.get("path")).startswith(folder):
            detail = error.facts.get("detail", error.key)
            raise StorageFull("build_failed", path=folder, detail=detail) from error
        raise


@contextmanager
def writing(
    places: Places, options: Options, progress: Progress | None = None
) -> Iterator[Workshop]:
    """The archive, open for one change: held against other writers, and free of half ones.

    Raises:
        ArchiveBusy: another process is writing.
        ArchiveDamaged: the archive cannot be read.
        StorageFull: no room, or no right, to write.
    """
    with writer_lock(places.home), ArchiveStore(places.archive) as store:
        shop = Workshop(
            places,
            store,
            progress or Silent(),
            options.keep_generations,
            keeping=options.keeping,
        )
        store.drop_unfinished()
        places.clear_restoring()
        shop.tidy()
        yield shop


def _is_sound(shop: Workshop, number: int) -> bool:
    with Targets(shop.places.archive, 0) as targets:
        windows, passages = targets.counts()
        surplus = len(targets.surplus())
    try:
        check_generation(shop.places, number, windows, passages, surplus)
    except (IndexDamaged, ServerUnreachable):
        return False
    return True


def _afresh(shop: Workshop, change: int, windows: int, embedder: Embedder | None) -> int:
    if windows < _WORKER_FROM and not shop.apart:
        embedded = embed_lacking(shop, change, embedder, lambda _: None)
        shop.progress.stage("build", windows)
        build_afresh(shop.places, change, change, lambda _: None, shop.progress.advance)
        return embedded
    worker = GenerationBuilder(shop.places, change)
    try:
        embedded = embed_lacking(shop, change, embedder, worker.ready)
        shop.progress.stage("build", windows)
        worker.finish(shop.progress.advance)
    finally:
        worker.stop()
    return embedded


def embed_lacking(
    shop: Workshop, change: int, embedder: Embedder | None, ready: Callable[[int], None]
) -> int:
    """Embed what has no vector, batch by batch, each kept for good before the next.

    Args:
        shop: what it needs.
        change: whose texts; 0 for those of all articles as they are.
        embedder: None when there is none: then nothing is embedded.
        ready: told the window up to which all have vectors.

    Returns:
        How many texts were embedded.

    Raises:
        ModelUnavailable: they cannot be embedded.
    """
    if embedder is None:
        return 0
    stock = VectorStock(shop.store, embedder.model_id)
    lacking = stock.lacking(change)
    shop.progress.stage("embed", lacking)
    for digests, texts, last in stock.batches(change, _EMBED_BATCH):
        stock.put(digests, embedder.embed_passages(texts))
        ready(last)
        shop.progress.advance(len(texts))
    return lacking


def _clear_server(shop: Workshop, change: int, extent: Extent) -> None:
    """On a server the old windows stay until the new are live; the archive hides them."""
    old = sorted(extent.surplus.union(extent.gone))
    if shop.places.chroma_url and old:
        with shop.places.open_vectors(change) as vectors:
            vectors.delete(old)


_MOST_DEAD = 0.25  # of the windows: deleted ones keep their room in Chroma's graph
_MOST_NEW = 1 / 3


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a change is: windows afterwards, new ones, and those gone.

    ``surplus`` are those that the vector index leaves out afterwards; ``shifted`` tells that
    a window that stays is left out either before or afterwards, not both.
    """

    windows: int
    new: int
    gone: tuple[int, ...]
    surplus: frozenset[int]
    shifted: bool


def extent_of(places: Places, change: int) -> Extent:
    """How much a staged change is."""
    with Targets(places.archive, change) as after:
        windows, _ = after.counts()
        gone, _ = after.gone()
        surplus = after.surplus()
    with Targets(places.archive, change, only_new=True) as targets:
        new = targets.ids()
    with Targets(places.archive, 0) as before:
        shifted = (before.surplus() ^ surplus) - new - set(gone)
    return Extent(windows, len(new), tuple(gone), frozenset(surplus), bool(shifted))


def is_small(extent: Extent, dead: int) -> bool:
    """Whether copying the live generation costs less than building, and leaves it fast."""
    if extent.shifted:
        return False
    return extent.new <= _MOST_NEW * extent.windows and dead <= _MOST_DEAD * extent.windows
