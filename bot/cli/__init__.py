"""The command line: a thin front of the answers, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the words after ``kiosque``; those of the process by default.

    Returns:
        The exit code: 0 done, 1 failed, 2 bad use, 3 refused (ask), 130 interrupted.
    """
    from bot.cli.start import run

    return run(argv)
