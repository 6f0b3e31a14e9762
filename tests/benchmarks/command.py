"""Running our own command as a user does, with its time and its memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY_SECONDS = 0.01
_LATER = 0.5
_KILOBYTE = 1024


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: exit code, output, seconds, and most bytes of memory.

    ``memory`` is that of the process and those it started, at their worst moment.
    """

    code: int
    output: str
    seconds: float
    memory: int


def kiosque(home: Path, *words: str | Path, quiet: bool = True) -> Ran:
    """Run ``kiosque`` on a home, without the settings of the person who measures.

    Args:
        home: ``KIOSQUE_HOME``.
        words: what follows ``kiosque``.
        quiet: keep the error stream (progress bars) from the terminal.
    """
    return run([*_program(), *map(str, words)], home, quiet=quiet)


def _program() -> list[str]:
    """The installed command of this environment, else the module that it calls."""
    script = Path(sys.executable).with_name("kiosque")
    return [str(script)] if script.exists() else [sys.executable, "-m", "bot.cli"]


def run(command: list[str], home: Path, *, quiet: bool = True) -> Ran:
    """Run a command and watch its memory."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KIOSQUE_")}
    environment |= {"KIOSQUE_HOME": str(home), "KIOSQUE_LANGUAGE": "fr"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
        encoding="utf-8",
    )
    watch = _Watch(process.pid)
    watch.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - begun
    watch.ended.set()
    watch.join()
    return Ran(process.returncode, output, seconds, watch.peak)


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children: often at first, then twice a second.

    Looking costs a hundredth of a second: in a long run it must not be what is measured.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(name="watch", daemon=True)
        self._pid = pid
        self.ended = threading.Event()
        self.peak = 0

    def run(self) -> None:
        """Look until it ends."""
        try:
            process = psutil.Process(self._pid)
            begun = time.perf_counter()
            while not self.ended.wait(self._pause(time.perf_counter() - begun)):
                self.peak = max(self.peak, _highest(self._pid), _now(process))
        except psutil.NoSuchProcess:
            return

    @staticmethod
    def _pause(elapsed: float) -> float:
        return min(max(_EVERY_SECONDS, elapsed / 20), _LATER)


def _now(process: psutil.Process) -> int:
    """What a process and its children hold at this moment."""
    held = process.memory_info().rss
    for child in process.children(recursive=True):
        try:
            held += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return int(held)


def _highest(pid: int) -> int:
    """The most that the process itself has ever held, where Linux says so.

    ``ru_maxrss`` would count what our own process held when it started this one.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(sizes[0]) * _KILOBYTE if sizes else 0
