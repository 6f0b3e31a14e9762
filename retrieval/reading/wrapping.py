"""Text that was wrapped at a column: its lines are joined to paragraphs again.

Mail programs, agencies, scanners and converters end each line at a column (about 35 to 120
characters). Such a line end is no end of a paragraph. It is told from others by where lines
end: a program that fills lines ends one where the next word would not fit. Verse, lists, tables
and lines of an address do not do that. Pure; without such evidence the text comes back as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from config import data
from retrieval.reading.hyphens import is_cut, join_lines

_MAX_COLUMN = 132  # a longer line is a paragraph
_MIN_COLUMN = 34
_LONE_CHARS = 45  # a single pair of lines must be as long to be called wrapped
_TAB = 4
_LEAST_RUNNING = 0.35  # of the pairs of lines must end in the middle of a sentence
_LEAST_FULL = 0.6  # of these must end where the next word would not fit
_GREEDY = 0.95  # from here on, a line that had room for a word was ended on purpose
_NEAR = 0.75  # of the column: a line ends near it
_HALF = 0.5
_MOST_STOPPED = 0.5  # of the lines of prose may end at a comma; verse has more
_WIDE_LINE = 0.95  # the column is where this share of lines ends before
_CLOSING = "\"'’»”)] \u00a0\u202f"
_ENDED = frozenset(".!?…")
_STOPPED = frozenset(".!?…,;:")
_BULLET = re.compile(r"(?:[•▪■●◦‣►▶○✓➢→*+·–—-]|\(?\d{1,3}[.)°]|[a-zA-Z]\)|#{1,6}|>)\s")
_TABLE = re.compile(r"\S[ \u00a0]{3,}\S|\S\t+\S|\S\s?\|\s?\S")
_RULE = re.compile(r"[\W_]{3,}")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_FIRST = re.compile(r"\S+")
# A line end in the middle of a sentence, or of a word: without one nothing is wrapped.
_RUNS_ON = re.compile(
    r"[^\W_][,\"'’»”)%\-\u2010\u00ad\u00ac]?[ \t]?\n{1,2}[ \t\u00a0]{0,12}[a-zà-öø-ÿœ]"
)
_TORN = re.compile(r"(?<=[^\W\d_]{2})(?:-|(?P<sure>[\u00ad\u00ac])) (?=[a-zà-öø-ÿœ]{2})")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: its text, how far it is indented, and whether one space ended it (RFC 3676)."""

    text: str
    indent: int
    flowed: bool

    @property
    def is_ended(self) -> bool:
        """Whether a sentence ends with it."""
        return self.text.rstrip(_CLOSING)[-1:] in _ENDED

    @property
    def is_stopped(self) -> bool:
        """Whether it ends at any stop."""
        return self.text.rstrip(_CLOSING)[-1:] in _STOPPED

    @property
    def is_item(self) -> bool:
        """Whether it begins with a bullet, a number or a quotation mark of mail."""
        return _BULLET.match(self.text) is not None

    @property
    def is_apart(self) -> bool:
        """Whether it is a row of a table, a rule, or an underlined heading's line."""
        return bool(_TABLE.search(self.text) or _RULE.fullmatch(self.text))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two lines, one under the other; ``opens`` says that nothing stands above the first."""

    line: _Line
    below: _Line
    opens: bool

    @property
    def runs_on(self) -> bool:
        """Whether a sentence surely goes on from one to the other."""
        if is_cut(self.line.text, self.below.text):
            return True
        return self.below.text[0].islower() and self.line.text.rstrip(_CLOSING)[-1:] not in ".!?…:"

    @property
    def length(self) -> int:
        """How long the first line is, in characters."""
        return self.line.indent + len(self.line.text)

    def fits(self, column: int) -> bool:
        """Whether the first word of the second line had room at the end of the first."""
        word = _FIRST.match(self.below.text)
        return self.length + 1 + (len(word[0]) if word else 0) <= column


@dataclass(frozen=True, slots=True)
class _Wrap:
    """How a text was wrapped: the column in characters, whether lines are filled, flowed."""

    column: int
    greedy: bool
    flowed: bool


def unwrap(text: str) -> str:
    """A text with the lines of each wrapped paragraph joined.

    Args:
        text: with ``\\n`` for line ends, and the white space that begins lines.

    Returns:
        The text; paragraphs end with a line end or a blank line, as they did. Words broken at
        a line end are whole. A text that is not wrapped comes back unchanged.
    """
    if not _RUNS_ON.search(text):
        return text
    blocks = _blocks(text)
    pairs = [pair for block in blocks for pair in _pairs(block)]
    if not pairs or not any(pair.runs_on for pair in pairs):
        blocks = _double_spaced(text)
        pairs = [pair for block in blocks for pair in _pairs(block)]
    wrap = _wrap_of(pairs)
    if wrap is None:
        return text
    words = Counter(word.lower() for word in _WORD.findall(text))
    return "\n\n".join("\n".join(_joined(block, wrap, words)) for block in blocks)


def heal_words(text: str) -> str:
    """A text in which "ma- tin", that lost only its line end, is "matin" again.

    A hyphen before a space may be a dash, so the whole word must stand elsewhere in the text.
    """
    if not _TORN.search(text):
        return text
    words = Counter(word.lower() for word in _WORD.findall(text))
    parts, at = [], 0
    for torn in _TORN.finditer(text):
        before, after = _WORD.findall(text[at : torn.start()][-40:]), _WORD.match(text, torn.end())
        whole = f"{before[-1] if before else ''}{after[0] if after else ''}".lower()
        if torn["sure"] or words[whole]:
            parts.append(text[at : torn.start()])
            at = torn.end()
    return "".join((*parts, text[at:]))


def _blocks(text: str) -> list[list[_Line]]:
    """The lines between blank lines."""
    blocks: list[list[_Line]] = [[]]
    for raw in text.split("\n"):
        if raw.strip():
            blocks[-1].append(_line(raw))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _double_spaced(text: str) -> list[list[_Line]]:
    """The same for a text with a blank line under each line: two of them end a paragraph."""
    parts = re.split(r"\n[ \t]*\n[ \t]*\n\s*", text)
    return [[_line(raw) for raw in part.split("\n") if raw.strip()] for part in parts]


def _line(raw: str) -> _Line:
    body = raw.strip()
    lead = raw[: len(raw) - len(raw.lstrip())].expandtabs(_TAB)
    return _Line(body, len(lead), raw.endswith(" ") and not raw.endswith("  "))


def _pairs(block: Sequence[_Line]) -> Iterator[_Pair]:
    """The pairs of lines that may be one paragraph's."""
    listed = sum(line.is_item for line in block) > 1
    for place, (line, below) in enumerate(pairwise(block)):
        if not _is_parted(line, below, listed):
            yield _Pair(line, below, place == 0)


