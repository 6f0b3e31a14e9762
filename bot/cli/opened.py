"""Kiosque opened for a command: with its settings, and bars on the terminal's error stream."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bot.app import Kiosque
from bot.cli.output import Bars, console
from bot.logs import logged
from retrieval.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from bot.cli.invocation import Invocation


@contextmanager
def opened(invocation: Invocation) -> Iterator[tuple[Kiosque, Bars]]:
    """The parts of Kiosque, and the bars that long work is shown on.

    Bars go to the error stream, so that standard output holds only the result.

    Raises:
        BadSettings: a setting is unknown or wrong, or the home is no folder.
    """
    settings = invocation.loaded.settings
    if settings.home.exists() and not settings.home.is_dir():
        raise BadSettings("home_not_folder", path=settings.home)
    with (
        logged(settings.home / "logs", invocation.secrets),
        _bars(invocation) as bars,
        Kiosque(settings, converting=bars.counter("model")) as app,
    ):
        yield app, bars


def _bars(invocation: Invocation) -> Bars:
    return Telling() if invocation.telling else Bars(invocation.texts, console(stderr=True))


_OFTEN = 0.5  # seconds


class Telling(Bars):
    """Writes ``{"stage", "done", "total"}`` lines on the error stream, in place of bars.

    Args:
        stream: where to.
        clock: seconds.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._name, self._done, self._total = "", 0, None
        self._told_at = 0.0

    _total: int | None

    def stop(self) -> None:
        """Nothing is drawn."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; the one before is over."""
        self._name, self._done, self._total = name, 0, total
        self._tell()

    def advance(self, steps: int) -> None:
        """So many more steps of the stage are done; told twice a second at most."""
        self._done += steps
        if self._clock() - self._told_at >= _OFTEN:
            self._tell()

    def counter(self, name: str) -> Callable[[int, int], None]:
        """A stage for work that counts by itself: it is told what is done, and of how many."""

        def report(done: int, total: int) -> None:
            if self._name != name:
                self.stage(name, total)
            self.advance(done - self._done)

        return report

    def _tell(self) -> None:
        self._told_at = self._clock()
        told = {"stage": self._name, "done": self._done, "total": self._total}
        with suppress(OSError):  # who listened is gone: the work goes on
            self._stream.write(json.dumps(told) + "\n")
            self._stream.flush()
