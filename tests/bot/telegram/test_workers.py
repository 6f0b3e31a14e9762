"""Several processes behind a webhook: what is delivered, who sends, and workers that are killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil
import pytest
from aiohttp import ClientSession
from telegram.error import BadRequest, NetworkError

from bot.app import Kiosque
from bot.desk.metrics import BotMetrics
from bot.memory.store import Store
from bot.memory.updates import UpdateStore
from bot.telegram.app import new_bot
from bot.telegram.context import Memory
from bot.telegram.front import Front
from bot.telegram.front_lock import only_front
from bot.telegram.limits import Budget, Limiter, Priority
from bot.telegram.reception import call_server, chat_of, listen, webhook_server
from bot.telegram.relay import WorkerPlace, relayed_bot
from bot.telegram.sender import RelayedCall, Sender
from bot.telegram.start import run
from config.settings import Settings
from retrieval.errors import BadSettings, Failed
from tests.bot.telegram.bench import GENEROUS, whole
from tests.bot.telegram.test_running import QUESTION, ROOT, kiosque_bot, logged, stopped
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.over_http import Server, served
from tests.fake_telegram.people import Person

SECRET = "s3cret"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
UPDATE = {"update_id": 5, "message": {"message_id": 1, "chat": {"id": 7}}}


@asynccontextmanager
async def webhook(path: Path, port: int) -> AsyncIterator[tuple[str, UpdateStore, Memory]]:
    """The webhook, over a table of its own."""
    memory = Memory(Store(path / "bot.db"))
    updates = UpdateStore(memory.store)

    async def store(update_id: int, chat: int, body: str) -> None:
        await memory.do(updates.put, update_id, chat, body)

    server = webhook_server("/hook", SECRET, store)
    listen(server, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}/hook", updates, memory
    finally:
        server.stop()
        await server.close_all_connections()
        memory.close()


async def test_what_is_delivered_is_stored_before_it_is_confirmed(
    tmp_path: Path, free_port: int
) -> None:
    """A 200 means that it is in the table; what comes again is confirmed and not stored twice."""
    async with webhook(tmp_path, free_port) as (address, updates, memory), ClientSession() as http:
        for _ in range(2):
            async with http.post(address, json=UPDATE, headers=HEADERS) as answer:
                assert answer.status == 200
        (stored,) = await memory.do(updates.take, 1, 8)
    assert (stored.chat, json.loads(stored.body)) == (7, UPDATE)


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (json.dumps(UPDATE), "wrong", 403),
        (json.dumps(UPDATE), "", 403),
        ("{", SECRET, 400),
        ("[]", SECRET, 400),
        ("[" * 100_000, SECRET, 400),
        ('{"update_id": "5"}', SECRET, 400),
        ('{"update_id": 99999999999999999999}', SECRET, 400),
    ],
)
async def test_what_is_no_update_is_refused(
    tmp_path: Path, free_port: int, body: str, secret: str, status: int
) -> None:
    """A wrong secret, a body that is no update: refused, and nothing is stored."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with webhook(tmp_path, free_port) as (address, updates, memory):
        async with httpx.AsyncClient() as http:
            answer = await http.post(address, content=body, headers=headers)
        assert answer.status_code == status
        assert await memory.do(updates.take, 1, 8) == []


async def test_a_body_that_is_too_large_is_not_read(tmp_path: Path, free_port: int) -> None:
    """The connection is closed, nothing is stored, and the next update is taken."""
    large = json.dumps({"update_id": 6, "x": "x" * 2_000_000})
    async with webhook(tmp_path, free_port) as (address, updates, memory):
        async with httpx.AsyncClient() as http:
            with suppress(httpx.TransportError):
                answer = await http.post(address, content=large, headers=HEADERS)
                assert answer.status_code == 400
            good = await http.post(address, json=UPDATE, headers=HEADERS)
        assert good.status_code == 200
        assert [one.chat for one in await memory.do(updates.take, 1, 8)] == [7]


