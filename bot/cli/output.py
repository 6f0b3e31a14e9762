"""The two outputs: a console for people, JSON for programs. Rich is imported only when used."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.cli.json_values import failure_as_json
from bot.messages.catalogue import Catalogue

if TYPE_CHECKING:
    from typing import Self

    from rich.console import Console, RenderableType
    from rich.progress import TaskID

    from bot.messages.errors import Failure

# An article may hold anything: an escape sequence must not reach the terminal, nor what
# Unicode keeps for the inside of programs (`bot.cli.render` relies on it).
_CONTROLS = dict.fromkeys(
    [
        *(c for c in range(32) if chr(c) not in "\n\t"),
        *range(127, 160),
        *range(0xFDD0, 0xFDF0),
    ],
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


def print_json(value: object, *, on_a_line: bool = False) -> None:
    """Print a value as JSON, in UTF-8 whatever the locale.

    Args:
        value: what to print.
        on_a_line: one of several values: on one line, and written at once.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    text = json.dumps(value, ensure_ascii=False, indent=None if on_a_line else 2)
    sys.stdout.write(f"{text}\n")
    if on_a_line:
        sys.stdout.flush()


def show_failure(failure: Failure, *, as_json: bool = False) -> None:
    """Write an error on standard error; for programs, as ``{"error": …}`` on standard output."""
    if as_json:
        print_json(failure_as_json(failure))
        return
    sys.stderr.write(f"{harmless(failure.message)}\n→ {harmless(failure.do)}\n")


def console(*, stderr: bool = False) -> Console:
    """A console for people: no colour away from a terminal, and ``[1]`` is no markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def display(*renderables: RenderableType) -> None:
    """Print for people on standard output."""
    from rich.console import Group

    # In a group each keeps its own way of wrapping, which Rich forgets when it joins texts.
    console().print(Group(*renderables))


_MAX_REPLY_CHARS = 200


class Bars:
    """A bar for each stage of a long work, with the time left; nothing away from a terminal.

    Nothing is drawn before the first stage, nor after `stop`: a prompt may stand there.

    It is a `retrieval.change.Progress`. The time left is judged on the last minute, since
    the first steps of a stage say little; a stage of unknown length shows only that it goes on.

    Args:
        texts: names the stages (``progress.…``).
        on: where the bars are drawn.
    """

    def __init__(self, texts: Catalogue, on: Console) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._texts = texts
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=on,
            expand=True,
            speed_estimate_period=60,
            disable=not on.is_terminal,
        )
        self._current: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the bars as they are."""
        self._bars.stop()

    def stage(self, name: str, total: int | None) -> None:
        """Begin a bar; the one before is over."""
        self._bars.start()
        self._end()
        self._current = self._bars.add_task(self._texts.text(f"progress.{name}"), total=total)

    def advance(self, steps: int) -> None:
        """Move the bar of the stage on."""
        if self._current is not None:
            self._bars.advance(self._current, steps)

    def counter(self, name: str) -> Callable[[int, int], None]:
        """A stage for work that counts by itself: it reports what is done, and of how many."""

        begun = False

        def report(done: int, total: int) -> None:
            nonlocal begun
            if not begun:
                begun = True
                self.stage(name, total)
            if self._current is not None:
                self._bars.update(self._current, completed=done, total=total)

        return report

    def _end(self) -> None:
        if self._current is not None:
            task = next(t for t in self._bars.tasks if t.id == self._current)
            self._bars.update(self._current, total=task.completed)


def confirmed(question: str, texts: Catalogue) -> bool:
    """Ask for a yes or a no at the terminal; without a terminal, the answer is no."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} {texts.text('confirm.choices')} ")
    sys.stderr.flush()
    reply = sys.stdin.readline(_MAX_REPLY_CHARS).strip().lower()
    return reply in texts.text("confirm.yes").split()
