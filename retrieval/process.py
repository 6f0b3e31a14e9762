"""Child processes of our own code, threads, and failures of native libraries.

Children start with ``subprocess``, not with ``multiprocessing``'s spawn. Spawn imports the
``__main__`` of the parent again, which fails for a script without a main guard and for a script
on standard input. Its child also starts with the current folder first on its import path: a
``pickle.py`` among the articles would be run.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, TypeVarTuple

import retrieval
from retrieval.errors import KiosqueError

try:
    import resource
except ImportError:  # Windows: no limits
    resource = None  # type: ignore[assignment]

_ROOT = str(Path(retrieval.__file__).parent.parent)
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from retrieval.process import serve; serve()"
)
_SIZE = struct.Struct(">Q")
_MAX_MESSAGE = 1 << 30  # bytes

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class Connection:
    """One end of two pipes between a parent and its child: each message is a size and bytes.

    One thread may receive while others send.

    Args:
        incoming: the pipe to read from.
        outgoing: the pipe to write to.
        in_child: this is the child's end. When the parent is gone, sending and receiving raise
            `SystemExit`, so that the child ends too.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes], *, in_child: bool = False) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._in_child = in_child
        self._sending = threading.Lock()

    def send_bytes(self, *messages: bytes) -> None:
        """Send bytes.

        Raises:
            OSError: the child has ended.
        """
        try:
            with self._sending:
                for message in messages:
                    self._outgoing.write(_SIZE.pack(len(message)))
                    self._outgoing.write(message)
                self._outgoing.flush()
        except (OSError, ValueError) as error:
            if self._in_child:
                raise SystemExit(1) from None
            raise BrokenPipeError("the child process has ended") from error

    def recv_bytes(self, max_bytes: int = _MAX_MESSAGE) -> bytes:
        """Wait for the next message.

        Args:
            max_bytes: a longer message counts as the end.

        Raises:
            EOFError: the child has ended, or its message is cut short or too long.
        """
        size = self._read(_SIZE.size)
        (length,) = _SIZE.unpack(size) if len(size) == _SIZE.size else (max_bytes + 1,)
        message = self._read(length) if length <= max_bytes else b""
        if length > max_bytes or len(message) < length:
            if self._in_child:
                raise SystemExit(1)
            raise EOFError
        return message

    def send(self, value: object) -> None:
        """Send a value, pickled. Same errors as `send_bytes`."""
        self.send_bytes(pickle.dumps(value))

    def recv(self) -> Any:  # noqa: ANN401 - whatever the peer sends
        """Wait for the next value. Unpickling runs code: only for a peer that is trusted.

        Raises:
            EOFError: the child has ended.
        """
        return pickle.loads(self.recv_bytes())  # noqa: S301 - our own code, which parses nothing

    def close(self) -> None:
        """Close both pipes."""
        for pipe in (self._outgoing, self._incoming):
            with suppress(OSError):
                pipe.close()

    def _read(self, length: int) -> bytes:
        try:
            return self._incoming.read(length)
        except (OSError, ValueError):  # closed by another thread
            return b""


class ChildProcess(Generic[*Ts]):
    """A process that runs one function of ours, then ends; it ends with its parent, at once.

    The child starts with our own interpreter, in a session of its own: an interruption at the
    keyboard reaches only the parent. The child imports the module of ``main`` and nothing of the
    parent's main module. What it prints is discarded, or goes to standard error.

    Args:
        main: a function of a module; it is called with the child's `Connection` and ``args``.
        args: its further arguments; they are pickled.
        niceness: added to the child's niceness; 0 to 19.
        memory_mb: limit of the child's data memory, where the system has such limits (Linux).
        quiet: discard what the child prints and its tracebacks.

    Raises:
        OSError: no process can be started.
    """

    def __init__(
        self,
        main: Callable[[Connection, *Ts], None],
        *args: *Ts,
        niceness: int = 0,
        memory_mb: int | None = None,
        quiet: bool = True,
    ) -> None:
        # Not in the arguments of the command: `args` may hold a password.
        parameters = json.dumps([main.__module__, main.__qualname__, niceness, memory_mb])
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            # -P: nothing is imported from the current folder.
            [sys.executable, "-P", "-c", _START, _ROOT, parameters],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - piped
        assert self._process.stdout is not None  # noqa: S101
        self.connection = Connection(self._process.stdout, self._process.stdin)
        with suppress(OSError):  # it has ended: the first `recv` says so
            self.connection.send(args)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended: 0 when ``main`` returned, ``-n`` by signal ``n``; None while it runs."""
        return self._process.poll()

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.exit_code is None

    def wait(self) -> int:
        """Wait until it has ended; its exit code."""
        return self._process.wait()

    def kill(self) -> None:
        """Kill it, without waiting; whoever waits for a message then gets `EOFError`."""
        self._process.kill()

    def end(self, patience_s: float = 0.0) -> int:
        """End the process, if it has not ended, and close the pipes to it.

        Args:
            patience_s: seconds between asking it to end (SIGTERM) and killing it; 0 kills it now.

        Returns:
            Its exit code; of a child that is about to end by itself, `wait` gives its own.
        """
        if patience_s and self.is_alive():
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
        self._process.kill()
        code = self._process.wait()
        self.connection.close()
        return code


def serve() -> None:
    """The child's side: set the limits, run the function that the parent named, and exit."""
    module, name, niceness, memory_mb = json.loads(sys.argv.pop(1))
    incoming = os.dup(0)
    connection = Connection(os.fdopen(incoming, "rb"), os.fdopen(os.dup(1), "wb"), in_child=True)
    if hasattr(select, "poll"):  # Windows has none: there the child ends with its next message
        threading.Thread(target=_end_with_parent, args=(incoming,), daemon=True).start()
    # What a library prints must not be taken for a message.
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    if memory_mb is not None:
        _limit_memory(memory_mb)
    args = connection.recv()
    getattr(importlib.import_module(module), name)(connection, *args)
    connection.close()


