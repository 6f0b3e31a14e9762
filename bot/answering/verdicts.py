"""What a model says to a question with few answers: a yes or a no, the numbers of a list. Pure."""

from __future__ import annotations

import re

from config import data
from retrieval.analysis import fold

_YES = frozenset(data.load("writing.toml")["yes"])
_NO = frozenset(data.load("writing.toml")["no"])
_READ_CHARS = 200
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)")


def verdict(written: str) -> bool | None:
    """A yes or a no, as the first word of what a model wrote; None when it is neither."""
    first = _WORD.search(fold(written[:_READ_CHARS]))
    if first is None:
        return None
    return True if first[0] in _YES else False if first[0] in _NO else None


def chosen(written: str, listed: int, most: int = 3) -> tuple[int, ...] | None:
    """The numbers that a model chose, the best first; none of them when it wrote 0.

    Args:
        written: what the model wrote, of which the start is read.
        listed: how many there were to choose from, from 1.
        most: further numbers are left out.

    Returns:
        None when no number that could be meant is there.
    """
    found = [int(number) for number in _NUMBER.findall(written[:_READ_CHARS])]
    meant = [number for number in dict.fromkeys(found) if number <= listed]
    if not meant:
        return None
    return () if meant[0] == 0 else tuple(number for number in meant if number)[:most]
