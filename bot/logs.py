"""The log file of a home: what happened that no user needs to read, without secrets."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from config.masking import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST_BYTES, _KEPT = 1_000_000, 3


@contextmanager
def logged(folder: Path, hide: Iterable[str]) -> Iterator[None]:
    """Write what our modules say, and what libraries warn of, to ``kiosque.log``.

    Args:
        folder: takes the file and those before it; made with the first line.
        hide: secrets, taken out of every line.
    """
    handler = _Quiet(
        folder / "kiosque.log",
        maxBytes=_MOST_BYTES,
        backupCount=_KEPT,
        encoding="utf-8",
        errors="replace",
        delay=True,
    )
    handler.setFormatter(_Masking(tuple(hide)))
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.setLevel(before)
        root.removeHandler(handler)
        handler.close()


class _Quiet(RotatingFileHandler):
    """A disk that takes no log must not trouble the user."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing."""


class _Masking(logging.Formatter):
    """A line a record, in UTC, its secrets masked."""

    def __init__(self, hide: tuple[str, ...]) -> None:
        self.converter = time.gmtime
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), self._hide)
