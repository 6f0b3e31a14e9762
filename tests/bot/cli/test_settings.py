"""``kiosque config``: what is in force and where it came from, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main
from config.loading import load


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty home and folder, and a French terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIOSQUE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


def test_shows_values_and_origins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees each setting with the file or the variable that set it."""
    (tmp_path / "kiosque.toml").write_text("[search]\nk = 4\n", encoding="utf-8")
    monkeypatch.setenv("KIOSQUE_LLM__MODEL", "petit")
    monkeypatch.setenv("COLUMNS", "400")
    assert main(["config"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert "kiosque.toml" in lines["search.k"]
    assert "KIOSQUE_LLM__MODEL" in lines["llm.model"]
    assert "par défaut" in lines["search.candidates"]


def test_json_masks_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program reads the same, and no secret is in it."""
    monkeypatch.setenv("KIOSQUE_TELEGRAM__TOKEN", "42:PLANTED")
    assert main(["config", "--json"]) == 0
    out = capsys.readouterr().out
    value = json.loads(out)
    rows = {row["key"]: row for row in value["settings"]}
    assert value["file"] is None
    assert rows["search.k"] == {"key": "search.k", "value": 10, "origin": None}
    assert rows["telegram.token"]["value"] == "********"
    assert "PLANTED" not in out


def test_example_is_a_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``kiosque config --example > kiosque.toml`` starts a file that reads."""
    assert main(["config", "--example"]) == 0
    path = tmp_path / "kiosque.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load(path, {}).file == path


def test_wrong_settings_stop_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown variable ends with 2 and names the nearest."""
    monkeypatch.setenv("KIOSQUE_LLM__BASEURL", "x")
    assert main(["config"]) == 2
    assert "KIOSQUE_LLM__BASE_URL" in capsys.readouterr().err
