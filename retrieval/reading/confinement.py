"""Runs parsers in a process of its own, whose memory, time and crashes cost one file only.

The process is started when it is first needed, serves many files, and is started afresh after
it was lost. The two speak over pipes: a size and a message, both ways. When the parent dies,
its end of the pipe closes, and the process stops (`retrieval.reading.confined`).
"""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
from contextlib import closing, contextmanager
from dataclasses import asdict
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, BinaryIO

from retrieval.process import end, starting
from retrieval.reading.parsing import COLLECTIONS
from retrieval.reading.pieces import Claims, Limits, Parsed, Piece, Refused

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import TracebackType
    from typing import Self

_START_S = 60.0
_SIZE = struct.Struct(">Q")
_WORN_AFTER = 1000  # files: what libraries keep of each adds up
_MAX_ANSWER = 150_000_000
_OUT_OF_TIME = -int(getattr(signal, "SIGXCPU", 0))

Answer = dict[str, Any]
"""``{"about": {…}}`` first, then each ``{"piece": {…}}``; ``{}`` or ``{"refused": …}`` ends."""


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
        """End a process that is lost or worn."""
        process = self._process
        if process is not None and (process.lost or process.served >= _WORN_AFTER):
            self.close()


def _piece(values: Answer) -> Piece:
    says, removed = Claims(**values["says"]), tuple(values["removed"])
    return Piece(**{**values, "says": says, "removed": removed})


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

    def ask(self, form: str, source: bytes | str) -> Iterator[Answer]:
        """The answers to one source, without the one that ends them; a loss is one too."""
        self.served += 1
        self.lost = True  # until the last is read: an interruption leaves some behind
        path, raw = (source, b"") if isinstance(source, str) else ("", source)
        sent = False
        while True:
            try:
                with self._within(self._seconds):
                    if not sent:
                        pipe: BinaryIO = self._process.stdin  # type: ignore[assignment] # piped
                        send(pipe, form.encode(), os.fsencode(path), raw)
                        sent = True
                    answer: Answer = json.loads(receive(self._out))
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
