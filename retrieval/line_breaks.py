"""Line ends that a text has lost: where exports have spaces, a tag or nothing in their place.

An export that drops line ends glues a heading to the sentence under it, and sentences to each
other. What was a line end is told by tags of paragraphs, by a run of spaces before a capital,
and by a word that opens sentences ("Le", "Selon") right after a word that may end a heading.
Pure: offsets in, offsets out; the text is never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from config import data
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

TAG = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|td|h[1-6])\b[^<>]{0,100}>", re.IGNORECASE)
"""A tag that begins or ends a paragraph, left over in a text."""
_HEADING_CHARS = 120
_RUN = re.compile(r"\s{2,}(?=[a-zà-ÿ])")
_LAST_WORD = re.compile(r"(\w{1,30})\W{0,3}$")
_ABBREVIATED = re.compile(r"(?:^|\W)(?:[A-ZÀ-Ý]|M[mM]|Mmes?|Mlle|Mgr|Me|Drs?|Prs?|Ste?|[Nn]o)\.$")
_SENTENCE_ENDS = ".!?…"
_NO_END = frozenset(",;:«(“[‹–—-/'’")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of ``config/prose.toml`` that tell where lines ended."""

    sign: re.Pattern[str]
    joining: frozenset[str]
    naming: frozenset[str]


@cache
def _words() -> _Words:
    table = data.load("prose.toml")["breaks"]
    openers = "|".join(re.escape(word).replace("'", "['’]") for word in table["openers"])
    # A capital or an opening quote is looked for first, since few characters are one: after
    # two spaces; or, if it begins an opener, glued to what is before, or after one space.
    sign = (
        r"[A-ZÀ-Ý«\"“](?:(?<=\s\s.)"
        rf"|(?<=[a-zà-ÿ»][a-zà-ÿ.!?…»](?=(?:{openers})(?:\b|(?<=['’]))).)"
        rf"|(?<=[A-ZÀ-Ý]{{3}}(?=.[a-zà-ÿ])(?=(?:{openers})\b).)"
        rf"|(?<=[\w»%)] (?=(?:{openers})(?:(?<=['’])| )[a-zà-ÿ]).))"
    )
    return _Words(re.compile(sign), frozenset(table["joining"]), frozenset(table["naming"]))


def is_whole(line: str) -> bool:
    """Whether nothing in a line looks like a lost line end; quick, and true of most lines."""
    return "<" not in line and not _words().sign.search(line)


def pieces(line: str) -> Iterator[Span]:
    """The parts of a line that line ends once parted; the gaps hold spaces and tags only.

    Args:
        line: a text without line ends.
    """
    start = 0
    if "<" in line:
        for tag in TAG.finditer(line):
            yield from _parted(line, start, tag.start())
            start = tag.end()
    yield from _parted(line, start, len(line))


def _parted(line: str, start: int, end: int) -> Iterator[Span]:
    words = _words()
    for sign in words.sign.finditer(line, start, end):
        if _is_break(line, start, sign.start(), words):
            yield Span(start, sign.start())
            start = sign.start()
    if start < end:
        yield Span(start, end)


def _is_break(line: str, start: int, at: int, words: _Words) -> bool:
    """Whether a line ended before a capital."""
    left = line[start:at].rstrip()
    if not left or left[-1] in _NO_END:
        return False
    gap = at - start - len(left)
    if left[-1] in _SENTENCE_ENDS:
        return not _ABBREVIATED.search(left[-6:])
    if _joins(left, words, named=gap < 2):
        return False
    if gap == 1:
        return _is_heading(left)
    # Whoever doubles spaces within a sentence does not mean line ends by them.
    return gap == 0 or not _RUN.search(left)


def _joins(left: str, words: _Words, *, named: bool) -> bool:
    """Whether what stands before goes on: it ends with a preposition, or announces a name."""
    last = _LAST_WORD.search(left[-40:])
    word = last[1].casefold() if last else ""
    return word in words.joining or (named and word in words.naming)


def _is_heading(left: str) -> bool:
    """Whether what stands before may be a heading: a few words, after the last full stop."""
    tail = left[-_HEADING_CHARS - 2 :]
    begun = max(tail.rfind(sign + " ") for sign in _SENTENCE_ENDS) + 2
    if begun == 1 and len(tail) > _HEADING_CHARS:
        return False
    head = tail[begun:].lstrip() if begun > 1 else tail
    open_quote = head.count('"') % 2 or head.count("«") > head.count("»")
    return len(head) > 3 and not (head[0].islower() or open_quote or ":" in head or ";" in head)
