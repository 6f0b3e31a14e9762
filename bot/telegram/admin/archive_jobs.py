"""Jobs of the archive worker: what administrators plan and confirm, as frozen values.

Each job runs in the worker's child process (`bot.telegram.admin.archive_worker`) and returns a
value of `retrieval.change` or `retrieval.web`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.app import Kiosque
    from retrieval.change import Edited, Report, Undone
    from retrieval.change.compaction import Compacted
    from retrieval.change.report import Difference, Progress
    from retrieval.reading import PlacedFile
    from retrieval.vocabulary import Article, Draft
    from retrieval.web.watch import RoundReport

T_co = TypeVar("T_co", covariant=True)


class Job(Protocol[T_co]):
    """A piece of work for the worker's child process. It is pickled."""

    def run(self, app: Kiosque, progress: Progress) -> T_co:
        """Do it, in the child.

        Raises:
            KiosqueError: it cannot be done.
        """


@dataclass(frozen=True, slots=True)
class PlanArticles:
    """What reading some files, folders and addresses would change."""

    files: Sequence[Path | PlacedFile] = ()
    urls: Sequence[str] = ()

    def run(self, app: Kiosque, progress: Progress) -> Report:
        """Read everything; nothing is changed."""
        from bot.web_sources import WebSources

        found = WebSources(app).collect(self.urls, progress).found
        return app.indexer().plan(self.files, progress, found)


@dataclass(frozen=True, slots=True)
class IndexArticles:
    """Take files, folders and addresses in.

    Args:
        files: files and folders; a `PlacedFile` is moved to its path with the change.
        urls: addresses of articles and feeds.
        by: who does it, for the history.
        expected: the digest of the plan that was confirmed; ``""`` to compare nothing.
    """

    files: Sequence[Path | PlacedFile]
    urls: Sequence[str]
    by: str
    expected: str = ""

    def run(self, app: Kiosque, progress: Progress) -> Report:
        """Read everything again and take it in.

        Raises:
            PlanChanged: under the writer's lock the plan is not the expected one.
        """
        from bot.telegram.admin.uploads import move_into_place
        from bot.web_sources import WebSources
        from retrieval.reading import PlacedFile

        web = WebSources(app)
        collection = web.collect(self.urls, progress)
        placed = [file for file in self.files if isinstance(file, PlacedFile)]
        report = app.indexer(self.by).index(
            self.files,
            progress=progress,
            gathered=collection.found,
            confirm=self._compared,
            place=lambda: move_into_place(placed),
        )
        web.remember(collection)
        return report

    def _compared(self, plan: Report) -> bool:
        from retrieval.change import PlanChanged

        if self.expected and plan.digest != self.expected:
            raise PlanChanged(plan)
        return True


@dataclass(frozen=True, slots=True)
class PlannedFeed:
    """The feed that an address leads to, and what following it would take in now."""

    url: str
    report: Report


@dataclass(frozen=True, slots=True)
class PlanFeed:
    """What following a feed, or the main feed of a site, would take in now."""

    url: str

    def run(self, app: Kiosque, progress: Progress) -> PlannedFeed:
        """Find the feed and read it; an address without a feed is read as it is."""
        from bot.web_sources import WebSources

        url = WebSources(app).main_feed(self.url)
        return PlannedFeed(url, PlanArticles((), (url,)).run(app, progress))


@dataclass(frozen=True, slots=True)
class FollowFeed:
    """Follow a feed from now on, and take in what it brings now."""

    url: str
    by: str

    def run(self, app: Kiosque, progress: Progress) -> Report:
        """Add it to the list, then read it."""
        from bot.web_sources import WebSources
        from retrieval.web.watch_store import WatchStore

        with WatchStore(WebSources(app).store_path) as store:
            store.add_feed(self.url)
        return IndexArticles((), (self.url,), self.by).run(app, progress)


@dataclass(frozen=True, slots=True)
class UnfollowFeed:
    """Follow a feed no more; its articles stay."""

    url: str

    def run(self, app: Kiosque, progress: Progress) -> None:  # noqa: ARG002 - one step
        """Take it off the list; one that is not listed is no error."""
        from bot.web_sources import WebSources
        from retrieval.web.watch_store import WatchStore

        with WatchStore(WebSources(app).store_path) as store:
            store.remove_feed(self.url)


@dataclass(frozen=True, slots=True)
class PlannedCorrection:
    """What a file would change in an article, and a hash of the article and the file."""

    changes: Difference
    digest: str


@dataclass(frozen=True, slots=True)
class PlanCorrection:
    """What a file would change in an article."""

    article: str
    file: Path

    def run(self, app: Kiosque, progress: Progress) -> PlannedCorrection:  # noqa: ARG002
        """Read the file and compare."""
        from retrieval.change.report import difference

        article, draft = app.editor("").corrected(self.article, self.file)
        return PlannedCorrection(difference(article, draft), _digest(article, draft))


@dataclass(frozen=True, slots=True)
class CorrectArticle:
    """Replace what an article says by what a file says.

    ``expected`` is the digest of the correction that was confirmed.
    """

    article: str
    file: Path
    by: str
    expected: str

    def run(self, app: Kiosque, progress: Progress) -> Edited:
        """Read the file again and correct the article.

        Raises:
            PlanChanged: the article or the file is not what it was.
        """
        from retrieval.change import PlanChanged

        editor = app.editor(self.by)
        article, draft = editor.corrected(self.article, self.file)
        if _digest(article, draft) != self.expected:
            raise PlanChanged(None)
        return editor.correct(self.article, self.file, progress, expected=(article, draft))


@dataclass(frozen=True, slots=True)
class WithdrawArticle:
    """Have an article never cited again."""

    article: str
    reason: str
    by: str

    def run(self, app: Kiosque, progress: Progress) -> Edited:
        """Withdraw it."""
        return app.editor(self.by).withdraw([self.article], self.reason, progress)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Take back a change, which must be the newest that stands."""

    change: int
    by: str

    def run(self, app: Kiosque, progress: Progress) -> Undone:
        """Take it back."""
        return app.editor(self.by).rollback(progress, self.change)


@dataclass(frozen=True, slots=True)
class WatchRound:
    """Look once at the feeds and folders that are followed."""

    def run(self, app: Kiosque, progress: Progress) -> RoundReport:
        """Take in what is new.

        Raises:
            WatcherBusy: another process follows them.
        """
        from bot.web_sources import WebSources
        from retrieval.web.watch import only_watcher

        with only_watcher(app.settings.home):
            return WebSources(app).watch_round(progress)


@dataclass(frozen=True, slots=True)
class CompactIndexes:
    """Make the base of the indexes anew, if enough came upon it."""

    def run(self, app: Kiosque, progress: Progress) -> Compacted | None:
        """Make it beside; None if it is not due, or another process does it.

        Raises:
            KiosqueError: it cannot be made; nothing has changed.
        """
        from bot.options import change_options
        from retrieval.change.compaction import compact_if_due
        from retrieval.errors import ArchiveBusy

        how = change_options(app.settings, "bot")
        try:
            return compact_if_due(app.places, how, app.settings.indexing.tail_share, progress)
        except ArchiveBusy:
            return None


def _digest(article: Article, draft: Draft) -> str:
    from retrieval.archive.rows import draft_digest

    told = f"{article.id} {article.digest} {draft_digest(draft)}"
    return hashlib.sha256(told.encode()).hexdigest()
