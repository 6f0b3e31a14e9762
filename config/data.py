"""The data files that come with Kiosque: word lists, cleaning rules, thresholds."""

from __future__ import annotations

import json
import re
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


def _found(name: str, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - what the file holds
    found: Any = load(name)
    for key in keys:
        found = found[key]
    return found


@cache
def words(name: str, *keys: str) -> frozenset[str]:
    """A list, or the words of a text, in one of the TOML files."""
    found = _found(name, keys)
    return frozenset(found.split() if isinstance(found, str) else found)


@cache
def patterns(name: str, *keys: str) -> tuple[re.Pattern[str], ...]:
    """A list of regular expressions, or one, in one of the TOML files."""
    found = _found(name, keys)
    return tuple(map(re.compile, [found] if isinstance(found, str) else found))


@cache
def headings(name: str, *keys: str) -> dict[str, str]:
    """For each value in the lists of a table of one of the TOML files, the name of its list."""
    lists = _found(name, keys)
    return {value: heading for heading, values in lists.items() for value in values}


def load_rows(name: str) -> list[dict[str, Any]]:
    """Read one of the package's files of JSON objects, one a line, such as ``trust.jsonl``."""
    text = path(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]
