"""What the child processes of these tests run."""

from __future__ import annotations

import os
import signal
import sys
import threading

from retrieval.process import Connection, report


def echo(connection: Connection) -> None:
    """Send back whatever comes."""
    while True:
        connection.send(connection.recv())


def introduce(connection: Connection, name: str, count: int) -> None:
    """Send what the arguments and the surroundings of the child are."""
    sys.stdout.write("what a library prints is no message\n")
    connection.send((name, count, "pytest" in sys.modules, os.getsid(0) == os.getpid()))


def fail(connection: Connection) -> None:
    """Fail at once."""
    raise RuntimeError(connection)


def toil(connection: Connection) -> None:
    """Work on without a look at the connection."""
    connection.send("busy")
    threading.Event().wait()


def endure(connection: Connection) -> None:
    """Ignore being asked to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection.send(True)
    threading.Event().wait()


def work(connection: Connection, fault: str) -> None:
    """Send two messages, then end as it is told to."""

    def steps() -> None:
        connection.send(1)
        connection.send(2)
        if fault == "exit":
            os._exit(7)
        if fault == "odd":
            raise _OddError("a", "b")
        if fault:
            raise FileNotFoundError(2, fault)

    report(connection, steps)


class _OddError(Exception):
    """An error that cannot be unpickled."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)
