"""Rust libraries that meet what they hold impossible panic, and that is no `Exception`."""

from __future__ import annotations


def is_failure(error: BaseException) -> bool:
    """Whether a library failed; an interruption or an exit is none."""
    # The class is made by each library for itself, and cannot be imported.
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"
