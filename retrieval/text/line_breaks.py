"""Line ends that a text has lost: where exports have spaces, a tag or nothing in their place.

An export that drops line ends glues a heading to the sentence under it, and sentences to each
other. What was a line end is told by tags of paragraphs, by a run of spaces before a capital,
and by a word that opens sentences ("Le", "Selon") right after a word that may end a heading.
Two uses: reading puts back the line ends that are certain (`restored`); sentences are told
apart by the others as well (`pieces`), offsets in and offsets out, the text unchanged. Pure.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from config import data
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE = "words/prose.toml"
TAG = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|td|h[1-6])\b[^<>]{0,100}>", re.IGNORECASE)
"""A tag that begins or ends a paragraph, left over in a text."""
_HEADING_CHARS = 120
_RUN = re.compile(r"\s{2,}(?=[a-zà-ÿ])")
_LAST_WORD = re.compile(r"(\w{1,30})\W{0,3}$")
_SENTENCE_ENDS = ".!?…"
# Two spaces or more before what may begin a line.
_GAP = re.compile(r"(?<=\S)[^\S\n]{2,}(?=[A-ZÀ-ÝŒ«\"“©•→►▶>@*\d(])")
_GAPS = ("  ", " \u00a0", "\u00a0 ", "\u00a0\u00a0", "\t")
_IN_SENTENCE = re.compile(r"(?<=[^\W\d_])[^\S\n]{2,}(?=[a-zà-ÿ])")
_ONE_SPACE = re.compile(r"[.!?…][»”\"]?[ \u00a0](?=[A-ZÀ-ÝŒ])")
_SEEN_CHARS = 1_000  # before a run of spaces, to judge it
_CELL_CHARS = 40
_SHORT_CHARS = 60  # of a heading, a button, a label
_ROW_CELLS = 3
_TYPED = 0.9  # of the sentences have two spaces after them: their writer types so
_CLOSING = "\"'’»”)]\u00a0\u202f "
_NO_END = frozenset(",;:«(“[‹–—-/'’")


@cache
def _openers() -> str:
    words = data.load(_FILE)["breaks"]["openers"]
    return "|".join(re.escape(word).replace("'", "['’]") for word in words)


@cache
def _sign() -> re.Pattern[str]:
    """Where a line may have ended: before a capital or an opening quote.

    These are looked for first, since few characters are one: after two spaces; or, if it begins an
    opener, glued to what is before, or after one space.
    """
    openers = _openers()
    return re.compile(
        r"[A-ZÀ-Ý«\"“](?:(?<=\s\s.)"
        rf"|(?<=[a-zà-ÿ»][a-zà-ÿ.!?…»](?=(?:{openers})(?:\b|(?<=['’]))).)"
        rf"|(?<=[A-ZÀ-Ý]{{3}}(?=.[a-zà-ÿ])(?=(?:{openers})\b).)"
        rf"|(?<=[\w»%)] (?=(?:{openers})(?:(?<=['’])| )[a-zà-ÿ]).))"
    )


@cache
def _opener() -> re.Pattern[str]:
    return re.compile(rf"(?:{_openers()})(?:(?<=['’])|\s)")


def abbreviations(*kinds: str) -> str:
    """A pattern of a capital alone, or an abbreviation of some kinds (``titles``, ``others``)."""
    table = data.load(_FILE)["abbreviations"]
    words = "|".join(word for kind in kinds for word in table[kind].split())
    return f"(?:[A-ZÀ-Ý]|{words})"


@cache
def _abbreviated() -> re.Pattern[str]:
    return re.compile(rf"(?:^|\W){abbreviations('titles')}\.$")


def opens_sentence(line: str) -> bool:
    """Whether a line begins with a word that opens sentences: "Le", "Selon", "C'"."""
    return _opener().match(line) is not None


def goes_on(line: str) -> bool:
    """Whether a line cannot end where it does: with a preposition, or announcing a name."""
    return line[-1:] in _NO_END or _joins(line, named=True)


def restored(text: str, *, tags: bool = True) -> str:
    """A text with the line ends put back that tags or runs of spaces stand for.

    Where somebody types two spaces after each sentence, or lines were justified with spaces,
    runs of spaces tell nothing and stay, as they do in the rows of a table.

    Args:
        text: with ``\\n`` for the line ends that it has.
        tags: whether a tag in it is left over, and not a word of the text.
    """
    if tags and "<" in text:
        text = TAG.sub("\n", text)
    if not any(gap in text for gap in _GAPS) or not _GAP.search(text):
        return text
    lines = text.split("\n")
    cells = [_cells(line) for line in lines]
    ends = [
        []
        if count and count in (*cells[max(0, at - 1) : at], *cells[at + 1 : at + 2])
        else list(_ends(line))
        for at, (line, count) in enumerate(zip(lines, cells, strict=True))
    ]
    if _means_nothing(text, lines, ends):
        return text
    return "\n".join(_cut(line, at) for line, at in zip(lines, ends, strict=True))


def _ends(line: str) -> Iterator[Span]:
    start = 0
    for gap in _GAP.finditer(line):
        start = max(start, gap.start() - _SEEN_CHARS)
        if _is_open(line, start, gap) and _is_break(line, start, gap.end()):
            yield Span(gap.start(), gap.end())
            start = gap.end()


def _is_open(line: str, start: int, gap: re.Match[str]) -> bool:
    """Whether a line may begin after a gap: a number or a bracket only under something short."""
    if line[gap.end()] not in "(*" and not line[gap.end()].isdigit():
        return True
    left = line[start : gap.start()].rstrip(_CLOSING)
    return len(left) <= _SHORT_CHARS or left[-1:] in _SENTENCE_ENDS


def _cells(line: str) -> int:
    """How many cells a line has that may be a row of a table, else 0; a table has two rows."""
    cells = re.split(r"\s{2,}", line.strip())
    short = len(cells) >= _ROW_CELLS and all(len(cell) <= _CELL_CHARS for cell in cells)
    return len(cells) if short else 0


def _means_nothing(text: str, lines: Sequence[str], ends: Sequence[Sequence[Span]]) -> bool:
    """Whether the runs of spaces in a text are a habit of its writer or of a program."""
    after = [line[span.start - 1] for line, at in zip(lines, ends, strict=True) for span in at]
    if len(_IN_SENTENCE.findall(text)) > len(after):
        return True
    typed = sum(sign in _SENTENCE_ENDS for sign in after)
    return typed == len(after) and typed >= _TYPED * (typed + len(_ONE_SPACE.findall(text)))


def _cut(line: str, at: Sequence[Span]) -> str:
    starts = [0, *(span.end for span in at)]
    stops = [*(span.start for span in at), len(line)]
    return "\n".join(line[start:stop] for start, stop in zip(starts, stops, strict=True))


def is_whole(line: str) -> bool:
    """Whether nothing in a line looks like a lost line end; quick, and true of most lines."""
    return "<" not in line and not _sign().search(line)


def pieces(line: str) -> Iterator[Span]:
    """The parts of a line that line ends once parted; the gaps hold spaces and tags only."""
    start = 0
    if "<" in line:
        for tag in TAG.finditer(line):
            yield from _parted(line, start, tag.start())
            start = tag.end()
    yield from _parted(line, start, len(line))


def _parted(line: str, start: int, end: int) -> Iterator[Span]:
    for sign in _sign().finditer(line, start, end):
        if _is_break(line, start, sign.start()):
            yield Span(start, sign.start())
            start = sign.start()
    if start < end:
        yield Span(start, end)


def _is_break(line: str, start: int, at: int) -> bool:
    left = line[start:at].rstrip()
    if not left or left[-1] in _NO_END:
        return False
    gap = at - start - len(left)
    if left[-1] in _SENTENCE_ENDS:
        return not _abbreviated().search(left[-6:])
    if _joins(left, named=gap < 2):
        return False
    if gap == 1:
        return _is_heading(left)
    # Whoever doubles spaces within a sentence does not mean line ends by them.
    return gap == 0 or not _RUN.search(left)


def _joins(left: str, *, named: bool) -> bool:
    """Whether what stands before goes on: it ends with a preposition, or announces a name."""
    last = _LAST_WORD.search(left[-40:])
    word = last[1].casefold() if last else ""
    joining, naming = (data.words(_FILE, "breaks", key) for key in ("joining", "naming"))
    return word in joining or (named and word in naming)


def _is_heading(left: str) -> bool:
    """Whether what stands before may be a heading: a few words, after the last full stop."""
    tail = left[-_HEADING_CHARS - 2 :]
    begun = max(tail.rfind(sign + " ") for sign in _SENTENCE_ENDS) + 2
    if begun == 1 and len(tail) > _HEADING_CHARS:
        return False
    head = tail[begun:].lstrip() if begun > 1 else tail
    open_quote = head.count('"') % 2 or head.count("«") > head.count("»")
    return len(head) > 3 and not (head[0].islower() or open_quote or ":" in head or ";" in head)
