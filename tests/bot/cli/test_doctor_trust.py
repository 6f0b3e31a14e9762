"""``kiosque doctor`` puts its test to the model, keeps what it gives, and says what follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.fake_llm import FakeLlm, fails, says
from tests.fake_llm.examinee import perfect, says_yes

KEY = "sk-of-no-worth-789"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLlm]:
    """A model that the settings name, which knows all the answers."""
    with FakeLlm(perfect, key=KEY) as serving:
        monkeypatch.setenv("KIOSQUE_LLM__BASE_URL", serving.url)
        monkeypatch.setenv("KIOSQUE_LLM__API_KEY", KEY)
        monkeypatch.setenv("KIOSQUE_LLM__MODEL", "fake")
        monkeypatch.setenv("KIOSQUE_LLM__RETRIES", "0")
        yield serving


def trusted(kiosque: Kiosque, home: Path, *words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The check of the trust and what programs read of it."""
    ran = kiosque(home, "doctor", "--json", *words)
    checks = [check for check in ran.json["checks"] if check["check"] == "trust"]
    assert KEY not in ran.out + ran.err
    return (checks[0] if checks else {}), ran.json["trust"]


def test_model_that_verifies_writes(kiosque: Kiosque, empty_home: Path, server: FakeLlm) -> None:
    """The marks are said and kept: a second doctor asks no more than whether it answers."""
    check, trust = trusted(kiosque, empty_home)
    assert check["ok"]
    assert "fake vérifie bien" in check["found"]
    assert "20/20" in check["found"]
    assert check["found"].endswith("il écrit.")
    assert (trust["setting"], trust["mode"]) == ("auto", "write")
    assert trust["marks"]["altered"] == {"right": 20, "missed": 0, "wrong": 0}
    assert KEY not in (empty_home / "trust.json").read_text(encoding="utf-8")
    asked = len(server.asked)
    assert trusted(kiosque, empty_home) == (check, trust)
    assert len(server.asked) == asked + 1
    trusted(kiosque, empty_home, "--again")
    assert len(server.asked) == 2 * asked + 1


def test_model_that_does_not_verify(kiosque: Kiosque, empty_home: Path, server: FakeLlm) -> None:
    """It is said plainly that it is not used, and what to do; that is no fault of the archive."""
    server.script = says_yes
    ran = kiosque(empty_home, "doctor", "--json")
    assert ran.code == 0
    (check,) = (check for check in ran.json["checks"] if check["check"] == "trust")
    assert "ne vérifie pas assez bien" in check["found"]
    assert "0/20" in check["found"]
    mode = ran.json["trust"]["mode"]
    assert mode in ("off", "select")
    assert bool(check["do"]) is (mode == "off")


def test_another_model_may_verify(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verifier is asked at its own address, without the writer's key, and is named."""
    with FakeLlm(perfect) as verifying:
        monkeypatch.setenv("KIOSQUE_LLM__VERIFIER__BASE_URL", verifying.url)
        monkeypatch.setenv("KIOSQUE_LLM__VERIFIER__MODEL", "judge")
        check, trust = trusted(kiosque, empty_home)
        assert (trust["model"], trust["verifier"], trust["mode"]) == ("fake", "judge", "write")
        assert "judge vérifie bien" in check["found"]
        assert len(verifying.asked) >= 40
        assert all(KEY not in str(asked.headers) for asked in verifying.asked)
        assert {asked.body["model"] for asked in server.asked} == {"fake"}


@pytest.mark.parametrize("mode", ["write", "select", "off"])
def test_forced_mode_is_not_tested(
    mode: str,
    kiosque: Kiosque,
    empty_home: Path,
    server: FakeLlm,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The setting is named, and nothing is asked but a word."""
    monkeypatch.setenv("KIOSQUE_LLM__TRUST", mode)
    check, trust = trusted(kiosque, empty_home)
    assert check["ok"]
    assert "llm.trust" in check["found"]
    assert (trust["mode"], trust["marks"]) == (mode, None)
    assert len(server.asked) == 1


def test_endpoint_that_goes_away_is_no_mark(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm
) -> None:
    """The test goes on at the next doctor from where the endpoint went away."""
    left = iter(range(40))
    server.script = lambda asked: perfect(asked) if next(left, None) is not None else fails(503)
    check, trust = trusted(kiosque, empty_home)
    assert not check["ok"]
    assert "réponse 503" in check["found"]
    assert (trust["mode"], trust["marks"]) == ("off", None)
    server.script = perfect
    server.asked.clear()
    assert trusted(kiosque, empty_home)[1]["mode"] == "write"
    assert len(server.asked) < 80


def test_without_a_model_there_is_nothing_to_trust(kiosque: Kiosque, empty_home: Path) -> None:
    """No check, and null for programs."""
    check, trust = trusted(kiosque, empty_home)
    assert not check
    assert not trust


def test_model_that_does_not_answer_is_not_tested(
    kiosque: Kiosque, empty_home: Path, server: FakeLlm
) -> None:
    """What is wrong with the endpoint is said once."""
    server.script = says("", finish=None)
    check, trust = trusted(kiosque, empty_home)
    assert not check
    assert not trust
    assert len(server.asked) == 1
