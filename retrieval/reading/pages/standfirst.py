"""The standfirst (chapô): a part of the article, wherever the page puts it.

Extraction takes the element of the body; a standfirst in a header above it would be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from retrieval.reading.pages.markup import MarkedLine
from retrieval.reading.pages.parts import (
    SURELY,
    ascii_words,
    has_words,
    page_words,
    standfirst_rank,
)

_DESCRIBED_CHARS = 40
_MIN_CHARS = {SURELY: 15, 1: 30, 0: 45}  # by what the markup says of the element
_MAX_CHARS = 2500
_MAX_LINES = 12
_BODY_CHARS = 40  # a line of the body that is looked for in the page
_SAME = 0.8  # of the pairs of words: the first paragraph again, in other words
_FIRST_CHARS = 3000
_DEEP = 30  # elements around a line
_OUTERMOST = ("body", "html")
_ENDED = re.compile(r"[.!?…:][\s\"'’»”)\]]{0,4}$")
_CUT = re.compile(r"[\s.…]*(?:\[(?:\.{3}|…)\])?[\s.…]*$")


@dataclass(frozen=True, slots=True)
class _ArticleHead:
    """The head of the article: its title, and the lines up to its body."""

    heading: Any
    lines: Sequence[MarkedLine]  # of the page, up to the first of the body, it excluded
    start: int  # the line below the title; 0 if there is no title


def standfirst(
    lines: Sequence[MarkedLine],
    heading: Any,  # noqa: ANN401 - an element of lxml
    description: str,
    kept: str,
) -> list[str]:
    """The lines of the standfirst that an extracted text lacks.

    Args:
        lines: of the page, pruned.
        heading: the element of the article's title, or None.
        description: what the page says of itself for others to show; not believed alone.
        kept: the extracted text.
    """
    head = _head_of(lines, heading, kept)
    if head is None:
        return []
    described = ascii_words(_CUT.sub("", description))
    found: list[str] = []
    for place, line in enumerate(head.lines):
        if _belongs(line, place, head, described) and not _is_known(
            line.text, heading, kept, found
        ):
            found.append(line.text)
    if len(found) > _MAX_LINES or sum(map(len, found)) > _MAX_CHARS:
        return []
    return found


def _head_of(lines: Sequence[MarkedLine], heading: Any, kept: str) -> _ArticleHead | None:  # noqa: ANN401
    """The lines before the body; None if the body is not found in the page."""
    body = {ascii_words(line) for line in kept.split("\n")}
    texts = [ascii_words(line.text) for line in lines]
    start = next((n + 1 for n, line in enumerate(lines) if _is_in(line.element, heading)), 0)
    places = range(start, len(lines))
    first = next((n for n in places if len(texts[n]) >= _BODY_CHARS and texts[n] in body), None)
    if first is None:
        return None
    return _ArticleHead(heading, lines[:first], start)


def _is_in(element: Any, heading: Any) -> bool:  # noqa: ANN401
    return heading is not None and (element is heading or heading in element.iterancestors())


def _belongs(line: MarkedLine, place: int, head: _ArticleHead, described: str) -> bool:
    """Whether a line above the body is of the standfirst: named so, or where one stands."""
    around = list(_up_to_shared(line.element, head.heading))
    if 2 * line.linked > len(line.text) or _is_slogan(around):
        return False
    rank = max((standfirst_rank(element) for element in around), default=0)
    words = ascii_words(_CUT.sub("", line.text))
    if described and (
        words == described or (len(described) >= _DESCRIBED_CHARS and words.startswith(described))
    ):
        rank = SURELY
    if place < head.start and (rank < SURELY or not _shares_article(line.element, head.heading)):
        return False
    if len(line.text) < _MIN_CHARS[rank] or " " not in line.text:
        return False
    if rank:
        return True
    return _shares_article(line.element, head.heading) and _ENDED.search(line.text) is not None


def _up_to_shared(element: Any, heading: Any) -> Iterator[Any]:  # noqa: ANN401
    """An element and what is around it, as long as the title is not in it too."""
    titled = {heading, *heading.iterancestors()} if heading is not None else set()
    for each in (element, *islice(element.iterancestors(), _DEEP)):
        if each in titled or each.tag in _OUTERMOST:
            return
        yield each


def _shares_article(element: Any, heading: Any) -> bool:  # noqa: ANN401
    """Whether something less than the whole page holds both a line and the title."""
    titled = set(heading.iterancestors()) if heading is not None else set()
    shared = next((each for each in element.iterancestors() if each in titled), None)
    return shared is not None and shared.tag not in _OUTERMOST


def _is_slogan(around: Sequence[Any]) -> bool:
    return any(has_words(element, page_words().slogan) for element in around)


def _is_known(line: str, heading: Any, kept: str, found: Sequence[str]) -> bool:  # noqa: ANN401
    """Whether a line is the title, or stands in the text already, cut short or nearly so."""
    words = ascii_words(_CUT.sub("", line))
    first = ascii_words(kept[:_FIRST_CHARS])
    title = ascii_words("".join(heading.itertext())) if heading is not None else ""
    if not words or words == title or line in found or words in first:
        return True
    if words in ascii_words(kept):
        return True
    pairs, known = _pairs(words), _pairs(first)
    return bool(pairs) and len(pairs & known) >= _SAME * len(pairs)


def _pairs(words: str) -> set[tuple[str, str]]:
    listed = words.split()
    return set(pairwise(listed))
