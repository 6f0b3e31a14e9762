"""A real Chroma server on this machine: started, killed, started again on the same data."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Self


class ChromaProcess:
    """``chroma run`` on a folder and a port of its own.

    Args:
        folder: its data.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._folder = folder
        self._running: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        """Start it, and wait until it answers."""
        program = str(Path(sys.executable).with_name("chroma"))
        where = ["--host", "127.0.0.1", "--port", str(self._port), "--path", str(self._folder)]
        self._running = subprocess.Popen(
            [program, "run", *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        limit = time.monotonic() + 120  # a busy machine takes its time to import Chroma
        while time.monotonic() < limit and self._running.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/api/v2/heartbeat"):  # noqa: S310
                return self
            time.sleep(0.05)
        raise RuntimeError("the Chroma server did not start")

    def kill(self) -> None:
        """``kill -9``."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None
