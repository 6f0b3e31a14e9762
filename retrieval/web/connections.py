"""Connections to checked addresses only, within the time and the bytes of one fetch.

A host name is resolved once, each of its IP addresses is judged, and the connection goes to
one of these very addresses: a name that resolves to another address later (DNS rebinding) gains
nothing. The ``Host`` header and the certificate stay those of the name.

`CheckedTransport` is httpx's own transport over a pool whose network is `CheckedNetwork`.
It is used without `httpx.Client`, which would add what must be refused here: cookies, logins of
``.netrc``, proxies of the environment, redirects that are not checked, and bodies unpacked
without a bound. What is needed of httpx (parsing, requests, exception classes) is in the
transport. Whatever happens above the network (a header that drips, a body without end, a
handshake that hangs), each read waits only for the time that is left.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

from retrieval.web.response import FetchFailed, FetchReason

Resolver = Callable[[str, int, float], list[str]]
"""The IP addresses of a host, given a port and a time limit in seconds; may raise `OSError`."""

_NAT64 = IPv6Network("64:ff9b::/96")
_MAX_HEAD_BYTES = 131_072
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_INFORMATIONAL = re.compile(rb"HTTP/1\.\d 1")


def checked_addresses(
    host: str, port: int, resolve: Resolver, seconds: float, *, allow_private: bool
) -> list[str]:
    """The IP addresses to connect to.

    All of them must be public: a name with a public and a private address is refused.

    Raises:
        FetchFailed: ``UNKNOWN_HOST``, ``PRIVATE`` or ``TIMEOUT``.
    """
    try:
        found = resolve(host, port, seconds)
    except TimeoutError:
        raise FetchFailed(FetchReason.TIMEOUT, f"no address of {host} in time") from None
    except (OSError, UnicodeError):  # a name that cannot be encoded is a `UnicodeError`
        raise FetchFailed(FetchReason.UNKNOWN_HOST, host) from None
    if not found:
        raise FetchFailed(FetchReason.UNKNOWN_HOST, host)
    for address in found:
        if not allow_private and not is_public(address):
            shown = host if host == address else f"{host}: {address}"
            raise FetchFailed(FetchReason.PRIVATE, shown)
    return found


def is_public(address: str) -> bool:
    """Whether an IP address is globally reachable, also where IPv6 wraps an IPv4 address."""
    try:
        ip = _unwrapped(ip_address(address))
    except ValueError:
        return False
    site_local = isinstance(ip, IPv6Address) and ip.is_site_local
    special = ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_unspecified
    return ip.is_global and not special and not site_local


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a mapped, NAT64, 6to4 or Teredo address; any other as it is."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Ask the system's resolver, which has no time limit of its own, in a thread.

    Raises:
        TimeoutError: no answer in time.
        OSError, UnicodeError: the name has no address, or cannot have one.
    """
    found: list[str] = []
    failures: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(str(address[0]))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(host)
    if failures:
        raise failures[0]
    return list(dict.fromkeys(found))


@dataclass(slots=True)
class FetchBudget:
    """The time and the bytes of one fetch, its redirects included.

    Args:
        seconds: from now.
        max_bytes: of a body; on the wire, some more for the heads of the responses.

    Attributes:
        received: bytes that came so far.
        body_bytes: bytes behind the head of the last response. More than the length of the body
            means that the server sent more than it announced.
    """

    seconds: float
    max_bytes: int
    received: int = 0
    body_bytes: int = 0
    _began: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """The seconds left.

        Raises:
            FetchFailed: ``TIMEOUT``.
        """
        left = self.seconds - (time.monotonic() - self._began)
        if left <= 0:
            raise FetchFailed(FetchReason.TIMEOUT, f"{self.seconds:g} s")
        return left

    def spend(self, count: int) -> None:
        """Count received bytes.

        Raises:
            FetchFailed: ``TOO_LARGE``.
        """
        self.received += count
        if self.received > self.max_bytes + _MAX_HEAD_BYTES:
            raise FetchFailed(FetchReason.TOO_LARGE, f"more than {self.max_bytes} bytes")


class CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over a network of ours; without proxies.

    Args:
        network: opens the connections.
        tls: verifies certificates.
    """

    def __init__(self, network: CheckedNetwork, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(tls, network_backend=network)


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to the checked addresses of a host, within a budget.

    Args:
        budget: of all connections together.
        resolve: gives the addresses of a host.
        backend: opens the sockets.
        allow_private: connect to addresses that are not public.
    """

    def __init__(
        self,
        budget: FetchBudget,
        resolve: Resolver,
        backend: httpcore.NetworkBackend,
        *,
        allow_private: bool,
    ) -> None:
        self._budget = budget
        self._resolve = resolve
        self._backend = backend
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the budget decides
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve the host, once, and connect to the first address that accepts."""
        addresses = checked_addresses(
            host, port, self._resolve, self._budget.left(), allow_private=self._allow_private
        )
        refused = ""
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(
                    address, port, self._budget.left(), local_address, socket_options
                )
            except httpcore.ConnectError as error:
                refused = str(error)
            else:
                return _BoundedStream(stream, self._budget)
        raise FetchFailed(FetchReason.UNREACHABLE, refused)


class _BoundedStream(httpcore.NetworkStream):
    """One connection, plain or TLS, within a budget."""

    def __init__(self, stream: httpcore.NetworkStream, budget: FetchBudget) -> None:
        self._stream = stream
        self._budget = budget
        self._head: bytearray | None = bytearray()  # None once the head is complete
        budget.body_bytes = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Read what comes in the time that is left."""
        received = self._stream.read(max_bytes, self._budget.left())
        self._budget.spend(len(received))
        self._budget.body_bytes += self._behind_head(received)
        return received

    def _behind_head(self, received: bytes) -> int:
        """How many of these bytes come behind the head of the response."""
        if self._head is None:
            return len(received)
        self._head += received
        while (end := _HEAD_END.search(self._head)) is not None:
            head, rest = self._head[: end.end()], self._head[end.end() :]
            if not _INFORMATIONAL.match(head):  # "103 Early Hints" comes before the response
                self._head = None
                return len(rest)
            self._head = rest
        return 0

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send a request."""
        self._stream.write(buffer, self._budget.left())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Start TLS; the certificate must be that of the host name."""
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._budget.left())
        except (httpcore.ConnectError, ValueError) as error:
            raise FetchFailed(FetchReason.TLS, str(error)) from None
        return _BoundedStream(stream, self._budget)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as in httpcore
        """What the connection says of itself."""
        return self._stream.get_extra_info(info)
