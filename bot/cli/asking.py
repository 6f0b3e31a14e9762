"""``kiosque ask`` and ``kiosque search``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.request import Request
from bot.cli.json_values import answer_as_json, search_as_json
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse
from retrieval.scope import EARLIEST, LATEST, Scope
from retrieval.vocabulary import PublicationDate, Status

if TYPE_CHECKING:
    from bot.answering.pipeline import Pipeline
    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer

_NOTHING_ANSWERED = 3


@dataclass(frozen=True, slots=True)
class Asking:
    """A question and its filters, as they were typed."""

    question: str
    since: str | None = None
    until: str | None = None
    outlets: tuple[str, ...] = ()

    def scope(self) -> Scope:
        """The dates asked for; `outlets_named` knows the outlets, once the archive is open.

        Raises:
            BadUse: a date is none (``bad_date_option``), or no day lies between the two
                (``dates_reversed``).
        """
        since, until = _date(self.since), _date(self.until)
        if since and until and since.first_day > until.last_day:
            raise BadUse("dates_reversed", since=since, until=until)
        return Scope(
            int(f"{since.first_day:%Y%m%d}") if since else EARLIEST,
            int(f"{until.last_day:%Y%m%d}") if until else LATEST,
        )


def _date(text: str | None) -> PublicationDate | None:
    if text is None:
        return None
    try:
        return PublicationDate.parse(text)
    except ValueError:
        raise BadUse("bad_date_option", given=text) from None


def _scope_in(app: Kiosque, asking: Asking, dates: Scope) -> Scope:
    if not asking.outlets:
        return dates
    return replace(dates, outlets=outlets_named(asking.outlets, app.reader.coverage().outlets))


def ask(invocation: Invocation, asking: Asking, *, as_json: bool) -> int:
    """Answer a question; the exit code is 3 when nothing was answered."""
    dates = asking.scope()
    with opened(invocation) as (app, bars):
        scope = _scope_in(app, asking, dates)
        request = Request(asking.question, app.today(), scope=scope)
        pipeline = app.pipeline
        bars.stop()  # all is open: the place is the answer's now
        answer = _watched(pipeline, request, None if as_json else invocation.texts)
    if as_json:
        print_json(answer_as_json(answer, invocation.texts))
    return _NOTHING_ANSWERED if answer.status in (Status.REFUSED, Status.PASSAGES) else 0


def _watched(pipeline: Pipeline, request: Request, shown_in: Catalogue | None) -> Answer:
    """The answer, shown while it is made unless no catalogue is given to show it in."""
    import asyncio

    from bot.cli.streaming import View, view_for_people, watched

    view = View() if shown_in is None else view_for_people(shown_in)
    return asyncio.run(watched(pipeline.events(request), view))


def search(invocation: Invocation, asking: Asking, k: int | None, *, as_json: bool) -> None:
    """Show the passages that come nearest."""
    from bot.answering.pipeline import checked
    from bot.answering.understanding import understand
    from retrieval.search import Query

    dates = asking.scope()
    with opened(invocation) as (app, _):
        text = checked(asking.question, app.settings.answers.max_question_chars)
        asked = understand(text, app.today())
        question, scope = asked.question, _scope_in(app, asking, dates)
        query = Query(asked.search_text, question.language, question.period, scope)
        found = app.search.search(query, k)
    if as_json:
        print_json(search_as_json(text, question.period, found.evidence, found.took_ms))
    else:
        from bot.cli.render import render_search

        shown = render_search(question.period, found.evidence, found.took_ms, invocation.texts)
        display(shown)


_SHOWN = 8


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
    more = ", …" if len(known) > _SHOWN else ""
    return BadUse("unknown_outlet", name=name, known=", ".join(known[:_SHOWN]) + more or "–")
