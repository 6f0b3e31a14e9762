"""Where a text quotes somebody: the stretches between quotation marks, over lines where needed.

Pure and linear. A mark that is never closed quotes to the end of its line only.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = re.compile('[«»“”"\n]')
_LONGEST = 3_000
_REPEATED = 10
"""How many lines may repeat the opening mark of one quotation."""
_OPENING, _CLOSING = {"«": "»", "“": "”"}, "»”"


def quotations(text: str) -> list[Span]:
    """The quotations of a text, marks included, in their order; none stands inside another."""
    return list(_quotations(text))


def _quotations(text: str) -> Iterator[Span]:
    start, closing = -1, ""
    for match in _MARK.finditer(text):
        mark, at = match[0], match.start()
        if start >= 0 and at - start > _LONGEST:
            start = -1
        if start < 0:
            if mark in _OPENING or mark == '"':
                start, closing = at, _OPENING.get(mark, '"')
        elif mark == closing:
            yield Span(start, at + 1)
            start = -1
        elif mark == "\n" and (closing == '"' or not _goes_on(text, at)):
            yield Span(start, at)
            start = -1


def _goes_on(text: str, at: int) -> bool:
    """Whether a quotation open at a line's end is closed before another is opened.

    A mark at the very beginning of a line opens nothing new: it repeats the first.
    """
    following = text[at : at + _LONGEST]
    for match in islice(re.finditer("[«»“”]", following), _REPEATED):
        if match[0] in _CLOSING:
            return True
        if following[: match.start()].rpartition("\n")[2].strip():
            return False
    return False


def near(spans: list[Span], span: Span) -> list[Span]:
    """The quotations, given in their order, that share a character with a span."""
    first = bisect_right(spans, span.start, key=lambda one: one.end)
    last = bisect_left(spans, span.end, key=lambda one: one.start)
    return spans[first:last]


def inside(spans: list[Span], start: int, end: int) -> int:
    """How many characters between two offsets are quoted."""
    return sum(max(0, min(one.end, end) - max(one.start, start)) for one in spans)


def blanked(text: str, spans: list[Span], offset: int = 0) -> str:
    """A text with what it quotes replaced by as many ``¤``, the marks left in place.

    Args:
        text: a piece of the text that the spans belong to.
        spans: quotations.
        offset: where the piece begins.
    """
    pieces, at = [], 0
    for one in spans:
        start, end = max(one.start + 1 - offset, at), min(one.end - 1 - offset, len(text))
        if end > start >= at and end > 0:
            pieces += [text[at:start], "¤" * (end - start)]
            at = end
    return "".join([*pieces, text[at:]])
