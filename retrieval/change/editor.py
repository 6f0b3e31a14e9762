"""What people change by hand: corrections, withdrawals, and taking the last change back."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.archive import history
from retrieval.archive.meta import Recipe
from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Note, draft_digest
from retrieval.archive.writer import Staged, stage, stage_undo, stage_withdrawal
from retrieval.change.commit import WriteSession, commit_change, writing
from retrieval.change.report import PlanChanged
from retrieval.errors import ArchiveMissing, BadUse, NotFound
from retrieval.process import ms_since
from retrieval.reading import Clock, read
from retrieval.text.file_names import shown_name
from retrieval.text.segmentation import segment
from retrieval.vocabulary import Draft, LeftOut, State, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from retrieval.archive.rows import Known
    from retrieval.change.commit import Options
    from retrieval.change.report import Progress
    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Places
    from retrieval.reading import CleaningRules
    from retrieval.text.segmentation import PassageSpans
    from retrieval.vocabulary import Article


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit did, or would do.

    Args:
        change: its number in the history; 0 when nothing was done.
        before: the articles as they were.
        after: the same as they are now; those that are gone are missing.
        took_ms: how long it took.
    """

    change: int
    before: tuple[Article, ...]
    after: tuple[Article, ...] = ()
    took_ms: int = 0


@dataclass(frozen=True, slots=True)
class Undone:
    """The change that was taken back, the change that did it, and how many articles it moved."""

    undone: history.Change
    change: int
    articles: int
    took_ms: int = 0


