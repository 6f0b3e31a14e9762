"""The server over HTTP on the loopback: cuts and silences are those of real connections."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, web

from tests.fake_telegram.args import Upload
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import ConnectionCutError, HangError

_MOST_BODY = 60 * 1024 * 1024
_SILENCE = 60.0
_BETWEEN = 0.02


@dataclass(slots=True)
class Server:
    """A port that can be opened, and closed as when Telegram is away."""

    fake: FakeTelegram
    port: int = 0
    _runner: web.AppRunner | None = field(default=None, repr=False)
    _socket: socket.socket = field(init=False, repr=False)

    @property
    def base_url(self) -> str:
        """What PTB's ``base_url`` is to be."""
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        """What PTB's ``base_file_url`` is to be."""
        return f"http://127.0.0.1:{self.port}/file/bot"

    async def open(self) -> None:
        """Listen; on the same port as before, once it has one."""
        app = web.Application(client_max_size=_MOST_BODY)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        self._socket = socket.create_server(("127.0.0.1", self.port))
        await web.SockSite(self._runner, self._socket).start()
        self.port = self._socket.getsockname()[1]

    async def close(self) -> None:
        """Close the port and all connections.

        No connection may be accepted in the turn in which the port is closed: asyncio leaves it
        open then.
        """
        if self._runner is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            await asyncio.sleep(0.01)
            await self._runner.cleanup()
            self._runner = None

    async def deliver(self, secret: str | None = None) -> int:
        """Post the oldest update to the webhook; it is confirmed by a 200.

        Args:
            secret: instead of the one that was agreed on.

        Returns:
            The status of the answer.
        """
        hook, pending = self.fake.world.webhook, self.fake.updates.pending
        told = hook["secret_token"] if secret is None else secret
        async with (
            ClientSession() as session,
            session.post(
                hook["url"], json=pending[0], headers={"X-Telegram-Bot-Api-Secret-Token": told}
            ) as response,
        ):
            if response.status == 200:
                pending.pop(0)
            return response.status

    async def deliver_all(self) -> None:
        """Post what comes to the webhook, in order, again after a failure; until cancelled."""
        while True:
            status = 0
            if self.fake.updates.pending:
                with suppress(ClientError):
                    status = await self.deliver()
            if status != 200:
                await asyncio.sleep(_BETWEEN)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        form: dict[str, str | Upload] = dict(request.query)
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                form[name] = Upload(value.filename, value.file.read())
            else:
                form[name] = str(value)
        try:
            status, body = await self.fake.respond(
                request.match_info["token"], request.match_info["method"], form
            )
        except ConnectionCutError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        except HangError:
            await asyncio.sleep(_SILENCE)
            return web.Response()
        kind = "text/html" if body.startswith(b"<") else "application/json"
        return web.Response(status=status, body=body, content_type=kind)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        content = self.fake.download(request.match_info["path"])
        if content is None or request.match_info["token"] != self.fake.token:
            return web.Response(status=404, body=b'{"ok":false}')
        return web.Response(body=content)


@asynccontextmanager
async def served(fake: FakeTelegram) -> AsyncIterator[Server]:
    """The server, listening."""
    server = Server(fake)
    await server.open()
    try:
        yield server
    finally:
        with suppress(asyncio.CancelledError):
            await server.close()
