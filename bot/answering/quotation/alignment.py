"""A quote beside a text: the span that says it, or the nearest one and how it differs. Pure.

Words are compared folded, whatever marks stand between them. Ellipses and brackets of the quote
are its author's own cuts and insertions: what they leave out is no difference. Unlike
`bot.answering.near_copies`, which decides whether a quote may be shown as one, this aligns any
two runs of words and names each difference.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from bot.answering.findings import DifferenceKind, QuoteDifference
from bot.answering.near_copies import WordRun, same_words, word_run
from bot.answering.quotes import NEAR_CHARS, readings
from retrieval.text.analysis import Word, is_stop_word
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.answering.near_copies import Range

MAX_WORDS = 400
"""Words of a quote that are aligned; of a longer one, the beginning."""
_STOP_WEIGHT = 0.4
"""What a function word counts beside another word."""
_SPELLING = 0.25
"""What a word counts that is spelt otherwise, beside another word in its place."""
_LEFT_OUT = 0.5
"""What a published word counts that the quote leaves out."""
_MARGIN, _MAX_MARGIN = 8, 60
"""Words looked at beyond the ends of a likely place."""
_LONG = 8
"""Letters from which a word may be spelt otherwise in two places."""
_SHORT = 4
"""Letters from which it may in one."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The span of a text that is nearest to a quote.

    Args:
        span: offsets into the text.
        likeness: 1 for the same words, 0 for none in common.
        differences: in the order of the quote; none when the words are the same.
    """

    span: Span
    likeness: float
    differences: tuple[QuoteDifference, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the text says the very words."""
        return not self.differences


def align(quote: str, held: WordRun) -> Alignment | None:
    """The nearest span of a text; None when they share no word.

    Args:
        quote: as it was given, with its marks.
        held: the words of the text (`near_copies.word_run`).
    """
    cuts = [cut for cut in readings(quote) if any(run.words for run in cut)]
    for pieces in cuts:
        span = _same(pieces, held)
        if span is not None:
            return Alignment(span, 1.0)
    aligned = [found for pieces in cuts if (found := _nearest(pieces, held))]
    return max(aligned, key=lambda one: one.likeness, default=None)


def _same(pieces: Sequence[WordRun], held: WordRun) -> Span | None:
    """The span in which pieces stand one after another, word for word, near each other."""
    at, places = 0, []
    for piece in pieces:
        place = same_words(piece, held, at, len(held.words))
        if place is None:
            return None
        places.append(place)
        at = place[1]
    for index in range(len(places) - 2, -1, -1):
        places[index] = _last_before(pieces[index], held, places[index], places[index + 1][0])
    gaps = pairwise(places)
    near = (_start(held, after) - _end(held, before) <= 2 * NEAR_CHARS for before, after in gaps)
    return Span(_start(held, places[0]), _end(held, places[-1])) if all(near) else None


def _last_before(piece: WordRun, held: WordRun, place: Range, limit: int) -> Range:
    for _ in range(20):
        later = same_words(piece, held, place[0] + 1, limit)
        if later is None:
            break
        place = later
    return place


def _start(held: WordRun, place: Range) -> int:
    return held.words[place[0]].start


def _end(held: WordRun, place: Range) -> int:
    return held.words[place[1] - 1].end


# --- the nearest ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The words of a quote in one run, and before which of them its author cut."""

    words: tuple[Word, ...]
    cuts: frozenset[int]

    @classmethod
    def of(cls, pieces: Sequence[WordRun]) -> _Wanted:
        """Join the pieces of a quote."""
        words = [word for piece in pieces for word in piece.words][:MAX_WORDS]
        ends = accumulate(len(piece.words) for piece in pieces[:-1])
        return cls(tuple(words), frozenset(ends))


def _nearest(pieces: Sequence[WordRun], held: WordRun) -> Alignment | None:
    wanted = _Wanted.of(pieces)
    folded = [word.folded for word in held.words]
    if not wanted.words or not folded:
        return None
    places = {_by_words(wanted, folded), _by_letters(wanted, held)}
    found = [_aligned(wanted, held, place) for place in places]
    return max((one for one in found if one), key=lambda one: one.likeness, default=None)


def _by_words(wanted: _Wanted, folded: Sequence[str]) -> Range:
    """The run of words that shares most of the rare words wanted, and some around it."""
    often, sought = Counter(folded), {word.folded for word in wanted.words}
    totals = [0.0, *accumulate(1 / often[word] if word in sought else 0.0 for word in folded)]
    size = min(len(wanted.words), len(folded))
    gains = [end - begin for begin, end in zip(totals, totals[size:], strict=False)]
    best = gains.index(max(gains))
    return _widened((best, best + size), len(folded), size)


def _by_letters(wanted: _Wanted, held: WordRun) -> Range:
    """The run of words whose letters are nearest, for a quote with a fault in every word."""
    sought = "".join(word.folded for word in wanted.words)
    found = fuzz.partial_ratio_alignment(sought, held.joined)
    if found is None or len(sought) > len(held.joined):
        return (0, len(held.words))
    begin = sum(end <= found.dest_start for end in held.ends)
    after = sum(start < found.dest_end for start in held.starts)
    return _widened((begin, max(after, begin + 1)), len(held.words), len(wanted.words))


def _widened(place: Range, count: int, size: int) -> Range:
    margin = min(_MAX_MARGIN, max(_MARGIN, size))
    return max(0, place[0] - margin), min(count, place[1] + margin)


