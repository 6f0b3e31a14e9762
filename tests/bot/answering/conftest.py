"""The sample archive opened once, and questions put to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.answering.request import Request
from bot.app import Kiosque
from config.settings import Settings
from retrieval.vocabulary import Answer, Turn
from tests.sample_home import TODAY

Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def app(sample_home: Path) -> Iterator[Kiosque]:
    """Kiosque on the sample archive, asked on one day; only to be read."""
    with Kiosque(Settings(home=sample_home), lambda: TODAY) as opened:
        yield opened


@pytest.fixture(scope="session")
def ask(app: Kiosque) -> Ask:
    """``ask(question, *earlier)``: the answer to a question after those of the same user."""

    def answer(text: str, *earlier: str) -> Answer:
        turns = tuple(Turn("user", one) for one in earlier)
        return asyncio.run(app.answering.answer(Request(text, TODAY, turns)))

    return answer
