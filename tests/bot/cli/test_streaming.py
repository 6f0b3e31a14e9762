"""An answer while it is written: what is seen in the end is what would have come at once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bot.answering.request import Event, Finished, Retrieved, Searching, Verified
from bot.cli.render import render_answer
from bot.cli.streaming import PlainView, TerminalView, View, watched
from bot.messages.catalogue import Catalogue
from retrieval.errors import ModelUnavailable
from retrieval.vocabulary import Answer, Question, Statement, Status
from tests.bot.cli.conftest import QUESTION, Kiosque
from tests.bot.cli.screen import Screen
from tests.bot.samples import ANSWERED, ARTICLE, NEAR, QUOTE, REFUSED, citation

FRENCH = Catalogue("fr")
LONG = replace(
    ANSWERED,
    statements=tuple(
        Statement(f"Au bout de {n} ans, le pont « de Brume » a rouvert ; voilà !", (one,))
        for n, one in enumerate([citation(1, QUOTE)] * 40)
    ),
)
OTHER_QUOTE = "La mairie parle d'un [succès] « inespéré »."
EXTRACTIVE = replace(
    ANSWERED,
    status=Status.EXTRACTIVE,
    statements=tuple(
        Statement(quote, (citation(n, quote, ARTICLE),))
        for n, quote in enumerate([QUOTE, OTHER_QUOTE], start=1)
    ),
)
REORDERED = replace(ANSWERED, statements=ANSWERED.statements[::-1])
ANSWERS = [ANSWERED, LONG, EXTRACTIVE, NEAR, REFUSED]
NAMES = ["answered", "long", "extractive", "near", "refused"]


async def written_slowly(
    answer: Answer, verified: Sequence[Statement], fault: BaseException | None = None
) -> AsyncGenerator[Event, None]:
    """The events of an answer, each after a moment; a fault comes before its end."""
    yield Searching(Question("?"))
    await asyncio.sleep(0.01)
    yield Retrieved(12, 4)
    for statement in verified:
        await asyncio.sleep(0.001)
        yield Verified(statement)
    if fault:
        raise fault
    yield Finished(answer)


def watch(answer: Answer, view: View, fault: BaseException | None = None) -> Answer:
    """The answer, watched to its end; only what is written comes bit by bit."""
    verified = answer.statements if answer.status is Status.ANSWERED else ()
    return asyncio.run(watched(written_slowly(answer, verified, fault), view))


def at_once(answer: Answer, width: int) -> str:
    """What is seen of an answer that comes at once."""
    out = io.StringIO()
    Console(file=out, width=width).print(render_answer(answer, FRENCH))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


class Terminal(io.StringIO):
    """A file that is shown on a screen, and remembers all that was ever seen there."""

    def __init__(self, height: int) -> None:
        super().__init__()
        self.screen = Screen(height)
        self.seen: list[str] = []

    def write(self, text: str) -> int:
        """Show a text."""
        self.screen.write(text)
        self.seen.append(self.screen.text())
        return len(text)


def terminal_view(width: int, height: int = 24) -> tuple[Terminal, TerminalView]:
    """A view on a terminal of that size."""
    terminal = Terminal(height)
    console = Console(
        file=terminal,
        force_terminal=True,
        width=width,
        height=height,
        highlight=False,
        _environ={"TERM": "xterm"},
    )
    return terminal, TerminalView(FRENCH, console)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("answer", ANSWERS, ids=NAMES)
def test_only_the_answer_stays(answer: Answer, width: int) -> None:
    """Once whole, an answer stands as if it had come at once, even taller than the screen."""
    terminal, view = terminal_view(width, height=12)
    assert watch(answer, view) is answer
    assert terminal.screen.text() == at_once(answer, width)
    assert terminal.screen.cursor_shown


def test_what_is_done_and_said_is_seen() -> None:
    """A terminal shows the search, what was found, and each sentence before the end."""
    terminal, view = terminal_view(80)
    watch(ANSWERED, view)
    first = next(at for at, text in enumerate(terminal.seen) if "Recherche…" in text)
    found = next(at for at, text in enumerate(terminal.seen) if "12 passages dans 4" in text)
    said = next(at for at, text in enumerate(terminal.seen) if "traversé à pied. [1]" in text)
    whole = next(at for at, text in enumerate(terminal.seen) if "Sources" in text)
    assert first < found < said < whole
    assert "réponse…" in terminal.seen[said]


def test_last_sentences_of_a_tall_answer_are_seen() -> None:
    """What is being written is followed to its end, within the height of the terminal."""
    terminal, view = terminal_view(60, height=10)
    watch(LONG, view)
    last = next(text for text in terminal.seen if "Au bout de 39 ans" in text)
    assert "réponse…" in last
    assert "Au bout de 1 ans" not in last


@pytest.mark.parametrize(
    "fault", [KeyboardInterrupt(), ModelUnavailable("model_damaged", path="x")]
)
def test_interrupted_answer_leaves_nothing(fault: BaseException) -> None:
    """Ctrl-C or an error in the middle takes away what was shown, and gives the cursor back."""
    terminal, view = terminal_view(80)
    with pytest.raises(type(fault)):
        watch(ANSWERED, view, fault)
    assert any("traversé" in text for text in terminal.seen)
    assert (terminal.screen.text(), terminal.screen.cursor_shown) == ("", True)


@pytest.mark.parametrize(("waited", "shown"), [(1.9, "Recherche…"), (7.0, "Recherche… 7 s")])
def test_waiting_is_counted(waited: float, shown: str) -> None:
    """After two seconds, a terminal shows how long the answer takes."""
    terminal = Terminal(24)
    console = Console(file=terminal, force_terminal=True, width=80, height=24)
    seconds = iter([0.0])
    watch(ANSWERED, TerminalView(FRENCH, console, lambda: next(seconds, waited)))
    assert shown in terminal.seen


def test_what_is_left_is_stopped() -> None:
    """When the view ends in the middle, the events are closed: nothing goes on behind it."""
    closed = []

    async def endless() -> AsyncGenerator[Event, None]:
        try:
            while True:
                yield Retrieved(12, 4)
        finally:
            closed.append(True)

    class Broken(View):
        """A view whose pipe is gone."""

        def show(self, event: Event) -> None:
            raise BrokenPipeError(event)

    async def run() -> list[bool]:
        with pytest.raises(BrokenPipeError):
            await watched(endless(), Broken())
        return list(closed)

    assert asyncio.run(run()) == [True]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("answer", ANSWERS, ids=NAMES)
def test_pipe_ends_with_the_same_text(
    answer: Answer, width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Away from a terminal, an answer written bit by bit is the text that comes at once."""
    watch(answer, PlainView(FRENCH, Console(width=width, highlight=False)))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "\n".join(lines) == at_once(answer, width)


