"""Which version of a distribution is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed(name: str) -> str:
    """The version of a distribution; ``?`` when there is none of that name."""
    try:
        return version(name)
    except PackageNotFoundError:  # `python -m bot.cli` in a checkout that is not installed
        return "?"