async def test_a_full_disk_has_telegram_deliver_again(tmp_path: Path, free_port: int) -> None:
    """What cannot be stored is answered with 503, and stored when it comes again."""
    large = UPDATE | {"x": "x" * 100_000}
    async with webhook(tmp_path, free_port) as (address, updates, memory), ClientSession() as http:
        with closing(sqlite3.connect(tmp_path / "bot.db")) as other:
            (pages,) = other.execute("PRAGMA page_count").fetchone()
        for most, status in ((pages, 503), (1_000_000, 200)):
            await memory.do(updates.store.rows, f"PRAGMA max_page_count = {most}")
            async with http.post(address, json=large, headers=HEADERS) as answer:
                assert answer.status == status
        assert len(await memory.do(updates.take, 1, 8)) == 1


async def test_a_memory_that_is_locked_has_telegram_deliver_again(
    tmp_path: Path, free_port: int
) -> None:
    """While another process holds bot.db, 503; what comes again then is stored."""
    async with webhook(tmp_path, free_port) as (address, updates, memory), ClientSession() as http:
        await memory.do(updates.store.rows, "PRAGMA busy_timeout = 10")
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for ended, status in (("SELECT 1", 503), ("ROLLBACK", 200)):
                other.execute(ended)
                async with http.post(address, json=UPDATE, headers=HEADERS) as answer:
                    assert answer.status == status
        assert len(await memory.do(updates.take, 1, 8)) == 1


@pytest.mark.parametrize(
    ("update", "chat"),
    [
        ({"message": {"chat": {"id": -5}, "from": {"id": 3}}}, -5),
        ({"edited_message": {"chat": {"id": 4}}}, 4),
        ({"callback_query": {"from": {"id": 3}, "message": {"chat": {"id": -6}}}}, -6),
        ({"callback_query": {"from": {"id": 3}, "inline_message_id": "x"}}, 3),
        ({"inline_query": {"from": {"id": 9}}}, 9),
        ({"my_chat_member": {"chat": {"id": -7}, "from": {"id": 3}}}, -7),
        ({"message": {"chat": {"id": "x"}}}, 0),
        ({"message": "x"}, 0),
    ],
)
def test_the_chat_of_an_update(update: dict[str, object], chat: int) -> None:
    """What belongs together is handled by one worker: by the chat, else by who makes it."""
    assert chat_of({"update_id": 1, **update}) == chat


async def test_a_port_that_is_taken_stops_the_start(free_port: int) -> None:
    """A bot that Telegram cannot reach does not seem to run."""

    async def store(_update_id: int, _chat: int, _body: str) -> None:
        """Nothing comes."""

    with socket.create_server(("127.0.0.1", free_port)):
        server = webhook_server("/hook", SECRET, store)
        with pytest.raises(BadSettings, match="webhook_port_taken"):
            listen(server, "127.0.0.1", free_port)


def test_several_workers_need_a_webhook(own_home: Path) -> None:
    """Pollers would take each other's updates."""
    telegram = {"token": "1:x", "workers": 2}
    chosen = Settings.model_validate({"home": own_home, "telegram": telegram})
    with Kiosque(chosen) as kiosque, pytest.raises(BadSettings, match="workers_without_webhook"):
        run(kiosque, "fr", (), lambda _number, _socket: ())


# --- the sender -----------------------------------------------------------------------


@asynccontextmanager
async def sender(
    server: Server,
    alive: set[int],
    budget: Budget = GENEROUS,
    metrics: BotMetrics | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Sender]:
    """The sender, before the fake server."""
    async with httpx.AsyncClient() as client:
        address = f"{server.base_url}{server.fake.token}"
        told = (metrics or BotMetrics()).telegram_called
        yield Sender(client, address, Limiter(budget), alive.__contains__, told, clock)


def saying(worker: int, chat: int, to: int, text: str) -> RelayedCall:
    """A worker's reply to a message."""
    form = {"chat_id": chat, "text": text, "reply_parameters": json.dumps({"message_id": to})}
    body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
    return RelayedCall(worker, "sendMessage", body, kind, chat, Priority.FINAL, to)


async def test_a_reply_of_a_dead_worker_is_changed() -> None:
    """Who handles a message again after a crash changes the reply; who is alive sends another."""
    fake, alive = FakeTelegram(), {1}
    ana = Person(fake, "Ana")
    asked = ana.say("Quoi ?")
    chat, number = ana.private.id, int(asked["message_id"])
    async with served(fake) as server, sender(server, alive) as sending:
        first = await sending.call(saying(1, chat, number, "Un"))
        alive.discard(1)
        second = await sending.call(saying(2, chat, number, "Deux"))
        assert second.message == first.message
        same = await sending.call(saying(3, chat, number, "Deux"))
        assert same.message == first.message
        alive.add(3)
        other = await sending.call(saying(3, chat, number, "Trois"))
    assert [one["text"] for one in ana.private.shown] == ["Deux", "Trois"]
    assert other.message != first.message


