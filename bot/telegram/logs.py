"""Logs for machines: one JSON object a line, and no secret in any of them."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

from config.masking import masked

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# These write whole updates, with what people say, when one cannot be read.
_INDISCREET = ("telegram.Bot", "telegram.ext.ExtBot")
# At INFO these tell every address that is called: Telegram's holds the token.
_TALKATIVE = ("httpx", "httpcore", "telegram", "apscheduler", "tornado.access")


class JsonLines(logging.Formatter):
    """Writes a record as JSON, with what was given as ``extra``, the secrets masked.

    Args:
        secrets: what must never be written.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(line, ensure_ascii=False, default=str), self._secrets)


def configure(secrets: Sequence[str], stream: TextIO | None = None) -> logging.Handler:
    """Log to a stream, by default the error stream; the handler, to be removed at the end.

    Args:
        secrets: what must never be written.
        stream: where the lines go.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _INDISCREET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return handler
