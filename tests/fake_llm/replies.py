"""What the server can answer: each makes a `Reply`, which answers one request."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fake_llm.asked import Asked


@dataclass(frozen=True, slots=True)
class Reply:
    """How one request is answered."""

    send: Callable[[web.Request, Asked], Awaitable[web.StreamResponse]]


_WORDS = re.compile(r"\S+\s*|\s+")


def says(
    text: str | Sequence[str],
    *,
    delay: float = 0.0,
    finish: str | None = "stop",
    reasoning: str = "",
) -> Reply:
    """The model writes a text, in a stream or whole, as it is asked to.

    Args:
        text: what it writes; a list gives the pieces of the stream, else each word is one.
        delay: seconds before each piece.
        finish: why it stops; None: the stream ends without saying so.
        reasoning: what it thinks, in a field of its own.
    """
    pieces = _WORDS.findall(text) if isinstance(text, str) else list(text)

    async def reply(request: web.Request, asked: Asked) -> web.StreamResponse:
        if not asked.streamed:
            await asyncio.sleep(delay * len(pieces))
            message = {"role": "assistant", "content": "".join(pieces)}
            choice = {"index": 0, "message": message, "finish_reason": finish}
            return web.json_response(_framed(asked, "chat.completion", choice))
        stream = await _opened(request)
        if reasoning:
            await _send(stream, _piece(asked, {"reasoning_content": reasoning}))
        for piece in pieces:
            await asyncio.sleep(delay)
            await _send(stream, _piece(asked, {"content": piece}))
        if finish:
            await _send(stream, _piece(asked, {}, finish=finish))
            await stream.write(b"data: [DONE]\n\n")
        return stream

    return Reply(reply)


def fails(
    status: int, message: str = "no", *, retry_after: float | str | None = None, **error: object
) -> Reply:
    """An error as the protocol has them; ``error`` adds to its fields."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}

    async def reply(_request: web.Request, _asked: Asked) -> web.StreamResponse:
        return web.json_response(
            {"error": {"message": message, **error}}, status=status, headers=headers
        )

    return Reply(reply)


def unknown_model() -> Reply:
    """The server has no model of that name."""

    async def reply(request: web.Request, asked: Asked) -> web.StreamResponse:
        message = f"The model `{asked.body.get('model')}` does not exist"
        return await fails(404, message, code="model_not_found").send(request, asked)

    return Reply(reply)


def answers(body: bytes, status: int = 200, content_type: str = "application/json") -> Reply:
    """Any bytes, for what is not the protocol."""

    async def reply(_request: web.Request, _asked: Asked) -> web.StreamResponse:
        return web.Response(body=body, status=status, content_type=content_type)

    return Reply(reply)


def hears(text: str) -> Reply:
    """The server puts a recording into these words."""
    return answers(json.dumps({"text": text}).encode())


def redirects(to: str) -> Reply:
    """The server sends its clients elsewhere."""

    async def reply(_request: web.Request, _asked: Asked) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": to})

    return Reply(reply)


def html(status: int = 502) -> Reply:
    """What a proxy says when the server behind it is away."""
    return answers(b"<html><h1>Bad Gateway</h1></html>", status, "text/html")


def cut(text: str) -> Reply:
    """The connection breaks after these words."""

    async def reply(request: web.Request, asked: Asked) -> web.StreamResponse:
        stream = await _opened(request)
        for piece in _WORDS.findall(text):
            await _send(stream, _piece(asked, {"content": piece}))
        if request.transport is not None:
            request.transport.abort()
        return stream

    return Reply(reply)


def endless(piece: str = "encore ") -> Reply:
    """The model never stops."""

    async def reply(request: web.Request, asked: Asked) -> web.StreamResponse:
        stream = await _opened(request)
        while True:
            await _send(stream, _piece(asked, {"content": piece}))
            await asyncio.sleep(0)

    return Reply(reply)


def flood() -> Reply:
    """Bytes without end that never make a line."""

    async def reply(request: web.Request, _asked: Asked) -> web.StreamResponse:
        stream = await _opened(request)
        while True:
            await stream.write(b"x" * 65_536)

    return Reply(reply)


def hangs() -> Reply:
    """The server takes the request and never answers."""

    async def reply(_request: web.Request, _asked: Asked) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    return Reply(reply)


def _piece(asked: Asked, delta: dict[str, Any], *, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _framed(asked, "chat.completion.chunk", choice)


def _framed(asked: Asked, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    model = asked.body.get("model")
    return {"id": "1", "object": kind, "created": 1, "model": model, "choices": [choice]}


async def _opened(request: web.Request) -> web.StreamResponse:
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await stream.prepare(request)
    return stream


async def _send(stream: web.StreamResponse, event: dict[str, Any]) -> None:
    await stream.write(f"data: {json.dumps(event)}\n\n".encode())
