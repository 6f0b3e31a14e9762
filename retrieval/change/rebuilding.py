"""Another embedding model, or other sizes: everything is made anew beside, then swapped."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.archive_after import Targets
from retrieval.archive.meta import Recipe
from retrieval.archive.staging import stage_copies
from retrieval.change.commit import carry_out, writing
from retrieval.change.report import Progress, Silent
from retrieval.errors import ArchiveMissing
from retrieval.text.segmentation import segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.archive.store import ArchiveStore
    from retrieval.change.commit import Options
    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Places
    from retrieval.text.segmentation import PassageSpans

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuilding did: how the archive was made, how it is made now, and its size."""

    before: Recipe
    after: Recipe
    embedded: int
    passages: int
    windows: int
    took_ms: int


def rebuild(
    places: Places, embedder: Embedder, options: Options, progress: Progress | None = None
) -> Rebuilt:
    """Make passages, windows, vectors and indexes anew, as is set now.

    Questions are answered from what was there until everything is ready, then from the
    new; after an interruption, vectors that were made are not made again.

    Args:
        places: where the archive and its indexes are.
        embedder: the model to make the vectors with.
        options: the sizes to cut texts into.
        progress: told of the stages.

    Raises:
        NotFound: there is no archive, or nothing was ever taken in.
        ArchiveBusy, ArchiveDamaged, ModelUnavailable, StorageFull: nothing has changed.
    """
    started = time.monotonic()
    if not places.archive.exists():
        raise ArchiveMissing("no_archive", path=str(places.archive))
    watched = progress or Silent()
    with writing(places, options, watched) as shop:
        before, after = Recipe.of_archive(shop.store.connection), options.recipe(embedder.model_id)
        if before is None:
            raise ArchiveMissing("archive_empty", path=str(places.archive))
        shop.store.put_fact(meta.REBUILDING, after.as_json())
        detail = {"from": before.facts(), "to": after.facts()}
        change = shop.store.begin("rebuild", options.by, detail, recipe=after)
        for batch in _cut(shop.store, after, watched):
            stage_copies(shop.store, change, batch)
        embedded = carry_out(shop, change, {}, embedder, afresh=True)
    with Targets(places.archive, 0) as targets:
        windows, passages = targets.counts()
    took_ms = round((time.monotonic() - started) * 1000)
    return Rebuilt(before, after, embedded, passages, windows, took_ms)


def _cut(
    store: ArchiveStore, recipe: Recipe, progress: Progress
) -> Iterator[list[tuple[int, tuple[PassageSpans, ...]]]]:
    """Every current revision with the places where it is to be cut, in batches."""
    current = store.connection.execute(
        "SELECT current FROM articles WHERE current IS NOT NULL ORDER BY current"
    ).fetchall()
    progress.stage("read", len(current))
    for start in range(0, len(current), _BATCH):
        batch = []
        for (revision,) in current[start : start + _BATCH]:
            (text,) = store.connection.execute(
                "SELECT text FROM revisions WHERE id = ?", (revision,)
            ).fetchone()
            cut = segment(text, recipe.passage_chars, recipe.window_chars)
            batch.append((revision, tuple(cut)))
            progress.advance(1)
        yield batch
