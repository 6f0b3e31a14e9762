"""The fixture that catches blocking calls in the event loop catches them."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.memory.history import has_memory, open_memory
from bot.memory.store import Store
from retrieval.storage import writer_lock
from tests.blocking import blocking_calls


async def _in_task(work: object) -> None:
    """Run something as a task of its own: no frame of a test stands above it."""
    assert callable(work)
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    loop.call_soon(work)
    loop.call_soon(done.set)
    await done.wait()


def test_blocking_calls_of_ours_are_seen(tmp_path: Path) -> None:
    """Files, locks and SQL statements count in a loop; not in a thread, nor in the test's name."""
    store = None
    with blocking_calls() as seen:
        store = Store(tmp_path / "bot.db")  # no loop runs
        assert seen == []
        asyncio.run(_in_task(store.votes))
        assert ["store.py" in one and "sqlite3 SELECT" in one for one in seen] == [True]
        seen.clear()
        asyncio.run(_in_thread(store))
        asyncio.run(_of_the_test(tmp_path))
        assert seen == []
        asyncio.run(_in_task(writer_lock(tmp_path / "x").__enter__))
        assert seen
    store.close()


async def _in_thread(store: Store) -> None:
    await asyncio.to_thread(store.votes)


async def _of_the_test(path: Path) -> None:
    assert not has_memory(path / "x")
    with open_memory(path / "y", 30), sqlite3.connect(path / "z"):
        pass


@pytest.mark.parametrize("name", ["blocking_calls"])
def test_nothing_is_seen_outside(name: str, tmp_path: Path) -> None:
    """Outside the block nothing is noted."""
    with blocking_calls() as seen:
        pass
    asyncio.run(_of_the_test(tmp_path))
    assert (seen, name) == ([], "blocking_calls")
