"""What every test stands on: a closed network, and no settings of the person who runs them."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is decides no test: no deadline, and no check of how long texts take to draw.
# The same texts are drawn each time; `pytest --hypothesis-profile explore` draws others.
_SLOW = [HealthCheck.too_slow]
settings.register_profile("kiosque", derandomize=True, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("explore", max_examples=1_000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile("kiosque")

_LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


class NetworkClosedError(OSError):
    """A test tried to leave this machine."""


@pytest.fixture(autouse=True)
def _closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection but to this machine: what is offline by promise is so in tests."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in _LOOPBACK:
            raise NetworkClosedError(f"the network is closed in tests: {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_ours() -> Iterator[None]:
    """Take ``KIOSQUE_…`` out of the environment for the time of the tests."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("KIOSQUE_")}
    yield
    os.environ.update(kept)


@pytest.fixture(autouse=True, scope="module")
def _memory_given_back() -> Iterator[None]:
    """Give freed memory back to the system: glibc keeps what threads that ended had."""
    yield
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
