"""Cover pages of digital libraries: a PDF of a digitised paper begins with pages of its library.

The cover names the paper and often its day; the page after it tells the terms of use. Neither is
a page of the paper, and the years that they name (of laws, of digitisation) are not its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from config.data import load
from retrieval.reading.documents.pagelines import PageLine
from retrieval.reading.text.datewords import masthead_date
from retrieval.text.analysis import fold

_COVER_LINES, _COVER_CHARS = 10, 600
_MAX_TERMS = 3  # pages of terms, after the cover
_DAY = re.compile(r"(?<!\d)(1[6-9]\d\d|20\d\d)[-/](0[1-9]|1[0-2])[-/]([0-2]\d|3[01])\.?$")


@dataclass(frozen=True, slots=True)
class LibraryCover:
    """What a library put before a paper.

    Args:
        pages: how many of its pages come first.
        published: the day of the paper as the cover gives it, ``""`` for none.
        removed: the lines of these pages, for the report.
    """

    pages: int = 0
    published: str = ""
    removed: tuple[str, ...] = ()


def library_cover(pages: Sequence[Sequence[PageLine]]) -> LibraryCover:
    """The pages of a library at the beginning of a document; none where nothing else would stay."""
    count = 1 if pages and _is_cover(pages[0]) else 0
    while count < min(len(pages), _MAX_TERMS + 1) and _tells_terms(pages[count]):
        count += 1
    if not count or not any(line.text.strip() for page in pages[count:] for line in page):
        return LibraryCover()
    lines = [line.text.strip() for page in pages[:count] for line in page]
    days = (found for line in lines[:_COVER_LINES] if (found := _DAY.search(line)))
    day = next(days, None)
    if count == 1 and day is None and not _tells_terms(pages[0]):
        return LibraryCover()  # a picture's credit stands on pages of articles, too
    removed = tuple(f"library cover: {line}" for line in lines if line)
    return LibraryCover(count, "-".join(day.groups()) if day else "", removed)


def _is_cover(page: Sequence[PageLine]) -> bool:
    """Whether a page holds a few lines, a library's mark among them, and no masthead."""
    lines = [line.text for line in page]
    if len(lines) > _COVER_LINES or sum(map(len, lines)) > _COVER_CHARS:
        return False
    marked = any(mark in fold(line) for line in lines for mark in _marks()["cover"])
    return marked and not any(map(masthead_date, lines))


def _tells_terms(page: Sequence[PageLine]) -> bool:
    head = fold(" ".join(line.text for line in page[:_COVER_LINES]))
    return any(mark in head for mark in _marks()["terms"])


@cache
def _marks() -> dict[str, list[str]]:
    found: dict[str, list[str]] = load("reading/pages.toml")["library_covers"]
    return found
