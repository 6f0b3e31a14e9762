"""The HTTP client of one answer: bounded in time and size, without redirections.

`openai` adds headers of its own to a request (the machine, the organisation and whatever the
environment names); the few that every server needs are sent, with the key of the settings.

`openai` waits as long as ``Retry-After`` says, up to two minutes; here a server that asks for
more than a moment is not asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

_CONNECT_S = 5.0
_LONGEST_PAUSE_S = 10.0
_SENT = ("host", "accept", "accept-encoding", "content-type", "content-length", "user-agent")


def certificates() -> ssl.SSLContext:
    """The authorities that are trusted; reading them takes a moment."""
    return httpx2.create_ssl_context()


class ResponseWatch:
    """Looks at the responses of one answer.

    Args:
        limit: no response may have more bytes.
        beyond: makes what is raised when one has.
    """

    def __init__(self, limit: int, beyond: Callable[[], Exception]) -> None:
        self._limit = limit
        self._beyond = beyond
        self.answered = False
        """Whether the server began to answer."""

    async def look(self, response: httpx2.Response) -> None:
        """Bound a response before it is read."""
        self.answered = response.is_success
        if not _is_short(response.headers.get("retry-after")):
            response.headers["x-should-retry"] = "false"
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, self._limit, self._beyond)


class _Bounded(httpx2.AsyncByteStream):
    """A stream that raises when it is longer than it may be."""

    def __init__(
        self, stream: httpx2.AsyncByteStream, limit: int, beyond: Callable[[], Exception]
    ) -> None:
        self._stream = stream
        self._left = limit
        self._beyond = beyond

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise self._beyond()
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def http_client(
    timeout: float, trusted: ssl.SSLContext | bool, authorization: str, watch: ResponseWatch
) -> httpx2.AsyncClient:
    """A client whose responses are watched; to close it ends what it is doing."""

    async def send_only(request: httpx2.Request) -> None:
        kept = {name: request.headers[name] for name in _SENT if name in request.headers}
        request.headers = httpx2.Headers({**kept, "authorization": authorization})

    return httpx2.AsyncClient(
        verify=trusted,
        timeout=httpx2.Timeout(timeout, connect=min(_CONNECT_S, timeout)),
        follow_redirects=False,
        event_hooks={"request": [send_only], "response": [watch.look]},
    )


def _is_short(pause: str | None) -> bool:
    """Whether a server asks for no pause, or a short one; a date is not waited for."""
    if pause is None:
        return True
    try:
        return float(pause) <= _LONGEST_PAUSE_S
    except ValueError:
        return False
