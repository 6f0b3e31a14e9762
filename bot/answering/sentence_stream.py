"""Sentences out of a text that is still being written: each as soon as the next has begun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.segmentation import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 1_500
"""No sentence of an answer is so long: what goes on beyond is cut."""
_BULLET = re.compile(r"^\s*(?:[-–—*•]|\d{1,2}[.)])\s+")
# Marks of citation after a full stop belong to the sentence before them: "dit. [1]" is "dit [1]."
_MARKS_AFTER = re.compile(r"([.!?…])[ \t]*((?:[\[【]\s*\d[\d,; ]{0,20}[\]】][ \t]*)+)")
_BEGUN = re.compile(r"[^\w\[【]*[^\W\d_]{2,}")
_OPENED = re.compile(r"[«“]\s?$")
_EMPHASIS = re.compile(r"\*\*|__|`|^#{1,6}\s")


class SentenceStream:
    """Takes a text in pieces and gives its sentences, with their citation marks."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that are complete now that a piece was added."""
        self._rest = _MARKS_AFTER.sub(_marks_before, self._rest + piece)
        *done, self._rest = self._cut()
        return _said(done)

    def finish(self) -> list[str]:
        """What is left when the text is over."""
        rest, self._rest = self._rest, ""
        return _said(_pieces(rest))

    def _cut(self) -> list[str]:
        """The text in sentences, the last of which may be unfinished."""
        *done, last = _pieces(self._rest) or [""]
        if len(last) > _LONGEST:
            return [*done, last[:_LONGEST], last[_LONGEST:]]
        if done and not _BEGUN.match(last):
            return [*done[:-1], done[-1] + last]
        return [*done, last]


def _pieces(text: str) -> list[str]:
    """A text cut where its sentences begin, all of it kept."""
    starts = [span.start for span in sentences(text)][1:]
    # An opening quotation mark that the text ends on is the beginning of what follows.
    starts = [at - _opened(text[max(0, at - 2) : at]) for at in starts]
    return [text[a:b] for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]


def _opened(before: str) -> int:
    """How much of what stands before a sentence opens a quotation."""
    match = _OPENED.search(before)
    return len(match[0]) if match else 0


def _marks_before(match: re.Match[str]) -> str:
    return f" {match[2].strip()}{match[1]} "


def _said(pieces: Sequence[str]) -> list[str]:
    """The pieces that say something, tidied."""
    tidied = [tidy(one) for one in pieces]
    return [one for one in tidied if any(c.isalpha() for c in one)]


def tidy(sentence: str) -> str:
    """A sentence on one line, without the marks of lists, headings and emphasis."""
    return _BULLET.sub("", _EMPHASIS.sub("", " ".join(sentence.split()))).strip()
