"""The bot's memory beside the event loop: a thread of its own does the reading and writing."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.telegram.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

P = ParamSpec("P")
T = TypeVar("T")


class Memory:
    """A `Store` in its thread.

    Args:
        path: the file ``bot.db``.

    Raises:
        ForeignFile: the file is not ours.
        StorageFull: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        self._thread = ThreadPoolExecutor(1, "memory")

    async def do(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do a piece of work of the store: ``await memory.do(memory.store.votes)``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Wait for what is being written, and close."""
        self._thread.shutdown()
        self.store.close()
