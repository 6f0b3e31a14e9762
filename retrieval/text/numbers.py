"""The numbers of a text as values, whether in digits or in words, French or English.

Number words are read by the library text2num; separators ("3.500", "3 500", "1,2"), scales
("1,2 million"), halves and collectives ("une vingtaine") are read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from text_to_num import find_numbers

from config import data
from retrieval.text.analysis import fold, guess_language, word_list, word_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CHARS = 20_000
MAX_NUMBERS = 400
_TOKEN = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u2000-\u200a\u202f.,'’]\d{3}){1,5}(?!\d)"
    r"(?:[.,]\d{1,9}(?![.,]?\d))?"
    r"|(?<!\d[.,])\d{1,15}[.,]\d{1,9}(?![.,]?\d)"
    r"|\d{1,15}"
    r"|[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*"
    r"|[^\w\s]"
)
_HYPHENS = frozenset("-\u2010\u2011")
_FILE = "words/numbers.toml"
_words, _values = partial(word_list, _FILE), partial(word_values, _FILE)


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text.

    Args:
        value: what it is worth.
        start: where it begins in the text.
        end: where it ends.
        is_ordinal: whether it ranks ("45e", "troisième").
        is_percent: whether it is a share of a hundred.
        is_round: whether its words are made for round numbers ("une vingtaine", "million").
        scale: what its last word multiplies by ("millions"), which may be meant for the number
            before it as well ("de 184 à 221 millions").
    """

    value: float
    start: int
    end: int
    is_ordinal: bool = False
    is_percent: bool = False
    is_round: bool = False
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, a number in digits or a mark, as text2num reads them."""

    written: str
    folded: str
    start: int
    end: int

    def text(self) -> str:
        """The word, for text2num."""
        return self.written

    def nt_separated(self, _previous: _Token) -> bool:
        """Whether something that is no token parts it from the one before: never."""
        return False

    def not_a_number_part(self) -> bool:
        """Whether it is known to be no number: digits are read here."""
        return self.written[0].isdecimal()


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a number; ``at`` and ``end`` count tokens."""

    value: float
    at: int
    end: int
    is_scale: bool = False
    is_ordinal: bool = False
    is_round: bool = False
    scale: float = 1.0


def numbers(text: str, language: str | None = None) -> tuple[Number, ...]:
    """Read the numbers of a text; "un", "une" and "one" alone are articles, not numbers.

    Args:
        text: its first 20,000 characters are read, up to 400 numbers.
        language: ``fr`` or ``en``, for number words; guessed when not given.
    """
    tokens = [
        _Token(match[0], fold(match[0]) or match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text[:MAX_CHARS])
    ]
    spoken = language or guess_language(text)
    parts = sorted(
        (*_digits(tokens), *_in_words(tokens, "en" if spoken == "en" else "fr")),
        key=lambda part: part.at,
    )
    return tuple(islice(_joined(tokens, parts), MAX_NUMBERS))


@lru_cache(maxsize=4096)
def is_number_word(folded: str) -> bool:
    """Whether a folded word alone is a number or multiplies one; articles are not."""
    if folded in _words("links", "articles"):
        return False
    if folded in _values("collectives", "nouns") or folded in _values("scales", "nouns"):
        return True
    token = [_Token(folded, folded, 0, len(folded))]
    return any(find_numbers(token, language, threshold=0) for language in ("fr", "en"))


def _digits(tokens: Sequence[_Token]) -> Iterator[_Part]:
    for at, token in enumerate(tokens):
        if not token.written[0].isdecimal() or _in_a_name(tokens, at):
            continue
        ends = at + 1 < len(tokens) and tokens[at + 1].start == token.end
        ranks = ends and tokens[at + 1].folded in _words("links", "ordinals")
        yield _Part(_value(token.written), at, at + 1 + ranks, is_ordinal=ranks)


def _in_a_name(tokens: Sequence[_Token], at: int) -> bool:
    """Whether digits follow letters directly or by a hyphen: "A380", "Covid-19"."""
    if not at or tokens[at - 1].end != tokens[at].start:
        return False
    before = tokens[at - 1]
    if before.written in _HYPHENS and at > 1 and tokens[at - 2].end == before.start:
        before = tokens[at - 2]
    return before.written[0].isalpha() and before.folded not in {"h", *_words("links", "ordinals")}


