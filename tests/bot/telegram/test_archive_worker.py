"""The worker that changes the archive in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.telegram.admin.archive_jobs import (
    CorrectArticle,
    IndexArticles,
    PlanArticles,
    PlanCorrection,
    TakeBack,
)
from bot.telegram.admin.archive_worker import ArchiveWorker, Step
from config.settings import Settings
from retrieval.archive.reader import ArchiveReader
from retrieval.change import PlanChanged
from retrieval.errors import BadUse, Failed
from tests.bot.telegram.admins import ARTICLE, SECOND
from tests.bot.telegram.jobs import Fails, Waits


@asynccontextmanager
async def working(home: Path, idle_s: float = 60.0) -> AsyncIterator[ArchiveWorker]:
    """A worker, closed at the end."""
    worker = ArchiveWorker(Settings(home=home), ["s3cret"], idle_s)
    try:
        yield worker
    finally:
        await worker.close()
    assert worker.pid is None


async def started(file: Path) -> int:
    """The process number that a job wrote down."""

    def wait() -> int:
        while not file.exists() or not file.read_text():
            time.sleep(0.02)
        return int(file.read_text())

    return await asyncio.to_thread(wait)


async def ended(pid: int) -> None:
    """Wait until a process has ended."""

    def wait() -> None:
        while not is_gone(pid):
            time.sleep(0.02)

    await asyncio.to_thread(wait)


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_one_process_does_one_job_after_the_other(tmp_path: Path) -> None:
    """Two that are asked for at once share it; errors and progress come back as values."""
    steps: list[Step] = []
    async with working(tmp_path) as worker:
        first, second = await asyncio.gather(
            worker.run(Waits(tmp_path / "a", 0.2), 60, steps.append),
            worker.run(Waits(tmp_path / "b"), 60),
        )
        assert first == second == worker.pid != os.getpid()
        with pytest.raises(BadUse) as raised:
            await worker.run(TakeBack(1, "telegram:1"), 60)
        assert raised.value.key == "no_archive"
        with pytest.raises(RuntimeError, match="ZeroDivisionError: by nothing"):
            await worker.run(Fails(), 60)
        assert worker.pid == first
    assert steps == [Step("read", 0, 3)]
    assert is_gone(first)


async def test_who_is_cancelled_ends_the_process(tmp_path: Path) -> None:
    """A job that was not finished is undone with it; the next one gets another process."""
    async with working(tmp_path) as worker:
        task = asyncio.create_task(worker.run(Waits(tmp_path / "a", 60), 60))
        pid = await started(tmp_path / "a")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert is_gone(pid)
        assert await worker.run(Waits(tmp_path / "b"), 60) != pid


async def test_a_process_that_dies_or_takes_too_long_is_an_error(tmp_path: Path) -> None:
    """Both are told as errors of ours, and the next job is done all the same."""
    async with working(tmp_path) as worker:
        with pytest.raises(Failed) as late:
            await worker.run(Waits(tmp_path / "a", 60), 3)
        task = asyncio.create_task(worker.run(Waits(tmp_path / "b", 60), 60))
        os.kill(await started(tmp_path / "b"), signal.SIGKILL)
        with pytest.raises(Failed) as died:
            await task
        assert await worker.run(Waits(tmp_path / "c"), 60) == worker.pid
    assert late.value.key == "archive_worker_late"
    assert (died.value.key, died.value.facts) == ("archive_worker_died", {"status": -9})


_BOT = """
import asyncio, sys
from pathlib import Path
from bot.telegram.admin.archive_worker import ArchiveWorker
from config.settings import Settings
from tests.bot.telegram.jobs import Ticks

home = Path(sys.argv[1])
asyncio.run(ArchiveWorker(Settings(home=home)).run(Ticks(home / "pid"), 60))
"""


async def test_a_process_whose_bot_was_killed_ends(tmp_path: Path) -> None:
    """It notices at its next step; nobody would hear what it did."""
    words = (sys.executable, "-c", _BOT, str(tmp_path))
    bot = await asyncio.create_subprocess_exec(*words, cwd=Path(__file__).parents[3])
    pid = await started(tmp_path / "pid")
    bot.kill()
    await bot.wait()
    await ended(pid)


async def test_an_idle_process_gives_its_memory_back(tmp_path: Path) -> None:
    """It is ended after a while without a job, and started again when there is one."""
    async with working(tmp_path, idle_s=0.05) as worker:
        first = await worker.run(Waits(tmp_path / "a"), 60)
        await ended(first)
        assert await worker.run(Waits(tmp_path / "b"), 60) != first


async def test_nothing_is_done_when_the_plan_has_changed(own_home: Path, tmp_path: Path) -> None:
    """Reading gives another plan under the writer's lock: the archive stays as it was."""
    file, other = tmp_path / "phare.txt", tmp_path / "lansec.txt"
    file.write_bytes(ARTICLE)
    other.write_bytes(SECOND)
    with ArchiveReader(own_home / "archive.db") as reader:
        before = reader.changes()
        article = reader.entries()[0].id
    async with working(own_home) as worker:
        plan = await worker.run(PlanArticles([file]), 60)
        correction = await worker.run(PlanCorrection(article, file), 60)
        file.write_bytes(ARTICLE.replace(b"samedi", b"lundi"))
        with pytest.raises(PlanChanged) as changed:
            await worker.run(IndexArticles([file], (), "telegram:1", plan.digest), 60)
        assert changed.value.plan is not None
        assert changed.value.plan.added == 1
        with pytest.raises(PlanChanged):
            await worker.run(CorrectArticle(article, file, "telegram:1", correction.digest), 60)
        with ArchiveReader(own_home / "archive.db") as reader:
            assert reader.changes() == before
        plan = await worker.run(PlanArticles([file]), 60)
        done = await worker.run(IndexArticles([file], (), "telegram:1", plan.digest), 60)
        assert (done.added, done.digest) == (1, plan.digest)
