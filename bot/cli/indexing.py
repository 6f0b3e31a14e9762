"""``kiosque index``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import failures
from bot.cli.json_values import report_as_json
from bot.cli.opened import opened
from bot.cli.output import confirmed, console, display, print_json
from bot.cli.who import who
from bot.web_sources import collected, remember
from retrieval.errors import BadUse, Failed
from retrieval.reading import find_sources
from retrieval.web.urls import is_url

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue
    from retrieval.change import Report


@dataclass(frozen=True, slots=True)
class Order:
    """What to index, and how."""

    sources: tuple[str, ...]
    prune: bool = False
    dry_run: bool = False
    explain: bool = False
    yes: bool = False
    by: str | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files and folders."""
        return tuple(Path(source) for source in self.sources if not is_url(source))

    @property
    def urls(self) -> tuple[str, ...]:
        """The web addresses."""
        return tuple(source for source in self.sources if is_url(source))


def index(invocation: Invocation, order: Order, *, as_json: bool) -> int:
    """Take articles in, or show what would change; 1 when there was nothing that could be read.

    The report is shown all the same: programs find in it what was wrong with each source.

    Raises:
        BadUse: the change is big, and nobody can be asked.
    """
    with opened(invocation) as (app, bars):
        find_sources(order.paths)  # a path that is missing is said before anything is fetched
        web = collected(app, order.urls, bars)
        indexer = app.indexer(who(order.by))
        if order.dry_run:
            report = indexer.plan(order.paths, bars, web.found, prune=order.prune)
        else:
            most = app.settings.indexing.confirm_above
            asking = _Asking(invocation.texts, bars, most, as_json)
            report = indexer.index(
                order.paths,
                prune=order.prune,
                progress=bars,
                gathered=web.found,
                confirm=None if order.yes else asking.confirm,
            )
            if not report.declined:
                remember(app, web)
    if report.declined:
        display(invocation.texts.text("plan.declined"))
        return 1
    return _tell(report, invocation, order, as_json=as_json)


def _tell(report: Report, invocation: Invocation, order: Order, *, as_json: bool) -> int:
    problem = _nothing_read(report, order)
    if as_json:
        print_json(report_as_json(report, explain=order.explain))
    elif report.unreadable or report.left_out or problem is None:
        from bot.cli.render_report import render_report

        display(render_report(report, invocation.texts, explain=order.explain))
    if problem is None:
        return 0
    failures.show(failures.explained(problem, invocation.texts), as_json=False)
    return problem.exit_code


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks before a big change is made.

    Args:
        texts: the reader's language.
        bars: stand aside for the question.
        most: articles that may be replaced or removed without asking.
        by_program: nobody is there to answer.
    """

    texts: Catalogue
    bars: Bars
    most: int
    by_program: bool

    def confirm(self, plan: Report) -> bool:
        """Whether the change is to be made.

        Raises:
            BadUse: it is big, and nobody can be asked.
        """
        if plan.replaced <= self.most:
            return True
        if self.by_program or not sys.stdin.isatty():
            raise BadUse("too_many_changes", count=plan.replaced, most=self.most)
        from bot.cli.render_report import render_report

        self.bars.stop()
        console(stderr=True).print(render_report(plan, self.texts))
        return confirmed(self.texts.text("plan.confirm", count=plan.replaced), self.texts)


def _nothing_read(report: Report, order: Order) -> Failed | None:
    """What to say when no article was met, and none is missed either.

    Articles that are left out on purpose, such as drafts, were met.
    """
    if report.added or report.changed or report.unchanged or report.near_duplicates:
        return None
    if report.unreadable:
        return Failed("nothing_readable")
    withheld = any(group.reason != "unknown_format" for group in report.left_out)
    if report.removed or withheld:
        return None
    return Failed("no_articles", paths=", ".join(order.sources))
