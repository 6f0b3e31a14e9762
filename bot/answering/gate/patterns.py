"""The word lists and patterns of ``config/gate.toml``, folded and compiled once."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from config import data
from retrieval.analysis import fold


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return data.load("gate.toml")


@lru_cache(maxsize=64)
def listed(section: str, key: str) -> frozenset[str]:
    """The words of a list, folded."""
    return frozenset(fold(_table()[section][key]).split())


@lru_cache(maxsize=64)
def pattern(section: str, key: str) -> re.Pattern[str]:
    """A pattern, or a list of them read as one."""
    written = _table()[section][key]
    return re.compile(written if isinstance(written, str) else "|".join(written))


@lru_cache(maxsize=64)
def values(section: str, key: str) -> dict[str, float]:
    """Words with the value that heads their line."""
    found: dict[str, float] = {}
    for line in _table()[section][key]:
        value, *words = line.split()
        found.update((fold(word), float(value)) for word in words)
    return found


@lru_cache(maxsize=64)
def groups(section: str, key: str) -> dict[str, int]:
    """Words with the number of the line they stand in, from 1."""
    return {
        word: at
        for at, line in enumerate(_table()[section][key], start=1)
        for word in fold(line).split()
    }


@lru_cache(maxsize=1)
def verb_of_saying() -> re.Pattern[str]:
    """How a verb of saying begins."""
    stems = sorted(listed("speech", "verbs"), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(stems)})")


@lru_cache(maxsize=1)
def peoples() -> frozenset[str]:
    """Adjectives and nouns of peoples: they say who, with or without a capital."""
    known = " ".join(data.load("questions.toml")["words"]["peoples"])
    return frozenset(fold(known).split()) | frozenset(groups("names", "groups"))
