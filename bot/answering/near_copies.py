"""Matches the words of a quote with those of a text, exactly or as a near copy.

Words are compared folded, whatever stands between them. In a near copy a word may be left out
or added, a letter changed, a word moved over its neighbours; never a number, a name, a
negation, nor one content word for another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, Levenshtein

from config import data
from retrieval.text.analysis import Word, fold, is_stop_word
from retrieval.text.numbers import is_number_word

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIFFERING = 0.2  # share of the words that may differ; chosen on the train split
_LEAST_WORDS = 5  # a shorter quote turns on each of its words
_MOST_WORDS = 400
_MARGIN, _MOST_MARGIN = 6, 12  # words looked at beyond the ends of a near copy
_OUTSIDE = 3  # words beyond an end that may deny it
_MOVED_OVER = 2  # words
_LEAST_LETTERS = 4  # a changed letter makes another word of a shorter one
_MOST_TRIES = 200

_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_LETTER = r"[^\W_\u02b9-\u02bf\u02c8]"  # without the letters that serve as apostrophes
_SIGN = r"(?:(?<![\w.,)%])[-\u2212\u2013](?=\d))?"
_WORD = re.compile(
    rf"{_SIGN}(?<![^\W_])\d{{1,3}}(?P<groups>(?:[ \u00a0\u2000-\u200a\u202f.,'’]\d{{3}}){{1,9}})"
    r"(?!\d)(?:[.,]\d{1,9}(?![.,]?\d))?"
    rf"|{_SIGN}(?<![^\W_])(?<!\d[.,])\d{{1,40}}[.,]\d{{1,40}}(?![.,]?\d)"
    rf"|{_SIGN}{_LETTER}+(?:[\u0300-\u036f{_UNSEEN}]+{_LETTER}*)*"
    r"|[%‰€$£]"
)
_PLAIN = str.maketrans("\u2212\u2013,", "--.", _UNSEEN)
_HYPHENS = frozenset("-\u2010\u2011")

Range = tuple[int, int]  # of words: the first, and the one after the last


@dataclass(frozen=True, slots=True)
class WordRun:
    """The words of a text, with their letters joined for searching.

    Args:
        text: they stand in it.
        words: in their order; a number has one spelling, ``%`` and ``€`` are words.
        joined: the folded words, without what stands between them.
        starts: where each word begins in ``joined``.
        ends: where each word ends in ``joined``.
    """

    text: str
    words: tuple[Word, ...]
    joined: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def word_run(text: str, start: int = 0, end: int | None = None) -> WordRun:
    """Read the words of a part of a text; words cut by its ends are left out."""
    last = len(text) if end is None else end
    words = [_word(match) for match in _WORD.finditer(text, start, last)]
    if words and last < len(text) and words[-1].end == last and text[last].isalnum():
        words.pop()
    if words and start and words[0].start == start and text[start - 1].isalnum():
        del words[0]
    pieces: list[str] = []
    for word in words:
        # "2017 350" is not "2017350".
        apart = pieces and pieces[-1][-1].isdigit() and word.folded[0].isdigit()
        pieces.append(f"|{word.folded}" if apart else word.folded)
    ends = tuple(accumulate(map(len, pieces)))
    starts = tuple(end - len(word.folded) for end, word in zip(ends, words, strict=True))
    return WordRun(text, tuple(words), "".join(pieces), starts, ends)


def _word(match: re.Match[str]) -> Word:
    written = match[0].translate(_PLAIN)
    if match["groups"]:  # "3.500", "3 500", "3,500.25": without what parts the thousands
        cut = match.end("groups") - match.start()
        whole = re.sub(r"[^\d-]", "", match[0][:cut].translate(_PLAIN))
        folded = whole + match[0][cut:].replace(",", ".")
    else:
        folded = fold(written)
    return Word(match[0], folded or written or match[0], match.start(), match.end())


def same_words(quote: WordRun, held: WordRun, first: int, last: int) -> Range | None:
    """Find the same words in the same order.

    Args:
        quote: the words looked for.
        held: the text's.
        first: the first word that is looked at.
        last: the word after the last that is looked at.

    Returns:
        The first place, widened to whole compounds ("porte-parole"); ``None`` without one.
    """
    if not quote.joined or first >= last:
        return None
    at = held.starts[first]
    for _ in range(_MOST_TRIES):
        at = held.joined.find(quote.joined, at, held.ends[last - 1])
        if at < 0:
            return None
        begin = bisect_left(held.starts, at)
        end = bisect_left(held.ends, at + len(quote.joined))
        if begin < len(held.starts) and held.starts[begin] == at:
            found = _of_compounds(held, (begin, end + 1))
            if held.ends[end] == at + len(quote.joined) and found and found[1] <= last:
                return found
        at += 1
    return None


def _of_compounds(held: WordRun, found: Range) -> Range | None:
    """The range widened to whole hyphenated words; None if an added word is significant."""
    begin, end = found
    while begin and _hyphenated(held, begin):
        begin -= 1
    while end < len(held.words) and _hyphenated(held, end):
        end += 1
    added = held.words[begin : found[0]] + held.words[found[1] : end]
    return None if any(_counts(word) for word in added) else (begin, end)


def _hyphenated(held: WordRun, at: int) -> bool:
    """Whether a hyphen joins a word to the one before it."""
    word, before = held.words[at], held.words[at - 1]
    return word.start == before.end + 1 and held.text[before.end] in _HYPHENS


def near_copy(quote: WordRun, held: WordRun, first: int, last: int) -> Range | None:
    """Find the words that a quote is a near copy of.

    Args:
        quote: the words looked for.
        held: the text's.
        first: the first word that is looked at.
        last: the word after the last that is looked at.

    Returns:
        The likeliest place; ``None`` when it differs by too much, or by a word that counts.
    """
    wanted = [word.folded for word in quote.words]
    if not _LEAST_WORDS <= len(wanted) <= min(_MOST_WORDS, (last - first) * 2):
        return None
    folded = [word.folded for word in held.words[first:last]]
    begin, end = _likeliest(wanted, folded)
    shared = (Counter(wanted) & Counter(folded[begin:end])).total()
    if shared < (1 - 2 * _DIFFERING) * len(wanted):
        return None
    begin, end = _narrowed(wanted, folded, begin, end)
    if _denied_outside(wanted, folded, begin, end):
        return None
    differences = _differences(quote.words, held.words[first + begin : first + end])
    if differences is None or differences > max(1, _DIFFERING * len(wanted)):
        return None
    return _of_compounds(held, (first + begin, first + end)) if begin < end else None


def _likeliest(wanted: Sequence[str], folded: Sequence[str]) -> Range:
    """The range that shares most of the rare words, with a margin around it."""
    often = Counter(folded)
    sought = frozenset(wanted)
    totals = [0.0, *accumulate(1 / often[word] if word in sought else 0.0 for word in folded)]
    size = min(len(wanted), len(folded))
    gains = [end - begin for begin, end in zip(totals, totals[size:], strict=False)]
    best = gains.index(max(gains))
    margin = min(_MOST_MARGIN, max(_MARGIN, size // 8))
    return max(0, best - margin), min(len(folded), best + size + margin)


def _narrowed(wanted: Sequence[str], folded: Sequence[str], begin: int, end: int) -> Range:
    """The part of a range with the smallest edit distance."""
    reach = 2 * min(_MOST_MARGIN, max(_MARGIN, len(wanted) // 8)) + 1
    begin = min(
        range(begin, min(begin + reach, end)),
        key=lambda at: (
            Levenshtein.distance(wanted, folded[at:end]),
            _is_other(folded[at], wanted[0]),
            -at,
        ),
    )
    end = min(
        range(end, max(end - reach, begin), -1),
        key=lambda at: (
            Levenshtein.distance(wanted, folded[begin:at]),
            _is_other(folded[at - 1], wanted[-1]),
            at,
        ),
    )
    return begin, end


def _is_other(one: str, wanted: str) -> bool:
    """Whether a word is more than a letter away from the one wanted."""
    return OSA.distance(one, wanted, score_cutoff=1) > (len(wanted) >= _LEAST_LETTERS)


def _denied_outside(wanted: Sequence[str], folded: Sequence[str], begin: int, end: int) -> bool:
    """Whether a negation stands just outside an end that differs from the quote's."""
    outside: list[str] = []
    if _is_other(folded[begin], wanted[0]):
        outside += folded[max(0, begin - _OUTSIDE) : begin]
    if _is_other(folded[end - 1], wanted[-1]):
        outside += folded[end : end + _OUTSIDE]
    return any(word in _negations() for word in outside)


