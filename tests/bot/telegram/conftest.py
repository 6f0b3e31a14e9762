"""The bot on the fake server, with the archive of the sample articles behind it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.app import Kiosque
from config.settings import Settings
from tests.blocking import blocking_calls
from tests.bot.telegram.bench import Bench, Setup, benched
from tests.coroutines import pytest_pyfunc_call
from tests.sample_home import TODAY

__all__ = ["pytest_pyfunc_call"]

Start = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    """Whatever a test does, our code makes no blocking call in the event loop."""
    with blocking_calls() as seen:
        yield
    assert not seen, "\n".join(seen)


@pytest.fixture(scope="session")
def kiosque(sample_home: Path) -> Iterator[Kiosque]:
    """The parts, over the sample articles; only to be read."""
    with Kiosque(Settings(home=sample_home), lambda: TODAY) as opened:
        _ = opened.answering
        yield opened


@pytest.fixture
def start(kiosque: Kiosque, tmp_path: Path) -> Start:
    """``async with start() as bench``: the bot, running in process; a second start remembers."""

    def started(setup: Setup | None = None) -> AbstractAsyncContextManager[Bench]:
        return benched(kiosque, tmp_path / "bot.db", setup or Setup())

    return started


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
