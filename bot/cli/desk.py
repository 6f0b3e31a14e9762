"""``kiosque gaps``, ``status``, ``members``: for the desk and the operator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ask import date_option
from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import picked, plain
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import Json, command, typer_app
from retrieval.errors import BadUse, NotFound

if TYPE_CHECKING:
    from typing import Any

    from bot.app import Kiosque
    from bot.desk.gaps import GapReport
    from bot.desk.status import SystemStatus
    from bot.memory.members import AdmissionRequest, Member
    from bot.memory.reports import UnansweredCounts
    from bot.memory.updates import UntakenUpdates

app = typer_app()


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
    from bot.desk.status import a_week_before

    invocation: Invocation = ctx.obj
    day, start = date_option(since), a_week_before(datetime.now(UTC))
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
        "since": plain(report.since.astimezone(UTC)),
        **picked(report, "questions withheld"),
        "gaps": [picked(gap, "question questions people refused last") for gap in report.gaps],
    }


@command(app, "status")
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show how things are.

    Raises:
        ArchiveMissing: there is no archive yet.
    """
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, _):
        found = _status(parts)
    if as_json:
        print_json(status_as_json(found))
        return
    from bot.messages.answers import coverage_line
    from bot.messages.desk import status_lines_of

    texts = invocation.texts
    lines = [coverage_line(texts, found.coverage), *status_lines_of(found, texts)]
    display("\n".join(map(harmless, lines)))


def _status(parts: Kiosque) -> SystemStatus:
    from bot.desk.status import system_status

    settings, reader = parts.settings, parts.reader
    examiner = parts.examiner(1) if settings.llm.model else None
    model, mode = (settings.llm.model, str(examiner.mode)) if examiner else ("", "off")
    counts, updates = _remembered(parts)
    return system_status(settings.home, reader, counts, updates, model, mode)


def _remembered(parts: Kiosque) -> tuple[UnansweredCounts, UntakenUpdates]:
    """The questions of the week, and what no worker of the bot has taken."""
    from bot.desk.status import a_week_before
    from bot.memory.history import has_memory, open_memory
    from bot.memory.reports import ReportMemory, UnansweredCounts
    from bot.memory.updates import UntakenUpdates, UpdateStore

    settings = parts.settings
    if not has_memory(settings.home):
        return UnansweredCounts(), UntakenUpdates()
    with open_memory(settings.home, settings.answers.keep_days) as store:
        counts = ReportMemory(store).counts(a_week_before(datetime.now(UTC)))
        return counts, UpdateStore(store).untaken()


def status_as_json(status: SystemStatus) -> dict[str, Any]:
    """``status --json``: times in UTC, durations in seconds; null is not known."""
    coverage, change = status.coverage, status.change
    return {
        **picked(coverage, "articles oldest=first newest=last"),
        "last_change": change
        and {**picked(change, "id action"), "at": plain(change.started.astimezone(UTC))},
        "feeds": [
            {
                "url": feed.url,
                "last_new": plain(datetime.fromtimestamp(feed.last, UTC)) if feed.last else None,
                "usual_s": feed.usual_s or None,
                "allowed_s": feed.allowed_s or None,
                **picked(feed, "silence_s silent"),
                "problem": feed.reason or None,
            }
            for feed in status.feeds
        ],
        "week": picked(status.questions, "asked refused unsure"),
        "updates": {
            "waiting": status.updates.count,
            "oldest": plain(status.updates.since) if status.updates.since else None,
        },
        "model": picked(status, "name=model mode") if status.model else None,
        "disk": picked(status, "used_bytes free_bytes"),
    }


@command(app, "members")
def members(
    ctx: typer.Context,
    action: Annotated[
        str | None, typer.Argument(metavar="ACTION", help="help.members.action")
    ] = None,
    user: Annotated[int | None, typer.Argument(metavar="ID", help="help.members.user")] = None,
    as_json: Json = False,
) -> None:
    """List who was admitted to the bot by code, and who asks to be, after removing somebody.

    Raises:
        BadUse: there is no such action, or nobody is named.
        NotFound: nobody of that number was admitted.
    """
    invocation: Invocation = ctx.obj
    if action not in (None, "remove"):
        raise BadUse("members_action", name=action)
    if action and user is None:
        raise BadUse("missing_value", name="ID", command="kiosque members remove")
    with opened(invocation) as (parts, _):
        found, waiting = _members(parts, user)
    if as_json:
        print_json(members_as_json(found, waiting))
        return
    from bot.messages.desk import member_line, request_line

    texts = invocation.texts
    lines = [texts.text("admission.members", count=len(found))]
    lines += [member_line(one, texts, number) for number, one in enumerate(found, 1)]
    if waiting:
        lines += ["", texts.text("admission.waiting", count=len(waiting))]
        lines += [request_line(one, texts) for one in waiting]
    display("\n".join(map(harmless, lines)))


def _members(parts: Kiosque, removed: int | None) -> tuple[list[Member], list[AdmissionRequest]]:
    """The members, without the one to remove, and the requests that wait."""
    from bot.memory.history import has_memory, open_memory
    from bot.memory.members import MemberStore

    settings = parts.settings
    if not has_memory(settings.home) and removed is None:
        return [], []
    with open_memory(settings.home, settings.answers.keep_days) as store:
        members = MemberStore(store)
        if removed is not None and not members.remove(removed):
            raise NotFound("unknown_member", id=removed)
        return members.members(), members.open(datetime.now(UTC))


def members_as_json(members: list[Member], waiting: list[AdmissionRequest]) -> dict[str, Any]:
    """``members --json``: times in UTC."""
    return {
        "members": [
            {**picked(one, "id=user name"), "since": plain(one.at.astimezone(UTC)), "by": one.by}
            for one in members
        ],
        "requests": [
            {**picked(one, "id=user name code"), "at": plain(one.at.astimezone(UTC))}
            for one in waiting
        ],
    }
