"""Indexing: sources become one change of the archive, made entirely or not at all."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from retrieval.archive.archive_after import ArchiveAfter
from retrieval.archive.known import KnownArticles, put_keys
from retrieval.archive.rows import Note, draft_digest, stage_links
from retrieval.archive.similar import SimilarArticles, put_lacking, put_staged
from retrieval.archive.writer import ArchiveStore, Staged, stage, stage_withdrawal
from retrieval.change.commit import Options, WriteSession, commit_change, writing
from retrieval.change.duplicates import DuplicateFinder
from retrieval.change.feeding import EmbeddingSurvey, embedding_work
from retrieval.change.inputs import ChangeInputs
from retrieval.change.planner import Planner
from retrieval.change.report import Kind, PlanChanged, Progress, Report, Silent, counts_of
from retrieval.errors import ArchiveMissing
from retrieval.process import ms_since
from retrieval.reading import Clock
from retrieval.text.file_names import path_of
from retrieval.text.segmentation import segment
from retrieval.vocabulary import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.change.report import Item
    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Places
    from retrieval.reading import CleaningRules, PlacedFile
    from retrieval.text.segmentation import PassageSpans
    from retrieval.vocabulary import Article
    from retrieval.web.feeds import WebFound

_BATCH = 64


@contextmanager
def dry_run_store(
    archive: Path | None,
) -> Iterator[tuple[ArchiveStore, int, list[SimilarArticles]]]:
    """A store to stage in, its change, and the archives to compare on: the archive's too.

    The articles of the archive that have no signature yet are signed in the store.

    Args:
        archive: the file ``archive.db``; None when there is none yet.

    Raises:
        StorageFull: no room, or no right, to write temporary files.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="kiosque-"))
        store = stack.enter_context(ArchiveStore(Path(folder) / "archive.db"))
        store.connection.execute("PRAGMA synchronous = OFF")  # it is not to last
        archives = [stack.enter_context(SimilarArticles(archive))] if archive else []
        if archive:
            _sign(store, archives[0])
        change = store.begin("index", "")
        archives.append(stack.enter_context(SimilarArticles(store.path, change)))
        yield store, change, archives


def _sign(store: ArchiveStore, archive: SimilarArticles) -> None:
    unsigned = archive.unsigned()
    if unsigned:
        change = store.begin("index", "")
        for start in range(0, len(unsigned), _BATCH):
            articles = map(archive.before, unsigned[start : start + _BATCH])
            stage(store, change, [_copy(article) for article in articles if article])
        store.publish(change, {})
    put_lacking(store)


def _copy(article: Article) -> Staged:
    draft = Draft(
        article.id,  # no other origin is like it
        article.source,
        article.title,
        article.text,
        article.published,
        article.outlet,
        article.author,
        article.url,
        article.language,
    )
    return Staged(article.id, draft, article.digest, "", (), Note())


_STAGE_BATCH = 64


