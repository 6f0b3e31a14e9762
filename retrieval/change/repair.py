"""Looks for damage, and makes the indexes anew, or all that is derived from the texts."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.archive_after import ArchiveAfter
from retrieval.archive.history import Retention
from retrieval.archive.known import put_keys
from retrieval.archive.meta import Recipe
from retrieval.archive.writer import stage_copies
from retrieval.change.commit import Options, commit_change, embed_lacking, writing
from retrieval.change.report import Progress, Silent
from retrieval.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveInconsistent,
    ArchiveMissing,
    IndexDamaged,
    KiosqueError,
    StorageFull,
)
from retrieval.index.base import CHROMA, TABLE
from retrieval.index.build import check_generation
from retrieval.index.generations import LEXICAL, Generation
from retrieval.process import ms_since
from retrieval.text.segmentation import segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.archive.writer import ArchiveStore
    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Places
    from retrieval.text.segmentation import PassageSpans

_EVERYTHING = Retention(changes=1_000_000_000, days=36_500)
"""A repair forgets nothing: how long the past is kept is not for it to say."""
_HEAL_UP_TO = 20_000  # windows: half a minute


def verify(places: Places) -> list[KiosqueError]:
    """Everything that is wrong with the archive and its live indexes; reads them whole.

    An archive that does not exist, or is empty, has no problem. `rebuild_generation` puts each
    `IndexDamaged` right.
    """
    try:
        with ArchiveAfter(places.archive, 0) as archive:
            problems: list[KiosqueError] = list(
                archive_problems(archive.connection, places.archive)
            )
            generation = archive.generation()
            expected = live_ids(archive.connection) if generation is not None else (set(), set())
            surplus = set(archive.surplus("windows"))
    except ArchiveMissing:
        return []
    except KiosqueError as error:
        return [error]
    if generation is None or problems:
        return problems
    try:
        with Generation(places, generation) as opened:
            left_out = opened.left_out()
        left_out = surplus if left_out is None else left_out
        windows, passages = map(len, expected)
        check_generation(places, generation, windows, passages, left_out)
        return list(_differences(places, generation, *expected, left_out))
    except StorageFull as error:
        return [StorageFull("index_unopened", path=error.facts["path"])]
    except KiosqueError as error:
        return [error]


def _differences(
    places: Places, number: int, windows: set[int], passages: set[int], left_out: set[int]
) -> Iterator[IndexDamaged]:
    """What the live indexes hold, window by window, against what the archive says.

    Chroma holds the windows or passages of the base, the gone ones too.
    """
    with Generation(places, number) as generation:
        entries = generation.base.entries(left_out)
        held = {
            CHROMA: (generation.vectors.ids(), set(entries.ids.tolist())),
            LEXICAL: (generation.lexical.ids(), passages),
            TABLE: (set(generation.table.ids.tolist()), windows),
        }
    for name, (found, expected) in held.items():
        stale = found - expected
        if expected - found or stale:
            yield IndexDamaged(
                "index_differs",
                path=str(places.generation(number) / name),
                missing=len(expected - found),
                stale=len(stale),
            )


def heal(places: Places, damage: IndexDamaged) -> None:
    """Make damaged or missing indexes anew, so that a search can be begun again.

    It happens in a process of its own, since this one may be answering others, and only
    if it takes seconds; else it is left to an operator.

    Raises:
        IndexDamaged: the same, if it cannot be healed now.
    """
    with ArchiveAfter(places.archive, 0) as archive:
        windows, _ = archive.counts()
    if windows > _HEAL_UP_TO:
        raise damage
    try:
        rebuild_generation(places, by="search", in_subprocess=True)
    except ArchiveBusy:
        raise damage from None


def rebuild_generation(
    places: Places,
    *,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
    by: str = "doctor",
    in_subprocess: bool = False,
) -> int:
    """Make the indexes anew from the archive, without embedding what is known.

    Args:
        places: where things are.
        embedder: for vectors that are missing; there should be none.
        progress: called at each stage and step.
        by: who does it, for the audit.
        in_subprocess: write in another process, because this one answers questions.

    Returns:
        The number of the generation that is live now.

    Raises:
        ArchiveMissing: there is no archive.
        ArchiveBusy: another process is writing.
        ArchiveDamaged: the archive itself cannot be read.
        StorageFull: no room, or no right, to write.
    """
    if not places.archive.exists():
        raise ArchiveMissing("no_archive", path=str(places.archive))
    with writing(places, Options(retention=_EVERYTHING), progress) as session:
        session = replace(session, in_subprocess=in_subprocess)
        embed_lacking(session, 0, embedder, lambda _: None)
        change = session.store.begin("repair", by)
        commit_change(session, change, {}, None, afresh=True)
    return change


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
        progress: called at each stage and step.

    Raises:
        NotFound: there is no archive, or nothing was ever taken in.
        ArchiveBusy, ArchiveDamaged, ModelUnavailable, StorageFull: nothing has changed.
    """
    started = time.monotonic()
    if not places.archive.exists():
        raise ArchiveMissing("no_archive", path=str(places.archive))
    watched = progress or Silent()
    with writing(places, options, watched) as session:
        before, after = (
            Recipe.of_archive(session.store.connection),
            options.recipe(embedder.model_id),
        )
        if before is None:
            raise ArchiveMissing("archive_empty", path=str(places.archive))
        session.store.put_fact(meta.REBUILDING, after.as_json())
        detail = {"from": before.facts(), "to": after.facts()}
        change = session.store.begin("rebuild", options.by, detail, recipe=after)
        for batch in _cut(session.store, after, watched):
            stage_copies(session.store, change, batch)
        put_keys(session.store)
        embedded = commit_change(session, change, {}, embedder, afresh=True)
    with ArchiveAfter(places.archive, 0) as archive:
        windows, passages = archive.counts()
    return Rebuilt(before, after, embedded, passages, windows, ms_since(started))


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


