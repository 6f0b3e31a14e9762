"""Parses hostile sources in a process with bounded memory and time.

A crash or an endless loop costs one source only. The process is started when it is first
needed, serves many sources, and is started again after it was lost. Its answers are JSON of
bounded size; the parent never unpickles what it sends.
"""

from __future__ import annotations

import json
import math
import os
import signal
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from retrieval.process import ChildProcess, Connection
from retrieval.reading.parsing import COLLECTIONS, parse
from retrieval.reading.pieces import Claims, Limits, Parsed, Piece, Refused

try:
    import resource
except ImportError:  # Windows: the parent still bounds the time
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import TracebackType
    from typing import Self

_START_S = 60.0
_MAX_SOURCES = 1000  # for one process: what libraries cache of each adds up
_MAX_ANSWER = 150_000_000  # bytes
_MAX_CHARS = 20_000_000  # of text: what is compressed may be longer than its file
_MAX_DETAIL = 300  # characters
_OUT_OF_TIME = -int(getattr(signal, "SIGXCPU", 0))

Answer = dict[str, Any]
"""``{"about": {…}}`` first, then each ``{"piece": {…}}``; ``{}`` or ``{"refused": …}`` ends."""


class Sandbox:
    """A `Parser` in a bounded process, for any number of sources; closed as a context.

    Threads may share one: it reads one source at a time. Where the system cannot bound the
    memory of a process (Windows, macOS), time still is.

    Args:
        limits: what one source may cost.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: _Process | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, form: str, source: bytes | str) -> Parsed:
        """Parse the bytes of one source, or the file under a path.

        The process is busy until all the pieces of a collection are taken, or let go.

        Raises:
            Refused: there is no article in it, or it costs more than it may; also raised in the
                midst of the pieces of a collection.
        """
        if form in COLLECTIONS:
            pieces = self._streamed(form, source)
            return Parsed(pieces, Claims(form))
        with self._lock:
            worn = self._process is not None
            try:
                return self._whole(form, source)
            except Refused as refused:
                if not (worn and self._process is None and refused.reason == "too_complex"):
                    raise
            # What earlier files left behind is not this one's fault.
            return self._whole(form, source)

    def close(self) -> None:
        """End the process, if there is one; a later call starts another."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _streamed(self, form: str, source: bytes | str) -> Iterator[Piece]:
        with self._lock, closing(self._answers(form, source)) as answers:
            yield from (_piece(answer["piece"]) for answer in answers if "piece" in answer)

    def _whole(self, form: str, source: bytes | str) -> Parsed:
        with closing(self._answers(form, source)) as answers:
            first, *pieces = answers
        found = tuple(_piece(answer["piece"]) for answer in pieces)
        return Parsed(found, Claims(**first["about"]))

    def _answers(self, form: str, source: bytes | str) -> Generator[Answer, None, None]:
        """The answers of the process; it is ended if they are not all taken."""
        try:
            if self._process is None:
                self._process = _Process(self._limits)
            for answer in self._process.ask(form, source):
                if "refused" in answer:
                    raise Refused(answer["refused"], answer["detail"])
                yield answer
        except OSError as error:  # no process could be started
            raise Refused("unreadable", error.strerror or str(error)) from error
        finally:
            self._retire()

    def _retire(self) -> None:
        process = self._process
        if process is not None and (process.lost or process.served >= _MAX_SOURCES):
            self.close()


def _piece(values: Answer) -> Piece:
    claims, removed = Claims(**values["claims"]), tuple(values["removed"])
    return Piece(**{**values, "claims": claims, "removed": removed})


class _Process:
    """The parent's side of one process."""

    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._late = False
        self.lost = False
        self.served = 0
        self._child = ChildProcess(_serve, limits, memory_mb=limits.memory_mb)
        try:
            with self._within(_START_S):
                self._child.connection.recv_bytes(_MAX_ANSWER)
        except EOFError as error:
            self.stop()
            raise OSError("the process that parses did not start") from error

    def ask(self, form: str, source: bytes | str) -> Iterator[Answer]:
        """The answers to one source, without the empty one that ends them; a loss is one too."""
        self.served += 1
        self.lost = True  # until the last is read: an interruption leaves some unread
        path, raw = (source, b"") if isinstance(source, str) else ("", source)
        messages: tuple[bytes, ...] = (form.encode(), os.fsencode(path), raw)
        while True:
            try:
                with self._within(self._seconds):
                    self._child.connection.send_bytes(*messages)
                    messages = ()
                    answer: Answer = json.loads(self._child.connection.recv_bytes(_MAX_ANSWER))
            except (OSError, EOFError, ValueError):
                yield self._loss()
                return
            if not answer or "refused" in answer:
                # The process ends by itself after it ran out of memory; late is in time.
                self.lost = self._late or answer.get("refused") == "too_complex"
            if not answer:
                return
            yield answer
            if "refused" in answer:
                return

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Kill the process after so many seconds: a thread that waits for it then goes on."""
        timer = Timer(seconds, self._kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _kill(self) -> None:
        self._late = True
        self._child.kill()

    def _loss(self) -> Answer:
        status = self._child.end()
        if self._late or status == _OUT_OF_TIME < 0:
            return _refusal("took_too_long", f"{self._seconds:g} s")
        return _refusal("too_complex")

    def stop(self) -> None:
        """End it, if it has not ended."""
        self._child.end()


def _refusal(reason: str, detail: str = "") -> Answer:
    return {"refused": reason, "detail": detail[:_MAX_DETAIL]}


# --- in the child -------------------------------------------------------------------


def _serve(connection: Connection, limits: Limits) -> None:
    connection.send_bytes(b"ready")
    answer: Answer = {}
    while answer.get("refused") != "too_complex":  # memory that was once exhausted is in pieces
        form, path, raw = (connection.recv_bytes() for _ in range(3))
        for answer in _parsed(form.decode(), os.fsdecode(path) or raw, limits):
            _limit_time(limits.seconds)
            connection.send_bytes(json.dumps(answer).encode())
    os._exit(0)  # no library has anything to finish


def _parsed(form: str, source: bytes | str, limits: Limits) -> Iterator[Answer]:
    """What the source says of itself, its pieces, and the end or a refusal."""
    _limit_time(limits.seconds)
    left = _MAX_CHARS
    try:
        parsed = parse(form, source, limits)
        yield {"about": asdict(parsed.about)}
        for piece in parsed.pieces:
            left -= len(piece.text) + len(piece.raw)
            if left < 0:
                yield _refusal("too_long", f"{_MAX_CHARS} characters allowed")
                return
            yield {"piece": asdict(piece)}
            if form in COLLECTIONS:  # one of its articles is bounded, not their number
                left = _MAX_CHARS
        yield {}
    except Refused as refused:
        yield _refusal(refused.reason, refused.detail)
    except (MemoryError, RecursionError):
        yield _refusal("too_complex")
    except ImportError as error:  # a missing library says nothing of the source
        yield _refusal("unreadable", str(error))
    except Exception as error:  # a library may fail in any way on hostile bytes
        yield _refusal("damaged", f"{type(error).__name__}: {error}")


def _limit_time(seconds: float) -> None:
    """Let the system end this process if it computes too long, even without a parent."""
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds) + 1, hard)
        )