class Indexer:
    """Takes files and folders into the archive.

    Args:
        places: where the archive and its indexes are.
        embedder: makes the vectors.
        rules: what cleaning takes out.
        options: the sizes, the retention, who does it.
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
        paths: Sequence[Path | PlacedFile],
        progress: Progress | None = None,
        gathered: Sequence[WebFound] = (),
        *,
        prune: bool = False,
    ) -> Report:
        """What `index` would do, without doing it: nothing is written, no lock is taken.

        Args:
            paths: files and folders, and files that are read as if they stood elsewhere.
            progress: called at each stage and step.
            gathered: what came from the web, beside the files.
            prune: tell what is withdrawn because its source is gone.

        Raises:
            NotFound: one of the paths does not exist.
            ArchiveDamaged: the archive cannot be read.
        """
        started = time.monotonic()
        inputs = ChangeInputs.of(paths, gathered)
        watched, unread = progress or Silent(), list[str]()
        with ExitStack() as stack:
            known = None
            with suppress(ArchiveMissing):
                known = stack.enter_context(KnownArticles(self._places.archive))
            store, change, archives = stack.enter_context(
                dry_run_store(self._places.archive if known else None)
            )
            known = known or stack.enter_context(KnownArticles(store.path))
            texts = DuplicateFinder(archives, signing=self._options.linking)
            planner = Planner(known, texts, linking=self._options.linking)
            watched.stage("read", None)
            drafts = self._drafts(inputs, planner, unread)
            survey = EmbeddingSurvey(self._cut)
            _Staging(store, change, texts, survey).take(planner, drafts, watched)
            planner.find_removed(inputs.roots, unread)
        plan = self._report(planner, started, dry_run=True, pruned=prune)
        return replace(plan, work=survey.work(self._embedder))

    def index(
        self,
        paths: Sequence[Path | PlacedFile],
        *,
        prune: bool = False,
        progress: Progress | None = None,
        gathered: Sequence[WebFound] = (),
        vanished: Sequence[Path] = (),
        expected: Report | None = None,
        confirm: Callable[[Report], bool] | None = None,
        place: Callable[[], None] | None = None,
        now: float | None = None,
    ) -> Report:
        """Take in what is new or changed under some paths.

        Args:
            paths: files and folders, and files that are read as if they stood elsewhere.
            prune: withdraw the articles whose source under them is gone.
            progress: called at each stage and step.
            gathered: what came from the web, beside the files.
            vanished: files that are known to be gone, for pruning.
            expected: the plan that was confirmed. It is made again under the writer's lock, and
                nothing is done when it comes out otherwise.
            confirm: shown the plan once everything is read and before anything is built. When it
                says no, or raises, nothing is done, and the plan is returned as ``declined``.
                The plan tells how long embedding takes, when that is long: the first texts are
                embedded for it, and their vectors kept.
                The writer's lock is held meanwhile: ask people outside, then give ``expected``.
            place: called once the change stands, before other writers may begin: moves each
                `PlacedFile` to its path. What it raises does not undo the change.
            now: when it is read, in seconds since the epoch; by default the time of the call.

        Returns:
            What was done; bad sources are in it, and stop nothing.

        Raises:
            NotFound: one of the paths does not exist.
            PlanChanged: the change is not the ``expected`` one; it carries the new plan.
            ArchiveBusy: another process is writing.
            ModelMismatch: the archive was made with another embedding model.
            ModelUnavailable: texts cannot be embedded; nothing has changed.
            StorageFull: no room, or no right, to write; nothing has changed.
            ArchiveDamaged: the archive cannot be read; nothing has changed.
        """
        started = time.monotonic()
        inputs = ChangeInputs.of(paths, gathered, vanished)
        watched = progress or Silent()
        with writing(self._places, self._options, watched) as session:
            session.store.settle_recipe(self._options.recipe(self._embedder.model_id))
            change = session.store.begin("index", self._options.by, {"sources": inputs.names})
            planner, removed = self._staged(session, change, inputs, watched, now)
            plan = self._report(planner, started, dry_run=True, pruned=prune)
            if confirm is not None:
                work = embedding_work(session, change, self._embedder)
                plan = replace(plan, work=work)
            if not _confirmed(session, plan, expected, confirm):
                return replace(plan, declined=True)
            stage_links(session.store, change, planner.linked)
            withdrawn = [item.article_id for item in removed if prune]
            stage_withdrawal(session.store, change, withdrawn)
            embedded = self._finish(session, change, planner, withdrawn)
            session.store.move(move for move in planner.moved() if not path_of(move.left).exists())
            if place is not None:
                place()
        return self._report(planner, started, pruned=prune, embedded=embedded)

    def _staged(
        self,
        session: WriteSession,
        change: int,
        inputs: ChangeInputs,
        progress: Progress,
        now: float | None,
    ) -> tuple[Planner, list[Item]]:
        """Read everything and stage it; what was planned, and what is gone."""
        store, options = session.store, self._options
        put_keys(store)
        if options.linking:
            put_lacking(store)
        unread: list[str] = []
        with (
            SimilarArticles(self._places.archive, change) as archive,
            KnownArticles(self._places.archive) as known,
        ):
            texts = DuplicateFinder([archive], signing=options.linking)
            planner = Planner(known, texts, linking=options.linking)
            progress.stage("read", None)
            staging = _Staging(store, change, texts, self._cut)
            drafts = self._drafts(inputs, planner, unread, now)
            staging.take(planner, drafts, progress)
            removed = planner.find_removed(inputs.roots, unread)
        return planner, removed

    def _drafts(
        self, inputs: ChangeInputs, planner: Planner, unread: list[str], now: float | None = None
    ) -> Iterator[tuple[Draft, str]]:
        clock = Clock.at(time.time() if now is None else now, self._options.timezone)
        return inputs.drafts(planner, unread, self._rules, self._options, clock)

    def _cut(self, draft: Draft) -> tuple[PassageSpans, ...]:
        sizes = (self._options.passage_chars, self._options.window_chars)
        return tuple(segment(draft.text, *sizes))

    def _finish(
        self, session: WriteSession, change: int, planner: Planner, withdrawn: Sequence[str]
    ) -> int:
        # What is gone stays in the archive unless pruning was asked for.
        counts = counts_of(planner.counts) | {"removed": len(withdrawn)}
        if planner.counts[Kind.ADDED] or planner.counts[Kind.CHANGED] or withdrawn:
            return commit_change(session, change, counts, self._embedder)
        if planner.linked:
            session.store.close_change(change, counts)
        else:
            session.store.drop_unfinished()
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
        with suppress(ArchiveMissing), ArchiveAfter(self._places.archive, 0) as archive:
            windows, passages = archive.totals()
        return Report(
            added=planner.counts[Kind.ADDED],
            changed=planner.counts[Kind.CHANGED],
            unchanged=planner.counts[Kind.UNCHANGED],
            removed=planner.counts[Kind.REMOVED],
            near_duplicates=planner.counts[Kind.NEAR_DUPLICATE],
            unreadable=tuple(planner.unreadable),
            left_out=tuple(planner.left_out.values()),
            awaited=dict(planner.awaited),
            items=tuple(planner.items),
            pruned=pruned,
            dry_run=dry_run,
            passages=passages,
            windows=windows,
            embedded=embedded,
            took_ms=ms_since(started),
        )


class _Staging:
    """Writes what a plan adds or changes, batch by batch.

    Args:
        store: where to.
        change: the change under way in it.
        texts: told what every article will say.
        cut: gives the passages of a draft.
    """

    def __init__(
        self,
        store: ArchiveStore,
        change: int,
        texts: DuplicateFinder,
        cut: Callable[[Draft], tuple[PassageSpans, ...]],
    ) -> None:
        self._store, self._change = store, change
        self._texts, self._cut = texts, cut
        self._batch: list[Staged] = []

    def take(
        self, planner: Planner, drafts: Iterator[tuple[Draft, str]], progress: Progress
    ) -> None:
        """Decide on all drafts, and write those that become revisions."""
        for draft, file in drafts:
            digest = draft_digest(draft)
            item = planner.decide(draft, digest, file)
            progress.advance(1)
            if item is not None and item.kind in (Kind.ADDED, Kind.CHANGED):
                self._texts.note(item.article_id, draft)
                note = Note(read=digest)
                self._batch.append(
                    Staged(item.article_id, draft, digest, file, self._cut(draft), note)
                )
            if len(self._batch) >= _STAGE_BATCH:
                self._write()
        self._write()

    def _write(self) -> None:
        stage(self._store, self._change, self._batch)
        put_staged(self._store, self._change, self._texts.staged())
        put_keys(self._store)
        self._batch = []


def _confirmed(
    session: WriteSession,
    plan: Report,
    expected: Report | None,
    confirm: Callable[[Report], bool] | None,
) -> bool:
    """Whether a change is to be made; otherwise nothing is left of it."""
    agreed = False
    try:
        if expected is not None and not plan.does_as(expected):
            raise PlanChanged(plan)
        agreed = confirm is None or confirm(plan)
    finally:
        if not agreed:
            session.store.drop_unfinished()
    return agreed
