"""``kiosque index``: take articles in, or show what would change."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.errata import cited_hint
from bot.cli.invocation import Invocation, author, opened
from bot.cli.json_values import report_as_json
from bot.cli.output import confirmed, console, display, print_json, show_failure
from bot.cli.translated import By, DryRun, Json, Yes, command, typer_app
from bot.messages.errors import explained
from retrieval.errors import BadUse, Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from rich.console import RenderableType

    from bot.cli.output import Bars
    from bot.messages.catalogue import Catalogue
    from config.settings import IndexingSettings
    from retrieval.change.report import Report

app = typer_app()


@command(app, "index")
def index(
    ctx: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE", help="help.index.sources")],
    prune: Annotated[bool, typer.Option("--prune", help="help.index.prune")] = False,
    dry_run: DryRun = False,
    explain: Annotated[bool, typer.Option("--explain", help="help.index.explain")] = False,
    yes: Yes = False,
    until: Annotated[
        str | None, typer.Option("--until", metavar="HOUR", help="help.index.until")
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> int:
    """Take articles in, or show what would change; 1 when there was nothing that could be read.

    The report is shown all the same: programs find in it what was wrong with each source.

    Raises:
        BadUse: the change is big, and nobody can be asked.
        PlanChanged: it is no longer what was confirmed.
        Paused: it was not done by the hour that was given.
    """
    from bot.web_sources import WebSources
    from retrieval.change.feeding import PausingProgress
    from retrieval.reading import find_sources
    from retrieval.text.addresses import is_url

    invocation: Invocation = ctx.obj
    paths = [Path(source) for source in sources if not is_url(source)]
    stops = None if until is None else next_time(until, datetime.now(UTC))
    with opened(invocation) as (parts, bars):
        find_sources(paths)  # a path that is missing is an error before anything is fetched
        web = WebSources(parts)
        collection = web.collect([source for source in sources if is_url(source)], bars)
        indexer = parts.indexer(author(by))
        if dry_run:
            report = indexer.plan(paths, bars, collection.found, prune=prune)
        else:
            asking = _Confirmation(invocation.texts, bars, parts.settings.indexing, as_json)
            watched = bars if stops is None else PausingProgress(bars, stops.timestamp())
            carry_out = partial(
                indexer.index, paths, prune=prune, progress=watched, gathered=collection.found
            )
            report = carry_out(confirm=None if yes else asking.is_small)
            # Others may write while a person thinks: the plan is compared again afterwards.
            if report.declined and asking.confirm(report):
                report = carry_out(expected=report)
            if not report.declined:
                web.remember(collection)
        replaced = {} if dry_run or as_json or not report.replaced else _replaced(report)
        hint = cited_hint(parts, replaced, invocation.texts)
    if report.declined:
        display(invocation.texts.text("plan.declined"))
        return 1
    code = _shown(report, sources, invocation, explain=explain, as_json=as_json)
    if hint:
        display("\n".join(hint))
    return code


def _replaced(report: Report) -> set[str]:
    """The articles that lost what they said."""
    from retrieval.change.report import Kind

    gone = (Kind.CHANGED, Kind.REMOVED) if report.pruned else (Kind.CHANGED,)
    return {item.article_id for item in report.items if item.kind in gone}


def _shown(
    report: Report,
    sources: Sequence[str],
    invocation: Invocation,
    *,
    explain: bool,
    as_json: bool,
) -> int:
    """Show the report, and the failure when nothing was read; the exit code."""
    problem = _nothing_read(report, sources)
    if as_json:
        print_json(report_as_json(report, explain=explain))
    elif report.unreadable or report.left_out or problem is None:
        display(render_report(report, invocation.texts, explain=explain))
    if problem is None:
        return 0
    show_failure(explained(problem, invocation.texts))
    return problem.exit_code


def _nothing_read(report: Report, sources: Sequence[str]) -> Failed | None:
    """The failure when there was no article, and none is missing either.

    Articles that are left out on purpose, such as drafts, count as articles.
    """
    if report.added or report.changed or report.unchanged or report.near_duplicates:
        return None
    if report.unreadable:
        return Failed("nothing_readable")
    withheld = any(group.reason != "unknown_format" for group in report.left_out)
    if report.removed or withheld:
        return None
    return Failed("no_articles", paths=", ".join(sources))


@dataclass(frozen=True, slots=True)
class _Confirmation:
    """Asks before a big change is made.

    Args:
        texts: the reader's language.
        bars: they stop before the question.
        limits: articles that may be replaced or removed, and minutes that embedding may take,
            without asking.
        by_program: a program reads, so that nobody can answer.
    """

    texts: Catalogue
    bars: Bars
    limits: IndexingSettings
    by_program: bool

    def is_small(self, plan: Report) -> bool:
        """Whether a change may be made without asking; where nobody can answer, long ones may."""
        if plan.replaced > self.limits.confirm_above:
            return False
        if not self._is_long(plan) or self.by_program:
            return True
        if sys.stdin.isatty():
            return False
        from bot.messages.desk import work_line

        console(stderr=True).print(work_line(plan.work, self.texts))
        return True

    def _is_long(self, plan: Report) -> bool:
        return plan.work.seconds > 60 * self.limits.confirm_minutes

    def confirm(self, plan: Report) -> bool:
        """Whether somebody wants a big change to be made.

        Raises:
            BadUse: nobody can be asked.
        """
        most = self.limits.confirm_above
        if self.by_program or not sys.stdin.isatty():
            raise BadUse("too_many_changes", count=plan.replaced, most=most)
        self.bars.stop()
        console(stderr=True).print(render_report(plan, self.texts))
        count = plan.replaced
        key = "plan.confirm" if count > most else "plan.confirm_long"
        return confirmed(self.texts.text(key, count=count), self.texts)


@dataclass(frozen=True, slots=True)
class _ReportPart:
    """A part of a report: a line, a list below it, and a line at the end."""

    head: str
    items: Iterable[str] = ()
    style: str = ""
    foot: str = ""


def render_report(report: Report, texts: Catalogue, *, explain: bool = False) -> RenderableType:
    """The counts, what is gone, what could not be read, and the size of the index.

    A plan names the articles too, the first of each kind.

    Args:
        report: what was done, or is planned.
        texts: the reader's language.
        explain: list what cleaning took out of each article as well, and all that is known
            of each record that could not be read.
    """
    from rich.console import Group

    from bot.cli.render import bullets, prose

    parts: list[RenderableType] = []
    for part in _parts(report, texts, explain=explain):
        parts += [prose(part.head, part.style), *bullets(part.items)]
        parts += [prose(part.foot)] if part.foot else []
    return Group(*parts)


def _parts(report: Report, texts: Catalogue, *, explain: bool) -> Iterator[_ReportPart]:
    from bot.messages.archive import count_lines, plan_lines
    from bot.messages.desk import work_line
    from retrieval.change.report import Kind

    if report.dry_run:
        yield _ReportPart(texts.text("index.planned"), style="bold")
    for kind, line in count_lines(report, texts):
        listed = report.dry_run and kind is not Kind.UNCHANGED
        yield _ReportPart(line, plan_lines(report.items, kind, texts) if listed else ())
    if report.dry_run and report.work.seconds:
        yield _ReportPart(
            work_line(report.work, texts), style="bold", foot=texts.text("plan.pause")
        )
    yield from _gone(report, texts)
    yield from _unread(report, texts, explain=explain)
    if explain:
        yield from _cleaned(report, texts)
    if not report.dry_run:
        took = texts.number(report.took_ms / 1000, 1)
        sizes = {"passages": report.passages, "windows": report.windows}
        yield _ReportPart(texts.text("index.size", **sizes, took=took), style="dim")


def next_time(hour: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The next moment at which clocks show an hour, such as ``07:00``.

    Args:
        hour: by the clocks of that day: they may be put forward or back before it.
        now: the time.
        zone: where the clocks are; None: that of this machine.

    Raises:
        BadUse: it is no hour.
    """
    with suppress(ValueError):
        given = time.fromisoformat(hour)
        if given.tzinfo is None:
            today = now.astimezone(zone).date()
            days = (today, today + timedelta(days=1))
            # Where no zone is given, Python asks the system for that of each day.
            moments = [datetime.combine(day, given, zone).astimezone(UTC) for day in days]
            return next(moment for moment in moments if moment > now)
    raise BadUse("bad_hour", value=hour)