async def test_a_later_reply_to_the_same_message_is_another() -> None:
    """A correction a day later leaves what a worker that died since has sent as it was."""
    fake, now = FakeTelegram(), [0.0]
    ana = Person(fake, "Ana")
    number = int(ana.say("Quoi ?")["message_id"])
    async with served(fake) as server, sender(server, set(), clock=lambda: now[0]) as sending:
        await sending.call(saying(1, ana.private.id, number, "Un"))
        now[0] = 86_400.0
        await sending.call(saying(2, ana.private.id, number, "Deux"))
    assert [one["text"] for one in ana.private.shown] == ["Un", "Deux"]


async def test_a_reply_that_was_under_way_is_waited_for() -> None:
    """A worker that dies while its call waits for room leaves one message, not two."""
    fake, alive = FakeTelegram(), set[int]()
    ana = Person(fake, "Ana")
    number = int(ana.say("Quoi ?")["message_id"])
    budget = replace(GENEROUS, burst=1, seconds=0.5)
    async with served(fake) as server, sender(server, alive, budget) as sending:
        await sending.call(saying(1, ana.private.id, 0, "Avant"))
        calls = [saying(worker, ana.private.id, number, f"Par {worker}") for worker in (1, 2)]
        await asyncio.gather(*map(sending.call, calls))
    assert [one["text"] for one in ana.private.shown] == ["Avant", "Par 2"]