class Editor:
    """Corrects and withdraws articles, and takes changes back.

    Args:
        places: where the archive and its indexes are.
        embedder: gives what makes the vectors; called only if some are needed.
        rules: what cleaning takes out.
        options: the sizes, the retention, who does it.
    """

    def __init__(
        self,
        places: Places,
        embedder: Callable[[], Embedder],
        rules: CleaningRules,
        options: Options,
    ) -> None:
        self._places = places
        self._embedder = embedder
        self._rules = rules
        self._options = options

    # --- withdrawing ----------------------------------------------------------------

    def withdraw(self, ids: Sequence[str], reason: str, progress: Progress | None = None) -> Edited:
        """Have some articles never cited again.

        Args:
            ids: of the articles, or beginnings of them.
            reason: kept, and told to those who look at an old answer.
            progress: called at each stage and step.

        Raises:
            NotFound: an id is unknown, or there is no archive.
            BadUse: an article is withdrawn already.
            ArchiveBusy, ArchiveDamaged, StorageFull: nothing has changed.
        """
        started = time.monotonic()
        with self._writing(progress) as session:
            articles = self._live(ids)
            detail = {"reason": reason, "articles": _named(articles)}
            change = session.store.begin("withdraw", self._options.by, detail)
            wanted = [article.id for article in articles]
            stage_withdrawal(session.store, change, wanted, "withdraw", reason)
            commit_change(session, change, {"withdrawn": len(articles)}, None)
        return Edited(change, articles, self._now(articles), ms_since(started))

    # --- correcting -----------------------------------------------------------------

    def corrected(self, id_: str, path: Path) -> tuple[Article, Draft]:
        """An article, and what a file would make of it; nothing is changed.

        Where the file is silent (a plain text names no date), what was known stays.

        Raises:
            NotFound: the id or the path is unknown, or there is no archive.
            BadUse: the article is withdrawn, the file says what it says already, holds no
                article, or more than one.
        """
        (article,) = self._live([id_])
        draft = _completed(self._only_draft(path), article)
        if draft_digest(draft) == article.digest:
            raise BadUse("correction_same", path=str(path), id=article.id)
        return article, draft

    def correct(
        self,
        id_: str,
        path: Path,
        progress: Progress | None = None,
        expected: tuple[Article, Draft] | None = None,
    ) -> Edited:
        """Replace what an article says by what a file says.

        Args:
            id_: of the article, or a beginning of it.
            path: the file.
            progress: called at each stage and step.
            expected: what `corrected` gave when it was confirmed. It is compared under the
                writer's lock, and nothing is done when it comes out otherwise.

        Raises:
            NotFound, BadUse: as `corrected`.
            PlanChanged: the article or the file is not what was ``expected``.
            ModelMismatch, BadSettings: the archive is made otherwise than is set.
            ArchiveBusy, ArchiveDamaged, ModelUnavailable, StorageFull: nothing has changed.
        """
        started = time.monotonic()
        embedder = self._embedder()
        with self._writing(progress) as session:
            article, draft = self.corrected(id_, path)
            if expected is not None and _digests(article, draft) != _digests(*expected):
                raise PlanChanged(None)
            session.store.settle_recipe(self._options.recipe(embedder.model_id))
            known = self._known(article)
            detail = {"sources": [shown_name(path)], "articles": _named([article])}
            change = session.store.begin("correct", self._options.by, detail)
            digest = draft_digest(draft)
            note = Note("correct", read=known.note.read or known.digest)
            spans = self._cut(draft.text)
            revision = Staged(article.id, draft, digest, known.file, spans, note, State.CORRECTED)
            stage(session.store, change, [revision])
            commit_change(session, change, {"changed": 1}, embedder)
        return Edited(change, (article,), self._now([article]), ms_since(started))

    def _only_draft(self, path: Path) -> Draft:
        if not path.exists():
            raise NotFound("path_missing", path=str(path))
        clock, limit = Clock.at(time.time(), self._options.timezone), self._options.limit_bytes
        found = list(_first(read(path, shown_name(path), self._rules, limit, clock), 2))
        drafts = [one for one in found if isinstance(one, Draft)]
        if len(drafts) > 1:
            raise BadUse("correction_many", path=str(path))
        problems = [one for one in found if isinstance(one, Unreadable)]
        if not drafts:
            reason = problems[0].reason if problems else "empty"
            raise BadUse("correction_unreadable", path=str(path), reason=reason)
        return drafts[0]

    # --- taking back ----------------------------------------------------------------

    def undoable(self, only: int | None = None) -> history.Change | None:
        """What `rollback` would take back.

        Raises:
            NotFound: there is no archive.
            BadUse: it is not the change that was named.
        """
        with ArchiveReader(self._places.archive) as reader:
            return _as_named(reader.last_undoable(), only)

    def rollback(self, progress: Progress | None = None, only: int | None = None) -> Undone:
        """Take the newest change back that stands, whole.

        Done again, it takes back the one before. It is a change of its own in the history.

        Args:
            progress: called at each stage and step.
            only: the change that is meant; another one is never taken back in its place.

        Raises:
            NotFound: there is no archive.
            BadUse: nothing can be taken back, or it is not the change that was named.
            ModelMismatch: the archive was made with another embedding model.
            ArchiveBusy, ArchiveDamaged, ModelUnavailable, StorageFull: nothing has changed.
        """
        started = time.monotonic()
        with self._writing(progress) as session:
            connection = session.store.connection
            last = _as_named(history.last_undoable(connection), only)
            recipe = Recipe.of_archive(connection)
            if last is None or recipe is None:
                raise BadUse("nothing_to_undo")
            undos = history.undoing(connection, last.id)
            detail = {"undoes": last.id, "action": last.action, "by": last.by}
            change = session.store.begin("rollback", self._options.by, detail)
            for undo in undos:
                stage_undo(session.store, change, undo, self._cut_as(session, undo, recipe))
            texts = any(undo.revision is not None and not undo.same_text for undo in undos)
            commit_change(
                session, change, _moved(undos), self._same_model(recipe) if texts else None
            )
        return Undone(last, change, len(undos), ms_since(started))

    def _same_model(self, recipe: Recipe) -> Embedder:
        embedder = self._embedder()
        recipe.check(replace(recipe, model=embedder.model_id))
        return embedder

    def _cut_as(
        self, session: WriteSession, undo: history.Undo, recipe: Recipe
    ) -> tuple[PassageSpans, ...]:
        """Where the text that an article had is cut, as the archive is cut today."""
        if undo.revision is None or undo.same_text:
            return ()
        text = history.text_of(session.store.connection, undo.revision)
        return tuple(segment(text, recipe.passage_chars, recipe.window_chars))

    # --- in common ------------------------------------------------------------------

    def _writing(self, progress: Progress | None) -> AbstractContextManager[WriteSession]:
        if not self._places.archive.exists():
            raise ArchiveMissing("no_archive", path=str(self._places.archive))
        return writing(self._places, self._options, progress)

    def _cut(self, text: str) -> tuple[PassageSpans, ...]:
        return tuple(segment(text, self._options.passage_chars, self._options.window_chars))

    def _live(self, ids: Sequence[str]) -> tuple[Article, ...]:
        with ArchiveReader(self._places.archive) as reader:
            articles = {article.id: article for article in map(reader.article, ids)}
        for article in articles.values():
            if article.state is State.WITHDRAWN:
                raise BadUse("article_withdrawn", id=article.id, title=article.title)
        return tuple(articles.values())

    def _known(self, article: Article) -> Known:
        with ArchiveReader(self._places.archive) as reader:
            return reader.known_as(article.id)

    def _now(self, articles: Sequence[Article]) -> tuple[Article, ...]:
        with ArchiveReader(self._places.archive) as reader:
            return tuple(reader.article(article.id) for article in articles)


def _completed(draft: Draft, article: Article) -> Draft:
    """A draft with what is known of the article where its source is silent."""
    named = draft.titled or not article.title
    return replace(
        draft,
        source=article.source,
        title=draft.title if named else article.title,
        published=draft.published or article.published,
        outlet=draft.outlet or article.outlet,
        author=draft.author or article.author,
        url=draft.url or article.url,
    )


def _digests(article: Article, draft: Draft) -> tuple[str, str, str]:
    return article.id, article.digest, draft_digest(draft)


def _named(articles: Sequence[Article]) -> list[dict[str, str]]:
    return [{"id": article.id, "title": article.title} for article in articles]


def _as_named(last: history.Change | None, only: int | None) -> history.Change | None:
    if last is not None and only is not None and last.id != only:
        raise BadUse("not_the_last_change", id=only, last=last.id)
    return last


def _moved(undos: Sequence[history.Undo]) -> dict[str, int]:
    removed = sum(undo.revision is None for undo in undos)
    return {"removed": removed, "changed": len(undos) - removed}


def _first(
    found: Iterator[Draft | Unreadable | LeftOut], drafts: int
) -> Iterator[Draft | Unreadable | LeftOut]:
    """What is found up to so many drafts: an export need not be read to its end."""
    for one in found:
        yield one
        drafts -= isinstance(one, Draft)
        if not drafts:
            return