@dataclass(frozen=True, slots=True)
class _Unmatched:
    """A word without a counterpart; ``at`` counts words of the text."""

    word: Word
    at: int
    place: int
    ours: bool


def _differences(quote: Sequence[Word], held: Sequence[Word]) -> int | None:
    """The number of differing words; ``None`` when a significant word differs."""
    changed, unmatched = 0, []
    edits = Levenshtein.opcodes([w.folded for w in quote], [w.folded for w in held])
    for place, edit in enumerate(edits):
        ours, theirs = quote[edit.src_start : edit.src_end], held[edit.dest_start : edit.dest_end]
        if edit.tag == "equal":
            continue
        if any(_counts(word) for word in (*ours, *theirs)):
            return None
        letters = _letters_apart(ours, theirs)
        if letters <= 1:
            changed += letters
            continue
        unmatched += [_Unmatched(word, edit.dest_start, place, True) for word in ours]
        unmatched += [
            _Unmatched(word, at, place, False) for at, word in enumerate(theirs, edit.dest_start)
        ]
    left = _without_moved(unmatched)
    if _says_otherwise(left, (0, len(edits) - 1)):
        return None
    return changed + len(left) + (len(unmatched) - len(left)) // 2


def _letters_apart(ours: Sequence[Word], theirs: Sequence[Word]) -> int:
    """The number of differing letters; 2 for different words."""
    a, b = ("".join(word.folded for word in side) for side in (ours, theirs))
    if min(len(a), len(b)) < _LEAST_LETTERS and a != b:
        return 2
    if a in (f"a{b}", b[1:] if b[0] == "a" else None):
        return 2  # the privative prefix: "anormal"
    return int(OSA.distance(a, b, score_cutoff=1))


