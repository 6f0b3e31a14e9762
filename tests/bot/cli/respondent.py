"""Somebody who sets Kiosque up at a terminal, and the Telegram that they use aside."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread

from tests.bot.cli.typist import Typist
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.over_http import Server, served
from tests.fake_telegram.people import Person

_NUMBERED = re.compile(r"^(\d+)\. .*\?", re.MULTILINE)


class TelegramAside:
    """The fake Telegram in a thread of its own, for a test that types at a terminal."""

    def __init__(self) -> None:
        self.fake = FakeTelegram()
        self.loop = asyncio.new_event_loop()

    def says(self, person: Person, text: str) -> None:
        """Have somebody write to the bot."""
        asyncio.run_coroutine_threadsafe(self._says(person, text), self.loop).result(10)

    async def _says(self, person: Person, text: str) -> None:
        person.say(text)

    @contextmanager
    def served(self) -> Iterator[Server]:
        """The server, listening."""
        listening: Future[Server] = Future()
        ended = asyncio.Event()

        async def serve() -> None:
            async with served(self.fake) as server:
                listening.set_result(server)
                await ended.wait()

        thread = Thread(target=self.loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        try:
            yield listening.result(10)
        finally:
            self.loop.call_soon_threadsafe(ended.set)
            thread.join(10)
            self.loop.close()


class Respondent:
    """Somebody who answers, and keeps what was shown."""

    def __init__(self, typist: Typist) -> None:
        self.typist = typist
        self.shown = ""

    def answers(self, reply: str, after: str = "> ") -> str:
        """Wait for a question, and answer it; what was shown before."""
        before = self.typist.reads(after, 60)
        self.shown += before + after
        self.typist.types(reply + "\n")
        return " ".join(before.split())

    @property
    def questions(self) -> int:
        """How many numbered questions were shown."""
        return len(set(_NUMBERED.findall(self.shown.replace("\r", ""))))