async def test_a_worker_that_looks_for_its_message_spares_those_of_others() -> None:
    """Its notice may have come or not: an answer of another worker is not put in its place."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    chat = ana.private.id

    def probe(number: int, text: str) -> RelayedCall:
        body = urlencode({"chat_id": chat, "message_id": number, "text": text}).encode()
        kind = "application/x-www-form-urlencoded"
        return RelayedCall(1, "editMessageText", body, kind, chat, Priority.PROBE)

    async with served(fake) as server, sender(server, {1, 2}) as sending:
        answer = (await sending.call(saying(2, chat, 0, "Une réponse"))).message
        other = await sending.call(probe(answer, "Une annonce"))
        same = await sending.call(probe(answer, "Une réponse"))
        missing = await sending.call(probe(answer + 1, "Une annonce"))
    assert [b"to edit not found" in one.body for one in (other, missing)] == [True, True]
    assert b"not modified" in same.body
    assert [one["text"] for one in ana.private.shown] == ["Une réponse"]


async def test_a_worker_calls_telegram_through_the_sender(tmp_path: Path) -> None:
    """What PTB asks for is done there and counted; a flood is waited for and is not seen here."""
    fake, metrics = FakeTelegram(), BotMetrics()
    ana = Person(fake, "Ana")
    async with served(fake) as server, sender(server, {1}, metrics=metrics) as sending:
        path = tmp_path / "send"
        relay = call_server(sending, path)
        async with relayed_bot(fake.token, WorkerPlace(1, path), server.base_file_url) as bot:
            for kind in (Kind.FLOOD, Kind.CUT):
                fake.faults.add(kind, "sendMessage")
            chat, patient = ana.private.id, Priority.FINAL
            with pytest.raises(NetworkError):
                await bot.send_message(chat, "Coupé", rate_limit_args=patient)
            sent = await bot.send_message(chat, "Un & deux", rate_limit_args=patient)
            with pytest.raises(BadRequest, match="empty"):
                await bot.send_message(chat, "", rate_limit_args=patient)
        relay.stop()
        await relay.close_all_connections()
    assert [one["text"] for one in ana.private.shown] == ["Un & deux"] == [sent.text]
    assert {result: calls(metrics, result) for result in ("ok", "flood", "network", "refused")} == {
        "ok": 1,
        "flood": 1,
        "network": 1,
        "refused": 1,
    }


def calls(metrics: BotMetrics, result: str) -> float | None:
    """How many sends had a result."""
    labels = {"method": "sendMessage", "result": result}
    return metrics.registry.get_sample_value("kiosque_telegram_calls_total", labels)


# --- the processes --------------------------------------------------------------------


async def confirmed(fake: FakeTelegram) -> None:
    """Return once nothing is left that was not delivered."""
    while fake.updates.pending:  # noqa: ASYNC110 - the fake tells of calls, not of deliveries
        await asyncio.sleep(0.01)


def settings(port: int, workers: int) -> dict[str, str]:
    """The settings of a bot behind a webhook."""
    return {
        "KIOSQUE_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "KIOSQUE_TELEGRAM__WEBHOOK_PORT": str(port),
        "KIOSQUE_TELEGRAM__WORKERS": str(workers),
    }


@asynccontextmanager
async def front(
    path: Path,
    port: int,
    command: Callable[[int, Path], list[str]],
    look: float = 2.0,
    workers: int = 1,
) -> AsyncIterator[tuple[FakeTelegram, Front]]:
    """A front in this process, before programs of a test; a signal ends it."""
    fake = FakeTelegram()
    address = "http://127.0.0.1/hook"
    telegram = {"webhook_url": address, "webhook_port": port, "workers": workers}
    chosen = Settings.model_validate({"home": path, "telegram": telegram}).telegram
    memory = Memory(Store(path / "bot.db"))
    with closing(memory), only_front(path) as lock:
        async with served(fake) as server, new_bot(fake.token, server.base_url) as bot:
            made = Front(chosen, bot, memory, BotMetrics(), command, path / "send", lock, look)
            running = asyncio.create_task(made.run())
            await fake.until(lambda: fake.made("setWebhook"))
            yield fake, made
            signal.raise_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert await running == made.code


async def test_a_front_ends_though_nothing_can_be_written(tmp_path: Path, free_port: int) -> None:
    """What its workers had claimed cannot be given back: the next start does it."""
    program = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    async with front(tmp_path, free_port, lambda _number, _socket: program) as (_, made):
        store = made.memory.store
        await made.memory.do(store.rows, "PRAGMA query_only = ON")


async def test_a_worker_that_stands_still_is_ended(tmp_path: Path, free_port: int) -> None:
    """It gave signs of life and gives none: what it had is given back, and it is started again.

    The program says once that it lives, as a worker does whose loop then stands still.
    """
    started: list[int] = []
    silent = "import os, time; os.write(0, b'x'); time.sleep(600)"

    def command(number: int, _socket: Path) -> list[str]:
        started.append(number)
        return [sys.executable, "-c", silent]

    with Store(tmp_path / "bot.db") as store:
        UpdateStore(store).put(1, 7, "{}")
    async with front(tmp_path, free_port, command, look=0.02) as (fake, made):
        (taken,) = await made.memory.do(made.updates.take, 1, 8)
        await fake.until(lambda: len(started) > 1)
        assert await made.memory.do(made.updates.take, 2, 8) == [taken]
        figures = made.metrics.registry.get_sample_value
        assert figures("kiosque_worker_ends_total", {"why": "silent"}) == 1
        assert (figures("kiosque_workers"), figures("kiosque_updates_waiting")) == (1, 1)


async def test_workers_that_cannot_begin_end_the_front(tmp_path: Path, free_port: int) -> None:
    """The first has said what is wrong, as a bot alone would: the others need not say it again."""
    started: list[int] = []

    def command(number: int, _socket: Path) -> list[str]:
        started.append(number)
        return [sys.executable, "-c", "raise SystemExit(1)"]

    async with front(tmp_path, free_port, command, workers=4) as (fake, made):
        await fake.until(lambda: made.code == 1)
    assert started == [1]


async def test_workers_follow_the_first(tmp_path: Path, free_port: int) -> None:
    """Once it gave a sign of life, all are started."""
    started: list[int] = []
    living = "import os, sys; os.write(0, b'x'); sys.stdin.read()"

    def command(number: int, _socket: Path) -> list[str]:
        started.append(number)
        return [sys.executable, "-c", living]

    async with front(tmp_path, free_port, command, workers=3) as (fake, _):
        await fake.until(lambda: sorted(started) == [1, 2, 3])


async def test_a_worker_that_cannot_begin_beside_another(tmp_path: Path, free_port: int) -> None:
    """It is started again, and those that live go on answering."""
    lives = "import os, sys; os.write(0, b'x'); open(sys.argv[1], 'w'); sys.stdin.read()"
    fails = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\nexit(1)"
    started: list[int] = []

    def command(number: int, _socket: Path) -> list[str]:
        started.append(number)
        program = lives if number == 1 else fails
        return [sys.executable, "-c", program, str(tmp_path / "begun")]

    async with front(tmp_path, free_port, command, workers=2) as (fake, made):
        await fake.until(lambda: started.count(2) > 1)
        assert (made.code, started.count(1)) == (0, 1)


def test_a_second_bot_is_told_of_the_first(tmp_path: Path) -> None:
    """Two in front of workers in one home: the second changes nothing, and says so."""
    with only_front(tmp_path):
        second = only_front(tmp_path, patience=0.0)
        with pytest.raises(Failed, match="workers_running") as caught:
            second.__enter__()
        assert caught.value.facts["process"] == str(os.getpid())
    with only_front(tmp_path, patience=0.0) as lock:
        assert lock  # the first has ended


def test_a_worker_that_is_stopped_does_not_keep_the_next_front_out(tmp_path: Path) -> None:
    """Its front was killed, and it could not see that: it is ended."""
    with only_front(tmp_path) as lock:
        left = subprocess.Popen(["sleep", "600"], pass_fds=(lock,))
    try:
        left.send_signal(signal.SIGSTOP)
        with only_front(tmp_path, patience=0.0):
            assert left.wait(30) == -signal.SIGKILL
    finally:
        left.kill()
        left.wait()


async def test_a_worker_ends_with_its_front_before_it_reached_telegram(own_home: Path) -> None:
    """Nobody listens at its socket any more: it does not wait for ever, and lets a front begin."""
    command = [sys.executable, "-m", "bot.cli", "bot", "--worker", "1", "--socket", "gone"]
    environ = os.environ | {"KIOSQUE_HOME": str(own_home), "KIOSQUE_TELEGRAM__TOKEN": "1:x"}
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environ | {"PYTHONPATH": str(ROOT)},
            cwd=own_home,
            stdin=theirs.fileno(),
            stderr=PIPE,
        )
    try:
        await logged(process, "Telegram is away")
        ours.setblocking(False)
        async with asyncio.timeout(60):
            sign = await asyncio.get_running_loop().sock_recv(ours, 1)
            assert sign == b"\n"  # it is known to live, though it cannot work yet
            ours.close()
            await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0


async def test_processes_that_are_killed(own_home: Path, free_port: int) -> None:
    """Two workers, ten chats, a kill in mid-answer: each question is answered, once.

    Then the front is killed once it has confirmed another: the next start answers it.
    """
    fake = FakeTelegram()
    people = [Person(fake, f"P{number}") for number in range(10)]
    async with served(fake) as server:
        async with kiosque_bot(own_home, server, **settings(free_port, 2)) as process:
            await fake.until(lambda: len(fake.made("getMe")) == 2, 60)  # both workers are there
            for person in people:
                person.say(QUESTION)
            postman = asyncio.create_task(server.deliver_all())
            await fake.until(lambda: fake.made("sendMessage"), 60)
            psutil.Process(process.pid).children()[0].kill()
            await fake.until(lambda: all(any(map(whole, one.private.shown)) for one in people), 120)
            assert [len(one.private.shown) for one in people] == [1] * len(people)
            last = Person(fake, "Dernière")
            for worker in psutil.Process(process.pid).children():
                worker.kill()  # nobody has what comes now before the front is killed
            last.say(QUESTION)
            async with asyncio.timeout(30):
                await confirmed(fake)
            process.kill()
            postman.cancel()
            await asyncio.gather(postman, return_exceptions=True)
        async with kiosque_bot(own_home, server, **settings(free_port, 1)) as process:
            await fake.until(lambda: any(map(whole, last.private.shown)), 60)
            code, log = await stopped(process)
    assert code == 0
    assert fake.made("getUpdates") == []
    assert len(last.private.shown) == 1
    assert fake.token.partition(":")[2] not in log
    with closing(sqlite3.connect(own_home / "bot.db")) as memory:
        assert memory.execute("SELECT count(*) FROM pending").fetchone() == (0,)
        waiting = "SELECT count(*), sum(body <> '') FROM updates"
        assert memory.execute(waiting).fetchone() == (len(people) + 1, 0)
