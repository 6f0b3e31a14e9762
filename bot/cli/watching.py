"""``kiosque watch``: rounds, one after the other, until a signal."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bot.cli import failures
from bot.cli.json_values import round_as_json
from bot.cli.opened import opened
from bot.cli.output import harmless, print_json
from bot.messages.unreadable import unreadable_lines
from retrieval.errors import BadUse, KiosqueError
from retrieval.fetching.urls import is_url
from retrieval.watching import Followed, RoundReport, WatchStore, only_watcher, run_round

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Unreadable

_SOON_S = 3.0  # until the next round, when this one left something


@dataclass(frozen=True, slots=True)
class Order:
    """What to follow, instead of what is set; once or for ever; and how often."""

    sources: tuple[str, ...] = ()
    once: bool = False
    every: float | None = None


def watch(invocation: Invocation, order: Order, *, as_json: bool) -> int:
    """Follow folders and feeds; a signal ends it, and is what it waits for.

    Raises:
        BadUse: there is nothing to follow, and for ever.
        Failed: the one round of ``--once`` could not be made, or another process is watching.
    """
    settings = invocation.loaded.settings
    say = _Teller(invocation.texts, as_json=as_json)
    with _terminable(), only_watcher(settings.home):
        if order.once:
            say.round(_round(invocation, order))
            return 0
        try:
            _rounds(invocation, order, order.every or settings.watch.every_s, say)
        except KeyboardInterrupt:
            return 0


def _rounds(invocation: Invocation, order: Order, every: float, say: _Teller) -> NoReturn:
    while True:
        wait = every
        try:
            done = _round(invocation, order)
        except BadUse:
            raise
        except KiosqueError as error:
            say.failure(error)
        else:
            say.news(done)
            wait = min(every, _SOON_S) if done.more else every
        time.sleep(wait)


def _round(invocation: Invocation, order: Order) -> RoundReport:
    with opened(invocation) as (app, bars), WatchStore(app.watch_memory) as store:
        followed = _followed(app, store, order)
        if not (followed.folders or followed.feeds or order.once):
            raise BadUse("nothing_to_watch")
        return run_round(followed, store, app, time.time(), bars)


def _followed(app: Kiosque, store: WatchStore, order: Order) -> Followed:
    chosen = app.settings.watch
    if not order.sources:
        feeds = tuple(feed.url for feed in store.feeds())
        return Followed(chosen.folders, feeds, chosen.prune)
    folders = tuple(Path(source) for source in order.sources if not is_url(source))
    feeds = tuple(source for source in order.sources if is_url(source))
    return Followed(folders, feeds, chosen.prune)


class _Teller:
    """Says what rounds did: a line and what went wrong, or one JSON value on a line."""

    def __init__(self, texts: Catalogue, *, as_json: bool) -> None:
        self._texts = texts
        self._as_json = as_json
        self._problems: tuple[Unreadable, ...] = ()

    def news(self, done: RoundReport) -> None:
        """Say a round that changed something, or met other problems than the one before."""
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

    def failure(self, error: KiosqueError) -> None:
        """Say why a round could not be made; the next one tries again."""
        explained = failures.explained(error, self._texts)
        if self._as_json:
            print_json(failures.failure_as_json(explained), on_a_line=True)
        else:
            failures.show(explained, as_json=False)

    def _line(self, done: RoundReport) -> str:
        parts: list[str] = []
        if done.changed and done.report:
            from bot.cli.render_report import counts  # and Rich with it

            parts += [line for _, line in counts(done.report, self._texts)]
        if done.waiting:
            parts.append(self._texts.text("watch.waiting", count=done.waiting))
        what = ", ".join(parts) or self._texts.text("watch.nothing_new")
        return self._texts.text("watch.round", time=f"{datetime.now():%H:%M}", what=what)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let a polite request to end do what Ctrl-C does: what is half made is left undone."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
