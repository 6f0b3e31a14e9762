"""How long each stage of an answer took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Milliseconds of each stage, and of all."""

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._begun = self._last = now()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """End a stage; one that is named again takes the time of both."""
        now = self._now()
        self._laps[name] = self._laps.get(name, 0.0) + (now - self._last) * 1000
        self._last = now

    def total(self) -> dict[str, float]:
        """The milliseconds of each stage, and ``total``."""
        return {**self._laps, "total": (self._now() - self._begun) * 1000}
