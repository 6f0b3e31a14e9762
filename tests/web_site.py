"""A web site on this machine for tests: real HTTP, and as badly behaved as a test wants."""

from __future__ import annotations

import io
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

Headers = dict[str, str]
_TLS_HELLO = b"\x16"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came, its path unquoted; header names are in lower case."""

    path: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Reply:
    """A well-formed answer."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


# What a path answers: always the same, something made of the request, or bytes as they are,
# piece by piece.
Answer = Reply | Callable[[Asked], "Reply | Iterator[bytes]"]


class Site:
    """What a server offers and what it was asked.

    Attributes:
        paths: what each path answers; the rest is 404.
        asked: the requests, in their order.
        connections: how many were opened, those that asked for nothing included.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.paths: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.connections = 0

    def asked_for(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked.path == path for asked in self.asked)

    def answer(self, asked: Asked) -> Iterator[bytes]:
        """The bytes of an answer."""
        self.asked.append(asked)
        found = self.paths.get(asked.path, Reply(b"nothing", status=404))
        made = found if isinstance(found, Reply) else found(asked)
        return _written(made) if isinstance(made, Reply) else made


def redirect(to: str, status: int = 302) -> Reply:
    """An answer that leads elsewhere."""
    return Reply(status=status, headers={"Location": to})


@contextmanager
def web_site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site that is there for a while."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.tls = tls
        server.site = Site(server.server_address[1])
        serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        serving.start()
        try:
            yield server.site
        finally:
            server.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 50
    site: Site
    tls: ssl.SSLContext | None


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.site.connections += 1
        try:
            if self.server.tls is None:
                self._serve(self.request)
            else:
                with self.server.tls.wrap_socket(self.request, server_side=True) as secure:
                    self._serve(secure)
        except OSError:
            return  # the client had enough

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as requests:
            if requests.peek(1)[:1] == _TLS_HELLO:
                connection.sendall(b"HTTP/1.1 400 No\r\n\r\n")
                return
            asked = _read(requests)
        if asked is not None:
            for piece in self.server.site.answer(asked):
                connection.sendall(piece)


def _read(requests: io.BufferedReader) -> Asked | None:
    head = [line.decode("latin-1").strip() for line in iter(requests.readline, b"\r\n")]
    if not head or not head[0]:
        return None
    pairs = (line.partition(":") for line in head[1:])
    return Asked(unquote(head[0].split()[1]), {n.lower(): value.strip() for n, _, value in pairs})


def _written(reply: Reply) -> Iterator[bytes]:
    headers = {
        "Content-Type": reply.content_type,
        "Content-Length": str(len(reply.body)),
        **reply.headers,
    }
    lines = [f"HTTP/1.1 {reply.status} So", *(f"{n}: {v}" for n, v in headers.items())]
    yield "\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body
