"""``kiosque watch``: rounds, one after the other, until a signal.

Building vectors and indexes does not give all its memory back: a watcher that works for
months has each round made by a process that ends.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import failure_as_json, round_as_json
from bot.cli.output import harmless, print_json, show_failure
from bot.cli.translated import command, typer_app
from bot.messages.errors import Failure, explained
from retrieval.errors import ArchiveBusy, BadUse, Failed, KiosqueError

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from retrieval.process import ChildProcess, Connection
    from retrieval.vocabulary import Unreadable
    from retrieval.web.watch import RoundReport

app = typer_app()

_NEXT_ROUND_S = 3.0
"""Until the next round, when this one left something to do."""
_PATIENCE_S = 10.0
"""For the process of a round to end."""


@command(app, "watch")
def watch(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="help.watch.sources")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="help.watch.once")] = False,
    every: Annotated[
        float | None, typer.Option("--every", min=1, metavar="SECONDS", help="help.watch.every")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="help.watch.json")] = False,
) -> int:
    """Follow folders and feeds until a signal; without sources, those of the settings.

    Raises:
        BadUse: there is nothing to follow.
        Failed: the one round of ``--once`` could not be made, or another process is watching.
    """
    from bot.web_sources import WebSources
    from retrieval.web.watch import only_watcher

    invocation: Invocation = ctx.obj
    settings = invocation.loaded.settings
    log = _RoundLog(invocation.texts, as_json=as_json)
    with _terminable(), only_watcher(settings.home):
        if once:
            log.round(_make_round(invocation, sources or ()))
            return 0
        with opened(invocation) as (parts, _):
            if not WebSources(parts).follows_something(sources or ()):
                raise BadUse("nothing_to_watch")
        with suppress(KeyboardInterrupt):
            _repeat(invocation, sources or (), every or settings.watch.every_s, log)
        return 0


def _repeat(
    invocation: Invocation, sources: Sequence[str], every: float, log: _RoundLog
) -> NoReturn:
    compaction = _Compaction(invocation)
    try:
        while True:
            done = _make_round_in_process(invocation, sources)
            log.news(done)
            compaction.look(time.monotonic())
            soon = not isinstance(done, Failure) and done.more
            time.sleep(min(every, _NEXT_ROUND_S) if soon else every)
    finally:
        compaction.end()


class _Compaction:
    """Has the base of the indexes made anew beside the rounds, by a process, whenever it is due.

    Args:
        invocation: of the command.
    """

    def __init__(self, invocation: Invocation) -> None:
        from bot.options import places
        from retrieval.change.compaction import Attempts

        self._settings, self._file = invocation.loaded.settings, invocation.loaded.file
        self._places = places(self._settings)
        self._attempts = Attempts()
        self._child: ChildProcess[Path | None] | None = None

    def look(self, now: float) -> None:
        """See how the process ended, if it has; start one if that is due.

        Args:
            now: the moment, in seconds of a clock that never jumps.
        """
        from retrieval.change.compaction import Attempts, has_room, may_try
        from retrieval.process import ChildProcess

        if self._child is not None:
            if self._child.is_alive():
                return
            failed, self._child = self._child.end() != 0, None
            for_room = failed and not has_room(self._places)
            self._attempts = (
                self._attempts.after_failure(now, for_room=for_room) if failed else Attempts()
            )
        if may_try(self._places, self._settings.indexing.tail_share, self._attempts, now):
            self._child = ChildProcess(_compact, self._file, quiet=False)

    def end(self) -> None:
        """End the process, if there is one."""
        if self._child is not None:
            self._child.end(_PATIENCE_S)


def _compact(_parent: Connection, settings: Path | None) -> None:
    """That process: what it cannot do is said, and its exit code is that of a failure.

    Raises:
        SystemExit: the base could not be made anew.
    """
    from bot.options import change_options
    from retrieval.change.compaction import compact_if_due

    invocation = Invocation(settings)
    with suppress(KeyboardInterrupt), _terminable(), opened(invocation) as (parts, bars):
        how, share = change_options(parts.settings, "watch"), parts.settings.indexing.tail_share
        try:
            compact_if_due(parts.places, how, share, bars)
        except ArchiveBusy:
            return  # another process does it
        except KiosqueError as error:
            show_failure(explained(error, invocation.texts))
            raise SystemExit(error.exit_code) from None


def _make_round(invocation: Invocation, sources: Sequence[str]) -> RoundReport:
    from bot.web_sources import WebSources

    with opened(invocation) as (parts, bars):
        return WebSources(parts).watch_round(bars, sources)


def _make_round_in_process(invocation: Invocation, sources: Sequence[str]) -> RoundReport | Failure:
    """Make one round in a process that ends with it; a signal to us ends it too."""
    from retrieval.process import ChildProcess

    child = ChildProcess(_work, invocation.loaded.file, tuple(sources), quiet=False)
    try:
        outcome: RoundReport | Failure = child.connection.recv()
    except EOFError:
        died = Failed("builder_died", status=child.wait())
        return explained(died, invocation.texts)
    finally:
        child.end(_PATIENCE_S)
    return outcome


def _work(parent: Connection, settings: Path | None, sources: Sequence[str]) -> None:
    """The process of a round: it sends the outcome, and nothing when interrupted."""
    with suppress(KeyboardInterrupt), _terminable():
        parent.send(_outcome(Invocation(settings), sources))


def _outcome(invocation: Invocation, sources: Sequence[str]) -> RoundReport | Failure:
    try:
        return _make_round(invocation, sources)
    except KiosqueError as error:
        return explained(error, invocation.texts)
    except Exception as error:
        return invocation.unexpected(error)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does: what is half made is left undone."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _RoundLog:
    """Writes what rounds did: a line and what went wrong, or one JSON value on a line."""

    def __init__(self, texts: Catalogue, *, as_json: bool) -> None:
        self._texts = texts
        self._as_json = as_json
        self._problems: tuple[Unreadable, ...] = ()

    def news(self, done: RoundReport | Failure) -> None:
        """Write a round that changed something, could not be made, or met other problems."""
        if isinstance(done, Failure):
            self._failure(done)
            return
        if done.changed or done.problems != self._problems:
            self.round(done)
        self._problems = done.problems

    def round(self, done: RoundReport) -> None:
        """Write a round, whatever it did."""
        from bot.messages.archive import unreadable_lines

        if self._as_json:
            print_json(round_as_json(done), on_a_line=True)
            return
        lines = [self._line(done), *unreadable_lines(self._texts, done.problems)]
        sys.stdout.write(harmless("\n  – ".join(lines)) + "\n")
        sys.stdout.flush()

    def _failure(self, failure: Failure) -> None:
        if self._as_json:
            print_json(failure_as_json(failure), on_a_line=True)
        else:
            show_failure(failure)

    def _line(self, done: RoundReport) -> str:
        from bot.messages.archive import count_lines

        parts: list[str] = []
        if done.changed and done.report:
            parts += [line for _, line in count_lines(done.report, self._texts)]
        if done.waiting:
            parts.append(self._texts.text("watch.waiting", count=done.waiting))
        what = ", ".join(parts) or self._texts.text("watch.nothing_new")
        return self._texts.text("watch.round", time=f"{datetime.now():%H:%M}", what=what)
