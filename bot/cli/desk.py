"""``kiosque gaps``: what the desk and the operator want to know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ask import date_option
from bot.cli.invocation import Invocation, opened
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import Json, command, typer_app

if TYPE_CHECKING:
    from typing import Any

    from bot.app import Kiosque
    from bot.desk.gaps import GapReport

app = typer_app()
_WEEK = timedelta(days=7)


@command(app, "gaps")
def gaps(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="help.gaps.since")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the refused and unsure questions by subject; a terminal's own are always shown.

    Raises:
        BadUse: the date is none.
    """
    invocation: Invocation = ctx.obj
    day = date_option(since)
    start = datetime.now(UTC) - _WEEK
    if day is not None:
        start = datetime.combine(day.first_day, datetime.min.time()).astimezone()
    with opened(invocation) as (parts, _):
        report = _gap_report(parts, start)
    if as_json:
        print_json(gaps_as_json(report))
        return
    from bot.messages.desk import gap_lines

    display("\n".join(map(harmless, gap_lines(report, invocation.texts))))


def _gap_report(parts: Kiosque, since: datetime) -> GapReport:
    from bot.desk.gaps import GapReport, gap_report
    from bot.memory.history import has_memory, open_memory
    from bot.memory.reports import ReportMemory

    settings = parts.settings
    if not has_memory(settings.home):
        return GapReport(since)
    with open_memory(settings.home, settings.answers.keep_days) as store:
        questions = ReportMemory(store).unanswered(since)
    people = settings.telegram.gaps_people
    return gap_report(questions, since, people, lambda: parts.models.embedder, own=True)


def gaps_as_json(report: GapReport) -> dict[str, Any]:
    """``gaps --json``."""
    return {
        "since": report.since.astimezone(UTC).isoformat(timespec="seconds"),
        "questions": report.questions,
        "withheld": report.withheld,
        "gaps": [
            {
                "question": gap.question,
                "questions": gap.questions,
                "people": gap.people,
                "refused": gap.refused,
                "last": gap.last.isoformat(),
            }
            for gap in report.gaps
        ],
    }
