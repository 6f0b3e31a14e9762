"""Who makes a change, for the history."""

from __future__ import annotations

import getpass

_MOST_CHARS = 100


def who(named: str | None) -> str:
    """The name that was given, else the terminal's user."""
    if named and named.strip():
        return " ".join(named.split())[:_MOST_CHARS]
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):  # a user without a name, in a container
        return "cli"
