"""Four workers behind a webhook, five hundred chats at once, a worker killed every few seconds.

The fake Telegram refuses what Telegram would refuse. Each chat asks one question, and says
``/aide`` once its answer stands.
"""

from __future__ import annotations

import asyncio
import random
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    settings = {
        "KIOSQUE_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "KIOSQUE_TELEGRAM__WEBHOOK_PORT": port,
        "KIOSQUE_TELEGRAM__WORKERS": str(_WORKERS),
    }
    async with served(fake) as server, kiosque_bot(home, server, **settings) as process:
        drain = asyncio.create_task(_drained(process.stderr))
        await fake.until(lambda: len(fake.made("getMe")) >= _WORKERS, 120)
        postman = asyncio.create_task(server.deliver_all())
        killer = asyncio.create_task(_killer(run, process.pid))
        run.begun = time.perf_counter()
        for number, person in enumerate(run.people):
            person.say(_QUESTIONS[number % len(_QUESTIONS)])
        await _answered(fake, run)
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)
        await asyncio.sleep(2 * _BETWEEN_S)  # what would come twice has come by now
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)
        await stopped(process, 30)
        postman.cancel()
        await asyncio.gather(postman, return_exceptions=True)
    _count_calls(fake, run)
    return run


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


async def _killer(run: _Run, front: int) -> None:
    """Kill one worker after the other, at random, always while it runs."""
    chosen = random.Random(7)  # noqa: S311 - no secret
    while run.killed < _KILLS:
        await asyncio.sleep(_BETWEEN_S)
        workers = [one for one in psutil.Process(front).children() if one.is_running()]
        if workers:
            with suppress(psutil.NoSuchProcess):
                chosen.choice(workers).kill()
                run.killed += 1


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
        ("workers; chats at once; workers killed", f"{_WORKERS}; {_CHATS}; {run.killed}"),
        ("answered, and helped after it, each exactly once", f"{shown.count([True, False])}"),
        ("without an answer; with more than two messages", _others(shown)),
        ("calls refused for a flood; most in a second (Telegram takes 30)",
         f"{run.floods}; {run.busiest}"),
        ("question to whole answer, p50 / p95 / longest",
         f"{percentile(took, 0.5):.0f} / {percentile(took, 0.95):.0f} / {max(took):.0f} s"),
    ]  # fmt: skip


def _others(shown: list[list[bool]]) -> str:
    return f"{sum(not any(one) for one in shown)}; {sum(len(one) > 2 for one in shown)}"
