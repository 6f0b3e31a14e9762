"""One line of ``kiosque doctor``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found, and what to do when it is wrong."""

    name: str
    well: bool
    found: str
    do: str = ""
