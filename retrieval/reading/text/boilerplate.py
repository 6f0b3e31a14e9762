"""Boilerplate: lines that repeat across the articles of an outlet, as proposals of cleaning rules.

A line that stands in one article in twenty of a newspaper is a menu, a form or a slogan. Lines are
counted by outlet with the lossy counting of Manku and Motwani ("Approximate Frequency Counts over
Data Streams", VLDB 2002), so that memory does not grow with the export. A person decides on the
proposals; nothing is applied.

Where each article names another person ("Photo Le Fanal / Anne Petit") the words before the name
repeat: they are counted too, and the rule matches any name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from retrieval.vocabulary import Draft

_LINE_CHARS = 200  # what a rule of kind `line` looks at
_TAIL_CHARS = 150  # what a rule of kind `tail` looks at
_MIN_CHARS = 3
# The full stop of an abbreviation ("Doc. Le Fanal", "Ph. Petit") ends no sentence.
_ABBREVIATED = r"(?<!\b[A-ZÀ-Ý]\.)(?<!\b[A-ZÀ-Ý][a-z]\.)(?<!\b[A-ZÀ-Ý][a-z][a-z]\.)"
_SENTENCE = re.compile(rf"(?<=[.!?…»:]){_ABBREVIATED}\s+")
_AFTER_SENTENCE = re.compile(r"(?<=[.!?…»\"”])\s+")
_PREFIX_WORDS = 4
_VARIANTS = 3  # as many names make a prefix one with a varying part
_SIGNED_CHARS = 100  # a credit or a signature is short
# A proper noun: words with a capital, joined by signs, spaces or particles. No two of its parts
# can match the same characters, so that it does not backtrack.
_PROPER = r"[A-ZÀ-Ý@][\w’'-]*\.?"
_JOINT = r"(?:\s*[/,&|]\s*|\s+[–-]\s+|\s+(?:(?:de|du|des|la|le|les|et|von|van)\s+|d['’])?)"
_NAME = rf"(?-i:{_PROPER}(?:{_JOINT}{_PROPER}){{0,7}})"
_NAMED = re.compile(rf"{_NAME}[)\]]?\s*\.?")
_DATELINE = re.compile(rf"{_NAME}\s*(?:\([^()]{{1,40}}\)\s*)?[.:–—-]?")
_AGENT = re.compile(r"\S+\s+par\s*:?", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]{2}")
_EXAMPLES = 3
_Key = tuple[str, str, bool]  # the kind, the folded text, and whether a name follows
_MOST = 200


@dataclass(frozen=True, slots=True)
class BoilerplateLimits:
    """The limits above which a repeated line is proposed.

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
        text: as it stands in one of the articles; ``…`` for a name that varies.
        pattern: what the rule would match: the text, with any numbers, spaces and names.
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


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an article; ``name`` is what follows a prefix, ``""`` for a whole piece."""

    kind: str
    text: str
    name: str = ""

    @property
    def key(self) -> _Key:
        return self.kind, _key(self.text), bool(self.name)


@dataclass(slots=True)
class _Seen:
    """The count of a piece, and the most that may have been forgotten before."""

    text: str
    count: int
    missed: int
    sources: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Outlet:
    """The pieces of the articles of one outlet; rare ones are forgotten from time to time."""

    bucket: int
    articles: int = 0
    pieces: dict[_Key, _Seen] = field(default_factory=dict)

    def add(self, pieces: dict[_Key, _Piece], source: str) -> None:
        self.articles += 1
        bucket = math.ceil(self.articles / self.bucket)
        for key, piece in pieces.items():
            seen = self.pieces.setdefault(key, _Seen(piece.text, 0, bucket - 1))
            seen.count += 1
            if len(seen.names) < _VARIANTS:
                seen.names.add(piece.name)
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
        """The number of counted articles."""
        return sum(outlet.articles for outlet in self._outlets.values())

    def add(self, draft: Draft) -> None:
        """Count the lines of an article, cleaned by the rules that there are."""
        bucket = math.ceil(10 / self._limits.share)  # counts are low by a tenth of the share
        outlet = self._outlets.setdefault(draft.outlet or "", _Outlet(bucket))
        outlet.add(_pieces(draft), draft.source)

    def proposals(self) -> list[Proposal]:
        """The proposals, outlet by outlet, the most frequent first."""
        found = [each for name, outlet in self._outlets.items() for each in self._of(name, outlet)]
        found.sort(key=lambda each: (each.outlet, -each.articles, each.kind, each.text))
        return found[:_MOST]

    def _of(self, name: str, outlet: _Outlet) -> Iterator[Proposal]:
        enough = max(self._limits.articles, self._limits.share * outlet.articles)
        kept = {
            key: seen
            for key, seen in outlet.pieces.items()
            if seen.count >= enough and (not key[2] or len(seen.names) >= _VARIANTS)
        }
        for key, seen in kept.items():
            if _covered(key, seen, kept):
                continue
            kind, _, named = key
            share = seen.count / outlet.articles
            text = f"{seen.text} …" if named else seen.text
            pattern = _named_pattern(kind, seen.text) if named else _pattern(seen.text)
            yield Proposal(name, kind, text, pattern, seen.count, share, tuple(seen.sources))


def _covered(key: _Key, seen: _Seen, kept: dict[_Key, _Seen]) -> bool:
    """Whether another rule takes it: a line the tail of it, a prefix all that begin with it."""
    kind, text, named = key
    whole = kept.get(("line", text, named))
    if kind != "line" and whole is not None and whole.count >= seen.count:
        return True
    words = text.split(" ")
    shorter = (" ".join(words[:size]) for size in range(1, min(len(words), _PREFIX_WORDS + 1)))
    return any((kind, prefix, True) in kept for prefix in shorter)


def _pieces(draft: Draft) -> dict[_Key, _Piece]:
    """The lines, the first and last sentences of longer ones, and prefixes, once an article."""
    found: dict[_Key, _Piece] = {}
    title = _key(draft.title)
    lines = [line for line in draft.text.split("\n") if line]
    for place, line in enumerate(lines):
        if _key(line) == title:
            continue
        for piece in (*_parts(line, first=place == 0), *_signed(line, draft.outlet or "")):
            text = piece.text
            worded = len(text) >= _MIN_CHARS and _WORD.search(text)
            if (piece.name or worded) and _key(text) != title:
                found.setdefault(piece.key, piece)
    return found


def _parts(line: str, *, first: bool) -> Iterator[_Piece]:
    if len(line) <= _LINE_CHARS:
        yield _Piece("line", line)
    head = _SENTENCE.split(line[: _LINE_CHARS + 1], maxsplit=1) if first else []
    if len(head) == 2 and not _DATELINE.fullmatch(head[0]):  # the place is news
        yield _Piece("start", head[0])
    if len(tail := _SENTENCE.split(line[-_TAIL_CHARS:])) > 1:
        yield _Piece("tail", tail[-1])


def _signed(line: str, outlet: str) -> Iterator[_Piece]:
    """The prefixes of a credit or a signature: what is left of the line is a name."""
    sentences = _AFTER_SENTENCE.split(line[-_TAIL_CHARS:])
    # A name may have an initial, which looks like the end of a sentence: two are tried.
    for start in range(len(sentences) - 1, max(-1, len(sentences) - 3), -1):
        text, kind = " ".join(sentences[start:]), "tail" if start else "line"
        if len(text) > _SIGNED_CHARS or (not start and len(line) > _TAIL_CHARS):
            return
        words = text.split()
        for size in range(1, min(len(words), _PREFIX_WORDS + 1)):
            prefix, name = " ".join(words[:size]), " ".join(words[size:])
            if _signs(prefix, kind, outlet) and _NAMED.fullmatch(name):
                yield _Piece(kind, prefix, name)


def _signs(prefix: str, kind: str, outlet: str) -> bool:
    """Whether a name behind a prefix is an author's: a sign, an agent or the outlet says so."""
    own = bool(outlet) and outlet.casefold() in prefix.casefold()
    if "©" in prefix or _AGENT.fullmatch(" ".join(prefix.rsplit(maxsplit=2)[-2:])):
        return True
    if prefix.endswith(("/", "|")):  # as a line, two names may be two teams
        return own or (kind == "tail" and len(_WORD.findall(prefix)) > 1)
    bare = prefix.rstrip(" ,–-").casefold()
    return own and bare.endswith(f" {outlet.casefold()}")


def _key(text: str) -> str:
    """The key of a line, without the differences of numbers, spaces and case."""
    return _SPACES.sub(" ", _DIGITS.sub("0", text)).strip().casefold()


def _pattern(text: str) -> str:
    parts = re.split(r"(\d+|\s+)", text.strip())
    return "".join(_part(part) for part in parts)


def _named_pattern(kind: str, prefix: str) -> str:
    head = r"(?<=[.!?…»\"”])\s*" if kind == "tail" else ""
    return rf"{head}{_pattern(prefix)}\s*{_NAME}[)\]]?\s*\.?"


def _part(part: str) -> str:
    if part.isdecimal():
        return r"\d+"
    return r"\s+" if part.isspace() else re.escape(part)
