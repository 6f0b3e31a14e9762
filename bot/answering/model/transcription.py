"""Speech put into words by an endpoint that speaks OpenAI's protocol (``/audio/transcriptions``).

As with the chat model, a recording goes to the endpoint of the settings and nowhere else, with
its key and no other; redirections are not followed. It is sent once, under one deadline.
"""

from __future__ import annotations

import asyncio
import io
import ssl
import wave
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from bot.answering.model.endpoint import NONSENSE, address, authorization, split
from bot.answering.model.http import ResponseWatch, certificates, http_client
from bot.answering.model.protocol import OnCall, nobody, told
from retrieval.errors import BadSettings, TranscriberUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATH = "/audio/transcriptions"
_BYTES = 256_000
"""A response of more is no text that somebody spoke."""
_MAX_CHARS = 10_000
_AT_ONCE = 2
"""Recordings that are listened to at the same time; others wait, within their deadline."""
_REFUSED, _BUSY = (401, 403), 429
_RATE = 16_000


@dataclass(frozen=True, slots=True)
class TranscriptionChoice:
    """Which endpoint listens, and within which limits.

    Args:
        base_url: its address (``http://localhost:8000/v1``).
        model: its name there.
        api_key: the endpoint's key; local servers want none.
        language: what is spoken (``fr``, ``en``); empty when the model is to tell.
        timeout_s: seconds for a recording, waiting for a turn included.
    """

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    language: str = ""
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Recording:
    """Something spoken: a file, and a name whose ending says what it is."""

    name: str
    content: bytes


class Transcriber:
    """Puts recordings into words.

    Args:
        choice: names the endpoint, its model and key.
        on_call: is told of each call.

    Raises:
        BadSettings: the URL is no URL, or the key cannot be sent.
    """

    def __init__(self, choice: TranscriptionChoice, on_call: OnCall = nobody) -> None:
        self._on_call = on_call
        self.model = choice.model
        try:
            url = split(choice.base_url.strip().rstrip("/").removesuffix(_PATH))
        except BadSettings:
            raise BadSettings("transcription_url_malformed") from None
        try:
            self._authorization = authorization(url, choice.api_key)
        except BadSettings:
            raise BadSettings("transcription_key_malformed") from None
        self.host = url.netloc.rpartition("@")[2]
        self._url = f"{address(url)}{_PATH}"
        self._fields = {"model": choice.model, "response_format": "json"}
        if choice.language:
            self._fields["language"] = choice.language
        self._timeout = choice.timeout_s
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._certificates: ssl.SSLContext | None = None

    async def words(self, recording: Recording) -> str:
        """What is said in a recording; empty when nothing is.

        Raises:
            TranscriberUnavailable: the endpoint is away, refuses, fails or answers nonsense.
        """
        with told(self._on_call):
            return await self._words(recording)

    async def _words(self, recording: Recording) -> str:
        """As `words`."""
        try:
            async with asyncio.timeout(self._timeout), self._places:
                response = await self._posted(recording)
        except (TimeoutError, httpx2.TimeoutException):
            raise self._failed("transcription_timeout") from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise self._failed("transcription_unreachable") from None
        if response.status_code in _REFUSED:
            raise self._failed("transcription_refused", status=response.status_code)
        if response.status_code == _BUSY:
            raise self._failed("transcription_busy")
        if not response.is_success:
            raise self._failed("transcription_failed", status=response.status_code)
        try:
            return _text(response.json())
        except NONSENSE:
            raise self._failed("transcription_nonsense") from None

    async def _posted(self, recording: Recording) -> httpx2.Response:
        if self._certificates is None:
            self._certificates = await asyncio.to_thread(certificates)
        watch = ResponseWatch(_BYTES, lambda: self._failed("transcription_nonsense"))
        trusted, key = self._certificates, self._authorization
        files = {"file": (recording.name, recording.content)}
        async with http_client(self._timeout, trusted, key, watch) as client:
            return await client.post(self._url, data=self._fields, files=files)

    def _failed(self, key: str, **facts: object) -> TranscriberUnavailable:
        return TranscriberUnavailable(key, host=self.host, model=self.model, **facts)


def _text(answer: Mapping[str, object]) -> str:
    """The text of an answer, on one line, without what can be neither shown nor stored.

    Raises:
        TypeError, LookupError: there is none.
    """
    text = answer["text"]
    if not isinstance(text, str):
        raise TypeError("no text")
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:_MAX_CHARS]


def silence() -> Recording:
    """A second without a word, to see whether an endpoint listens."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(2 * _RATE))
    return Recording("silence.wav", file.getvalue())
