"""``kiosque chat`` on a real terminal: the prompt, recall, and what Ctrl-C and Ctrl-D do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.answering.asked_of import claim, script
from tests.bot.cli.conftest import QUESTION
from tests.bot.cli.typist import Typist, typing
from tests.fake_llm import FakeLlm, says

PROMPT = "> "
TRUE = "La ligne T2 aura dix-sept stations."
PROVED = claim(TRUE, "jalonnée de dix-sept stations")


@pytest.fixture
def slow_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A model that goes on for minutes after its first sentence, but for its second answer."""
    writes = itertools.chain(
        [says([PROVED, *["et encore "] * 1_000], delay=0.3)], itertools.repeat(says(PROVED))
    )
    with FakeLlm(script(lambda _asked: next(writes), standalone=QUESTION)) as server:
        settings = {"BASE_URL": server.url, "MODEL": "fake", "TRUST": "write", "TIMEOUT_S": "300"}
        for name, value in settings.items():
            monkeypatch.setenv(f"KIOSQUE_LLM__{name}", value)
        yield


@pytest.fixture
def typist(own_home: Path) -> Iterator[Typist]:
    """Somebody in a chat that has begun."""
    with typing(own_home, "-m", "bot.cli", "chat") as typist:
        typist.reads("montre les commandes")
        typist.reads(PROMPT)
        yield typist


def test_question_then_ctrl_d(typist: Typist) -> None:
    """A question is answered, the prompt comes back, and Ctrl-D leaves with 0."""
    typist.types(f"{QUESTION}\n")
    assert "dix-sept stations" in " ".join(typist.reads("\r\n\r\n> ").split())
    typist.types("\x04")
    assert typist.ends() == 0


def test_earlier_question_is_recalled(typist: Typist) -> None:
    """The arrow up brings the last question back."""
    typist.types(f"{QUESTION}\n")
    typist.reads("\r\n\r\n> ")
    typist.types("/aide\n")
    typist.reads("\r\n\r\n> ")
    typist.types("\x1b[A\x1b[A\n")
    assert "dix-sept stations" in " ".join(typist.reads("\r\n\r\n> ").split())


@pytest.mark.parametrize("own", ["", "Réponses faites par une machine du Fanal."])
def test_a_chat_says_that_a_program_answers(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    """In its first words, those of the settings if there are any; a chat that goes on, too."""
    monkeypatch.setenv("KIOSQUE_ANSWERS__DISCLOSURE", own)
    said = own or "Un programme vous répond, à partir des articles de l’archive."
    for after in ("Posez vos questions", "On reprend après"):
        with typing(own_home, "-m", "bot.cli", "chat") as typist:
            first = " ".join(typist.reads(PROMPT).split())
            assert first.startswith(f"{said} {after}")
            typist.types(f"{QUESTION}\n")
            typist.reads("\r\n\r\n> ")
            typist.types("\x04")
            assert typist.ends() == 0


def test_ctrl_c_at_the_prompt(typist: Typist) -> None:
    """Ctrl-C takes away what was typed; at an empty prompt it asks, then leaves with 0."""
    typist.types("une question")
    typist.reads("une question")
    typist.types("\x03")
    assert "Encore" not in typist.reads(PROMPT)
    typist.types("\x03")
    assert "Encore Ctrl-C" in typist.reads(PROMPT)
    typist.types("\x03")
    assert typist.ends() == 0


def test_empty_lines_say_nothing(typist: Typist) -> None:
    """An empty line is no question: the prompt comes back, and nothing else."""
    typist.types("\n")
    assert typist.reads(PROMPT).strip() == ""


@pytest.mark.usefixtures("slow_model")
def test_ctrl_c_stops_one_answer(own_home: Path) -> None:
    """In the middle of an answer, Ctrl-C stops that answer, and the conversation goes on."""
    with typing(own_home, "-m", "bot.cli", "chat") as typist:
        typist.reads(PROMPT)
        typist.types(f"{QUESTION}\n")
        typist.reads(f"{TRUE} [1]")
        typist.types("\x03")
        typist.reads("Réponse interrompue.")
        typist.reads(PROMPT)
        typist.types(f"{QUESTION}\n")
        typist.reads("Sources")
        typist.reads(PROMPT)
        typist.types("/quitter\n")
        assert typist.ends() == 0


@pytest.mark.usefixtures("slow_model")
def test_ctrl_c_stops_ask(own_home: Path) -> None:
    """``ask`` that is interrupted says so, and ends with 130."""
    with typing(own_home, "-m", "bot.cli", "ask", QUESTION) as typist:
        typist.reads(f"{TRUE} [1]")
        typist.types("\x03")
        typist.reads("Interrompu.")
        assert typist.ends() == 130
