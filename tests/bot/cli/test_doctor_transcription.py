"""``kiosque doctor`` has what puts voice messages into words listen, where it is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bot.cli.conftest import Kiosque
from tests.fake_llm import FakeLlm, Reply, fails, hears, html

KEY = "sk-of-no-worth-012"


def checked(kiosque: Kiosque, home: Path) -> list[dict[str, Any]]:
    """What is said of it: once, or not at all."""
    ran = kiosque(home, "doctor", "--json")
    assert KEY not in ran.out + ran.err
    return [check for check in ran.json["checks"] if check["check"] == "transcription"]


@pytest.mark.parametrize(
    ("reply", "well", "said"),
    [
        (hears(""), True, "whisper-1, sur 127.0.0.1"),
        (fails(401), False, "refuse la clef"),
        (html(200), False, "texte"),
    ],
)
def test_it_listens_to_a_second_of_silence(
    kiosque: Kiosque,
    empty_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    reply: Reply,
    well: bool,
    said: str,
) -> None:
    """An answer without a word is one; anything else says what is wrong and what to do."""
    with FakeLlm(reply) as server:
        monkeypatch.setenv("KIOSQUE_TRANSCRIPTION__BASE_URL", server.url)
        monkeypatch.setenv("KIOSQUE_TRANSCRIPTION__API_KEY", KEY)
        (check,) = checked(kiosque, empty_home)
    assert said in check["found"]
    assert check["ok"] == well
    assert well or check["do"]
    assert server.asked[0].body["file"]["content"].startswith(b"RIFF")


def test_where_none_is_set(kiosque: Kiosque, empty_home: Path) -> None:
    """Nothing is said: a bot that only reads is whole."""
    assert checked(kiosque, empty_home) == []
