"""What the tests of fetching share: fetchers in a hurry, and answers as bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from retrieval.web.connections import resolve
from retrieval.web.fetch import Fetcher
from retrieval.web.response import FetchFailed, FetchLimits
from tests.web_site import Answer, Asked, Reply

PAGE = Reply("<p>Le musée est ouvert.</p>".encode(), headers={"ETag": '"v1"'})
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
OUTSIDE = "93.184.215.14"
FAST = 2.0  # seconds: far more than a fetch on this machine takes


def fetcher(**limits: object) -> Fetcher:
    """A fetcher that may speak to this machine, in a hurry, and asks no robots.txt."""
    chosen = {"seconds": FAST, "pause": 0.0, "robots": False, "allow_private": True} | limits
    return Fetcher(FetchLimits(**chosen))  # type: ignore[arg-type]


def reason(getting: Fetcher, url: str) -> str:
    """Why an address gives nothing."""
    with pytest.raises(FetchFailed) as failure:
        getting.get(url)
    return failure.value.reason.removeprefix("fetch_")


def pieces(*parts: bytes, pause: float = 0.0) -> Answer:
    """An answer of bytes as they are, with pauses between them."""

    def answer(_asked: Asked) -> Iterator[bytes]:
        for part in parts:
            yield part
            time.sleep(pause)

    return answer


class _Outside(httpcore.SyncBackend):
    """The open Internet as far as tests go: its one address is a server on this machine."""

    def connect_tcp(self, host: str, *rest: Any, **named: Any) -> httpcore.NetworkStream:  # noqa: ANN401
        return super().connect_tcp("127.0.0.1" if host == OUTSIDE else host, *rest, **named)


def from_outside(**limits: object) -> Fetcher:
    """A fetcher as it is by default, for which ``outside.example`` has a public address."""
    named = {"outside.example": OUTSIDE, "inside.example": "192.168.0.7"}

    def addresses(host: str, port: int, seconds: float) -> list[str]:
        return [named[host]] if host in named else resolve(host, port, seconds)

    chosen = {"seconds": FAST, "pause": 0.0} | limits
    return Fetcher(FetchLimits(**chosen), addresses, _Outside())  # type: ignore[arg-type]
