"""An answer while it is written: each sentence is shown as soon as it is verified.

On a terminal, a live area shows progress and sentences; the whole answer replaces it. Elsewhere
text is only added to what was written.
"""

from __future__ import annotations

import sys
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.segment import Segment

from bot.answering.request import Finished, Retrieved, Verified
from bot.cli.output import console
from bot.cli.render import prose, render_answer, render_statements

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from typing import Self

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from bot.answering.request import Event
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer, Statement

_PATIENCE = 2  # seconds before they are counted


class View:
    """Where an answer is shown while it is written; this one shows nothing.

    It is entered before the first event and left after the last: what was shown for a time
    only is then gone.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.leave(cut=error is not None)

    def leave(self, *, cut: bool) -> None:
        """Leave the place clean; ``cut`` when the answer was not finished."""

    def show(self, event: Event) -> None:
        """Show how far the answer is."""

    def finish(self, answer: Answer) -> None:
        """Show the whole answer; the view was left before."""


async def watched(happening: AsyncGenerator[Event, None], view: View) -> Answer:
    """Show an answer as it comes, and give it whole; what is left of it is stopped.

    Raises:
        BadQuestion: the question is empty or too long.
        KiosqueError: the archive or the embedding model cannot be used.
    """
    answer: Answer | None = None
    with view:
        async with aclosing(happening) as events:
            async for event in events:
                if isinstance(event, Finished):
                    answer = event.answer
                else:
                    view.show(event)
    if answer is None:
        raise RuntimeError("the pipeline ended without an answer")
    view.finish(answer)
    return answer


def view_for_people(texts: Catalogue) -> View:
    """The view that suits standard output."""
    out = console()
    if out.is_terminal and not out.is_dumb_terminal:
        return TerminalView(texts, out)
    return PlainView(texts, out)


class TerminalView(View):
    """The last lines of the answer and its progress, redrawn in place.

    Args:
        texts: the words of it.
        out: the terminal.
        now: a clock in seconds.
    """

    def __init__(
        self, texts: Catalogue, out: Console, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._texts = texts
        self._out = out
        self._now = now
        self._said: list[Statement] = []
        self._doing = texts.text("stream.searching")
        self._since = now()
        self._live = Live(
            get_renderable=self._renderable,
            console=out,
            refresh_per_second=1,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def leave(self, *, cut: bool) -> None:  # noqa: ARG002 - nothing is left either way
        """Take away what was shown for a time."""
        self._live.stop()

    def show(self, event: Event) -> None:
        """Show a sentence, or what is being done."""
        if isinstance(event, Verified):
            self._said.append(event.statement)
        else:
            self._doing = _doing(event, self._texts)
        self._live.refresh()

    def finish(self, answer: Answer) -> None:
        """Show the answer as if it had come at once."""
        self._out.print(render_answer(answer, self._texts))

    def _renderable(self) -> RenderableType:
        waited = int(self._now() - self._since)
        doing = self._doing
        if waited >= _PATIENCE:
            doing = self._texts.text("stream.waiting", doing=doing, seconds=waited)
        status = prose(doing, style="dim")
        if not self._said:
            return _Tail(status)
        return _Tail(Group(render_statements(self._said, self._texts), status))


class PlainView(View):
    """Text that grows: what ends up written is what `display` would have written.

    Args:
        texts: the words of it.
        out: the console that lays the text out; it writes to standard output.
    """

    def __init__(self, texts: Catalogue, out: Console) -> None:
        self._texts = texts
        self._out = out
        self._said: list[Statement] = []
        self._written = ""

    def leave(self, *, cut: bool) -> None:
        """End the line of an answer that was not finished."""
        if cut and self._written:
            self._write("\n")

    def show(self, event: Event) -> None:
        """Write a sentence, when that adds to what is written."""
        if isinstance(event, Verified):
            self._said.append(event.statement)
            text = self._laid_out(render_statements(self._said, self._texts)).rstrip("\n")
            if text.startswith(self._written):
                self._write(text[len(self._written) :])

    def finish(self, answer: Answer) -> None:
        """Write the rest; an answer that was put in another order is written again, whole."""
        text = self._laid_out(render_answer(answer, self._texts))
        if text.startswith(self._written):
            self._write(text[len(self._written) :])
        else:
            self._write(f"\n\n{text}")

    def _laid_out(self, renderable: RenderableType) -> str:
        with self._out.capture() as capture:
            self._out.print(renderable)
        return capture.get()

    def _write(self, text: str) -> None:
        self._written += text
        sys.stdout.write(text)
        sys.stdout.flush()


class _Tail:
    """The last lines of something: what has scrolled away could not be redrawn."""

    def __init__(self, whole: RenderableType) -> None:
        self._whole = whole

    def __rich_console__(self, on: Console, options: ConsoleOptions) -> RenderResult:
        lines = on.render_lines(self._whole, options.update(height=None), pad=False)
        for number, line in enumerate(lines[-max(1, options.size.height - 1) :]):
            if number:
                yield Segment.line()
            yield from line


def _doing(event: Event, texts: Catalogue) -> str:
    if isinstance(event, Retrieved) and event.passages:
        articles = texts.text("stream.articles", count=event.articles)
        return texts.text("stream.writing", count=event.passages, articles=articles)
    return texts.text("stream.searching")
