"""Recordings put into words by a server: what is sent to it, and what can go wrong."""

from __future__ import annotations

import asyncio

import pytest

from bot.answering.model.transcription import Recording, Transcriber, TranscriptionChoice, silence
from retrieval.errors import BadSettings, TranscriberUnavailable
from tests.fake_llm import (
    FakeLlm,
    Reply,
    answers,
    closed_port,
    fails,
    flood,
    hangs,
    hears,
    html,
    in_turn,
    redirects,
)

KEY = "sk-of-no-worth-789"
SPOKEN = Recording("voice.ogg", b"OggS spoken")


def words(url: str, *, key: str | None = None, language: str = "", timeout_s: float = 30.0) -> str:
    """What a server hears in a recording."""
    choice = TranscriptionChoice(url, "whisper-1", key, language, timeout_s)
    return asyncio.run(Transcriber(choice).words(SPOKEN))


@pytest.mark.parametrize("end", ["", "/", "/audio/transcriptions"])
def test_what_is_sent(end: str) -> None:
    """The file, the model and the language, with the key of the settings; one line comes back."""
    with FakeLlm(hears(" Qui dirige\nl’hôpital ? "), key=KEY) as server:
        assert words(server.url + end, key=KEY, language="fr") == "Qui dirige l’hôpital ?"
    (asked,) = server.asked
    assert asked.path == "/v1/audio/transcriptions"
    assert asked.body == {
        "model": "whisper-1",
        "language": "fr",
        "response_format": "json",
        "file": {"name": "voice.ogg", "content": SPOKEN.content},
    }


def test_calls_are_told_by_their_end() -> None:
    """What was heard and what failed, for whoever counts."""
    ends: list[str] = []
    with FakeLlm(in_turn(hears("Où ?"), fails(500))) as server:
        choice = TranscriptionChoice(server.url, "whisper-1")
        transcriber = Transcriber(choice, lambda end, _seconds: ends.append(end))

        async def work() -> None:
            await transcriber.words(SPOKEN)
            with pytest.raises(TranscriberUnavailable):
                await transcriber.words(SPOKEN)

        asyncio.run(work())
    assert ends == ["ok", "transcription_failed"]


def test_half_a_character_is_no_word() -> None:
    """What no database can store and no message show is left out: no question is lost of it."""
    with FakeLlm(answers(rb'{"text": "Qui \ud800dirige\u0000 le\u001b port ?"}')) as server:
        assert words(server.url) == "Qui dirige le port ?"


def test_nothing_is_said() -> None:
    """Silence has no words; no language is named unless it is set."""
    with FakeLlm(hears("  ")) as server:
        assert words(server.url) == ""
    assert "language" not in server.asked[0].body


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (fails(401), "transcription_refused"),
        (fails(403), "transcription_refused"),
        (fails(429, retry_after=1), "transcription_busy"),
        (fails(500), "transcription_failed"),
        (html(502), "transcription_failed"),
        (html(200), "transcription_nonsense"),
        (redirects("http://127.0.0.1:9/"), "transcription_failed"),
        (answers(b'{"text": 3}'), "transcription_nonsense"),
        (answers(b'["text"]'), "transcription_nonsense"),
        (answers(b"[" * 100_000), "transcription_nonsense"),
        (answers(b"\xff\xfe"), "transcription_nonsense"),
        (flood(), "transcription_nonsense"),
    ],
)
def test_what_goes_wrong(reply: Reply, key: str) -> None:
    """One error of ours, which names the server and neither its key nor its answer."""
    with FakeLlm(reply) as server, pytest.raises(TranscriberUnavailable) as failed:
        words(server.url, key=KEY)
    assert failed.value.key == key
    assert failed.value.facts["host"].startswith("127.0.0.1:")  # type: ignore[attr-defined]
    assert KEY not in str(failed.value)
    assert len(server.asked) == 1


def test_a_server_that_is_silent_or_away() -> None:
    """The deadline holds, and the request is ended with it."""
    with FakeLlm(hangs()) as server:
        with pytest.raises(TranscriberUnavailable, match="transcription_timeout"):
            words(server.url, timeout_s=0.3)
        assert server.left.wait(30)
    with closed_port() as url, pytest.raises(TranscriberUnavailable, match="unreachable"):
        words(url)


def test_a_wrong_address_or_key() -> None:
    """They are said at the start, before anything is recorded."""
    for url, key, named in (
        ("http://[::1", None, "transcription_url_malformed"),
        ("http://127.0.0.1/v1", "clé", "transcription_key_malformed"),
    ):
        with pytest.raises(BadSettings, match=named):
            Transcriber(TranscriptionChoice(url, "whisper-1", key))


def test_a_second_of_silence_is_a_sound_file() -> None:
    """What `kiosque doctor` sends."""
    recording = silence()
    assert (recording.name, recording.content[:4], recording.content[8:12]) == (
        "silence.wav",
        b"RIFF",
        b"WAVE",
    )
    assert len(recording.content) > 16_000
