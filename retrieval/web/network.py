"""Connections that cost no more time and bytes than one fetch may, to checked addresses only.

They are the network of an httpcore pool: whatever HTTP does above them (a header that drips,
a body without end, a handshake that hangs), each read waits for what is left and no longer.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore

from retrieval.web.addresses import Resolver, checked
from retrieval.web.failures import FetchFailed

_HEAD_BYTES = 131_072
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.\d 1")


@dataclass(slots=True)
class Allowance:
    """What is left of the seconds and the bytes of one fetch, its redirects included.

    ``body_bytes`` is how much of the last response came after its head: what is not of its body
    is more than it announced.
    """

    seconds: float
    most_bytes: int
    received: int = 0
    body_bytes: int = 0
    _began: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """The seconds left.

        Raises:
            FetchFailed: ``timeout``, there are none.
        """
        left = self.seconds - (time.monotonic() - self._began)
        if left <= 0:
            raise FetchFailed("timeout", f"{self.seconds:g} s")
        return left

    def take(self, count: int) -> None:
        """So many bytes more have come.

        Raises:
            FetchFailed: ``too_large``, more than there may be.
        """
        self.received += count
        if self.received > self.most_bytes + _HEAD_BYTES:
            raise FetchFailed("too_large", f"more than {self.most_bytes} bytes")


class CheckedNetwork(httpcore.NetworkBackend):
    """Opens connections to the addresses of a name that pass, and to no other.

    Args:
        allowance: what the connections may cost, together.
        resolve: gives the addresses of a name.
        system: what opens them.
        allow_private: let addresses through that are not public.
    """

    def __init__(
        self,
        allowance: Allowance,
        resolve: Resolver,
        system: httpcore.NetworkBackend,
        *,
        allow_private: bool,
    ) -> None:
        self._allowance = allowance
        self._resolve = resolve
        self._allow_private = allow_private
        self._system = system

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the allowance says
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; the name is resolved here, once."""
        left = self._allowance.left()
        addresses = checked(host, port, self._resolve, left, allow_private=self._allow_private)
        refused = ""
        for address in addresses:
            left = self._allowance.left()
            try:
                stream = self._system.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except httpcore.ConnectTimeout:
                raise FetchFailed("timeout", host) from None
            except httpcore.ConnectError as error:
                refused = str(error)
                continue
            return _Stream(stream, self._allowance)
        raise FetchFailed("unreachable", refused)


class _Stream(httpcore.NetworkStream):
    """One connection, plain or under TLS, that keeps within the allowance."""

    def __init__(self, stream: httpcore.NetworkStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance
        self._head: bytearray | None = bytearray()
        allowance.body_bytes = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read what comes within the time that is left."""
        try:
            received = self._stream.read(max_bytes, self._allowance.left())
        except httpcore.ReadTimeout:
            raise FetchFailed("timeout", f"{self._allowance.seconds:g} s") from None
        self._allowance.take(len(received))
        self._allowance.body_bytes += self._after_head(received)
        return received

    def _after_head(self, received: bytes) -> int:
        """How many of these bytes come after the head of the response."""
        if self._head is None:
            return len(received)
        self._head += received
        while (end := _HEAD_END.search(self._head)) is not None:
            before, rest = self._head[: end.end()], self._head[end.end() :]
            if not _INTERIM.match(before):
                self._head = None
                return len(rest)
            self._head = rest
        return 0

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send a request, which is short."""
        self._stream.write(buffer, self._allowance.left())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Go on under TLS; the certificate must be that of the name, not of the address."""
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._allowance.left())
        except httpcore.ConnectTimeout:
            raise FetchFailed("timeout", f"{self._allowance.seconds:g} s") from None
        except (httpcore.ConnectError, ValueError) as error:
            raise FetchFailed("tls", str(error)) from None
        return _Stream(stream, self._allowance)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        """What the connection tells of itself."""
        return self._stream.get_extra_info(info)