def _aligned(wanted: _Wanted, held: WordRun, place: Range) -> Alignment | None:
    """The alignment of a quote with a run of words, without what stands around it."""
    theirs = held.words[place[0] : place[1]]
    sought = [_spelt_as(word, theirs) for word in wanted.words]
    core = _core(wanted, theirs, sought)
    if core is None:
        return None
    (begun, first), (ended, last) = core
    part = _narrowed(sought, theirs[max(0, first - begun) : last + len(sought) - ended])
    cost, differences = _compared(wanted, part, sought)
    whole = sum(map(_weight, wanted.words))
    trimmed = _without_edges(part, sought)
    return Alignment(
        Span(trimmed[0].start, trimmed[-1].end), max(0.0, 1 - cost / whole), tuple(differences)
    )


def _core(
    wanted: _Wanted, theirs: Sequence[Word], sought: Sequence[str]
) -> tuple[Range, Range] | None:
    """Where the dense part of an alignment begins and ends, in the quote and in the text.

    A word that stands far from the others is no part of it: the sum of words in common less
    words between them is greatest (Kadane's algorithm). None when no word is in common.
    """
    best, total, begun = 0.0, 0.0, (0, 0)
    core = None
    for edit in Levenshtein.opcodes(sought, [word.folded for word in theirs]):
        if total <= 0:
            total, begun = 0.0, (edit.src_start, edit.dest_start)
        ours = wanted.words[edit.src_start : edit.src_end]
        between = theirs[edit.dest_start : edit.dest_end]
        if edit.tag == "equal":
            total += sum(map(_weight, ours))
        elif not (edit.tag == "insert" and edit.src_start in wanted.cuts):
            total -= _LEFT_OUT * sum(map(_weight, between))
        if total > best:
            best, core = total, (begun, (edit.src_end, edit.dest_end))
    return core


def _narrowed(sought: Sequence[str], part: Sequence[Word]) -> Sequence[Word]:
    """A run without words at its ends that bring it no nearer to the words sought.

    Two neighbours that changed places count once, or a word after them would seem to be one.
    """
    folded = [word.folded for word in part]
    begin, end = 0, len(folded)
    nearest = OSA.distance(sought, folded)
    while end - begin > 1 and OSA.distance(sought, folded[begin + 1 : end]) < nearest:
        begin += 1
        nearest = OSA.distance(sought, folded[begin:end])
    while end - begin > 1 and OSA.distance(sought, folded[begin : end - 1]) < nearest:
        end -= 1
        nearest = OSA.distance(sought, folded[begin:end])
    return part[begin:end]


def _without_edges(part: Sequence[Word], sought: Sequence[str]) -> Sequence[Word]:
    """A run without the words at its ends that the quote only leaves out."""
    edits = Levenshtein.opcodes(sought, [word.folded for word in part])
    ends = [edit for edit in edits if edit.tag != "insert"]
    return part[ends[0].dest_start : max(ends[-1].dest_end, ends[0].dest_start + 1)] or part


def _spelt_as(word: Word, theirs: Sequence[Word]) -> str:
    """A word as the text spells it, where it has one that differs by a letter or two."""
    known = {other.folded for other in theirs}
    if word.folded in known or word.is_number:
        return word.folded
    reach = _reach(word.folded)
    near = [
        (OSA.distance(word.folded, other, score_cutoff=reach), other)
        for other in known
        if reach and not other[:1].isdigit() and _reach(other)
    ]
    distance, other = min(near, default=(reach + 1, ""))
    return other if distance <= reach else word.folded


def _reach(folded: str) -> int:
    """In how many places a word may be spelt otherwise."""
    return 2 if len(folded) >= _LONG else 1 if len(folded) >= _SHORT else 0


def _compared(
    wanted: _Wanted, part: Sequence[Word], sought: Sequence[str]
) -> tuple[float, list[QuoteDifference]]:
    """What the differences between a quote and a run of words cost, and which they are."""
    cost, differences = 0.0, list[QuoteDifference]()
    opcodes = Levenshtein.opcodes(sought, [word.folded for word in part])
    for equal, edits in groupby(opcodes, key=lambda edit: edit.tag == "equal"):
        found = list(edits)
        at = found[0].src_start
        ours = wanted.words[at : found[-1].src_end]
        theirs = part[found[0].dest_start : found[-1].dest_end]
        if equal:
            differences += _spellings(ours, theirs)
            cost += sum(_SPELLING * _weight(word) for word in ours if word.folded not in sought)
        elif ours:
            cost += sum(map(_weight, ours))
            differences.append(_difference(ours, theirs))
        elif 0 < at < len(sought) and at not in wanted.cuts:
            cost += _LEFT_OUT * sum(map(_weight, theirs))
            differences.append(_difference(ours, theirs))
    return cost, differences


def _spellings(ours: Sequence[Word], theirs: Sequence[Word]) -> Iterator[QuoteDifference]:
    for word, other in zip(ours, theirs, strict=True):
        if word.folded != other.folded:
            yield QuoteDifference(DifferenceKind.SPELLING, word.text, other.text)


def _difference(ours: Sequence[Word], theirs: Sequence[Word]) -> QuoteDifference:
    kind = DifferenceKind.CHANGED
    if not ours or not theirs:
        kind = DifferenceKind.LEFT_OUT if theirs else DifferenceKind.ADDED
    asked, published = (" ".join(word.text for word in side) for side in (ours, theirs))
    return QuoteDifference(kind, asked, published)


def _weight(word: Word) -> float:
    function = is_stop_word(word, "fr") or is_stop_word(word, "en")
    return _STOP_WEIGHT if function else 1.0


def run_of(text: str, start: int = 0, end: int | None = None) -> WordRun:
    """The words of a part of a text, to be aligned with quotes."""
    return word_run(text, start, end)