def _value(written: str) -> float:
    grouped = re.match(r"\d{1,3}(?:[^\d]\d{3})+", written)
    whole = re.sub(r"\D", "", grouped[0]) + written[grouped.end() :] if grouped else written
    return float(whole.replace(",", "."))


def _in_words(tokens: Sequence[_Token], language: str) -> Iterator[_Part]:
    scales, collectives = _values("scales", "nouns"), _values("collectives", "nouns")
    for found in find_numbers(list(tokens), language, threshold=0):
        first = tokens[found.start].folded
        if found.value == 1 and not found.is_ordinal:
            continue
        scale = found.end == found.start + 1 and scales.get(first) == found.value
        last = scales.get(tokens[found.end - 1].folded, 1.0)
        value, rank = float(found.value), found.is_ordinal
        yield _Part(value, found.start, found.end, scale, rank, scale, last)
    for at, token in enumerate(tokens):
        about = collectives.get(token.folded)
        if about:
            yield _Part(about, at, at + 1, token.folded in scales, is_round=True)
        elif _is_short_scale(tokens, at):
            yield _Part(_values("scales", "short")[token.folded], at, at + 1, True, is_round=True)


def _is_short_scale(tokens: Sequence[_Token], at: int) -> bool:
    if tokens[at].folded not in _values("scales", "short"):
        return False
    after = (token.folded for token in tokens[at + 1 : at + 4])
    follows = next((word for word in after if word not in ("d", "'", "’")), "")
    return follows in _words("scales", "currencies")


def _joined(tokens: Sequence[_Token], parts: Sequence[_Part]) -> Iterator[Number]:
    """Whole numbers: a number, a half, the scales that multiply it, a half of these."""
    index = 0
    while index < len(parts):
        part = parts[index]
        value, end, scale, rounded = part.value, part.end, part.scale, part.is_round
        half = _after(tokens, end, _lines("links", "halves"))
        index += 1
        if half > end:
            value, end = value + scale / 2, half
        while index < len(parts) and _multiplies(tokens, end, parts[index]):
            scale = parts[index].value
            value, end, rounded = value * scale, parts[index].end, True
            index += 1
        half = _after(tokens, end, _lines("links", "halves"))
        if half > end:
            value, end = value + scale / 2, half
        if _is_number(tokens, part, end):
            after = _after(tokens, end, _lines("links", "percent"))
            start, stop = tokens[part.at].start, tokens[after - 1].end
            yield Number(value, start, stop, part.is_ordinal, after > end, rounded, scale)


def _multiplies(tokens: Sequence[_Token], end: int, part: _Part) -> bool:
    collective = tokens[part.at].folded in _values("collectives", "nouns")
    if not (part.is_scale or collective):
        return False
    between = [token.folded for token in tokens[end : part.at] if token.written not in "'’"]
    return not between or (len(between) == 1 and between[0] in _words("links", "of"))


def _is_number(tokens: Sequence[_Token], part: _Part, end: int) -> bool:
    """Not "des milliers", nor the "cent" of "pour cent"."""
    word = tokens[part.at].folded
    noun = word in _values("scales", "nouns") or word in _values("collectives", "nouns")
    if noun and word.endswith("s") and not tokens[part.at].written[0].isdecimal():
        return False
    before = tokens[part.at - 1].folded if part.at else ""
    return not (end == part.at + 1 and f"{before} {word}" in _lines("links", "percent"))


def _after(tokens: Sequence[_Token], at: int, phrases: Sequence[str]) -> int:
    """Where a phrase that begins at a token ends; the same place when none does."""
    for phrase in phrases:
        words = phrase.split()
        if [token.folded for token in tokens[at : at + len(words)]] == words:
            return at + len(words)
    return at


@lru_cache(maxsize=16)
def _lines(section: str, key: str) -> tuple[str, ...]:
    return tuple(fold(line) for line in data.load(_FILE)[section][key])
