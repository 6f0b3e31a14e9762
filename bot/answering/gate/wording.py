"""The sentence of a model made plain: its markers read and taken out, its typography cleaned."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.answering.gate.patterns import pattern
from bot.answering.gate.verdict import Fault
from retrieval.analysis import fold

MOST_CHARS = 1200
_LIST = r"\d{1,3}(?:[ \u00a0]?[,;–-][ \u00a0]?\d{1,3}){0,9}"
_MARKER = re.compile(
    r"[ \u00a0\u202f]?(?:"
    rf"\[[ ]?(?:(?:passage|source|extrait|article)s? ?)?(?P<square>{_LIST})[ ]?\]"
    rf"|【(?P<lens>\d{{1,3}})[^】\n]{{0,20}}】"
    rf"|\((?P<round>{_LIST})\)(?=[ \u00a0]?[.!?…]?$))"
)
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_BEFORE_STOP = re.compile(r" +(?=[.,])")
_LEAD = re.compile(r"^(?:[-*•–—>#]{1,6}|\d{1,2}[.)])[ \u00a0]")
_MARKUP = re.compile(r"\*\*|__|`")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence without its markers, and the numbers of the passages that these named."""

    text: str
    cited: tuple[int, ...]


def worded(sentence: str) -> Worded:
    """Take the markers out of a sentence and clean what is left.

    Only the first 1,200 characters are read: no honest sentence is longer.
    """
    text = _SPACES.sub(" ", sentence[: MOST_CHARS + 1]).strip()
    cited: list[int] = []
    for match in _MARKER.finditer(text):
        written = match["square"] or match["lens"] or match["round"]
        cited += [int(number) for number in re.findall(r"\d{1,3}", written)]
    text = _MARKER.sub("", text)
    text = _LEAD.sub("", _MARKUP.sub("", text))
    text = _BEFORE_STOP.sub("", _SPACES.sub(" ", text)).strip()
    return Worded(text, tuple(dict.fromkeys(cited)))


def folded_line(text: str) -> str:
    """A text as the patterns of ``config/gate.toml`` read it."""
    return _SPACES.sub(" ", fold(text.replace("’", "'").replace("\u00a0", " ")))


def gives_orders(text: str) -> bool:
    """Whether a sentence of an article speaks to a machine."""
    return bool(pattern("orders", "article").search(folded_line(text)))


def says_nothing_fit(text: str) -> Fault | None:
    """The fault of a sentence that no article is needed to judge."""
    if len(text) > MOST_CHARS:
        return Fault.NO_SUPPORT
    folded = folded_line(text)
    if pattern("orders", "answer").search(folded) or pattern("orders", "article").search(folded):
        return Fault.ORDER
    words = len(re.findall(r"[^\W\d_]{2,}", text))
    if words < 2 or not _LETTER.search(text) or text.rstrip(' »"”').endswith(("?", ":")):
        return Fault.NOTHING_SAID
    return None
