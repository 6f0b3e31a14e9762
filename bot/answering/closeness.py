"""How near one term comes to another: the same, related, of one root, or mistyped."""

from __future__ import annotations

from functools import lru_cache

from retrieval.analysis import related

EXACT, RELATED, SHARED_ROOT = 1.0, 0.8, 0.6


@lru_cache(maxsize=100_000)
def closeness(asked: str, found: str) -> float:
    """How much a term of a text stands for a term of a question: 0 to 1."""
    if asked == found:
        return EXACT
    if asked[:1].isdigit() or found[:1].isdigit():
        return 0.0
    if found in related(asked):
        return RELATED
    shorter = min(len(asked), len(found))
    common = 0
    while common < shorter and asked[common] == found[common]:
        common += 1
    if common >= 4 and common >= 0.75 * shorter and max(len(asked), len(found)) - common <= 5:
        return SHARED_ROOT
    if shorter >= 5 and _one_slip(asked, found):
        return SHARED_ROOT
    return 0.0


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter added, left out, changed or swapped makes one word the other."""
    if abs(len(a) - len(b)) > 1 or a[0] != b[0]:
        return False
    at = 0
    while at < min(len(a), len(b)) and a[at] == b[at]:
        at += 1
    rest_a, rest_b = a[at:], b[at:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )


def best_match(asked: str, ground: frozenset[str]) -> float:
    """The closest that any term of a text comes to a term of a question."""
    if asked in ground:
        return EXACT
    return max((closeness(asked, found) for found in ground), default=0.0)
