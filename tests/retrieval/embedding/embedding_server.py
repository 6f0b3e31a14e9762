"""A loopback endpoint for embeddings, which answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Reply = tuple[int, bytes]


def vector(text: str, width: int = 3) -> list[float]:
    """A vector that tells the text: its length comes first."""
    return [float(len(text)), *([1.0] * (width - 1))]


def good(body: dict[str, Any], width: int = 3) -> Reply:
    """What a sound server answers, the last text first: only ``index`` may be trusted."""
    data = [
        {"index": place, "embedding": vector(text, width)}
        for place, text in enumerate(body["input"])
    ]
    return 200, json.dumps({"data": data[::-1]}).encode()


@dataclass
class EmbeddingServer:
    """A loopback endpoint: what it was asked, and what it answers."""

    url: str = ""
    answer: Callable[[dict[str, Any]], Reply] = good
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def serving() -> Iterator[EmbeddingServer]:
    """A real HTTP server on loopback, inside the block."""
    state = EmbeddingServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.bodies.append(body)
            state.paths.append(self.path)
            state.keys.append(self.headers.get("Authorization", ""))
            status, content = state.answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}/v1"
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
