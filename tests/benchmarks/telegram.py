"""The bot on the fake server: the time of an answer, fifty readers at once, memory in the end."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bot.app import Kiosque
from config.settings import Settings
from tests.benchmarks.common import Setup, caption, ms, percentile
from tests.bot.telegram.bench import Bench, Scripted, benched
from tests.bot.telegram.bench import Setup as BotSetup
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.over_http import served
from tests.fake_telegram.people import Person, buttons

TITLE = "Telegram"
_QUESTIONS, _READERS, _MANY = 60, 50, 5_000
_ASKED = (
    "Qui est le secrétaire général de l'OTAN ?",
    "Combien de militaires l'OTAN enverra-t-elle en Irak ?",
    "Qu'a décidé l'OTAN en 2021 ?",
)


def report(setup: Setup) -> str:
    """The section's text."""
    articles = setup.data("articles")
    with setup.temporary_home() as home, Kiosque(Settings(home=home)) as kiosque:
        kiosque.indexer().index([articles])
        _ = kiosque.answering
        lines = asyncio.run(_measured(kiosque))
    rows = "\n".join(f"| {what} | {value} |" for what, value in lines)
    return f"{caption('python-telegram-bot')}\n\n| what | measured |\n|---|---|\n{rows}"


async def _measured(kiosque: Kiosque) -> list[tuple[str, str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder)
        return [
            *await _over_http(kiosque, path / "http.db"),
            *await _together(kiosque, path / "together.db"),
            *await _memory(kiosque, path / "memory.db"),
        ]


async def _over_http(kiosque: Kiosque, path: Path) -> list[tuple[str, str]]:
    """Without a model, from the moment a question is sent to the moment its answer stands."""
    fake, took = FakeTelegram(), []
    async with served(fake) as server, benched(kiosque, path, BotSetup(fake, server=server)):
        for n in range(_QUESTIONS):
            reader = Person(fake, f"P{n}")
            begun = time.perf_counter()
            reader.say(_ASKED[n % len(_ASKED)])
            await fake.until(partial(_answered, reader))
            took.append(time.perf_counter() - begun)
    return [
        ("question to whole answer over HTTP, p50", f"{ms(percentile(took, 0.5))} ms"),
        ("question to whole answer over HTTP, p95", f"{ms(percentile(took, 0.95))} ms"),
    ]


async def _together(kiosque: Kiosque, path: Path) -> list[tuple[str, str]]:
    """Fifty chats at once, a model of a second an answer, eight at a time."""
    fake = FakeTelegram()
    setup = BotSetup(fake, Scripted("Oui.", pause=1.0), queue=_READERS)
    async with served(fake) as server:
        setup.server = server
        async with benched(kiosque, path, setup) as bench:
            readers = [Person(fake, f"P{n}") for n in range(_READERS)]
            done = asyncio.Event()
            lag = asyncio.create_task(_longest_lag(done))
            begun = time.perf_counter()
            for reader in readers:
                reader.say("Quoi ?")
            await fake.until(lambda: all(map(_answered, readers)), 60)
            took = time.perf_counter() - begun
            await bench.idle()
            done.set()
    once = sum(len(reader.private.shown) == 1 for reader in readers)
    return [
        (f"{_READERS} readers at once: answered exactly once", f"{once}"),
        (f"{_READERS} readers at once: all answered in", f"{took:.1f} s"),
        ("longest time that the event loop stood still", f"{ms(await lag)} ms"),
    ]


async def _memory(kiosque: Kiosque, path: Path) -> list[tuple[str, str]]:
    """What many questions leave behind, the fake server's own notes taken away."""
    fake = FakeTelegram()
    readers = [Person(fake, f"P{n}") for n in range(50)]
    script = Scripted("Oui.")
    async with benched(kiosque, path, BotSetup(fake, script)) as bench:
        await _asked(bench, readers, _MANY // 10)
        script.requests.clear()
        before = _resident(fake, readers)
        await _asked(bench, readers, _MANY)
        script.requests.clear()
        after = _resident(fake, readers)
    return [(f"growth of memory in {_MANY:,} questions", f"{(after - before) / 1e6:.1f} MB")]


async def _asked(bench: Bench, readers: list[Person], questions: int) -> None:
    for _ in range(questions // len(readers)):
        for reader in readers:
            reader.say("Quoi ?")
        await bench.idle()


def _resident(fake: FakeTelegram, readers: list[Person]) -> int:
    fake.calls.clear()
    fake.world.actions.clear()
    for reader in readers:
        reader.private.messages.clear()
        reader.private.versions.clear()
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def _answered(reader: Person) -> bool:
    return any(b["text"] == "👍" for m in reader.private.shown for b in buttons(m))


async def _longest_lag(until: asyncio.Event) -> float:
    loop = asyncio.get_running_loop()
    longest, last = 0.0, loop.time()
    while not until.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(until.wait(), 0.005)
        longest, last = max(longest, loop.time() - last - 0.005), loop.time()
    return longest
