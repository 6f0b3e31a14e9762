"""Logs without secrets: a file in the home for commands, JSON lines on a stream for the bot."""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from config.masking import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

_MAX_BYTES, _OLD_FILES = 1_000_000, 3
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# These write whole updates, with what people say, when one cannot be read.
_INDISCREET = ("telegram.Bot", "telegram.ext.ExtBot")
# At INFO these log every address that is called: Telegram's holds the token, others may a key.
_TALKATIVE = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "telegram",
    "apscheduler",
    "tornado.access",
)


@contextmanager
def log_to_file(folder: Path, hide: Iterable[str]) -> Iterator[None]:
    """Write the records of our modules, and the warnings of libraries, to ``kiosque.log``.

    Args:
        folder: takes the file and those before it; made with the first line.
        hide: secrets, taken out of every line.
    """
    handler = _Quiet(
        folder / "kiosque.log",
        maxBytes=_MAX_BYTES,
        backupCount=_OLD_FILES,
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


@contextmanager
def log_to_stream(hide: Iterable[str], stream: TextIO | None = None) -> Iterator[None]:
    """Write every record as a JSON object on a line.

    Args:
        hide: secrets, taken out of every line.
        stream: where the lines go; the error stream unless given.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_JsonLines(tuple(hide)))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


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


class _JsonLines(logging.Formatter):
    """A record as JSON, with what was given as ``extra``, its secrets masked."""

    def __init__(self, hide: tuple[str, ...]) -> None:
        super().__init__()
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(line, ensure_ascii=False, default=str), self._hide)
