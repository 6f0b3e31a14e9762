"""A child process that plans and makes changes of the archive, so that the bot goes on answering.

Chroma holds Python's global lock while it writes, so writing never happens in the bot's process.
The child runs jobs one after the other and answers each with its value or its error. All of them
are pickled: both sides are our own code, and hostile files are parsed in a sandbox further down.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from retrieval.errors import Failed, KiosqueError
from retrieval.process import ChildProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.app import Kiosque
    from bot.telegram.admin.archive_jobs import Job
    from config.settings import Settings
    from retrieval.process import Connection

T = TypeVar("T")

_PATIENCE_S = 5.0
"""Between asking the child to end and killing it."""
_STEP_S = 0.5
"""Between two steps that are reported."""


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a job: ``done`` of ``total`` steps of a stage; ``total`` is None if unknown."""

    stage: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a job: its value, or its error; ``crash`` is the traceback of another error."""

    value: Any = None
    error: KiosqueError | None = None
    crash: str = ""


# --- the child ----------------------------------------------------------------------------


class _Reported:
    """Progress of the child's job, sent to the parent, not more than twice a second."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._step = Step("")
        self._sent = 0.0

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; the one before is over."""
        self._step = Step(name, 0, total)
        self._send()

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done."""
        self._to(self._step.done + steps)

    def converting(self, done: int, total: int) -> None:
        """How far the conversion of the embedding model is."""
        if self._step.stage != "model":
            self.stage("model", total)
        self._to(done)

    def _to(self, done: int) -> None:
        self._step = Step(self._step.stage, done, self._step.total)
        if time.monotonic() - self._sent >= _STEP_S:
            self._send()

    def _send(self) -> None:
        self._sent = time.monotonic()
        self._connection.send(self._step)


def serve(connection: Connection, settings: Settings, hidden: Sequence[str]) -> None:
    """The child: run the jobs that the parent sends, until it ends.

    Args:
        connection: to the parent.
        settings: those of the bot.
        hidden: secrets that are kept out of the log.
    """
    from bot.app import Kiosque
    from bot.logs import log_to_file

    # Python does not clean up after a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    progress = _Reported(connection)
    with (
        log_to_file(settings.home / "logs", hidden),
        Kiosque(settings, converting=progress.converting) as app,
    ):
        while True:
            connection.send(_outcome(connection.recv(), app, progress))


def _outcome(job: Job[Any], app: Kiosque, progress: _Reported) -> _Outcome:
    try:
        return _Outcome(job.run(app, progress))
    except KiosqueError as error:
        return _Outcome(error=error)
    except Exception:
        return _Outcome(crash=traceback.format_exc())


# --- the parent ---------------------------------------------------------------------------


class ArchiveWorker:
    """The child as the bot uses it: started when there is a job, ended when it was idle.

    Args:
        settings: given to the child, by a pipe.
        hidden: secrets that are kept out of its log.
        idle_s: seconds without a job after which the child is ended: what makes vectors and
            indexes does not give all its memory back.
    """

    def __init__(
        self, settings: Settings, hidden: Sequence[str] = (), idle_s: float = 60.0
    ) -> None:
        self.settings = settings
        self._hidden = tuple(hidden)
        self._idle_s = idle_s
        self._child: ChildProcess[Settings, tuple[str, ...]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._turn = asyncio.Lock()
        self._starting = threading.Lock()
        # One thread waits for the child, others end it or the one before.
        self._threads = ThreadPoolExecutor(3, "archive worker")

    @property
    def pid(self) -> int | None:
        """The number of the child process; None while there is none."""
        return self._child.pid if self._child is not None else None

    def another(self) -> ArchiveWorker:
        """One more, for work that must not keep the jobs of this one waiting."""
        return ArchiveWorker(self.settings, self._hidden, self._idle_s)

    async def run(
        self, job: Job[T], timeout_s: float, on_step: Callable[[Step], None] | None = None
    ) -> T:
        """Have the child run a job, after those that were asked for before.

        When the task is cancelled, the child is ended, and what it had not finished is undone.

        Args:
            job: the work.
            timeout_s: seconds after which the job is given up, and the child ended.
            on_step: called in the event loop with the progress.

        Raises:
            KiosqueError: the job raised it.
            Failed: the child died, or the job took too long.
            RuntimeError: the job raised another error; the message is its traceback.
        """
        async with self._turn:
            self._stop_timer()
            given_up = threading.Event()
            try:
                async with asyncio.timeout(timeout_s):
                    outcome = await self._outcome_of(job, on_step, given_up)
            except BaseException as error:
                given_up.set()
                await asyncio.shield(self._in_thread(self._end))
                if isinstance(error, TimeoutError):
                    raise Failed("archive_worker_late", seconds=round(timeout_s)) from None
                raise
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._retire)
        if outcome.error is not None:
            raise outcome.error
        if outcome.crash:
            raise RuntimeError(outcome.crash)
        value: T = outcome.value
        return value

    async def close(self) -> None:
        """End the child."""
        self._stop_timer()
        await self._in_thread(self._end)
        self._threads.shutdown(wait=False)

    async def _outcome_of(
        self, job: Job[T], on_step: Callable[[Step], None] | None, given_up: threading.Event
    ) -> _Outcome:
        loop = asyncio.get_running_loop()

        def report(step: Step) -> None:
            if on_step is not None:
                loop.call_soon_threadsafe(on_step, step)

        return await self._in_thread(partial(self._converse, job, report, given_up))

    def _converse(
        self, job: Job[T], report: Callable[[Step], None], given_up: threading.Event
    ) -> _Outcome:
        """Send a job and wait for its outcome, in a thread of its own.

        Raises:
            Failed: the child died.
        """
        with self._starting:
            if given_up.is_set():
                return _Outcome()
            child = self._child
            if child is None or not child.is_alive():
                child = self._child = ChildProcess(serve, self.settings, self._hidden)
        try:
            child.connection.send(job)
            while not isinstance(told := child.connection.recv(), _Outcome):
                report(told)
        except (OSError, EOFError):
            raise Failed("archive_worker_died", status=child.wait()) from None
        return told

    def _end(self) -> None:
        with self._starting:
            child, self._child = self._child, None
        if child is not None:
            child.end(_PATIENCE_S)

    def _retire(self) -> None:
        """End a child that was idle; the event loop, which calls this, does not wait for it."""
        child, self._child = self._child, None
        if child is not None:
            self._threads.submit(child.end, _PATIENCE_S)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
