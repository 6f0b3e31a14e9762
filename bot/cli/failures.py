"""Errors for people and for programs: what happened, what to do, and never a traceback."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bot.cli.output import harmless, print_json
from bot.messages.catalogue import Catalogue
from bot.messages.errors import Failure, explained, unexplained
from config.masking import masked

__all__ = ["Failure", "explained", "failure_as_json", "show", "unexpected"]


def unexpected(error: BaseException, texts: Catalogue, home: Path, hide: Iterable[str]) -> Failure:
    """The sentences of a fault of ours; the traceback goes to the log under a reference.

    Args:
        home: its ``logs`` folder takes the log; where it cannot be written, nothing is.
        hide: secrets, taken out of the traceback.
    """
    reference = uuid4().hex[:8]
    log = home / "logs" / "kiosque.log"
    report = masked("".join(traceback.format_exception(error)), hide)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {reference}\n{report}\n")
    except OSError:
        # A disk that takes no log must not hide the sentence itself.
        pass
    return unexplained(texts, reference, log)


def failure_as_json(failure: Failure) -> dict[str, dict[str, str]]:
    """``{"error": {"key", "message", "do"}}``."""
    return {"error": {"key": failure.key, "message": failure.message, "do": failure.do}}


def show(failure: Failure, *, as_json: bool) -> None:
    """Say it on standard error; for programs, as ``{"error": …}`` on standard output."""
    if as_json:
        print_json(failure_as_json(failure))
        return
    sys.stderr.write(f"{harmless(failure.message)}\n→ {harmless(failure.do)}\n")
