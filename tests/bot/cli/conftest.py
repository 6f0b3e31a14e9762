"""Running a command in this process, on the home that a test names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

QUESTION = "Combien de stations aura la ligne T2 ?"  # one that the sample articles answer


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command prints
        """What a program reads."""
        return json.loads(self.out)

    def failed(self, code: int) -> str:
        """The sentences of a failure, after seeing that it is one: what happened, what to do."""
        assert (self.code, self.out) == (code, ""), self
        happened, do = self.err.splitlines()
        assert happened
        assert do.startswith("→ ")
        assert "inattendue" not in happened
        assert "Traceback" not in self.err
        return self.err

    def failed_in_json(self, code: int) -> str:
        """The key of a failure that a program reads."""
        error = self.json["error"]
        assert (self.code, set(error), self.err) == (code, {"key", "message", "do"}, ""), self
        assert error["message"]
        assert error["do"]
        return str(error["key"])


Kiosque = Callable[..., Ran]


@pytest.fixture
def kiosque(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Kiosque:
    """``kiosque(home, "ask", "…")`` in French, in a folder without settings."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.chdir(tmp_path)

    def run(home: Path, *words: str | Path) -> Ran:
        monkeypatch.setenv("KIOSQUE_HOME", str(home))
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def unchanged(kiosque: Kiosque, own_home: Path) -> Iterator[Path]:
    """A home whose articles and answers must be afterwards what they were before."""
    articles = kiosque(own_home, "articles", "--json").out
    answer = _answer(kiosque(own_home, "ask", QUESTION, "--json"))
    yield own_home
    assert kiosque(own_home, "articles", "--json").out == articles
    assert _answer(kiosque(own_home, "ask", QUESTION, "--json")) == answer
    assert kiosque(own_home, "doctor").code == 0


def _answer(ran: Ran) -> object:
    assert ran.code == 0
    return ran.json["statements"], ran.json["sources"]
