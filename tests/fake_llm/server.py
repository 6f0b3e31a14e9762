"""The server: aiohttp on a port of loopback, in a thread of its own, for any kind of test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from threading import Event, Thread
from typing import Self

from aiohttp import web

from tests.fake_llm.asked import Asked
from tests.fake_llm.replies import Reply

Script = Callable[[Asked], Reply]


class FakeLlm:
    """A server that is there inside ``with``.

    Args:
        script: the reply to each request, or one for all; may be set again at any time.
        models: the names that ``/v1/models`` lists.
        key: the only key that is let in; empty: any, or none.
        port: of loopback; 0: any that is free.
    """

    def __init__(
        self,
        script: Script | Reply,
        *,
        models: Sequence[str] = ("fake",),
        key: str = "",
        port: int = 0,
    ) -> None:
        self.script = script
        self.models = tuple(models)
        self.url = ""
        self.asked: list[Asked] = []
        self.left = Event()
        """Set when a client went away before its answer was whole."""
        self.at_once = 0
        """The most requests that were being answered at a time."""
        self._key = key
        self._port = port
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="fake-llm", daemon=True)
        self._runner: web.AppRunner | None = None
        self._socket: socket.socket

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/audio/transcriptions", self._listen)
        app.router.add_get("/v1/models", self._list)
        app.router.add_route("*", "/{other:.*}", self._other)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        self._socket = socket.create_server(("127.0.0.1", self._port))
        await web.SockSite(self._runner, self._socket).start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"

    async def _stop(self) -> None:
        """End what is being answered, and let every connection be closed before the loop is.

        No connection may be accepted in the turn in which the port is closed: asyncio leaves it
        open then.
        """
        assert self._runner is not None
        self._loop.remove_reader(self._socket.fileno())
        await asyncio.sleep(0.01)  # what was accepted reaches the server a turn later
        await self._runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.02)  # closed transports leave the loop a turn later

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, await request.json())

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, object] = {}
        for name, part in (await request.post()).items():
            if isinstance(part, web.FileField):
                with part.file as file:
                    body[name] = {"name": part.filename, "content": file.read()}
            else:
                body[name] = part
        return await self._answered(request, body)

    async def _answered(self, request: web.Request, body: object) -> web.StreamResponse:
        asked = _asked(request, body)
        self.asked.append(asked)
        if not self._lets_in(request):
            return _no_entry()
        with self._counted():
            try:
                return await self._reply_to(asked).send(request, asked)
            except asyncio.CancelledError:
                self.left.set()
                raise
            except ConnectionError:
                self.left.set()
                return web.Response()  # to nobody

    def _reply_to(self, asked: Asked) -> Reply:
        return self.script if isinstance(self.script, Reply) else self.script(asked)

    async def _list(self, request: web.Request) -> web.Response:
        self.asked.append(_asked(request, {}))
        if not self._lets_in(request):
            return _no_entry()
        data = [{"id": name, "object": "model", "created": 1} for name in self.models]
        return web.json_response({"object": "list", "data": data})

    async def _other(self, request: web.Request) -> web.Response:
        self.asked.append(_asked(request, {}))
        return web.Response(status=404)

    def _lets_in(self, request: web.Request) -> bool:
        return not self._key or request.headers.get("Authorization") == f"Bearer {self._key}"

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._open += 1
        self.at_once = max(self.at_once, self._open)
        try:
            yield
        finally:
            self._open -= 1


def in_turn(*replies: Reply) -> Script:
    """One reply after the other; the last for all that follow."""
    left = chain(replies, repeat(replies[-1]))
    return lambda _asked: next(left)


@contextmanager
def closed_port() -> Iterator[str]:
    """The address of a server that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listened to: refused, and no one else's
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


def _asked(request: web.Request, body: object) -> Asked:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(request.path, headers, body if isinstance(body, dict) else {})


def _no_entry() -> web.Response:
    error = {"message": "Incorrect API key provided", "code": "invalid_api_key"}
    return web.json_response({"error": error}, status=401)