def test_pipe_has_each_sentence_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence is written when it is verified, and only once."""
    view = PlainView(FRENCH, Console(width=80, highlight=False))
    with view:
        view.show(Retrieved(12, 4))
        assert capsys.readouterr().out == ""
        for statement in ANSWERED.statements:
            view.show(Verified(statement))
            assert capsys.readouterr().out.split()[0] == statement.text.split()[0]
    view.finish(ANSWERED)
    assert "traversé à pied. [1] Les" not in capsys.readouterr().out


def test_pipe_says_another_order_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the whole is no longer what was written, it follows, apart."""
    happening = written_slowly(REORDERED, ANSWERED.statements)
    asyncio.run(watched(happening, PlainView(FRENCH, Console(width=80, highlight=False))))
    first, _, whole = capsys.readouterr().out.partition("\n\n")
    assert "Les travaux ont duré. [1][2]" in first
    lines = [line.rstrip() for line in whole.splitlines()]
    assert "\n".join(lines) == at_once(REORDERED, 80)


def test_ask_with_a_model_that_is_away(
    kiosque: Kiosque, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a model in the settings that does not answer, the same sentences come, streamed."""
    alone = kiosque(sample_home, "ask", QUESTION, "--json")
    nowhere = "Qui a peint la Joconde ?"
    refused = kiosque(sample_home, "ask", nowhere)
    monkeypatch.setenv("KIOSQUE_LLM__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("KIOSQUE_LLM__MODEL", "none")
    monkeypatch.setenv("KIOSQUE_LLM__TRUST", "write")
    streamed = kiosque(sample_home, "ask", QUESTION, "--json")
    assert (streamed.code, streamed.err) == (0, "")
    assert "model_away" in [notice["key"] for notice in streamed.json["notices"]]
    assert streamed.json["statements"] == alone.json["statements"]
    said = kiosque(sample_home, "ask", QUESTION)
    assert (said.code, said.err) == (0, "")
    assert " ".join(alone.json["text"].split()) in " ".join(said.out.split())
    assert kiosque(sample_home, "ask", nowhere).code == refused.code == 3
    assert kiosque(sample_home, "ask", " ").failed(2)
