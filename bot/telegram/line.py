"""The line between the front and a worker: news goes down it, signs of life come up.

It is a pair of sockets; the worker's end is its standard input. A worker whose signs fail to
come is ended, and what it had claimed is given back: one that stands still, with its connections
open, would keep its chats for ever.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Callable, Sequence

logger = logging.getLogger(__name__)

SIGN_S = 1.0
"""Seconds between two signs of life."""
_SILENT_LOOKS, _BEGINNING_LOOKS = 30, 300
"""A worker is ended after so many looks without a sign; the first one may take its time: it opens
the archive, and loads a model on a machine that is busy."""
_READ = 4_096


@dataclass(slots=True)
class HiredWorker:
    """A worker as the front sees it: its process, and the line to it.

    Args:
        process: its process.
        signs: what comes from it.
        news: what goes to it.
        on_sign: is called when it gives a sign of life.
        silent: whether it was ended because it gave none any more.
    """

    process: Process
    signs: StreamReader
    news: StreamWriter
    on_sign: Callable[[], None]
    silent: bool = False

    def wake(self) -> None:
        """Tell it that there is news; when it has not read that yet, it is not told again."""
        if not self.news.transport.get_write_buffer_size():
            self.news.write(b"\n")

    def terminate(self) -> None:
        """Ask it to end."""
        with suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self) -> None:
        """End it, whatever it does."""
        with suppress(ProcessLookupError):
            self.process.kill()

    async def ended(self, look: float) -> int:
        """Wait for its end, and end it once it gives no sign of life; its exit code.

        Looks are counted, no clock decides: while this process stands still itself, it looks at
        nothing, and a sign that came meanwhile is seen before the next look is over.

        Args:
            look: seconds that a look lasts; longer than between two signs.
        """
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watched(look))
            code = await self.process.wait()
            watching.cancel()
        self.news.close()
        return code

    async def _watched(self, look: float) -> None:
        left = _BEGINNING_LOOKS
        while left:
            try:
                async with asyncio.timeout(look):
                    if not await self.signs.read(_READ):
                        return  # it ends, or has closed its end: its process tells
            except TimeoutError:
                left -= 1
            except OSError:
                return
            else:
                left = _SILENT_LOOKS
                self.on_sign()
        self.silent = True
        logger.error("a worker gives no sign of life: it is ended")
        self.kill()


async def hired(command: Sequence[str], lock: int, on_sign: Callable[[], None]) -> HiredWorker:
    """Start a worker.

    Args:
        command: what starts it.
        lock: a file that it keeps open as long as it lives.
        on_sign: is called when it gives a sign of life.
    """
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=theirs.fileno(), pass_fds=(lock,)
            )
        signs, news = await asyncio.open_connection(sock=ours)
    except BaseException:
        ours.close()
        raise
    return HiredWorker(process, signs, news, on_sign)


class SupervisorLine:
    """The line to the front as a worker sees it.

    Args:
        end: its end of the pair of sockets.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._news: StreamWriter | None = None

    async def news(self) -> AsyncIterator[None]:
        """Whenever there is news; it ends when the front has gone."""
        signs, self._news = await asyncio.open_connection(sock=self._end)
        try:
            while await signs.read(_READ):
                yield
        except OSError:
            return
        finally:
            self._news.close()

    def sign(self) -> None:
        """Tell the front that this worker lives, unless it has not read that yet."""
        line = self._news
        if line is not None and not line.transport.get_write_buffer_size():
            line.write(b"\n")
