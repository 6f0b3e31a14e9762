"""``kiosque index``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cli import failures
from bot.cli.json_values import report_as_json
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from bot.cli.who import who
from retrieval.errors import Failed

if TYPE_CHECKING:
    from pathlib import Path

    from bot.cli.invocation import Invocation
    from retrieval.indexing import Report


@dataclass(frozen=True, slots=True)
class Order:
    """What to index, and how."""

    paths: tuple[Path, ...]
    prune: bool = False
    dry_run: bool = False
    explain: bool = False
    by: str | None = None
    yes: bool = False


def index(invocation: Invocation, order: Order, *, as_json: bool) -> int:
    """Take articles in, or show what would change; 1 when there was nothing that could be read.

    The report is shown all the same: programs find in it what was wrong with each source.
    """
    with opened(invocation) as (app, bars):
        indexer = app.indexer(who(order.by))
        if order.dry_run:
            report = indexer.plan(order.paths, bars)
        else:
            report = indexer.index(order.paths, prune=order.prune, progress=bars)
    problem = _nothing_read(report, order)
    if as_json:
        print_json(report_as_json(report))
    elif report.unreadable or problem is None:
        from bot.cli.render_report import render_report

        display(render_report(report, invocation.texts, explain=order.explain))
    if problem is None:
        return 0
    failures.show(failures.explained(problem, invocation.texts), as_json=False)
    return problem.exit_code


def _nothing_read(report: Report, order: Order) -> Failed | None:
    """What to say when no article was met, and none is missed either."""
    if report.added or report.changed or report.unchanged:
        return None
    if report.unreadable:
        return Failed("nothing_readable")
    if report.removed:
        return None
    return Failed("no_articles", paths=", ".join(map(str, order.paths)))
