"""The figures for a monitoring system: what is counted, and where it is told."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from bot.answering.model.endpoint import ChatEndpoint
from bot.answering.model.protocol import ModelChoice
from bot.app import Kiosque
from bot.desk.metrics import BotMetrics, served
from bot.telegram.start import run
from config.settings import Settings
from prompts.rendering import Message
from retrieval.errors import BadSettings, WriterUnavailable
from tests.bot.telegram.bench import Bench, Scripted, Setup
from tests.bot.telegram.conftest import Start
from tests.fake_llm import FakeLlm, fails, in_turn, says
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person


def told(metrics: BotMetrics, name: str, **labels: str) -> float:
    """One of the figures; 0 where it was never counted."""
    return metrics.registry.get_sample_value(f"kiosque_{name}", labels) or 0.0


def ended(bench: Bench) -> dict[str, float]:
    """How many questions ended in each way."""
    outcomes = ("answered", "nearest", "refused", "failed", "stopped")
    metrics = bench.context.metrics
    return {one: told(metrics, "questions_total", outcome=one) for one in outcomes}


async def test_a_question_is_counted_once_by_its_end(start: Start) -> None:
    """Answered, refused or stopped, each is one, and what was answered has its seconds."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        for question in ("Combien de stations aura la ligne T2 ?", "Bonjour !"):
            ana.say(question)
            await bench.idle()
        metrics = bench.context.metrics
        assert ended(bench) | {"nearest": 0} == {
            "answered": 1,
            "nearest": 0,
            "refused": 1,
            "failed": 0,
            "stopped": 0,
        }
        assert told(metrics, "answer_seconds_count") == 2
        assert (metrics.made, metrics.failed) == (2, 0)


async def test_stopped_and_failed_questions(start: Start) -> None:
    """Neither counts as answered, whatever was shown before."""
    script = Scripted("Une phrase.", "Une autre.")
    script.hold = asyncio.Event()
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Quoi ?")
        await bench.fake.until(lambda: ana.private.shown)
        ana.say("/stop")
        await bench.idle()
        assert ended(bench)["stopped"] == 1
        script.sentences = ()  # no statement, no status: the events of a broken chain
        script.answer = lambda _question: 1 / 0  # type: ignore[method-assign, assignment, return-value]
        ana.say("Quoi donc ?")
        await bench.idle()
        assert ended(bench) == {
            "answered": 0,
            "nearest": 0,
            "refused": 0,
            "failed": 1,
            "stopped": 1,
        }


async def test_calls_of_telegram_by_result(start: Start) -> None:
    """A flood is counted with the seconds that Telegram asked for; polls that fail, by kind."""
    fake = FakeTelegram()
    fake.faults.add(Kind.FLOOD, "sendMessage", retry_after=1)
    fake.faults.add(Kind.BAD_GATEWAY, "getUpdates")
    async with start(Setup(fake, Scripted())) as bench:
        ana = Person(fake, "Ana")
        ana.say("/aide")
        await fake.until(lambda: ana.private.shown)
        metrics = bench.context.metrics
        calls = "telegram_calls_total"
        assert told(metrics, calls, method="sendMessage", result="flood") == 1
        assert told(metrics, calls, method="sendMessage", result="ok") == 1
        assert told(metrics, "telegram_flood_seconds_total") == 1
        assert told(metrics, "telegram_polling_errors_total", kind="network") == 1


def test_calls_of_a_model_by_result() -> None:
    """What was written, what failed and what was left in the middle are told apart."""
    metrics, asked = BotMetrics(), (Message("user", "Où ?"),)
    with FakeLlm(in_turn(says("oui"), fails(500), says(["un ", "deux"]))) as server:
        chat = ChatEndpoint(ModelChoice(server.url, "fake", retries=0))
        chat.on_call = lambda result, seconds: metrics.model_called("fake", result, seconds)

        async def work() -> None:
            await chat.complete(asked, max_tokens=50)
            with pytest.raises(WriterUnavailable):
                await chat.complete(asked, max_tokens=50)
            stream = chat.stream(asked, max_tokens=50)
            await anext(stream)
            await stream.aclose()

        asyncio.run(work())
    for result in ("ok", "llm_failed", "stopped"):
        assert told(metrics, "model_seconds_count", model="fake", result=result) == 1


def test_the_archive_as_it_is(sample_home: Path, free_port: int) -> None:
    """Articles, passages, generation, days and feeds, as numbers of the archive itself."""
    with Kiosque(Settings(home=sample_home)) as kiosque:
        reader, metrics = kiosque.reader, BotMetrics()
        metrics.watch_archive(sample_home, reader)
        with served(metrics, free_port):
            text = httpx.get(f"http://127.0.0.1:{free_port}/metrics", trust_env=False).text
        figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
        articles = reader.coverage().articles
        passages = sum(len(reader.passages_of(one.id)) for one in reader.entries(withdrawn=False))
        changed = reader.changes(1)[0].started.timestamp()
    assert float(figures["kiosque_archive_readable"]) == 1
    assert float(figures["kiosque_archive_articles"]) == articles > 0
    assert float(figures["kiosque_archive_passages"]) == passages > articles
    assert float(figures["kiosque_archive_generation"]) >= 1
    assert float(figures["kiosque_archive_change_timestamp_seconds"]) == pytest.approx(changed)
    assert float(figures["kiosque_feeds_silent"]) == 0


def test_an_archive_that_cannot_be_read(own_home: Path) -> None:
    """The other figures are told all the same, and that it cannot be read."""
    with Kiosque(Settings(home=own_home)) as kiosque:
        metrics = BotMetrics()
        metrics.watch_archive(own_home, kiosque.reader)
        (own_home / "watch.db").write_text("Ceci n’est pas une base.")
        assert told(metrics, "archive_readable") == 0
        assert told(metrics, "questions_total", outcome="answered") == 0
        assert metrics.registry.get_sample_value("kiosque_archive_articles") is None


def test_a_port_that_is_taken_stops_the_start(own_home: Path) -> None:
    """The bot ends before it polls, with a sentence that names the port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = Settings.model_validate(
            {"home": own_home, "telegram": {"token": "1:x"}, "metrics": {"port": port}}
        )
        with Kiosque(settings) as kiosque, pytest.raises(BadSettings, match="metrics_port_taken"):
            run(kiosque, "fr", (), lambda _number, _socket: ())


def test_a_client_that_says_nothing_does_not_keep_the_port(free_port: int) -> None:
    """The next one is answered, and the port is free after the block."""
    metrics = BotMetrics()
    with served(metrics, free_port):
        with socket.create_connection(("127.0.0.1", free_port)):
            told = httpx.get(f"http://127.0.0.1:{free_port}/", trust_env=False, timeout=30)
        assert told.status_code == 200
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", free_port))