def _gone(report: Report, texts: Catalogue) -> Iterator[_ReportPart]:
    """Articles whose source is gone, when they were left as they are."""
    from bot.messages.archive import bounded_lines
    from retrieval.change.report import Kind

    if report.pruned or not report.removed:
        return
    gone = [item.source for item in report.items if item.kind is Kind.REMOVED]
    head, foot = texts.text("index.gone", count=report.removed), texts.text("index.gone_do")
    yield _ReportPart(head, bounded_lines(gone, len(gone), texts), "yellow", foot)


def _unread(report: Report, texts: Catalogue, *, explain: bool) -> Iterator[_ReportPart]:
    """What could not be read, and what was left out on purpose."""
    from bot.messages.archive import bounded_lines, left_out_lines, unreadable_lines

    if report.unreadable:
        head = texts.text("index.unreadable", count=len(report.unreadable))
        lines = unreadable_lines(texts, report.unreadable, explain=explain)
        shown = lines if explain else bounded_lines(lines, len(lines), texts)
        yield _ReportPart(head, shown, "yellow")
    if report.left_out:
        head = texts.text("index.left_out", count=sum(one.count for one in report.left_out))
        yield _ReportPart(head, left_out_lines(texts, report.left_out, explain=explain))


def _cleaned(report: Report, texts: Catalogue) -> Iterator[_ReportPart]:
    """What each rule took out: how often, from how many articles; then of each article."""
    from retrieval.change.report import rules_applied

    if rules := rules_applied(report.items):
        lines = [
            texts.text(
                "index.rule_line",
                rule=rule.name,
                count=rule.count,
                articles=rule.articles,
                example=rule.example,
                source=rule.source,
            )
            for rule in rules
        ]
        yield _ReportPart(texts.text("index.by_rule"), lines, "bold")
    for item in report.items:
        if item.cleaned:
            pieces = [texts.text("index.cleaned_line", piece=piece) for piece in item.cleaned]
            yield _ReportPart(item.source, pieces, "bold")
