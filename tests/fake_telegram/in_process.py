"""The server in this process, as one of PTB's requests: no socket, milliseconds a test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import unquote

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from tests.fake_telegram.args import Upload
from tests.fake_telegram.faults import ConnectionCutError, HangError

if TYPE_CHECKING:
    from tests.fake_telegram.core import FakeTelegram


class InProcess(BaseRequest):
    """Carries PTB's calls to a fake server.

    Args:
        fake: the server.
        read_timeout: how long a call that hangs is waited for.
    """

    def __init__(self, fake: FakeTelegram, read_timeout: float = 0.05) -> None:
        self._fake = fake
        self._read_timeout = read_timeout

    @property
    def read_timeout(self) -> float:
        """How long a call that hangs is waited for."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,  # noqa: ARG002
        write_timeout: object = None,  # noqa: ARG002
        connect_timeout: object = None,  # noqa: ARG002
        pool_timeout: object = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """One call, with the errors that PTB's own transport makes of faults."""
        await asyncio.sleep(0)  # as every network does: others go on meanwhile
        if method == "GET":
            file = self._fake.download(unquote(url).partition(f"bot{self._fake.token}/")[2])
            return (404, b"{}") if file is None else (200, file)
        token, _, name = url.partition("/bot")[2].partition("/")
        form: dict[str, str | Upload] = {}
        if request_data is not None:
            form |= request_data.json_parameters
            for part, (filename, content, _mime) in request_data.multipart_data.items():
                form[part] = Upload(
                    filename, content if isinstance(content, bytes) else content.read()
                )
        try:
            return await self._fake.respond(token, name, form)
        except ConnectionCutError:
            raise NetworkError("httpx.RemoteProtocolError: server disconnected") from None
        except HangError:
            await asyncio.sleep(self._read_timeout)
            raise TimedOut from None
