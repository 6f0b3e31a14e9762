"""Runs parsers in a process of its own, whose memory, time and crashes cost one file only.

The process is started when it is first needed, serves many files, and is started afresh after
it was lost. The two speak over pipes: a size and a message, both ways. When the parent dies,
its end of the pipe closes, and the process stops (`retrieval.reading.confined`).
"""

from __future__ import annotations

import json
import signal
import struct
import subprocess
from contextlib import contextmanager
from dataclasses import asdict
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, BinaryIO

from retrieval.children import end, starting
from retrieval.reading.claims import Claims
from retrieval.reading.parsing import Limits, Parsed, Piece, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

_START_S = 60.0
_SIZE = struct.Struct(">Q")
_WORN_AFTER = 1000  # files: what libraries keep of each adds up
_MAX_ANSWER = 150_000_000
_OUT_OF_TIME = -int(getattr(signal, "SIGXCPU", 0))

Answer = dict[str, Any]
"""``{"pieces": […], "about": {…}}``, or ``{"refused": reason, "detail": …}``."""


class Confined:
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

    def __call__(self, form: str, raw: bytes) -> Parsed:
        """Parse the bytes of one source.

        Raises:
            Refused: there is no article in them, or they cost more than they may.
        """
        with self._lock:
            worn = self._process is not None
            answer = self._asked(form, raw)
            if worn and self._process is None and answer.get("refused") == "too_complex":
                # What earlier files left behind is not this one's fault.
                answer = self._asked(form, raw)
        if "refused" in answer:
            raise Refused(answer["refused"], answer["detail"])
        pieces = (
            Piece(**{**piece, "says": Claims(**piece["says"]), "removed": tuple(piece["removed"])})
            for piece in answer["pieces"]
        )
        return Parsed(tuple(pieces), Claims(**answer["about"]))

    def close(self) -> None:
        """End the process, if there is one; a later call starts another."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _asked(self, form: str, raw: bytes) -> Answer:
        try:
            if self._process is None:
                self._process = _Process(self._limits)
            return self._process.ask(form, raw)
        except OSError as error:  # no process could be started
            return refusal("unreadable", error.strerror or str(error))
        finally:
            if self._process and (self._process.lost or self._process.served >= _WORN_AFTER):
                self.close()


class _Process:
    """The parent's side of one process."""

    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._late = False
        self.lost = False
        self.served = 0
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [*starting("retrieval.reading.confined"), json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what libraries complain of, by the page
            start_new_session=True,  # an interruption is the parent's to handle
        )
        try:
            with self._within(_START_S):
                receive(self._out)
        except (OSError, EOFError) as error:
            self.stop()
            raise OSError("the process that parses did not start") from error

    @property
    def _out(self) -> BinaryIO:
        return self._process.stdout  # type: ignore[return-value] # piped, so it is there

    def ask(self, form: str, raw: bytes) -> Answer:
        """The answer to one source; a lost process is one too."""
        self.served += 1
        self.lost = True  # until its answer is read: an interruption leaves one behind
        try:
            with self._within(self._seconds):
                send(self._process.stdin, form.encode(), raw)  # type: ignore[arg-type] # piped
                answer: Answer = json.loads(receive(self._out))
        except (OSError, EOFError, ValueError):
            return self._loss()
        # The process ends by itself after it ran out of memory; in time or too late is in time.
        self.lost = self._late or answer.get("refused") == "too_complex"
        return answer

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Kill the process after so many seconds: whoever waits for it then reads its end."""
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
        self._process.kill()

    def _loss(self) -> Answer:
        self._process.kill()
        status = self._process.wait()
        if self._late or status == _OUT_OF_TIME < 0:
            return refusal("took_too_long", f"{self._seconds:g} s")
        return refusal("too_complex")

    def stop(self) -> None:
        """End it, if it has not ended."""
        end(self._process)


def refusal(reason: str, detail: str = "") -> Answer:
    """The answer that a source gives no article."""
    return {"refused": reason, "detail": detail}


def send(pipe: BinaryIO, *messages: bytes) -> None:
    """Write messages, each behind its size.

    Raises:
        OSError: nobody reads any more.
    """
    for message in messages:
        pipe.write(_SIZE.pack(len(message)))
        pipe.write(message)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes:
    """Read the next message.

    Raises:
        EOFError: the other side has ended, or speaks nonsense.
    """
    size = pipe.read(_SIZE.size)
    if len(size) < _SIZE.size or _SIZE.unpack(size)[0] > _MAX_ANSWER:
        raise EOFError
    message = pipe.read(_SIZE.unpack(size)[0])
    if len(message) < _SIZE.unpack(size)[0]:
        raise EOFError
    return message
