"""Starting, polling and stopping over real HTTP: Telegram away, cuts, conflicts, signals."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession

from tests.bot.telegram.bench import whole
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.over_http import Server, served
from tests.fake_telegram.people import Person

ROOT = Path(__file__).parents[3]
QUESTION = "Combien de stations aura la ligne T2 ?"


@asynccontextmanager
async def kiosque_bot(home: Path, server: Server, **more: str) -> AsyncIterator[Process]:
    """``kiosque bot`` in a process of its own; killed at the end if it has not ended."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "fr_FR.UTF-8",
        "KIOSQUE_HOME": str(home),
        "KIOSQUE_TELEGRAM__TOKEN": server.fake.token,
        "KIOSQUE_TELEGRAM__BASE_URL": server.base_url,
        "KIOSQUE_TELEGRAM__BASE_FILE_URL": server.base_file_url,
        **more,
    }
    command = [sys.executable, "-m", "bot.cli", "bot"]
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, cwd=home, stdout=DEVNULL, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stopped(process: Process, seconds: float = 15.0) -> tuple[int, str]:
    """The exit code and the log after a SIGTERM; a service manager would not wait longer."""
    process.send_signal(signal.SIGTERM)
    _, log = await asyncio.wait_for(process.communicate(), seconds)
    return process.returncode or 0, log.decode()


async def logged(process: Process, words: str) -> None:
    """Wait until a line of the log has these words."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        async for line in process.stderr:
            if words in line.decode():
                return
    raise AssertionError(f"the log ended without {words!r}")


async def test_start_answer_stop(own_home: Path, free_port: int) -> None:
    """A question is answered over HTTP; SIGTERM ends the bot at once, with 0, and no token told.

    Where a port is set for the figures, they are there.
    """
    fake, settings = FakeTelegram(), {"KIOSQUE_METRICS__PORT": str(free_port)}
    async with served(fake) as server, kiosque_bot(own_home, server, **settings) as process:
        ana = Person(fake, "Ana")
        ana.say(QUESTION)
        await fake.until(lambda: ana.private.shown and whole(ana.private.shown[0]), 30)
        await fake.until(lambda: "all_group_chats/en" in fake.world.commands)
        async with ClientSession() as client:
            figures = await client.get(f"http://127.0.0.1:{free_port}/metrics")
            told = await figures.text()
        code, log = await stopped(process)
    assert code == 0
    assert 'kiosque_telegram_calls_total{method="setMyCommands",result="ok"}' in told
    assert "kiosque_archive_readable 1.0" in told
    assert fake.token not in log
    assert fake.token.partition(":")[2] not in log
    assert all(json.loads(line)["level"] == "info" for line in log.splitlines())
    asked = fake.made("getUpdates")[0].args
    assert asked.value("allowed_updates") == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    assert asked.number("timeout") == 30


async def test_telegram_away_at_the_start_and_later(own_home: Path) -> None:
    """The bot waits for Telegram, goes on after cuts, and answers what was asked meanwhile."""
    fake = FakeTelegram()
    async with served(fake) as server:
        await server.close()
        async with kiosque_bot(own_home, server) as process:
            ana = Person(fake, "Ana")
            ana.say(QUESTION)
            await asyncio.sleep(4)
            assert process.returncode is None
            await server.open()
            await fake.until(lambda: ana.private.shown and whole(ana.private.shown[0]), 30)
            for kind in (Kind.CUT, Kind.BAD_GATEWAY, Kind.LOST_REPLY):
                fake.faults.add(kind, "getUpdates")
            ana.say("Qui dirige le CHU de Vaubrelles ?")
            await fake.until(lambda: len(ana.private.shown) == 2, 30)
            code, log = await stopped(process)
    assert code == 0
    assert fake.token not in log


async def test_a_signal_while_telegram_is_away(own_home: Path) -> None:
    """Who waits for Telegram can still be stopped."""
    fake = FakeTelegram()
    async with served(fake) as server:
        await server.close()
        async with kiosque_bot(own_home, server) as process:
            await logged(process, "Telegram is away")
            code, _ = await stopped(process)
    assert code == 0


async def test_two_bots_with_one_token(own_home: Path) -> None:
    """A conflict that lasts ends the bot with 1 and a sentence."""
    fake = FakeTelegram()
    async with served(fake) as server, kiosque_bot(own_home, server) as process:
        await fake.until(lambda: fake.updates.polls, 30)
        while process.returncode is None:
            other = asyncio.create_task(fake.dispatch("getUpdates", {"timeout": "1"}))
            await asyncio.wait({other}, timeout=0.2)
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)
        _, log = await process.communicate()
    assert process.returncode == 1
    happened, do = log.decode().splitlines()[-2:]
    assert happened == "Un autre programme reçoit déjà les messages de ce bot."
    assert do.startswith("→ ")


async def test_a_token_that_telegram_does_not_know(own_home: Path) -> None:
    """The start ends with 2 and a sentence that does not tell the token."""
    fake = FakeTelegram(token="1:right")
    async with (
        served(fake) as server,
        kiosque_bot(own_home, server, KIOSQUE_TELEGRAM__TOKEN="1:wrong") as process,
    ):
        _, log = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert "Telegram ne connaît pas ce jeton." in log.decode()
    assert "1:wrong" not in log.decode()


async def test_an_update_that_cannot_be_read_stops_nobody(own_home: Path) -> None:
    """A poison update is stepped over, and what came with it is answered."""
    fake = FakeTelegram()
    async with served(fake) as server, kiosque_bot(own_home, server) as process:
        ana = Person(fake, "Ana")
        fake.updates.push("message", {"message_id": 1, "chat": 3})
        ana.say(QUESTION)
        await fake.until(lambda: ana.private.shown and whole(ana.private.shown[0]), 30)
        await fake.until(lambda: not fake.updates.pending)
        code, _ = await stopped(process)
    assert code == 0
