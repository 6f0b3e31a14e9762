"""Hyphens at line ends: whether they belong to the word (``peut-être``) or only break it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from config import data

WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
"""A word, with the hyphens of its own."""
_LAST = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*$")
_FIRST = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_SEEN_CHARS = 80
_LINK_CHARS = 3  # "c'est-à-dire", "arc-en-ciel": what stands between two hyphens is short

_SURE_CUTS = "\u00ad\u00ac"  # the soft hyphen, and the sign that scanned papers have for it
_HYPHENS = "-\u2010\u2011"
_HALF = re.compile(r"[^\W\d_]+")
_YEARS = re.compile(r"\d{4}[-\u2010\u2011]\n\d{4}(?!\d)")  # 2019-2020, at a line end


@dataclass(frozen=True, slots=True)
class _Hyphened:
    """The words of ``config/reading/hyphens.toml``."""

    before: frozenset[str]
    not_after: frozenset[str]
    after: frozenset[str]
    suspended: frozenset[str]
    pairs: tuple[tuple[re.Pattern[str], frozenset[str]], ...]
    place: re.Pattern[str]
    syllables: re.Pattern[str]
    prefix: re.Pattern[str]
    no_prefix: re.Pattern[str]


def word_counts(text: str) -> Counter[str]:
    """The count of each word of a text, in lower case, for `keeps_hyphen`."""
    return Counter(word.lower() for word in WORD.findall(text))


@cache
def _table() -> _Hyphened:
    table = data.load("reading/hyphens.toml")
    pairs = tuple((re.compile(p["before"]), frozenset(p["after"].split())) for p in table["pair"])
    before, not_after, after, suspended = (
        frozenset(table[name].split()) for name in ("before", "not_after", "after", "suspended")
    )
    links = "|".join(sorted(table["place_links"].split(), key=len, reverse=True))
    place = re.compile(rf"(?:(?:{links})[-\u2010\u2011'’])+(?:[A-ZÀ-ÖØ-ÞŒ]|$)")
    patterns = (re.compile(table[name]) for name in ("syllables", "prefix", "no_prefix"))
    return _Hyphened(before, not_after, after, suspended, pairs, place, *patterns)


def is_cut(line: str, following: str) -> bool:
    """Whether a line ends within a word that goes on in the next line.

    Args:
        line: without the white space at its end.
        following: the next line, without the white space at its beginning.
    """
    if len(line) < 2 or not following[:1].isalpha():
        return _YEARS.match(f"{line[-5:]}\n{following[:5]}") is not None
    if line[-1] in _SURE_CUTS:
        return True
    if line[-1] not in _HYPHENS or not line[-2].isalpha():
        return False
    if following[0].isupper():  # a compound name ("Saint-Malo"), of which both halves are words
        return line[-3:-2].isalpha() and _ends_in_word(line) and following[1:2].islower()
    half = _HALF.match(following)
    return half is not None and half[0].lower() not in _table().suspended


def _ends_in_word(line: str) -> bool:
    """Whether what stands before the hyphen at the end is a word not in capitals."""
    head = _LAST.search(line[-_SEEN_CHARS - 1 : -1])
    return head is not None and not head[0].isupper()


def seam(line: str, following: str, words: Mapping[str, int]) -> tuple[int, str]:
    """The seam of two lines of a paragraph; a word that the line end broke is mended.

    Args:
        line: without the white space at its end.
        following: the next line, without the white space at its beginning.
        words: how often the text has each whole word, in lower case.

    Returns:
        how many characters at the end of the first line go, and what stands between the two.
    """
    if line and line[-1] in _SURE_CUTS:
        return 1, ""
    if is_cut(line, following):
        return (0 if keeps_hyphen(line[-_SEEN_CHARS - 1 : -1], following, words) else 1), ""
    if line[-1:] in _HYPHENS and line[-2:-1].isalnum() and _goes_with(line, following):
        return 0, ""
    return 0, " "


def join_lines(lines: Sequence[str], words: Mapping[str, int]) -> str:
    """The lines of a paragraph as one (`seam`)."""
    parts = list(lines[:1])
    for line, following in pairwise(lines):
        cut, between = seam(line, following, words)
        parts[-1] = parts[-1][: len(parts[-1]) - cut]
        parts += [between, following]
    return "".join(parts)


def _goes_with(line: str, following: str) -> bool:
    """Whether a name or a number goes on after its own hyphen: "Saint-Malo", "1914-1918"."""
    first = following[:1]
    return (first.isupper() and line[-2].isalpha()) or (first.isdigit() and line[-2].isdigit())


def keeps_hyphen(left: str, right: str, words: Mapping[str, int]) -> bool:
    """Whether a word broken at a hyphen has one of its own.

    Args:
        left: what ends in the first half, without the hyphen.
        right: what begins with the second half.
        words: how often the text has each whole word, in lower case: the best witness.
    """
    head, tail = _LAST.search(left[-_SEEN_CHARS:]), _FIRST.match(right[:_SEEN_CHARS])
    if head is None or tail is None or tail[0][0].isupper():
        return True  # a number, a name
    if head[0][0].isupper() and _table().place.match(right[:_SEEN_CHARS]):
        return True  # Villeneuve-sur-Oise
    one, other = head[0].lower(), tail[0].lower()
    whole, dashed = words.get(one + other, 0), words.get(f"{one}-{other}", 0)
    if whole != dashed:
        return dashed > whole
    return _is_compound(one, other)


def _is_compound(one: str, other: str) -> bool:
    last = one.rsplit("-", 1)[-1]
    if last != one and len(last) <= _LINK_CHARS:
        return True
    both = f"{last} {other}"
    table = _table()
    if other in table.not_after or table.syllables.match(both) or table.no_prefix.match(both):
        return False
    if (
        last in table.before
        or other in table.after
        or other.startswith("t-")
        or table.prefix.match(both)
    ):
        return True
    return any(before.search(last) and other in after for before, after in table.pairs)
