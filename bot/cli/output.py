"""The two ways out: a console for people, JSON for programs. Rich is imported only when used."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.messages.catalogue import Catalogue

if TYPE_CHECKING:
    from rich.console import Console

Advance = Callable[[str, int, int], None]
"""Tells how far a stage is: its name in the catalogue (``progress.…``), done, total."""

# An article may hold anything: an escape sequence must not reach the terminal.
_CONTROLS = dict.fromkeys(
    [*(c for c in range(32) if chr(c) not in "\n\t"), 127, *range(128, 160)],
    "\N{REPLACEMENT CHARACTER}",
)


def harmless(text: str) -> str:
    """A text that a terminal shows and never obeys."""
    return text.translate(_CONTROLS)


def prepare_streams() -> None:
    """Let a terminal of another encoding show what it can, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def print_json(value: object) -> None:
    """Print a value as JSON, in UTF-8 whatever the locale."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def console(*, stderr: bool = False) -> Console:
    """A console for people: no colour away from a terminal, and ``[1]`` is no markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


@contextmanager
def progress(texts: Catalogue, on: Console) -> Iterator[Advance]:
    """A bar for each stage of a long work, with the time left; nothing away from a terminal.

    The time left is judged on the last minute: the first seconds of a stage say little.
    """
    if not on.is_terminal:
        yield lambda _stage, _done, _total: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=on, expand=True, speed_estimate_period=60) as bars:
        tasks: dict[str, int] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(texts.text(f"progress.{stage}"), total=total)
            bars.update(bars.task_ids[list(tasks).index(stage)], completed=done, total=total)

        yield advance
