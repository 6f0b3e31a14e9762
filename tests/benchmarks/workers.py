"""Four workers behind a webhook, five hundred chats at once, a worker killed every few seconds.

Some are stopped (SIGSTOP) instead: they live, hold their chats and do nothing. The fake
Telegram refuses what Telegram would refuse. Each chat asks one question, and says ``/aide`` once
its answer stands.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from bot.app import Kiosque
from config.settings import Settings
from tests.benchmarks.common import Setup, caption, percentile
from tests.bot.telegram.bench import whole
from tests.bot.telegram.test_running import kiosque_bot, stopped
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.floods import Limits
from tests.fake_telegram.over_http import served
from tests.fake_telegram.people import Person

TITLE = "Several workers behind a webhook"
_WORKERS, _CHATS, _KILLS, _BETWEEN_S = 4, 500, 20, 5.0
_STOP_EACH = 5
"""Of so many workers that are chosen, one is stopped and not killed."""
_WAIT_S = 1_200.0
_QUESTIONS = (
    "Qui est le secrétaire général de l'OTAN ?",
    "Combien de militaires l'OTAN enverra-t-elle en Irak ?",
    "Qu'a décidé l'OTAN en 2021 ?",
)


@dataclass(slots=True)
class _Run:
    """What was seen."""

    people: list[Person]
    took: dict[int, float] = field(default_factory=dict)
    begun: float = 0.0
    killed: int = 0
    stopped: int = 0
    ended: float = 0.0
    floods: int = 0
    busiest: int = 0


def report(setup: Setup) -> str:
    """The section's text."""
    with setup.temporary_home() as home:
        with Kiosque(Settings(home=home)) as kiosque:
            kiosque.indexer().index([setup.data("articles")])
        run = asyncio.run(_measured(home))
    lines = "\n".join(f"| {what} | {value} |" for what, value in _lines(run))
    return f"{caption('python-telegram-bot')}\n\n| what | measured |\n|---|---|\n{lines}"


async def _measured(home: Path) -> _Run:
    fake = FakeTelegram(Limits())
    run = _Run([Person(fake, f"P{number}") for number in range(_CHATS)])
    port, metrics = str(_free_ports(1)), _free_ports(1 + _WORKERS)
    figures = f"http://127.0.0.1:{metrics}/metrics"
    settings = {
        "KIOSQUE_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "KIOSQUE_TELEGRAM__WEBHOOK_PORT": port,
        "KIOSQUE_TELEGRAM__WORKERS": str(_WORKERS),
        "KIOSQUE_METRICS__PORT": str(metrics),
    }
    async with served(fake) as server, kiosque_bot(home, server, **settings) as process:
        drain = asyncio.create_task(_drained(process.stderr))
        await fake.until(lambda: len(fake.made("getMe")) >= _WORKERS, 120)
        postman = asyncio.create_task(server.deliver_all())
        killer = asyncio.create_task(_killer(run, process.pid))
        counting = asyncio.create_task(_counted(run, figures))
        run.begun = time.perf_counter()
        for number, person in enumerate(run.people):
            person.say(_QUESTIONS[number % len(_QUESTIONS)])
        await _answered(fake, run)
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        await asyncio.sleep(2 * _BETWEEN_S)  # what would come twice has come by now
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)
        await stopped(process, 30)
        postman.cancel()
        await asyncio.gather(postman, return_exceptions=True)
    _count_calls(fake, run)
    return run


def _free_ports(count: int) -> int:
    """The first of so many ports in a row that are free."""
    while True:
        with ExitStack() as stack:
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            with suppress(OSError, OverflowError):
                for port in range(first + 1, first + count):
                    stack.enter_context(socket.create_server(("127.0.0.1", port)))
                return int(first)


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


async def _killer(run: _Run, front: int) -> None:
    """Kill or stop one worker after the other, at random, always while it runs."""
    chosen = random.Random(7)  # noqa: S311 - no secret
    while run.killed + run.stopped < _KILLS:
        await asyncio.sleep(_BETWEEN_S)
        with suppress(psutil.NoSuchProcess):
            workers = psutil.Process(front).children()
            running = [one for one in workers if one.status() != psutil.STATUS_STOPPED]
            if not running:
                continue
            if (run.killed + run.stopped) % _STOP_EACH == _STOP_EACH - 1:
                min(running, key=psutil.Process.create_time).suspend()  # it has the most chats
                run.stopped += 1
            else:
                chosen.choice(running).kill()
                run.killed += 1


async def _counted(run: _Run, figures: str) -> None:
    """Ask the front again and again how many workers it ended because they stood still."""
    async with httpx.AsyncClient() as client:
        while True:
            with suppress(httpx.TransportError):
                told = (await client.get(figures)).text
                found = re.search(r'kiosque_worker_ends_total\{why="silent"\} ([\d.]+)', told)
                run.ended = float(found[1]) if found else run.ended
            await asyncio.sleep(1.0)


async def _answered(fake: FakeTelegram, run: _Run) -> None:
    """Wait until each chat has its answer, and the help that it then asks for."""
    asking, helped = list(run.people), list(run.people)

    def done() -> bool:
        for person in [one for one in asking if any(map(whole, one.private.shown))]:
            run.took[person.id] = time.perf_counter() - run.begun
            person.say("/aide")
            asking.remove(person)
        if not asking:
            helped[:] = [one for one in helped if len(one.private.shown) < 2]
        return not helped

    with suppress(TimeoutError):
        await fake.until(done, _WAIT_S)


def _count_calls(fake: FakeTelegram, run: _Run) -> None:
    run.floods = sum(call.refused == 429 for call in fake.calls)
    counted = ("sendmessage", "editmessagetext", "editmessagereplymarkup")
    at = sorted(call.at for call in fake.calls if call.method in counted)
    first = 0
    for last, time_ in enumerate(at):
        while at[first] <= time_ - 1.0:
            first += 1
        run.busiest = max(run.busiest, last - first + 1)


def _lines(run: _Run) -> list[tuple[str, str]]:
    shown = [[whole(message) for message in one.private.shown] for one in run.people]
    took = sorted(run.took.values())
    return [
        ("workers; chats at once; workers killed; stopped",
         f"{_WORKERS}; {_CHATS}; {run.killed}; {run.stopped}"),
        ("stopped workers that the front ended", f"{run.ended:.0f}"),
        ("answered, and helped after it, each exactly once", f"{shown.count([True, False])}"),
        ("without an answer; with more than two messages", _others(shown)),
        ("calls refused for a flood; most in a second (Telegram takes 30)",
         f"{run.floods}; {run.busiest}"),
        ("question to whole answer, p50 / p95 / longest",
         f"{percentile(took, 0.5):.0f} / {percentile(took, 0.95):.0f} / {max(took):.0f} s"),
    ]  # fmt: skip


def _others(shown: list[list[bool]]) -> str:
    return f"{sum(not any(one) for one in shown)}; {sum(len(one) > 2 for one in shown)}"
