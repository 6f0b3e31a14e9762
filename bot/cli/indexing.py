"""``kiosque index``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cli.json_values import report_as_json
from bot.cli.opened import opened
from bot.cli.output import console, print_json

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


def index(invocation: Invocation, order: Order, *, as_json: bool) -> int:
    """Take articles in, or show what would change; 1 when nothing at all could be read."""
    with opened(invocation) as (app, bars):
        indexer = app.indexer()
        if order.dry_run:
            report = indexer.plan(order.paths, bars)
        else:
            report = indexer.index(order.paths, prune=order.prune, progress=bars)
    if as_json:
        print_json(report_as_json(report))
    else:
        from bot.cli.render_report import render_report

        console().print(render_report(report, invocation.texts, explain=order.explain))
    return int(_nothing_read(report))


def _nothing_read(report: Report) -> bool:
    return bool(report.unreadable) and not (report.added + report.changed + report.unchanged)