# --- the archive itself -------------------------------------------------------------

_LIVE = (
    " FROM articles a JOIN passages p ON p.revision = a.current {join} WHERE a.state <> 'withdrawn'"
)
_COUNTS = {
    # A window or passage that ends outside of its text could never be quoted.
    "offsets_outside": "SELECT count(*) FROM passages p JOIN revisions r ON r.id = p.revision"
    " JOIN windows w ON w.passage = p.id WHERE p.start < 0 OR p.stop > length(r.text)"
    " OR w.start < p.start OR w.stop > p.stop OR w.start >= w.stop",
    "vectors_missing": "SELECT count(*) FROM articles a JOIN passages p"
    " ON p.revision = a.current JOIN windows w ON w.passage = p.id"
    " WHERE a.state <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM vectors v"
    " JOIN models m ON m.id = v.model JOIN meta t ON t.key = 'model' AND t.value = m.name"
    " WHERE v.digest = w.digest)",
    "articles_without_passages": "SELECT count(*) FROM articles a WHERE a.current IS NOT NULL"
    " AND a.state <> 'withdrawn'"
    " AND NOT EXISTS (SELECT 1 FROM passages p WHERE p.revision = a.current)",
}


def archive_problems(connection: sqlite3.Connection, path: Path) -> Iterator[ArchiveDamaged]:
    """What is wrong with the archive at a path; reads the whole file."""
    try:
        (result,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if result != "ok":
            yield ArchiveDamaged("archive_damaged", path=str(path), detail=result)
            return
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if orphans:
            detail = f"{len(orphans)} rows refer to nothing"
            yield ArchiveDamaged("archive_damaged", path=str(path), detail=detail)
        for key, sql in _COUNTS.items():
            (count,) = connection.execute(sql).fetchone()
            if count:
                yield ArchiveInconsistent(key, path=str(path), count=count)
    except sqlite3.DatabaseError as error:
        yield ArchiveDamaged("archive_damaged", path=str(path), detail=str(error))


def live_ids(connection: sqlite3.Connection) -> tuple[set[int], set[int]]:
    """The windows and the passages that the live indexes must hold."""
    join = "JOIN windows w ON w.passage = p.id"
    windows = connection.execute(f"SELECT w.id{_LIVE.format(join=join)}")
    passages = connection.execute(f"SELECT p.id{_LIVE.format(join='')}")
    return {id_ for (id_,) in windows}, {id_ for (id_,) in passages}
