"""The data files that come with Kiosque: word lists, cleaning rules, thresholds."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def load(name: str) -> dict[str, Any]:
    """Read one of the package's TOML files, such as ``equivalents.toml``."""
    return tomllib.loads(files("config").joinpath(name).read_text(encoding="utf-8"))
