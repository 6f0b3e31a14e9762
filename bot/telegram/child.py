"""``kiosque index`` in a process of its own: the bot goes on answering from the archive as it was.

Writing to Chroma stops every Python thread beside it, so it never happens in the bot's process.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bot

_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from bot.cli import main; sys.exit(main())"
)
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What an indexing run left: its report, or the sentence of its failure."""

    report: dict[str, Any]
    problem: str = ""


class Child:
    """One run of ``kiosque index``.

    Args:
        config: the settings file that the bot was given, if any.
        path: what to index.
        dry_run: only say what would change.
    """

    def __init__(self, config: Path | None, path: Path, *, dry_run: bool = False) -> None:
        named = ["--config", str(config)] if config else []
        options = ["--json", "--dry-run"] if dry_run else ["--json"]
        root = str(Path(bot.__file__).parent.parent)
        self._words = [root, *named, "index", str(path), *options]
        self._process: Process | None = None

    async def run(self) -> Ended:
        """Wait for its end. A run that is cancelled is ended; the archive is as it was."""
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _START, *self._words, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
        try:
            out, _ = await process.communicate()
        finally:
            await self._end(process)
        try:
            told: dict[str, Any] = json.loads(out)
        except ValueError:
            return Ended({}, f"exit {process.returncode}")
        error = told.get("error")
        return Ended({}, str(error["message"])) if error else Ended(told)

    async def _end(self, process: Process) -> None:
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
