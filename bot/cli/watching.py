"""``kiosque watch``: rounds, one after the other, until a signal."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from bot.cli import failures
from bot.cli.json_values import round_as_json
from bot.cli.output import harmless, print_json
from bot.cli.watch_rounds import Order, is_idle, make_round, make_round_apart, terminable
from bot.messages.unreadable import unreadable_lines
from retrieval.errors import BadUse
from retrieval.web.watch import RoundReport, only_watcher

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Unreadable

__all__ = ["Order", "watch"]

_SOON_S = 3.0  # until the next round, when this one left something


def watch(invocation: Invocation, order: Order, *, as_json: bool) -> int:
    """Follow folders and feeds; a signal ends it, and is what it waits for.

    Raises:
        BadUse: there is nothing to follow, and for ever.
        Failed: the one round of ``--once`` could not be made, or another process is watching.
    """
    settings = invocation.loaded.settings
    say = _Teller(invocation.texts, as_json=as_json)
    with terminable(), only_watcher(settings.home):
        if order.once:
            say.round(make_round(invocation, order))
            return 0
        if is_idle(invocation, order):
            raise BadUse("nothing_to_watch")
        try:
            _rounds(invocation, order, order.every or settings.watch.every_s, say)
        except KeyboardInterrupt:
            return 0


def _rounds(invocation: Invocation, order: Order, every: float, say: _Teller) -> NoReturn:
    while True:
        done = make_round_apart(invocation, order)
        say.news(done)
        soon = isinstance(done, RoundReport) and done.more
        time.sleep(min(every, _SOON_S) if soon else every)


class _Teller:
    """Says what rounds did: a line and what went wrong, or one JSON value on a line."""

    def __init__(self, texts: Catalogue, *, as_json: bool) -> None:
        self._texts = texts
        self._as_json = as_json
        self._problems: tuple[Unreadable, ...] = ()

    def news(self, done: RoundReport | failures.Failure) -> None:
        """Say a round that changed something, could not be made, or met other problems."""
        if isinstance(done, failures.Failure):
            self._failure(done)
            return
        if done.changed or done.problems != self._problems:
            self.round(done)
        self._problems = done.problems

    def round(self, done: RoundReport) -> None:
        """Say a round, whatever it did."""
        if self._as_json:
            print_json(round_as_json(done), on_a_line=True)
            return
        lines = [self._line(done), *unreadable_lines(self._texts, done.problems)]
        sys.stdout.write(harmless("\n  – ".join(lines)) + "\n")
        sys.stdout.flush()

    def _failure(self, failure: failures.Failure) -> None:
        if self._as_json:
            print_json(failures.failure_as_json(failure), on_a_line=True)
        else:
            failures.show(failure, as_json=False)

    def _line(self, done: RoundReport) -> str:
        parts: list[str] = []
        if done.changed and done.report:
            from bot.cli.render_report import counts  # and Rich with it

            parts += [line for _, line in counts(done.report, self._texts)]
        if done.waiting:
            parts.append(self._texts.text("watch.waiting", count=done.waiting))
        what = ", ".join(parts) or self._texts.text("watch.nothing_new")
        return self._texts.text("watch.round", time=f"{datetime.now():%H:%M}", what=what)
