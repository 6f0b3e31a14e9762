"""A command of ``kiosque`` in a process of its own: the bot goes on answering meanwhile.

Writing to Chroma stops every Python thread beside it, so it never happens in the bot's process.
"""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.process import starting

if TYPE_CHECKING:
    from asyncio import StreamReader
    from asyncio.subprocess import Process

_PATIENCE = 5.0
_MOST_LINE = 65_536


@dataclass(frozen=True, slots=True)
class Step:
    """How far a command is: its stage, and so many steps of so many; None when nobody knows."""

    stage: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left: its JSON, or the key and the sentence of its failure."""

    report: Any = None
    problem: str = ""
    key: str = ""


class Child:
    """One run of a command.

    Args:
        config: the settings file that the bot was given, if any.
        words: the command, with ``--json``.
        language: that of its sentences.
        on_step: told how far it is.
    """

    def __init__(
        self,
        config: Path | None,
        words: Sequence[str],
        language: str = "fr",
        on_step: Callable[[Step], None] | None = None,
    ) -> None:
        named = ["--config", str(config)] if config else []
        self._words = [*starting("bot.cli"), *named, "--progress", *words]
        self._language = language
        self._on_step = on_step

    async def run(self) -> Ended:
        """Wait for its end. A run that is cancelled is ended; the archive is as it was."""
        process = await asyncio.create_subprocess_exec(
            *self._words,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, "KIOSQUE_LANGUAGE": self._language},
        )
        assert process.stdout is not None  # noqa: S101 - asked for above
        assert process.stderr is not None  # noqa: S101
        try:
            out, _ = await asyncio.gather(process.stdout.read(), self._listen(process.stderr))
            await process.wait()
        finally:
            await _end(process)
        try:
            told = json.loads(out)
        except ValueError:
            return Ended(problem=f"exit {process.returncode}", key="exit")
        error = told.get("error") if isinstance(told, dict) else None
        if error:
            return Ended(problem=str(error["message"]), key=str(error["key"]))
        return Ended(told)

    async def _listen(self, stream: StreamReader) -> None:
        """Hear the steps; whatever else is said there is passed over."""
        held = b""
        while chunk := await stream.read(4096):
            *lines, held = (held + chunk).split(b"\n")
            held = held[-_MOST_LINE:]
            for line in lines:
                step = _step(line)
                if step is not None and self._on_step is not None:
                    self._on_step(step)


def _step(line: bytes) -> Step | None:
    try:
        told = json.loads(line)
        total = told["total"]
        return Step(str(told["stage"]), int(told["done"]), None if total is None else int(total))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
