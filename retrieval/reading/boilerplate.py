"""Boilerplate: what repeats across the articles of an outlet, as proposals of cleaning rules.

A line that stands in one article in twenty of a newspaper is no news: a menu, a form, a slogan.
Lines are counted by outlet with the lossy counting of Manku and Motwani ("Approximate Frequency
Counts over Data Streams", VLDB 2002), so that memory does not grow with the export. Proposals are
for a person to judge; nothing is applied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from retrieval.vocabulary import Draft

_LINE_CHARS = 200  # what a rule of kind `line` looks at
_TAIL_CHARS = 150  # what a rule of kind `tail` looks at
_LEAST_CHARS = 3
_SENTENCE = re.compile(r"(?<=[.!?…»:])\s+")
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]{2}")
_EXAMPLES = 3
_MOST = 200


@dataclass(frozen=True, slots=True)
class BoilerplateLimits:
    """When a repeated line is proposed.

    Args:
        share: of the articles of an outlet that must have it, 0 to 1.
        articles: that must have it, at least.
    """

    share: float = 0.05
    articles: int = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that would take out what repeats.

    Args:
        outlet: the newspaper; ``""`` when the articles do not say.
        kind: that of the rule: ``line``, ``start`` or ``tail``.
        text: as it stands in one of the articles.
        pattern: what the rule would match: the text, with any numbers and spaces.
        articles: how many have it.
        share: of the outlet's articles that have it, 0 to 1; at most a little too low.
        sources: the first of them.
    """

    outlet: str
    kind: str
    text: str
    pattern: str
    articles: int
    share: float
    sources: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """How often a piece was met, and how many meetings may have been forgotten before."""

    text: str
    count: int
    missed: int
    sources: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Outlet:
    """The pieces of the articles of one outlet; rare ones are forgotten from time to time."""

    bucket: int
    articles: int = 0
    pieces: dict[tuple[str, str], _Seen] = field(default_factory=dict)

    def add(self, pieces: dict[tuple[str, str], str], source: str) -> None:
        self.articles += 1
        bucket = math.ceil(self.articles / self.bucket)
        for key, text in pieces.items():
            seen = self.pieces.setdefault(key, _Seen(text, 0, bucket - 1))
            seen.count += 1
            if len(seen.sources) < _EXAMPLES:
                seen.sources.append(source)
        if self.articles % self.bucket == 0:
            self.pieces = {
                key: seen for key, seen in self.pieces.items() if seen.count + seen.missed > bucket
            }


class Boilerplate:
    """Counts what repeats, article by article.

    Args:
        limits: when it is proposed.
    """

    def __init__(self, limits: BoilerplateLimits) -> None:
        self._limits = limits
        self._outlets: dict[str, _Outlet] = {}

    @property
    def articles(self) -> int:
        """How many articles were counted."""
        return sum(outlet.articles for outlet in self._outlets.values())

    def add(self, draft: Draft) -> None:
        """Count the lines of an article, cleaned by the rules that there are."""
        bucket = math.ceil(10 / self._limits.share)  # counts are low by a tenth of the share
        outlet = self._outlets.setdefault(draft.outlet or "", _Outlet(bucket))
        outlet.add(_pieces(draft), draft.source)

    def proposals(self) -> list[Proposal]:
        """What is worth a rule, outlet by outlet, the most frequent first."""
        found = [each for name, outlet in self._outlets.items() for each in self._of(name, outlet)]
        found.sort(key=lambda each: (each.outlet, -each.articles, each.kind, each.text))
        return found[:_MOST]

    def _of(self, name: str, outlet: _Outlet) -> Iterator[Proposal]:
        enough = max(self._limits.articles, self._limits.share * outlet.articles)
        kept = {key: seen for key, seen in outlet.pieces.items() if seen.count >= enough}
        for (kind, key), seen in kept.items():
            whole = kept.get(("line", key))
            if kind != "line" and whole is not None and whole.count >= seen.count:
                continue
            share = seen.count / outlet.articles
            sources = tuple(seen.sources)
            pattern = _pattern(seen.text)
            yield Proposal(name, kind, seen.text, pattern, seen.count, share, sources)


def _pieces(draft: Draft) -> dict[tuple[str, str], str]:
    """The lines, and the first and last sentences of longer ones, each once an article."""
    found: dict[tuple[str, str], str] = {}
    title = _key(draft.title)
    lines = [line for line in draft.text.split("\n") if line]
    for place, line in enumerate(lines):
        for kind, text in _parts(line, first=place == 0):
            key = _key(text)
            if key != title and len(text) >= _LEAST_CHARS and _WORD.search(text):
                found.setdefault((kind, key), text)
    return found


def _parts(line: str, *, first: bool) -> Iterator[tuple[str, str]]:
    if len(line) <= _LINE_CHARS:
        yield "line", line
    if first and len(head := _SENTENCE.split(line[: _LINE_CHARS + 1], maxsplit=1)) == 2:
        yield "start", head[0]
    if len(tail := _SENTENCE.split(line[-_TAIL_CHARS:])) > 1:
        yield "tail", tail[-1]


def _key(text: str) -> str:
    """What two editions of the same line have in common: not numbers, spaces or case."""
    return _SPACES.sub(" ", _DIGITS.sub("0", text)).strip().casefold()


def _pattern(text: str) -> str:
    """A regular expression for a text with any numbers and spaces in the place of its own."""
    parts = re.split(r"(\d+|\s+)", text.strip())
    return "".join(_part(part) for part in parts)


def _part(part: str) -> str:
    if part.isdigit():
        return r"\d+"
    return r"\s+" if part.isspace() else re.escape(part)
