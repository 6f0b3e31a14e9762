"""``kiosque doctor`` asks the model that writes the answers, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.fake_llm import (
    FakeLlm,
    closed_port,
    endless,
    fails,
    html,
    says,
    unknown_model,
)

KEY = "sk-of-no-worth-456"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLlm]:
    """A server that the settings name, with its key and a model."""
    with FakeLlm(says("oui"), models=("qwen2.5:3b", "mistral-small"), key=KEY) as serving:
        monkeypatch.setenv("KIOSQUE_LLM__BASE_URL", serving.url)
        monkeypatch.setenv("KIOSQUE_LLM__API_KEY", KEY)
        monkeypatch.setenv("KIOSQUE_LLM__MODEL", "qwen2.5:3b")
        monkeypatch.setenv("KIOSQUE_LLM__RETRIES", "0")
        monkeypatch.setenv("KIOSQUE_LLM__TRUST", "write")  # its test is another module's
        yield serving


def checked(kiosque: Kiosque, home: Path) -> dict[str, Any]:
    """What is said of the model, after seeing that the exit code agrees."""
    ran = kiosque(home, "doctor", "--json")
    (check,) = (check for check in ran.json["checks"] if check["check"] == "writer")
    assert ran.code == (0 if check["ok"] else 1)
    assert KEY not in ran.out + ran.err
    assert check["ok"] or check["do"]
    return dict(check)


def test_without_a_model(kiosque: Kiosque, empty_home: Path) -> None:
    """No endpoint is no problem: it is said what answers are without one."""
    check = checked(kiosque, empty_home)
    assert check["ok"]
    assert "mot pour mot" in check["found"]


def test_model_that_answers(kiosque: Kiosque, empty_home: Path, server: FakeLlm) -> None:
    """It is named, with its host."""
    check = checked(kiosque, empty_home)
    assert check["ok"]
    assert "qwen2.5:3b, sur 127.0.0.1" in check["found"]
    assert len(server.asked) == 1


def test_answer_is_not_waited_for(kiosque: Kiosque, empty_home: Path, server: FakeLlm) -> None:
    """The first word is proof enough: a talkative model is left there."""
    server.script = endless()
    assert checked(kiosque, empty_home)["ok"]
    assert server.left.wait(5)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (fails(429), "trop occupé"),
        (fails(500), "réponse 500"),
        (html(502), "réponse 502"),
        (html(200), "autre chose qu’un texte"),
        (says("un deux", finish=None), ""),
    ],
)
def test_failures_are_explained(
    reply: Any,  # noqa: ANN401
    said: str,
    kiosque: Kiosque,
    empty_home: Path,
    server: FakeLlm,
) -> None:
    """Each failure of the server is said as such; a word that came is enough."""
    server.script = reply
    check = checked(kiosque, empty_home)
    assert check["ok"] == (not said)
    assert said in check["found"]


def test_wrong_key(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that the server refuses is said, and not shown."""
    monkeypatch.setenv("KIOSQUE_LLM__API_KEY", "sk-other")
    check = checked(kiosque, empty_home)
    assert "refuse la clef (réponse 401)" in check["found"]
    assert "llm.api_key" in check["do"]
    assert server.asked
    assert "sk-other" not in str(check)


def test_unknown_model(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest names that the server offers are told; all of them when none is near."""
    server.script = unknown_model()
    monkeypatch.setenv("KIOSQUE_LLM__MODEL", "qwen2.5")
    check = checked(kiosque, empty_home)
    assert "ne connaît pas le modèle qwen2.5" in check["found"]
    assert check["do"].endswith(": qwen2.5:3b.")
    monkeypatch.setenv("KIOSQUE_LLM__MODEL", "xyz")
    assert "qwen2.5:3b et mistral-small" in checked(kiosque, empty_home)["do"]
    server.models = ()
    assert "llm.model" in checked(kiosque, empty_home)["do"]


def test_unnamed_model(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No model is chosen for the administrator, not even the only one: they are listed."""
    monkeypatch.setenv("KIOSQUE_LLM__MODEL", "")
    server.models = ("only-one",)
    check = checked(kiosque, empty_home)
    assert not check["ok"]
    assert "only-one" in check["do"]
    assert [asked.path for asked in server.asked] == ["/v1/models"]


def test_names_of_models_are_harmless(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a server calls its models drives no terminal, and fills none."""
    monkeypatch.setenv("KIOSQUE_LLM__MODEL", "")
    server.models = ("\x1b[2J[bold]red", *("x" * 5000 for _ in range(500)))
    out = kiosque(empty_home, "doctor").out
    assert "\x1b[2J" not in out
    assert "[bold]red" in out
    assert len(out) < 5000


def test_key_that_cannot_be_one(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a line break inside is said before anything is sent."""
    monkeypatch.setenv("KIOSQUE_LLM__API_KEY", "sk-\nother")
    assert "llm.api_key" in checked(kiosque, empty_home)["found"]
    assert server.asked == []


def test_server_that_is_away(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to do: start it, or do without."""
    with closed_port() as url:
        monkeypatch.setenv("KIOSQUE_LLM__BASE_URL", url)
        check = checked(kiosque, empty_home)
    assert "injoignable" in check["found"]
    assert "llm.base_url" in check["do"]
    assert server.asked == []
