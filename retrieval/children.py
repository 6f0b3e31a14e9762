"""Processes of our own code: how they are started, and ended whatever became of them."""

from __future__ import annotations

import subprocess
import sys
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
