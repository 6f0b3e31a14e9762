"""The data files that come with Kiosque: word lists, cleaning rules, thresholds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def path(name: str) -> Path:
    """Where a data file of the package is."""
    return Path(__file__).with_name(name)


def load(name: str) -> dict[str, Any]:
    """Read one of the package's TOML files, such as ``equivalents.toml``."""
    return tomllib.loads(path(name).read_text(encoding="utf-8"))