def _without_moved(unmatched: Sequence[_Unmatched]) -> list[_Unmatched]:
    """The unmatched words that are not merely moved by a word or two."""
    left = list(unmatched)
    for one in unmatched:
        other = next(
            (
                two
                for two in left
                if one.ours
                and not two.ours
                and two.word.folded == one.word.folded
                and abs(two.at - one.at) <= _MOVED_OVER + 1
            ),
            None,
        )
        if other is not None:
            left.remove(one)
            left.remove(other)
    return left


def _says_otherwise(left: Sequence[_Unmatched], ends: tuple[int, int]) -> bool:
    """Whether a content word replaces another, or is missing at an end of the quote."""
    at_ends = (one for one in left if one.ours and one.place in ends)
    return any(not _is_function_word(one.word) for one in at_ends) or any(
        _replaces(a, b) for a in left for b in left
    )


def _replaces(ours: _Unmatched, theirs: _Unmatched) -> bool:
    """Whether a content word stands in the place of another word."""
    if not ours.ours or theirs.ours or ours.place != theirs.place:
        return False
    return not (_is_function_word(ours.word) and _is_function_word(theirs.word))


def _is_function_word(word: Word) -> bool:
    return is_stop_word(word, "fr") or is_stop_word(word, "en")


def _counts(word: Word) -> bool:
    """Whether a word is significant: a number, a name, a negation. It may not differ."""
    if not word.text.isalpha() and any(c.isdigit() or not c.isalnum() for c in word.folded):
        return True
    if word.folded in _negations() or is_number_word(word.folded):
        return True
    return word.text[:1].isupper() and not _is_function_word(word)


@lru_cache(maxsize=1)
def _negations() -> frozenset[str]:
    return frozenset(fold(data.load("words/stopwords.toml")["negation"]["words"]).split())
