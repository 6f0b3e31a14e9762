"""Jobs of tests for the archive worker; its process imports this module, and little with it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app import Kiosque
    from retrieval.change.report import Progress


@dataclass(frozen=True, slots=True)
class Waits:
    """A job that tells its process number, and waits."""

    file: Path
    seconds: float = 0.0

    def run(self, app: Kiosque, progress: Progress) -> int:  # noqa: ARG002
        """Write the number down, wait, and return it."""
        progress.stage("read", 3)
        self.file.write_text(str(os.getpid()))
        time.sleep(self.seconds)
        return os.getpid()


@dataclass(frozen=True, slots=True)
class Ticks:
    """A job that tells its process number, and goes on for a minute."""

    file: Path

    def run(self, app: Kiosque, progress: Progress) -> None:  # noqa: ARG002
        """Report a step now and then."""
        self.file.write_text(str(os.getpid()))
        progress.stage("read", None)
        for _ in range(600):
            progress.advance(1)
            time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Fails:
    """A job with a fault."""

    def run(self, app: Kiosque, progress: Progress) -> None:  # noqa: ARG002
        """Raise an error that is none of ours."""
        raise ZeroDivisionError("by nothing")
