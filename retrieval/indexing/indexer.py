"""Indexing: what is read becomes a change of the archive, whole or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Note, draft_digest
from retrieval.archive.staging import Staged, stage, stage_withdrawal
from retrieval.archive.targets import Targets
from retrieval.indexing.change import Options, Workshop, carry_out, writing
from retrieval.indexing.plan import Planner
from retrieval.indexing.progress import Progress, Silent
from retrieval.indexing.report import Kind, Report
from retrieval.reading import Confined, find_sources, read
from retrieval.segmentation import segment
from retrieval.vocabulary import Draft, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.archive.store import ArchiveStore
    from retrieval.embedding.protocol import Embedder
    from retrieval.gathering import Gathered
    from retrieval.generations import Places
    from retrieval.indexing.report import Item
    from retrieval.reading import CleaningRules

_STAGE_BATCH = 64
_NAMED = 10  # sources, in the history


class Indexer:
    """Takes files and folders into the archive.

    Args:
        places: where the archive and its indexes are.
        embedder: makes the vectors.
        rules: what cleaning takes out.
        options: the sizes, what is kept, who does it.
    """

    def __init__(
        self,
        places: Places,
        embedder: Embedder,
        rules: CleaningRules,
        options: Options | None = None,
    ) -> None:
        self._places = places
        self._embedder = embedder
        self._rules = rules
        self._options = options or Options()

    def plan(
        self,
        paths: Sequence[Path],
        progress: Progress | None = None,
        gathered: Sequence[Gathered] = (),
    ) -> Report:
        """What `index` would do, without doing it: nothing is written, no lock is taken.

        Raises:
            NotFound: one of the paths does not exist.
            ArchiveDamaged: the archive cannot be read.
        """
        started = time.monotonic()
        found = find_sources(paths)
        known = {}
        if self._places.archive.exists():
            with ArchiveReader(self._places.archive) as reader:
                known = reader.known()
        planner = Planner(known)
        (progress or Silent()).stage("read", None)
        spared: list[str] = []
        for draft, _ in self._drafts(found, gathered, planner, spared):
            planner.decide(draft, draft_digest(draft))
            (progress or Silent()).advance(1)
        planner.find_removed(_resolved(paths), spared)
        return self._report(planner, started, dry_run=True)

    def index(
        self,
        paths: Sequence[Path],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        gathered: Sequence[Gathered] = (),
        vanished: Sequence[Path] = (),
    ) -> Report:
        """Take in what is new or changed under some paths.

        Args:
            paths: files and folders.
            prune: withdraw the articles whose source under them is gone.
            progress: told of the stages.
            gathered: what came from the web, beside the files.
            vanished: files that are known to be gone, for pruning.

        Returns:
            What was done; bad sources are in it, and stop nothing.

        Raises:
            NotFound: one of the paths does not exist.
            ArchiveBusy: another process is writing.
            ModelMismatch: the archive was made with another embedding model.
            ModelUnavailable: texts cannot be embedded; nothing has changed.
            StorageFull: no room, or no right, to write; nothing has changed.
            ArchiveDamaged: the archive cannot be read; nothing has changed.
        """
        started = time.monotonic()
        found = find_sources(paths)
        watched = progress or Silent()
        with writing(self._places, self._options, watched) as shop:
            store = shop.store
            store.settle_recipe(self._options.recipe(self._embedder.model_id))
            planner = Planner(store.known())
            detail = {"sources": _named(paths, gathered)}
            change = store.begin("index", self._options.by, detail)
            spared: list[str] = []
            watched.stage("read", None)
            self._stage(
                store, change, self._drafts(found, gathered, planner, spared), planner, watched
            )
            removed = planner.find_removed(_resolved([*paths, *vanished]), spared)
            stage_withdrawal(store, change, [item.article_id for item in removed if prune])
            embedded = self._finish(shop, change, planner, removed if prune else [])
        return self._report(planner, started, pruned=prune, embedded=embedded)

    def _drafts(
        self,
        found: Iterator[Path | Unreadable],
        gathered: Iterable[Gathered],
        planner: Planner,
        spared: list[str],
    ) -> Iterator[tuple[Draft, str]]:
        """The drafts with the files they are from; what is no draft goes to the report."""
        limit = self._options.limit_bytes
        yield from ((draft, "") for draft in _from_web(gathered, planner))
        with Confined(self._options.limits) as parser:
            for source in found:
                if isinstance(source, Unreadable):
                    planner.reject(source)
                    spared += _resolved([Path(source.source)])
                    continue
                (file,) = _resolved([source])
                for read_ in read(source, str(source), self._rules, limit, parser=parser):
                    if isinstance(read_, Draft):
                        yield read_, file
                    else:
                        planner.reject(read_)
                        spared.append(file)

    def _stage(
        self,
        store: ArchiveStore,
        change: int,
        drafts: Iterator[tuple[Draft, str]],
        planner: Planner,
        progress: Progress,
    ) -> None:
        batch: list[Staged] = []
        for draft, file in drafts:
            digest = draft_digest(draft)
            item = planner.decide(draft, digest)
            progress.advance(1)
            if item is None or item.kind is Kind.UNCHANGED:
                continue
            passages = tuple(
                segment(draft.text, self._options.passage_chars, self._options.window_chars)
            )
            note = Note(read=digest)
            batch.append(Staged(item.article_id, draft, digest, file, passages, note))
            if len(batch) >= _STAGE_BATCH:
                stage(store, change, batch)
                batch = []
        stage(store, change, batch)

    def _finish(
        self, shop: Workshop, change: int, planner: Planner, withdrawn: Sequence[Item]
    ) -> int:
        counts = {kind.value: planner.counts[kind] for kind in Kind}
        if planner.counts[Kind.ADDED] or planner.counts[Kind.CHANGED] or withdrawn:
            return carry_out(shop, change, counts, self._embedder)
        shop.store.drop_unfinished()
        return 0

    def _report(
        self,
        planner: Planner,
        started: float,
        *,
        dry_run: bool = False,
        pruned: bool = False,
        embedded: int = 0,
    ) -> Report:
        windows = passages = 0
        if self._places.archive.exists():
            with Targets(self._places.archive, 0) as targets:
                windows, passages = targets.counts()
        return Report(
            added=planner.counts[Kind.ADDED],
            changed=planner.counts[Kind.CHANGED],
            unchanged=planner.counts[Kind.UNCHANGED],
            removed=planner.counts[Kind.REMOVED],
            unreadable=tuple(planner.unreadable),
            items=tuple(planner.items),
            pruned=pruned,
            dry_run=dry_run,
            passages=passages,
            windows=windows,
            embedded=embedded,
            took_ms=round((time.monotonic() - started) * 1000),
        )


def _named(paths: Sequence[Path], gathered: Sequence[Gathered]) -> list[str]:
    """What a change is of, for the history: as it was given, and not all of it."""
    drafts = (each.source for each in gathered if isinstance(each, Draft))
    return [*map(str, paths), *drafts][:_NAMED]


def _from_web(gathered: Iterable[Gathered], planner: Planner) -> Iterator[Draft]:
    for each in gathered:
        if isinstance(each, Draft):
            yield each
        elif isinstance(each, Unreadable):
            planner.reject(each)
        else:
            planner.recognise(each.origin)


def _resolved(paths: Sequence[Path]) -> list[str]:
    # `Path.resolve` raises on a link to itself before Python 3.13; `realpath` does not.
    return [Path(os.path.realpath(path)).as_posix() for path in paths]
