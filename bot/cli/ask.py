"""``kiosque ask`` and ``kiosque search``."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import answer_as_json, search_as_json
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import Json, command, typer_app
from retrieval.errors import BadUse, KiosqueError
from retrieval.scope import EARLIEST, LATEST, Scope
from retrieval.vocabulary import PublicationDate, Status

if TYPE_CHECKING:
    from bot.answering.request import Request
    from bot.app import Answering, Kiosque
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer

_NOTHING_ANSWERED = 3
_MAX_NAMES = 8
"""Outlets that an error names."""

app = typer_app()
QuestionWords = Annotated[list[str], typer.Argument(metavar="QUESTION", help="help.ask.question")]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="help.ask.since")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="help.ask.until")]
Outlets = Annotated[
    list[str] | None, typer.Option("--outlet", metavar="NAME", help="help.ask.outlet")
]

AnyDate = Annotated[bool, typer.Option("--any-date", help="help.ask.any_date")]
AnyOutlet = Annotated[bool, typer.Option("--any-outlet", help="help.ask.any_outlet")]


@command(app, "ask")
def ask(
    ctx: typer.Context,
    question: QuestionWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    any_date: AnyDate = False,
    any_outlet: AnyOutlet = False,
    as_json: Json = False,
) -> int:
    """Answer a question, with citations; the exit code is 3 when nothing was answered."""
    from bot.answering.request import Limit, Request

    invocation: Invocation = ctx.obj
    dates = asked_dates(since, until)
    with opened(invocation) as (parts, bars):
        scope = with_outlets(dates, outlet, parts)
        without = Limit.PERIOD * any_date | Limit.OUTLET * any_outlet
        request = Request(" ".join(question), parts.today(), scope=scope, without=Limit(without))
        answering = parts.answering
        bars.stop()  # all is open: the answer is shown in the place of the bars
        answer = watched_answer(answering, request, None if as_json else invocation.texts)
        if not as_json:
            _tell_changes(parts, invocation.texts)
    if as_json:
        model = invocation.loaded.settings.llm.model
        print_json(answer_as_json(answer, invocation.texts, model))
    return _NOTHING_ANSWERED if answer.status in (Status.REFUSED, Status.PASSAGES) else 0


def _tell_changes(parts: Kiosque, texts: Catalogue) -> None:
    """Say once, beside the answer, which articles that this terminal was shown have changed."""
    from bot.desk.errata import changed_in_terminal
    from bot.memory.errata import ErratumStore
    from bot.memory.history import has_memory, open_memory
    from bot.memory.reports import ReportMemory

    home, days = parts.settings.home, parts.settings.answers.keep_days
    if not has_memory(home):
        return
    try:
        with open_memory(home, days) as store:
            found = changed_in_terminal(ErratumStore(store), ReportMemory(store), parts.reader)
    except KiosqueError:  # the answer is there, and `chat` reports what is wrong with its memory
        return
    for one in found:
        line = texts.text("erratum.in_chat", title=harmless(one.title), id=one.id)
        sys.stderr.write(f"{line}\n")


def watched_answer(answering: Answering, request: Request, shown_in: Catalogue | None) -> Answer:
    """The answer, shown while it is made unless no catalogue is given to show it in."""
    import asyncio

    from bot.cli.streaming import View, view_for_people, watched

    view = View() if shown_in is None else view_for_people(shown_in)
    return asyncio.run(watched(answering.events(request), view))


@command(app, "search")
def search(
    ctx: typer.Context,
    question: QuestionWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=100, metavar="NUMBER", help="help.search.k")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the passages that come nearest to a question."""
    from bot.answering.evidence import query_of
    from bot.answering.pipeline import checked
    from bot.answering.understanding import understand

    invocation: Invocation = ctx.obj
    dates = asked_dates(since, until)
    with opened(invocation) as (parts, _):
        text = checked(" ".join(question), parts.settings.answers.max_question_chars)
        understood = understand(text, parts.today())
        period, scope = understood.question.period, with_outlets(dates, outlet, parts)
        found = parts.search.search(query_of(understood, scope, listing=True), k)
    if as_json:
        print_json(search_as_json(text, period, found.evidence, found.took_ms))
    else:
        from bot.cli.render import render_search

        display(render_search(period, found.evidence, found.took_ms, invocation.texts))


def asked_dates(since: str | None, until: str | None) -> Scope:
    """The dates asked for, without the outlets.

    Raises:
        BadUse: a date is none (``bad_date_option``), or no day lies between the two
            (``dates_reversed``).
    """
    first, last = date_option(since), date_option(until)
    if first and last and first.first_day > last.last_day:
        raise BadUse("dates_reversed", since=first, until=last)
    return Scope(
        int(f"{first.first_day:%Y%m%d}") if first else EARLIEST,
        int(f"{last.last_day:%Y%m%d}") if last else LATEST,
    )


def date_option(text: str | None) -> PublicationDate | None:
    """The date that an option gives.

    Raises:
        BadUse: it is none (``bad_date_option``).
    """
    if text is None:
        return None
    try:
        return PublicationDate.parse(text)
    except ValueError:
        raise BadUse("bad_date_option", given=text) from None


def with_outlets(dates: Scope, outlets: Sequence[str] | None, parts: Kiosque) -> Scope:
    """The dates, and the outlets of the archive that were asked for.

    Raises:
        BadUse: the archive has no such outlet.
    """
    if not outlets:
        return dates
    return replace(dates, outlets=outlets_named(outlets, parts.reader.coverage().outlets))


def outlets_named(given: Iterable[str], known: Sequence[str]) -> frozenset[str]:
    """The outlets of the archive that were asked for.

    Args:
        given: names as they were typed; one may stand for several spellings of the archive.
        known: the names of the archive, those with most articles first.

    Raises:
        BadUse: the archive has none of that name; the error gives the nearest, else those known.
    """
    spellings: dict[str, set[str]] = {}
    for name in known:
        spellings.setdefault(_folded(name), set()).add(name)
    found: set[str] = set()
    for name in given:
        if _folded(name) not in spellings:
            raise _unknown(name, known)
        found |= spellings[_folded(name)]
    return frozenset(found)


def _folded(name: str) -> str:
    from retrieval.text.analysis import fold

    return " ".join(fold(name.replace("’", "'")).split())


def _unknown(name: str, known: Sequence[str]) -> BadUse:
    wanted = _folded(name)
    names = {_folded(each): each for each in reversed(known)}
    near = [each for each in map(_folded, known) if wanted and wanted in each]
    near += difflib.get_close_matches(wanted, list(names), n=1)
    if near:
        return BadUse("unknown_outlet_near", name=name, nearest=names[near[0]])
    more = ", …" if len(known) > _MAX_NAMES else ""
    return BadUse("unknown_outlet", name=name, known=", ".join(known[:_MAX_NAMES]) + more or "–")
