"""Child processes of our own code, their priority, and panics of the libraries that they run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import retrieval

_ROOT = str(Path(retrieval.__file__).parent.parent)


def starting(module: str) -> list[str]:
    """The words that run ``main`` of a module of ours with our own interpreter.

    Args:
        module: its dotted name; further words are its arguments.
    """
    start = (
        "import sys; sys.path.insert(0, sys.argv.pop(1));"
        f" from {module} import main; sys.exit(main())"
    )
    # -P: nothing is imported from the folder that we happen to be in.
    return [sys.executable, "-P", "-c", start, _ROOT]


def end(process: subprocess.Popen[Any]) -> None:
    """End a process, if it has not ended, and close the pipes to it."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def is_failure(error: BaseException) -> bool:
    """Whether a library failed; an interruption or an exit is none."""
    # The class is made by each library for itself, and cannot be imported.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


NICENESS = 10


def give_way() -> None:
    """Have this thread, which is not to be used for anything else, wait for other work.

    Only Linux gives a thread a priority of its own; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        own = os.getpriority(os.PRIO_PROCESS, 0)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), max(own, NICENESS))