def _end_with_parent(pipe: int) -> None:
    """End this process as soon as the other end of the pipe is closed, whatever it is doing."""
    hang_up = select.poll()
    hang_up.register(pipe, 0)  # a hang-up is reported without being asked for
    hang_up.poll()
    os._exit(1)


def _limit_memory(megabytes: int) -> None:
    if resource is None:
        return
    limits = {resource.RLIMIT_DATA: megabytes * 1_000_000, resource.RLIMIT_CORE: 0}
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # unknown to the system, or a lower one is set
            resource.setrlimit(limit, (value, value))


def report(connection: Connection, work: Callable[[], None]) -> None:
    """In a child: do some work, then send None, or the error that it raised; see `messages`."""
    error: Exception | None = None
    try:
        work()
    except Exception as raised:
        error = raised if _crosses(raised) else RuntimeError(repr(raised))
    connection.send(error)


def _crosses(error: Exception) -> bool:
    """Whether an error can be pickled and made again."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)  # noqa: S301 - our own bytes
    except Exception:
        return False


def messages(child: ChildProcess[*Ts]) -> Iterator[Any]:
    """In the parent: what a child sends until its work is done (see `report`).

    Raises:
        ChildDied: it ended before.
        Exception: what its work raised.
    """
    try:
        while (message := child.connection.recv()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message
    except EOFError:
        raise ChildDied(child.wait()) from None


class ChildDied(Exception):
    """A child ended without a result.

    Args:
        status: its exit code.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def is_failure(error: BaseException) -> bool:
    """Whether a library failed; an interruption or an exit is no failure."""
    # Panics of Rust libraries: each library makes its own class, which cannot be imported.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


NICENESS = 10


def give_way() -> None:
    """Lower the priority of this thread for good, where a thread has its own (Linux)."""
    if sys.platform == "linux":
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), max(own, NICENESS))


class Lazy(Generic[T]):
    """Makes something at the first call, once for all threads; a failure is tried again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def get(self) -> T:
        """The thing; waits while another thread makes it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def forget(self) -> None:
        """Let go of the thing; a later call makes it anew."""
        with self._lock:
            self._made.clear()


class Warmed:
    """What loads its parts at its first use, or before it in the background.

    Args:
        name: of its thread.
        parts: what is loaded.
    """

    def __init__(self, name: str, *parts: Lazy[Any]) -> None:
        self._name, self._parts = name, parts
        self._warming: threading.Thread | None = None

    def warm(self) -> None:
        """Start loading in the background and return at once."""
        # No daemon: ending the interpreter under a library that loads can crash it.
        self._warming = threading.Thread(target=self._load, name=f"{self._name}-warm")
        self._warming.start()

    def close(self) -> None:
        """Wait for what loads in the background, and give back the memory of all of it."""
        if self._warming is not None:
            self._warming.join()
        for part in self._parts:
            part.forget()

    def _load(self) -> None:
        with suppress(KiosqueError):  # The first use meets it again, and says so.
            for part in self._parts:
                part.get()


def ms_since(started: float) -> int:
    """The milliseconds since a moment of `time.monotonic`."""
    return round((time.monotonic() - started) * 1000)


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
