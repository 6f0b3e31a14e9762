"""The lines of an extracted text, cut and ordered as the page has them.

For a short page extraction falls back on all its paragraphs: it then puts lines at the end that
stand above, and may run a whole page into one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.reading.pages.markup import MarkedLine
from retrieval.reading.pages.parts import plain

_JOINED_CHARS = 60  # a shorter line is not cut
_MAX_STARTS = 50  # where a joined line may begin
_MAX_JOINED = 500
_REPEATED_CHARS = 25
_HEAD_LINES = 4


class PageLines:
    """The lines of a page, in order, with the words to find them by."""

    def __init__(self, lines: Sequence[MarkedLine]) -> None:
        self.lines = lines
        self.words = [plain(line.text) for line in lines]
        self._places: dict[str, int] = {}
        for place, words in enumerate(self.words):
            self._places.setdefault(words, place)

    def place(self, line: str) -> int | None:
        """Where a line stands in the page; None if it is no line of it."""
        return self._places.get(plain(line))

    def cut(self, line: str) -> list[str]:
        """The lines of the page that a line was joined of, or the line itself."""
        words = plain(line)
        if len(line) < _JOINED_CHARS or words in self._places:
            return [line]
        starts = (n for n, each in enumerate(self.words) if each and words.startswith(f"{each} "))
        for start in _first(starts, _MAX_STARTS):
            if parts := self._run(words, start):
                return [self.lines[n].text for n in parts]
        return [line]

    def _run(self, words: str, start: int) -> list[int]:
        """The lines from a start on that make up some words, others passed over; [] if none do."""
        parts, position = [start], len(self.words[start]) + 1
        for place in range(start + 1, len(self.words)):
            each = self.words[place]
            end = position + len(each)
            if each and words.startswith(each, position) and words[end : end + 1] in ("", " "):
                parts.append(place)
                position = end + 1
            if position > len(words):
                return parts
        return []


def as_in_page(text: str, page: PageLines) -> str:
    """A text with the cuts and the order of the page's lines.

    A line that the page does not have (a row of a table) stays below the one before it.
    """
    lines: list[str] = []
    for count, line in enumerate(text.split("\n")):
        lines += page.cut(line) if count < _MAX_JOINED else [line]
    ranked: list[tuple[int, str]] = []
    rank = -1
    for line in lines:
        place = page.place(line) if line.strip() else None
        rank = rank if place is None else place
        ranked.append((rank, line))
    ranked.sort(key=lambda each: each[0])
    return "\n".join(_without_cut_heads([line for _, line in ranked]))


def _without_cut_heads(lines: list[str]) -> list[str]:
    """Without a first line that is the beginning of the next ones: a summary, cut short."""
    words = [plain(line) for line in lines[: 2 * _HEAD_LINES]]
    for place, each in enumerate(words[:_HEAD_LINES]):
        following = words[place + 1 : place + 1 + _HEAD_LINES]
        if len(each) >= _REPEATED_CHARS and any(line.startswith(each) for line in following):
            return lines[:place] + lines[place + 1 :]
    return lines


def _first(places: Iterator[int], most: int) -> Iterator[int]:
    for _, place in zip(range(most), places, strict=False):
        yield place
