"""Unwrapping: lines that were wrapped at a column are joined to paragraphs again.

Mail programs, agencies, scanners and converters end each line at a column (about 35 to 120
characters). Such line ends are recognised by where they stand: a program that fills lines ends one
where the next word would not fit. Verse, lists, tables and addresses do not. Pure; without such
evidence the text is returned unchanged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from config import data
from retrieval.text.line_breaks import goes_on, opens_sentence

_MAX_COLUMN = 132  # a longer line is a paragraph
_MIN_COLUMN = 34
_LONE_CHARS = 40  # a single pair of lines must be as long to be called wrapped
_PROSE_CHARS = 66  # a line of verse, or of a list, that ends at a comma is shorter
_TAB = 4
_MIN_RUNNING = 0.35  # of the pairs of lines must end in the middle of a sentence
_MIN_FULL = 0.6  # of these must end where the next word would not fit
_GREEDY = 0.95  # from here on, a line that had room for a word was ended on purpose
_NEAR = 0.75  # of the column: a line ends near it
_ALMOST = 0.85
_BEYOND = 1.1  # of the column: a line that nothing wrapped
_HALF = 0.5
_FEW_SET_IN = 0.1  # of the lines that go on are set in: then such a line opens a paragraph
_MAX_STOPPED = 0.5  # of the lines of prose may end at a comma; verse has more
_WIDE_LINE = 0.95  # the column is where this share of lines ends before
_CLOSING = "\"'’»”)] \u00a0\u202f"
_ENDED = frozenset(".!?…")
_STOPPED = frozenset(".!?…,;:")
_BULLET = re.compile(r"(?:[•▪■●◦‣►▶○✓➢→*+·–—-]|\(?\d{1,3}[.)°]|[a-zA-Z]\)|#{1,6}|>)\s")
_TABLE = re.compile(r"\S[ \u00a0]{3,}\S|\S\t+\S|\S\s?\|\s?\S")
_RULE = re.compile(r"[\W_]{3,}")
_FIRST = re.compile(r"\S+")
_TORN = re.compile(r"(?:-|(?P<sure>[\u00ad\u00ac])) (?<=[^\W\d_]{2}. )(?=[a-zà-öø-ÿœ]{2})")

_TORN_SIGNS = ("- ", "\u00ad ", "\u00ac ")


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
        """The length of the first line, in characters."""
        return self.line.indent + len(self.line.text)

    def fits(self, column: int) -> bool:
        """Whether the first word of the second line had room at the end of the first."""
        word = _FIRST.match(self.below.text)
        return self.length + 1 + (len(word[0]) if word else 0) <= column


@dataclass(frozen=True, slots=True)
class _Wrap:
    """The wrapping of a text.

    Args:
        column: in characters.
        greedy: whether each line holds as many words as it can.
        flowed: whether a space ends each line that goes on.
        spaced: whether blank lines part its paragraphs.
    """

    column: int
    greedy: bool
    flowed: bool
    spaced: bool


_CUTS_ONLY = _Wrap(0, greedy=True, flowed=False, spaced=False)


def unwrap(text: str) -> str:
    """A text with the lines of each wrapped paragraph joined.

    Args:
        text: with ``\\n`` for line ends, and the white space that begins lines.

    Returns:
        The text; paragraphs end with a line end or a blank line, as they did. Words broken at
        a line end are whole. A text that is not wrapped comes back unchanged.
    """
    if not any(line.lstrip()[:1].islower() for line in text.split("\n")):
        return text  # no line begins in the middle of a sentence
    blocks = _blocks(text)
    pairs = [pair for block in blocks for pair in _pairs(block)]
    if not pairs or not any(pair.runs_on for pair in pairs):
        blocks = _double_spaced(text)
        pairs = [pair for block in blocks for pair in _pairs(block)]
    wrap = _wrap_of(pairs, sum(len(block) > 1 for block in blocks) > 1)
    if wrap is None:
        if not any(is_cut(pair.line.text, pair.below.text) for pair in pairs):
            return text
        wrap = _CUTS_ONLY
    words = word_counts(text)
    return "\n\n".join("\n".join(_joined(block, wrap, words)) for block in blocks)


def flow(text: str) -> str:
    """A paragraph of Markdown with its lines joined where a sentence goes on.

    There a line end is a space; but people also write a credit or a date in a line of its own.

    Args:
        text: with ``\\n`` where a line ends that does not end a paragraph.
    """
    lines = [_line(raw) for raw in text.split("\n")]
    if len(lines) == 1:
        return text
    words = word_counts(text)
    paragraphs = [[lines[0].text]]
    for line, below in pairwise(lines):
        if line.text and below.text and _Pair(line, below, False).runs_on:
            paragraphs[-1].append(below.text)
        else:
            paragraphs.append([below.text])
    return "\n".join(join_lines(paragraph, words) for paragraph in paragraphs)


def heal_words(text: str) -> str:
    """A text in which "ma- tin", that lost only its line end, is "matin" again.

    A hyphen before a space may be a dash, so the whole word must stand elsewhere in the text.
    """
    if not any(torn in text for torn in _TORN_SIGNS) or not _TORN.search(text):
        return text
    words = word_counts(text)
    parts, at = [], 0
    for torn in _TORN.finditer(text):
        before, after = (
            WORD.findall(text[max(at, torn.start() - 40) : torn.start()]),
            WORD.match(text, torn.end()),
        )
        whole = f"{before[-1] if before else ''}{after[0] if after else ''}".lower()
        if torn["sure"] or words[whole]:
            parts.append(text[at : torn.start()])
            at = torn.end()
    return "".join((*parts, text[at:]))


def _blocks(text: str) -> list[list[_Line]]:
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
    return (pair for pair, parted in _all_pairs(block) if not parted)


def _all_pairs(block: Sequence[_Line]) -> Iterator[tuple[_Pair, bool]]:
    """Each line with the one below, and whether something other than their ends parts them."""
    pairs = [_Pair(one, other, place == 0) for place, (one, other) in enumerate(pairwise(block))]
    listed = sum(line.is_item for line in block) > 1
    edge = min((line.indent for line in block), default=0)
    set_in = [pair.below.indent > edge + 1 for pair in pairs if pair.runs_on]
    opening = sum(set_in) <= _FEW_SET_IN * len(set_in)
    for pair in pairs:
        # A first line that is set in opens a paragraph; under a bullet, it goes on with the item.
        set_in_alone = opening and pair.below.indent > edge + 1 and not pair.line.is_item
        yield pair, set_in_alone or _is_parted(pair, listed)


def _is_parted(pair: _Pair, listed: bool) -> bool:
    line, below = pair.line, pair.below
    if len(line.text) > _MAX_COLUMN or line.is_apart or below.is_apart:
        return True
    return below.is_item and (listed or line.is_stopped)


def _wrap_of(pairs: Sequence[_Pair], spaced: bool) -> _Wrap | None:
    """The wrapping of the lines, or None without evidence of one."""
    running = [pair for pair in pairs if pair.runs_on]
    if not running or len(running) < _MIN_RUNNING * len(pairs):
        return None
    lengths = sorted(pair.length for pair in running)
    column = lengths[int(_WIDE_LINE * (len(lengths) - 1))]
    full = sum(not pair.fits(column) for pair in running) / len(running)
    near = sum(pair.length >= _ALMOST * column for pair in running) / len(running)
    stopped = sum(pair.line.is_stopped for pair in running) / len(running)
    cut = any(is_cut(pair.line.text, pair.below.text) for pair in running)
    alone = len(running) == 1 and column < _LONE_CHARS and not cut
    verse = stopped > _MAX_STOPPED and not _is_sentence(running)
    if column < _MIN_COLUMN or max(full, near) < _MIN_FULL or verse or alone:
        return None
    flowed = sum(pair.line.flowed for pair in running) >= 0.9 * len(running)
    return _Wrap(column, full >= _GREEDY and not cut and len(running) > 2, flowed, spaced)


def _is_sentence(running: Sequence[_Pair]) -> bool:
    """Whether a single long line ends at a comma, and its sentence goes on in the next one."""
    return (
        len(running) == 1
        and running[0].line.text.endswith(",")
        and running[0].length >= _PROSE_CHARS
    )


def _joined(block: Sequence[_Line], wrap: _Wrap, words: Counter[str]) -> Iterator[str]:
    lines = [block[0].text]
    for pair, parted in _all_pairs(block):
        if parted or not _is_soft(pair, wrap):
            yield join_lines(lines, words)
            lines = []
        lines.append(pair.below.text)
    yield join_lines(lines, words)


def _is_soft(pair: _Pair, wrap: _Wrap) -> bool:
    """Whether a program ended the line, and not its writer."""
    if wrap.flowed:
        return pair.line.flowed
    if is_cut(pair.line.text, pair.below.text):
        return not pair.below.text[0].islower() or pair.length >= _HALF * wrap.column
    if not wrap.column or _is_heading(pair) or pair.length > _BEYOND * wrap.column:
        return False
    if not pair.fits(wrap.column):
        return True
    if wrap.greedy or (pair.line.is_ended and not wrap.spaced):
        return False
    min_share = _HALF if pair.runs_on else _NEAR
    return pair.length >= min_share * wrap.column


def _is_heading(pair: _Pair) -> bool:
    if pair.line.is_stopped or pair.runs_on:
        return False
    if pair.line.text.isupper() and not pair.below.text.isupper():
        return True
    return pair.opens and opens_sentence(pair.below.text) and not goes_on(pair.line.text)


# --- hyphens at line ends ------------------------------------------------------------------------
# They belong to the word (``peut-être``), or only break it.

WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
"""A word, with the hyphens of its own."""
_FILE = "reading/hyphens.toml"
_LAST = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*$")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_SEEN_CHARS = 80
_LINK_CHARS = 3  # "c'est-à-dire", "arc-en-ciel": what stands between two hyphens is short

_SURE_CUTS = "\u00ad\u00ac"  # the soft hyphen, and the sign that scanned papers have for it
_HYPHENS = "-\u2010\u2011"
_HALF_WORD = re.compile(r"[^\W\d_]+")
_YEARS = re.compile(r"\d{4}[-\u2010\u2011]\n\d{4}(?!\d)")  # 2019-2020, at a line end


def word_counts(text: str) -> Counter[str]:
    """The count of each word of a text, in lower case, for `keeps_hyphen`."""
    return Counter(word.lower() for word in WORD.findall(text))


@cache
def _compounds() -> tuple[tuple[re.Pattern[str], frozenset[str]], ...]:
    """What ends the first half of some compounds, and the second halves."""
    pairs = data.load(_FILE)["pair"]
    return tuple((re.compile(pair["before"]), frozenset(pair["after"].split())) for pair in pairs)


@cache
def _place() -> re.Pattern[str]:
    """What follows the first half of the name of a place: ``sur-Oise``."""
    links = "|".join(sorted(data.words(_FILE, "place_links"), key=len, reverse=True))
    return re.compile(rf"(?:(?:{links})[-\u2010\u2011'’])+(?:[A-ZÀ-ÖØ-ÞŒ]|$)")


def is_cut(line: str, following: str) -> bool:
    """Whether a line ends within a word that goes on in the next line.

    Args:
        line: without the white space at its end.
        following: the next line, without the white space at its beginning.
    """
    if len(line) < 2 or not following[:1].isalpha():
        return _YEARS.match(f"{line[-5:]}\n{following[:5]}") is not None
    if line[-1] in _SURE_CUTS:
        return True
    if line[-1] not in _HYPHENS or not line[-2].isalpha():
        return False
    if following[0].isupper():  # a compound name ("Saint-Malo"), of which both halves are words
        return line[-3:-2].isalpha() and _ends_in_word(line) and following[1:2].islower()
    half = _HALF_WORD.match(following)
    return half is not None and half[0].lower() not in data.words(_FILE, "suspended")


def _ends_in_word(line: str) -> bool:
    """Whether what stands before the hyphen at the end is a word not in capitals."""
    head = _LAST.search(line[-_SEEN_CHARS - 1 : -1])
    return head is not None and not head[0].isupper()


def seam(line: str, following: str, words: Mapping[str, int]) -> tuple[int, str]:
    """The seam of two lines of a paragraph; a word that the line end broke is mended.

    Args:
        line: without the white space at its end.
        following: the next line, without the white space at its beginning.
        words: how often the text has each whole word, in lower case.

    Returns:
        how many characters at the end of the first line go, and what stands between the two.
    """
    if line and line[-1] in _SURE_CUTS:
        return 1, ""
    if is_cut(line, following):
        return (0 if keeps_hyphen(line[-_SEEN_CHARS - 1 : -1], following, words) else 1), ""
    if line[-1:] in _HYPHENS and line[-2:-1].isalnum() and _goes_with(line, following):
        return 0, ""
    return 0, " "


def join_lines(lines: Sequence[str], words: Mapping[str, int]) -> str:
    """The lines of a paragraph as one (`seam`)."""
    parts = list(lines[:1])
    for line, following in pairwise(lines):
        cut, between = seam(line, following, words)
        parts[-1] = parts[-1][: len(parts[-1]) - cut]
        parts += [between, following]
    return "".join(parts)


def _goes_with(line: str, following: str) -> bool:
    """Whether a name or a number goes on after its own hyphen: "Saint-Malo", "1914-1918"."""
    first = following[:1]
    return (first.isupper() and line[-2].isalpha()) or (first.isdigit() and line[-2].isdigit())


def keeps_hyphen(left: str, right: str, words: Mapping[str, int]) -> bool:
    """Whether a word broken at a hyphen has one of its own.

    Args:
        left: what ends in the first half, without the hyphen.
        right: what begins with the second half.
        words: how often the text has each whole word, in lower case: the best witness.
    """
    head, tail = _LAST.search(left[-_SEEN_CHARS:]), _FIRST_WORD.match(right[:_SEEN_CHARS])
    if head is None or tail is None or tail[0][0].isupper():
        return True  # a number, a name
    if head[0][0].isupper() and _place().match(right[:_SEEN_CHARS]):
        return True  # Villeneuve-sur-Oise
    one, other = head[0].lower(), tail[0].lower()
    whole, dashed = words.get(one + other, 0), words.get(f"{one}-{other}", 0)
    if whole != dashed:
        return dashed > whole
    return _is_compound(one, other)


def _is_compound(one: str, other: str) -> bool:
    last = one.rsplit("-", 1)[-1]
    if last != one and len(last) <= _LINK_CHARS:
        return True
    both = f"{last} {other}"
    if other in data.words(_FILE, "not_after") or any(
        pattern.match(both)
        for key in ("syllables", "no_prefix")
        for pattern in data.patterns(_FILE, key)
    ):
        return False
    if (
        last in data.words(_FILE, "before")
        or other in data.words(_FILE, "after")
        or other.startswith("t-")
        or data.patterns(_FILE, "prefix")[0].match(both)
    ):
        return True
    return any(before.search(last) and other in after for before, after in _compounds())
