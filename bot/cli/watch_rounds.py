"""One round of ``kiosque watch``: here, or in a process of its own.

What makes vectors and indexes does not give all its memory back: a watcher that works for
months has each round made by a process that ends.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli import failures
from bot.cli.invocation import Invocation
from bot.cli.opened import opened
from retrieval.errors import Failed, KiosqueError
from retrieval.web.urls import is_url
from retrieval.web.watch import RoundReport, WatchTargets, run_round
from retrieval.web.watch_store import WatchStore

if TYPE_CHECKING:
    from bot.app import Kiosque

_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to follow, instead of what is set; once or for ever; and how often."""

    sources: tuple[str, ...] = ()
    once: bool = False
    every: float | None = None


def make_round(invocation: Invocation, order: Order) -> RoundReport:
    """Make one round.

    Raises:
        Failed: the archive cannot be changed now.
    """
    with opened(invocation) as (app, bars), WatchStore(app.watch_memory) as store:
        return run_round(_followed(app, store, order), store, app, time.time(), bars)


def is_idle(invocation: Invocation, order: Order) -> bool:
    """Whether there is nothing to follow."""
    with opened(invocation) as (app, _), WatchStore(app.watch_memory) as store:
        followed = _followed(app, store, order)
    return not (followed.folders or followed.feeds)


def make_round_apart(invocation: Invocation, order: Order) -> RoundReport | failures.Failure:
    """Make one round in a process that ends with it; a signal to us ends it too."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_work, args=(there, invocation.loaded.file, order))
    process.start()
    there.close()
    try:
        told: RoundReport | failures.Failure | None = here.recv()
    except EOFError:
        told = None
    except BaseException:
        process.terminate()
        raise
    finally:
        here.close()
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()
    if told is None:
        died = Failed("builder_died", status=process.exitcode)
        return failures.explained(died, invocation.texts)
    return told


@contextmanager
def terminable() -> Iterator[None]:
    """Let a polite request to end do what Ctrl-C does: what is half made is left undone."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _work(to: Connection, settings: Path | None, order: Order) -> None:
    """What the process of a round does: it tells what came of it, and nothing when interrupted."""
    with suppress(KeyboardInterrupt, OSError), terminable():
        to.send(_outcome(Invocation(settings), order))


def _outcome(invocation: Invocation, order: Order) -> RoundReport | failures.Failure:
    try:
        return make_round(invocation, order)
    except KiosqueError as error:
        return failures.explained(error, invocation.texts)
    except Exception as error:
        texts, home = invocation.texts, invocation.home
        return failures.unexpected(error, texts, home, invocation.secrets)


def _followed(app: Kiosque, store: WatchStore, order: Order) -> WatchTargets:
    chosen, most = app.settings.watch, app.settings.indexing.confirm_above
    if not order.sources:
        feeds = tuple(feed.url for feed in store.feeds())
        return WatchTargets(chosen.folders, feeds, chosen.prune, most)
    folders = tuple(Path(source) for source in order.sources if not is_url(source))
    feeds = tuple(source for source in order.sources if is_url(source))
    return WatchTargets(folders, feeds, chosen.prune, most)
