"""An archive that changes while the bot runs on it, and is killed and started again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.app import Kiosque
from bot.telegram.limits import Access
from config.settings import Settings
from tests.bot.telegram.bench import Bench, Setup, benched
from tests.fake_telegram.core import FakeTelegram
from tests.sample_home import TODAY

MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


class Newsroom:
    """An archive that changes, and the bot that tells of it.

    Args:
        home: that of the archive.
        folder: holds what is indexed, and the memory.
    """

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.fake = FakeTelegram()
        self.now = MORNING
        self.access = Access()

    def publish(self, name: str, title: str, text: str) -> None:
        """Index an article, new or changed."""
        path = self.folder / "articles" / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{title}\n\n{text}\n", encoding="utf-8")
        with Kiosque(Settings(home=self.home)) as kiosque:
            kiosque.indexer().index([path])

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Bench]:
        """The bot; one round tells what is new."""
        setup = Setup(fake=self.fake, access=self.access)
        with Kiosque(Settings(home=self.home), lambda: TODAY) as kiosque:
            kiosque.begin_archive()
            async with benched(kiosque, self.folder / "bot.db", setup) as bench:
                bench.context.now = lambda: self.now
                yield bench

    def id_of(self, title: str) -> str:
        """The id of the article whose title begins so, withdrawn or not."""
        with Kiosque(Settings(home=self.home)) as kiosque:
            (found,) = (one for one in kiosque.reader.entries() if one.title.startswith(title))
        return found.id

    def withdraw(self, title: str, reason: str = "") -> None:
        """Withdraw the article whose title begins so."""
        id_ = self.id_of(title)
        with Kiosque(Settings(home=self.home)) as kiosque:
            kiosque.editor("test").withdraw([id_], reason)

    def rollback(self) -> None:
        """Take the last change back."""
        with Kiosque(Settings(home=self.home)) as kiosque:
            kiosque.editor("test").rollback()
