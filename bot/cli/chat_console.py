"""The console of a chat: lines in; sentences for people, or a JSON value a line, out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from bot.answering.notices import Since
from bot.cli.json_values import answer_as_json, article_as_json, failure_as_json, source_as_json
from bot.cli.output import console, harmless, print_json, show_failure
from bot.cli.render import hanging, prose, render_article, render_source
from bot.cli.streaming import View, view_for_people
from bot.messages.answers import since_lines
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from bot.memory.values import StoredSource
    from bot.messages.catalogue import Catalogue
    from bot.messages.errors import Failure
    from retrieval.vocabulary import Answer, Citation

_CONTEXT_CHARS = 600


class TalkToPeople:
    """Blocks of text with an empty line after each.

    Args:
        texts: the words of it.
    """

    def __init__(self, texts: Catalogue) -> None:
        self._texts = texts

    def view(self) -> View:
        """The view that suits standard output."""
        return view_for_people(self._texts)

    def answered(self, _answer: Answer) -> None:
        """Leave a line after the answer, which its view has shown."""
        self._print(Text())

    def result(self, _command: str, key: str) -> None:
        """Say it on standard output: it was asked for."""
        self._print(*map(prose, self._texts.text(key).strip().splitlines()), Text())

    def aside(self, key: str, **facts: object) -> None:
        """Say it on the error stream, which is not what was asked for."""
        console(stderr=True).print(prose(self._texts.text(key, **facts), style="dim"))

    def sources(self, found: Sequence[tuple[StoredSource, Citation | Since]]) -> None:
        """Each source with its quote in its paragraph."""
        self._print(*(self._source(*one) for one in found), Text())

    def whole(self, citation: Citation) -> None:
        """The article, the quote in bold."""
        quote = Span(citation.start, citation.end)
        self._print(render_article(citation.article, self._texts, quote), Text())

    def failed(self, failure: Failure) -> None:
        """What went wrong, on the error stream."""
        show_failure(failure)

    def _source(self, cited: StoredSource, found: Citation | Since) -> RenderableType:
        if not isinstance(found, Since):
            return render_source(found, self._texts, _CONTEXT_CHARS)
        lines = [prose(harmless(line)) for line in since_lines(found, self._texts)]
        return hanging(f"[{cited.number}]", lines)

    def _print(self, *parts: RenderableType) -> None:
        console().print(Group(*parts))
        sys.stdout.flush()


class TalkToPrograms:
    """One JSON value for each line that was read, on one line.

    Args:
        texts: the words of it.
        model: the name of the chat model, if there is one.
    """

    def __init__(self, texts: Catalogue, model: str = "") -> None:
        self._texts = texts
        self._model = model

    def view(self) -> View:
        """Nothing is shown before the answer is whole."""
        return View()

    def answered(self, answer: Answer) -> None:
        """The answer, as ``ask --json`` gives it."""
        self._print(answer_as_json(answer, self._texts, self._model))

    def result(self, command: str, key: str) -> None:
        """``{"command", "text"}``."""
        self._print({"command": command, "text": self._texts.text(key).strip()})

    def aside(self, key: str, **facts: object) -> None:
        """Nothing: each value answers a line."""

    def sources(self, found: Sequence[tuple[StoredSource, Citation | Since]]) -> None:
        """``{"command", "sources"}``; of one that does not stand any more, what became of it."""
        values = [
            {"n": cited.number, "since": asdict(one)}
            if isinstance(one, Since)
            else source_as_json(one)
            for cited, one in found
        ]
        self._print({"command": "sources", "sources": values})

    def whole(self, citation: Citation) -> None:
        """``{"command", "sources", "article"}``."""
        source, article = source_as_json(citation), article_as_json(citation.article)
        self._print({"command": "sources", "sources": [source], "article": article})

    def failed(self, failure: Failure) -> None:
        """``{"error": …}``."""
        self._print(failure_as_json(failure))

    def _print(self, value: object) -> None:
        print_json(value, on_a_line=True)


Talk = TalkToPeople | TalkToPrograms
"""What a conversation has to say, and how."""

_PROMPT = "> "
_MAX_CHARS = 1_000_000


class PipedLines:
    """The lines of standard input; of one that never ends, only the beginning."""

    def read(self) -> str | None:
        """The next line; None at the end."""
        line = sys.stdin.readline(_MAX_CHARS)
        more = line
        while more and not more.endswith("\n"):
            more = sys.stdin.readline(_MAX_CHARS)
        return line or None

    def forget(self) -> None:
        """Forget the lines that could be recalled: here there are none."""


class TypedLines(PipedLines):
    """Lines typed at a prompt, edited and recalled where the system has readline.

    Args:
        earlier: lines to recall, oldest first.
    """

    def __init__(self, earlier: Iterable[str]) -> None:
        try:
            import readline
        except ImportError:  # Windows has none
            self._readline = None
            return
        self._readline = readline
        for line in earlier:
            readline.add_history(line)

    def read(self) -> str | None:
        """The next line; None at Ctrl-D. Ctrl-C takes away what was typed, if anything was.

        Raises:
            KeyboardInterrupt: there was nothing to take away.
        """
        out = sys.stdout if sys.stdout.isatty() else sys.stderr
        while True:
            try:
                return self._input(out)
            except EOFError:
                out.write("\n")
                return None
            except KeyboardInterrupt:
                out.write("\n")
                if self._readline is None or not self._readline.get_line_buffer():
                    raise

    def _input(self, out: TextIO) -> str:
        if out is sys.stdout:
            return input(_PROMPT)
        out.write(_PROMPT)
        out.flush()
        return input()

    def forget(self) -> None:
        """Forget what was typed."""
        if self._readline is not None:
            self._readline.clear_history()
