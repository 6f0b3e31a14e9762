"""A guard against work without end, in computing time: a busy machine does not change it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class EndlessError(AssertionError):
    """The work went on for too long."""


@contextmanager
def bounded(seconds: float = 10.0) -> Iterator[None]:
    """Run the block, which takes a fraction of a second where it grows as it should.

    Args:
        seconds: of computing time of this process; not to be used by two threads at once.

    Raises:
        EndlessError: it took more.
    """

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise EndlessError(f"more than {seconds:g} s of computing time")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
