"""Looking for damage, and making the indexes anew from the archive."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.archive.archive_after import Targets
from retrieval.archive.history import Keeping
from retrieval.archive.store import archive_problems, live_ids
from retrieval.change.commit import Options, carry_out, embed_lacking, writing
from retrieval.errors import ArchiveBusy, ArchiveMissing, IndexDamaged, KiosqueError, StorageFull
from retrieval.index.build import check_generation
from retrieval.index.generations import CHROMA, LEXICAL, TABLE, Generation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.change.report import Progress
    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Places

_EVERYTHING = Keeping(changes=1_000_000_000, days=36_500)
"""A repair forgets nothing: how long the past is kept is not for it to say."""
_HEAL_UP_TO = 20_000  # windows: half a minute


def verify(places: Places) -> list[KiosqueError]:
    """Everything that is wrong with the archive and its live indexes; reads them whole.

    An archive that does not exist, or is empty, has no problem. `rebuild_generation` puts each
    `IndexDamaged` right.
    """
    try:
        with Targets(places.archive, 0) as targets:
            problems: list[KiosqueError] = list(
                archive_problems(targets.connection, places.archive)
            )
            generation = targets.generation()
            windows, passages = targets.counts()
            surplus = targets.surplus()
            expected = live_ids(targets.connection) if generation is not None else (set(), set())
    except ArchiveMissing:
        return []
    except KiosqueError as error:
        return [error]
    if generation is None or problems:
        return problems
    try:
        check_generation(places, generation, windows, passages, len(surplus))
        return list(_differences(places, generation, *expected, surplus))
    except StorageFull as error:
        return [StorageFull("index_unopened", path=error.facts["path"])]
    except KiosqueError as error:
        return [error]


def _differences(
    places: Places, number: int, windows: set[int], passages: set[int], surplus: set[int]
) -> Iterator[IndexDamaged]:
    """What the live indexes hold, window by window, against what the archive says."""
    with Generation(places, number) as generation:
        held = {
            CHROMA: (generation.vectors.ids(), windows - surplus),
            LEXICAL: (generation.lexical.ids(), passages),
            TABLE: (set(generation.table.ids.tolist()), windows),
        }
    for name, (found, expected) in held.items():
        stale = set() if name == CHROMA and places.chroma_url else found - expected
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

    Args:
        places: where things are.
        damage: what a search met.

    Raises:
        IndexDamaged: the same, if it cannot be healed now.
    """
    with Targets(places.archive, 0) as targets:
        windows, _ = targets.counts()
    if windows > _HEAL_UP_TO:
        raise damage
    try:
        rebuild_generation(places, by="search", apart=True)
    except ArchiveBusy:
        raise damage from None


def rebuild_generation(
    places: Places,
    *,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
    by: str = "doctor",
    apart: bool = False,
) -> int:
    """Make the indexes anew from the archive, without embedding what is known.

    Args:
        places: where things are.
        embedder: for vectors that are missing; there should be none.
        progress: told of the stages.
        by: who does it, for the audit.
        apart: write in another process, because this one answers questions.

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
    with writing(places, Options(keeping=_EVERYTHING), progress) as shop:
        shop = replace(shop, apart=apart)
        embed_lacking(shop, 0, embedder, lambda _: None)
        change = shop.store.begin("repair", by)
        carry_out(shop, change, {}, None, afresh=True)
    return change