def _is_parted(line: _Line, below: _Line, listed: bool) -> bool:
    if len(line.text) > _MAX_COLUMN or line.is_apart or below.is_apart:
        return True
    if below.is_item and (listed or line.is_stopped):
        return True
    # A first line that is set in opens a paragraph; under a bullet, it goes on with the item.
    return below.indent > line.indent + 1 and not (line.is_item or below.text[0].islower())


def _wrap_of(pairs: Sequence[_Pair]) -> _Wrap | None:
    """How the lines were wrapped, or None when nothing says that they were."""
    running = [pair for pair in pairs if pair.runs_on]
    if not running or len(running) < _LEAST_RUNNING * len(pairs):
        return None
    lengths = sorted(pair.length for pair in running)
    column = lengths[int(_WIDE_LINE * (len(lengths) - 1))]
    full = sum(not pair.fits(column) for pair in running) / len(running)
    stopped = sum(pair.line.is_stopped for pair in running) / len(running)
    cut = any(is_cut(pair.line.text, pair.below.text) for pair in running)
    alone = len(running) == 1 and column < _LONE_CHARS and not cut
    if column < _MIN_COLUMN or full < _LEAST_FULL or stopped > _MOST_STOPPED or alone:
        return None
    flowed = sum(pair.line.flowed for pair in running) >= 0.9 * len(running)
    return _Wrap(column, full >= _GREEDY and not cut and len(running) > 2, flowed)


def _joined(block: Sequence[_Line], wrap: _Wrap, words: Counter[str]) -> Iterator[str]:
    """The paragraphs of a block."""
    listed = sum(line.is_item for line in block) > 1
    text = block[0].text
    for place, (line, below) in enumerate(pairwise(block)):
        pair = _Pair(line, below, place == 0)
        if not _is_parted(line, below, listed) and _is_soft(pair, wrap):
            text = join_lines(text, below.text, words)
        else:
            yield text
            text = below.text
    yield text


def _is_soft(pair: _Pair, wrap: _Wrap) -> bool:
    """Whether a program ended the line, and not its writer."""
    if wrap.flowed:
        return pair.line.flowed
    if is_cut(pair.line.text, pair.below.text):
        return pair.length >= _HALF * wrap.column
    if _is_heading(pair):
        return False
    if not pair.fits(wrap.column):
        return True
    if wrap.greedy or pair.line.is_ended:
        return False
    least = _HALF if pair.runs_on else _NEAR
    return pair.length >= least * wrap.column


def _is_heading(pair: _Pair) -> bool:
    """Whether the first of a block's lines is a heading, as long as it may be."""
    if pair.line.is_stopped or pair.runs_on:
        return False
    if pair.line.text.isupper() and not pair.below.text.isupper():
        return True
    word = _FIRST.match(pair.below.text)
    return pair.opens and word is not None and word[0] in _openers()


@cache
def _openers() -> frozenset[str]:
    """Words that open sentences, of ``config/prose.toml``."""
    return frozenset(data.load("prose.toml")["breaks"]["openers"])
