"""Locates quotes in a text, and the sentences around them.

A model writes a quote that should stand in a passage. It is compared by its words alone:
spaces, quotation marks, apostrophes, dashes, brackets, case, accents, ligatures and signs that
are not seen do not count. What is shown is always cut from the text by the offsets found here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.answering.near_copies import WordRun, near_copy, same_words, word_run
from retrieval.text.numbers import numbers
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.near_copies import Range

MAX_QUOTE_CHARS = 2_000
MAX_TEXT_CHARS = 20_000
MAX_PIECES = 8
NEAR_CHARS = 300  # between two pieces that are shown as one
_LEAST_WORDS, _LEAST_CHARS = 3, 12  # a piece under either is no quote alone
_MOST_PLACES = 20  # of a piece that stands often

_BRACKETED = re.compile(r"\[[^\[\]]{0,300}\]")
_CITATION = re.compile(r"\[\s?\d{1,2}\s?\]")
_ELLIPSIS = re.compile(r"[\[(]\s?(?:…|\.\s?\.\s?\.)\s?[\])]|…|\.{3,}")
_CLOSING = {
    **dict.fromkeys('»”"›', '"'),
    **dict.fromkeys(".…", "."),
    **dict.fromkeys(")]", ")"),
    **dict.fromkeys("'’", "'"),
    "!": "!",
    "?": "?",
}
_OPENING = {**dict.fromkeys('«“„"‹', '"'), **dict.fromkeys("([", "("), **dict.fromkeys("'‘", "'")}
_MOST_MARKS = 6


def locate(quote: str, text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Locate a quote in a text.

    Args:
        quote: as a model wrote it; what is over 2,000 characters is left out.
        text: of an article.
        start: where the part that is searched begins.
        end: where it ends; the end of the text when not given. Of a longer part, the first
            20,000 characters are searched.

    Returns:
        One span, or several when pieces of the quote stand far apart, in the order of the
        text; nothing when it does not stand there.
    """
    start = max(0, start)
    last = min(len(text) if end is None else end, len(text), start + MAX_TEXT_CHARS)
    held = word_run(text, start, last)
    for pieces in readings(quote[:MAX_QUOTE_CHARS]):
        spans = _spans(pieces, _in_order(pieces, held), held)
        if spans:
            return tuple(_with_marks(span, quote, text, start, last) for span in spans)
    return ()


def readings(quote: str) -> list[tuple[WordRun, ...]]:
    """The ways to split a quote: whole, at its ellipses, without its brackets."""
    ellipses = _BRACKETED.sub(lambda m: "…" if _ELLIPSIS.fullmatch(m[0]) else m[0], quote)
    left_out = _BRACKETED.sub(lambda m: m[0] if _tells_a_number(m[0]) else " ", ellipses)
    put_in = _BRACKETED.sub(lambda m: m[0] if _tells_a_number(m[0]) else "…", ellipses)
    cuts = [(quote,), *(tuple(_ELLIPSIS.split(one)) for one in (ellipses, left_out, put_in))]
    runs = (tuple(word_run(piece) for piece in cut) for cut in dict.fromkeys(cuts))
    return [tuple(run for run in cut if run.words) for cut in runs]


def _tells_a_number(bracketed: str) -> bool:
    """Whether an insertion has a number, which may not be left out; "[2]" is a citation."""
    return not _CITATION.fullmatch(bracketed) and bool(numbers(bracketed))


def _in_order(pieces: Sequence[WordRun], held: WordRun) -> list[Range]:
    """The positions of all pieces, in order and close together; empty if one is missing."""
    if len(pieces) > MAX_PIECES:
        return []
    found: list[Range] = []
    at, last = 0, len(held.words)
    for piece in pieces:
        place = same_words(piece, held, at, last) or near_copy(piece, held, at, last)
        if place is None:
            return []
        found.append(place)
        at = place[1]
    for index in range(len(found) - 2, -1, -1):
        found[index] = _nearest_before(pieces[index], held, found[index], found[index + 1][0])
    return found


def _nearest_before(piece: WordRun, held: WordRun, place: Range, limit: int) -> Range:
    """The last place of a piece before the next one."""
    for _ in range(_MOST_PLACES):
        later = same_words(piece, held, place[0] + 1, limit)
        if later is None:
            break
        place = later
    return place


def _spans(pieces: Sequence[WordRun], places: Sequence[Range], held: WordRun) -> list[Span]:
    """Spans of the pieces, near ones joined; empty if a short piece stands alone."""
    spans: list[Span] = []
    firm: list[bool] = []
    for piece, (first, after) in zip(pieces, places, strict=False):
        span = Span(held.words[first].start, held.words[after - 1].end)
        long_enough = len(pieces) == 1 or _stands_alone(piece)
        if spans and span.start - spans[-1].end < NEAR_CHARS:
            spans[-1] = Span(spans[-1].start, span.end)
            firm[-1] |= long_enough
        else:
            spans.append(span)
            firm.append(long_enough)
    return spans if all(firm) else []


def _stands_alone(piece: WordRun) -> bool:
    chars = piece.words[-1].end - piece.words[0].start
    return len(piece.words) >= _LEAST_WORDS and chars >= _LEAST_CHARS


def _with_marks(span: Span, quote: str, text: str, start: int, last: int) -> Span:
    """A span extended by the quotation marks and full stop that quote and text share."""
    before = {_OPENING.get(char) for char in quote.lstrip()[:_MOST_MARKS]}
    after = {_CLOSING.get(char) for char in quote.rstrip()[-_MOST_MARKS:]}
    begin, end, at = span.start, span.end, span.end
    while at < min(last, span.end + _MOST_MARKS) and (
        text[at].isspace() or _CLOSING.get(text[at], 0) in after
    ):
        at += 1
        end = end if text[at - 1].isspace() else at
    at = span.start
    while at > max(start, span.start - _MOST_MARKS) and (
        text[at - 1].isspace() or _OPENING.get(text[at - 1], 0) in before
    ):
        at -= 1
        begin = begin if text[at].isspace() else at
    return Span(begin, end)


def sentence_around(text: str, span: Span, max_chars: int = 400) -> Span:
    """The whole sentences that contain a span.

    Args:
        text: of an article.
        span: a part of it.
        max_chars: of what is returned.

    Returns:
        From the first sentence's beginning to the last one's end; the span itself when that
        is longer than ``max_chars``.
    """
    begin = max(text.rfind("\n", 0, span.start) + 1, span.start - max_chars - 1)
    line_end = text.find("\n", span.end)
    end = min(len(text) if line_end < 0 else line_end, span.end + max_chars + 1)
    held = [one for one in sentences(text[begin:end], begin) if one.overlaps(span)]
    if not held:
        return span
    whole = Span(min(held[0].start, span.start), max(held[-1].end, span.end))
    return whole if whole.end - whole.start <= max_chars else span
