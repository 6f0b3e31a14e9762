"""Lines of pages joined to paragraphs: running headers are removed, broken words mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from retrieval.reading.text.cleaning import is_sentence
from retrieval.reading.text.titles import is_signed
from retrieval.reading.text.wrapping import WORD, keeps_hyphen

GOES_ON = "\x1f"
"""Ends a line whose paragraph goes on in the next one; `str.strip` drops it."""

_ZONE = 3  # lines at the top and at the bottom of a page where headers and footers stand
_NUMBER = re.compile(
    r"[\s(\[–—-]{0,4}(?P<page>p(?:age|\.)?\s{0,3})?(?P<n>\d{1,4})"
    r"(?P<of>\s{0,3}(?:/|sur|of|de)\s{0,3}\d{1,4})?[\s)\]–—-]{0,4}",
    re.I,
)
_MAX_LISTED = 20
_WIDER = 1.4  # of the usual space between lines, and a paragraph ends
_LEADING = (1.2, 1.45)  # between these times the size of letters, whatever is usual
_OTHER_SIZE = 0.15
_SHORT = 0.88  # of the width that the lines around it have
_BULLET = re.compile(r"[•▪■●◦‣►–—*-]\s|\d{1,2}[.)]\s")
_DASHES = ("-", "\u2010")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page; places count in points from below, ``hyphen`` says that one ended it."""

    text: str
    left: float
    right: float
    bottom: float
    size: float
    hyphen: bool = False


Pages = Sequence[Sequence[PageLine]]


def without_furniture(pages: Pages) -> tuple[list[list[PageLine]], tuple[str, ...]]:
    """The pages without running headers, footers and page numbers, and what was taken out."""
    zones = [_edges(page) for page in pages]
    repeated = Counter(key for zone in zones for key in {_key(line) for line in zone})
    enough = 2 if len(pages) <= 3 else 3
    dropped = {key for key, count in repeated.items() if count >= enough and key[0]}
    offsets = Counter(
        n - place for place, zone in enumerate(zones) for n in {_page_number(x) for x in zone} if n
    )
    kept, removed = [], dict[str, None]()
    for place, (page, zone) in enumerate(zip(pages, zones, strict=True)):
        out = {id(line) for line in zone if _key(line) in dropped}
        out |= {id(line) for line in zone if _is_number(line, place, offsets)}
        removed |= {f"page header or footer: {line.text}": None for line in page if id(line) in out}
        kept.append([line for line in page if id(line) not in out])
    return kept, tuple(removed)[:_MAX_LISTED]


def _edges(page: Sequence[PageLine]) -> list[PageLine]:
    by_height = sorted(page, key=lambda line: line.bottom)
    return by_height if len(page) <= 2 * _ZONE else by_height[:_ZONE] + by_height[-_ZONE:]


def _key(line: PageLine) -> tuple[str, int]:
    """The words of a line and its height: numbers may change from page to page."""
    words = re.sub(r"\d+", "#", line.text).casefold()
    return (words if re.search(r"[^\W\d_]", words) else "", round(line.bottom / 4))


def _page_number(line: PageLine) -> int:
    match = _NUMBER.fullmatch(line.text)
    return int(match["n"]) if match else 0


def _is_number(line: PageLine, place: int, offsets: Counter[int]) -> bool:
    """Whether a line is the number of its page: it counts on with the others, or says so."""
    match = _NUMBER.fullmatch(line.text)
    if match is None:
        return False
    offset = int(match["n"]) - place
    return bool(match["page"] or match["of"]) or offset == 1 or offsets[offset] >= 3


def join_paragraphs(pages: Pages) -> str:
    """The text of some pages, one paragraph a block; words broken at line ends are mended."""
    words = Counter(word.lower() for page in pages for line in page for word in _inside(line))
    leading = _leading(pages)
    paragraphs: list[str] = []
    before: PageLine | None = None
    for page in pages:
        edge = max((line.right for line in page), default=0.0)
        for line in page:
            if before is not None and _goes_on(before, line, leading, edge):
                paragraphs[-1] = _joined(paragraphs[-1], before, line, words)
            else:
                paragraphs.append(line.text)
            before = line
    return "\n\n".join(paragraphs)


def lines_apart(pages: Pages) -> list[list[str]]:
    """The lines of each page: those that go on end with `GOES_ON`, a blank one ends the others.

    For what reads lines rather than paragraphs: the head of a clipping would become one.
    """
    leading = _leading(pages)
    apart: list[list[str]] = []
    for page in pages:
        edge = max((line.right for line in page), default=0.0)
        lines: list[str] = []
        for line, following in zip(page, [*page[1:], None], strict=True):
            text = f"{line.text}-" if line.hyphen else line.text
            goes_on = following is not None and _goes_on(line, following, leading, edge)
            lines += [text + GOES_ON] if goes_on else [text, ""]
        apart.append(lines)
    return apart


def _inside(line: PageLine) -> Iterator[str]:
    """The words of a line that are surely whole."""
    words: list[str] = WORD.findall(line.text)
    yield from words[:-1] if line.hyphen or line.text.endswith(_DASHES) else words


def _leading(pages: Pages) -> float:
    steps = [
        one.bottom - other.bottom
        for page in pages
        for one, other in pairwise(page)
        if 0 < one.bottom - other.bottom < 3 * one.size
    ]
    return median(steps) if steps else 0.0


def _goes_on(before: PageLine, line: PageLine, leading: float, edge: float) -> bool:
    if before.hyphen:
        return True
    if abs(before.size - line.size) > _OTHER_SIZE * max(before.size, line.size):
        return False
    ended = is_sentence(before.text)
    step = before.bottom - line.bottom
    if step <= 0 or step > 4 * max(leading, line.size):  # another column or page
        return not ended and (line.text[:1].islower() or before.right > _SHORT * edge)
    usual = min(max(leading, _LEADING[0] * line.size), _LEADING[1] * line.size)
    if step > _WIDER * usual or _BULLET.match(line.text):
        return False
    indented = line.left - before.left > 0.8 * line.size
    short = before.right - before.left < _SHORT * (line.right - line.left)
    return not ((ended and (indented or short)) or (short and is_signed(before.text)))


def _joined(text: str, before: PageLine, line: PageLine, words: Counter[str]) -> str:
    dashed = before.hyphen or (text.endswith(_DASHES) and line.text[:1].isalnum())
    if not dashed or (not before.hyphen and text[-2:-1].isspace()):
        return f"{text} {line.text}"
    text = text.rstrip("-\u2010")
    return f"{text}{'-' if keeps_hyphen(text, line.text, words) else ''}{line.text}"
