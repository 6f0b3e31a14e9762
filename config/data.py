"""The data files that come with Kiosque: word lists, cleaning rules, thresholds."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


def path(name: str) -> Path:
    """Where a data file of the package is, such as ``reading/cleaning.toml``."""
    return Path(__file__).parent / name


@cache
def load(name: str) -> dict[str, Any]:
    """One of the package's TOML files, such as ``reading/pages.toml``.

    It is read once a process, and shared: the caller does not change it.
    """
    return tomllib.loads(path(name).read_text(encoding="utf-8"))


def load_rows(name: str) -> list[dict[str, Any]]:
    """Read one of the package's files of JSON objects, one a line, such as ``trust.jsonl``."""
    text = path(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]
