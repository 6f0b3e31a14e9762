"""Grammars of press databases: the records of an export, and how a text is cut into them.

Each database has a grammar: where a record begins or ends, and what its lines mean. A grammar
gets lines only, so that it reads plain text, RTF, Word files and PDF files alike.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from config import data
from retrieval.reading.claims import one_line
from retrieval.reading.documents.pagelines import GOES_ON
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.text.titles import is_byline
from retrieval.reading.text.wrapping import WORD, keeps_hyphen
from retrieval.text.dates import MONTHS, WEEKDAYS, any_of

WORDS = data.load("reading/databases.toml")

_MAX_LINES = 60_000
_MAX_CHARS = 4_000_000
_HEADLINE_CHARS = 400
_LINE_CHARS = 800
_DAY_CHARS = 80
_WRAPPED_CHARS = 35
_SAYS_RIGHTS = re.compile(r"[©(]|copyright|droits|rights", re.I)
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]$")
_YEAR = re.compile(r"\d{4}")
_LETTERS = re.compile(r"[^\W\d_]+")
_BESIDE_DATES = frozenset((*WEEKDAYS, *WORDS["beside_dates"].split()))


@dataclass(frozen=True, slots=True)
class Record:
    """One article of an export; dates are in ISO 8601, ``""`` is silence.

    Args:
        number: what the database calls it by; stays the same from one export to the next.
        problem: why it is no article (a key under ``unreadable``).
        removed: lines beside its text that are no part of it, each as ``rule: words``.
    """

    text: str = ""
    title: str = ""
    outlet: str = ""
    published: str = ""
    author: str = ""
    language: str = ""
    number: str = ""
    problem: str = ""
    removed: tuple[str, ...] = ()

    def piece(self, raw: str) -> Piece:
        """The record as a piece of its file; ``raw`` is its part of it."""
        claims = Claims(
            "record",
            title=one_line(self.title),
            published=self.published,
            outlet=one_line(self.outlet),
            author=one_line(self.author),
            language=self.language,
        )
        return Piece(self.text, claims, self._name(), self.removed, raw, problem=self.problem)

    def _name(self) -> str:
        """Its number, else a digest of what it says: its place in the file would not last."""
        if self.number:
            return self.number
        identity = "\n".join((self.outlet, self.published, self.title, self.text[:200]))
        return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The lines of a record.

    Args:
        lines: all of them, without line ends.
        ended: whether its end was seen, not only that of the file or the start of the next.
        too_long: whether lines were left out because no article has so many.
    """

    lines: tuple[str, ...]
    ended: bool = True
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar of the records of one database.

    Args:
        knows: whether some lines are of it.
        cut: the parts of a text, each with one record or with none (a cover, a summary).
        read: the record of a part; None when there is none in it.
    """

    knows: Callable[[Sequence[str]], bool]
    cut: Callable[[Iterable[str]], Iterator[Chunk]]
    read: Callable[[Chunk], Record | None]


def read_chunk(grammar: Grammar, chunk: Chunk) -> Record | None:
    """Read a part; what its grammar cannot take is a broken record, and the others go on."""
    try:
        record = grammar.read(chunk)
    except (ValueError, IndexError) as error:
        text = chunk.lines[0] if chunk.lines else ""
        return Record(text, title=str(error), problem="broken_record")
    if record is not None and chunk.too_long:
        return replace(record, problem="too_long")
    return record


class Cutter:
    """Gathers the lines of a record, and no more than an article can have."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._chars = 0
        self._too_long = False

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: str) -> None:
        """Take one more line, unless there are too many."""
        self._chars += len(line) + 1
        if self._chars > _MAX_CHARS or len(self._lines) >= _MAX_LINES:
            self._too_long = True
        else:
            self._lines.append(line)

    def take(self, *, ended: bool) -> Chunk:
        """The lines so far, and a fresh start."""
        chunk = Chunk(tuple(self._lines), ended, self._too_long)
        self._lines, self._chars, self._too_long = [], 0, False
        return chunk


def cut_behind(lines: Iterable[str], is_end: Callable[[str], object]) -> Iterator[Chunk]:
    """Cut after each line that ends a record; what follows the last is a part too."""
    cutter = Cutter()
    for line in lines:
        cutter.add(line)
        if is_end(line.strip()):
            yield cutter.take(ended=True)
    if cutter:
        yield cutter.take(ended=False)


def cut_before(lines: Iterable[str], is_start: Callable[[str], object]) -> Iterator[Chunk]:
    """Cut before each line that begins a record; what precedes the first is a part too."""
    cutter = Cutter()
    for line in lines:
        if is_start(line.strip()) and cutter:
            yield cutter.take(ended=True)
        cutter.add(line)
    if cutter:
        yield cutter.take(ended=False)


def pattern(words: str) -> Callable[[str], re.Match[str] | None]:
    """A test of a whole line, case ignored; a line too long for the pattern fails at once."""
    return lambda line: _compiled(words).fullmatch(line) if len(line) <= _LINE_CHARS else None


@lru_cache(maxsize=128)
def _compiled(words: str) -> re.Pattern[str]:
    """A pattern, made when it is first needed: most files need none of them."""
    return re.compile(words, re.I)


_RIGHTS = pattern(WORDS["rights"])
_WORD_COUNT = pattern(WORDS["word_count"])
_PAGE_LINE = pattern(WORDS["page_line"])


def is_rights(line: str) -> bool:
    """Whether a line is a notice of rights."""
    return len(line) < 250 and _SAYS_RIGHTS.search(line) is not None and _RIGHTS(line) is not None


def is_word_count(line: str) -> bool:
    """Whether a line says how many words an article has, and nothing else."""
    return len(line) < 60 and line[-1:].isalpha() and _WORD_COUNT(line) is not None


def is_page_line(line: str) -> bool:
    """Whether a line numbers a printed page."""
    return len(line) < 120 and _PAGE_LINE(line) is not None


def wraps(line: str, following: str) -> bool:
    """Whether a title goes on in the next line of its page: it is long, and that is no name."""
    return (
        line.endswith(GOES_ON) and len(line) > _WRAPPED_CHARS and not is_byline(following.strip())
    )


def joined_title(lines: Sequence[str], first: int) -> tuple[str, int]:
    """A title with the lines of its page that it goes on in, and the place behind them."""
    end = first + 1
    while end < len(lines) and wraps(lines[end - 1], lines[end]):
        end += 1
    return " ".join(line.strip() for line in lines[first:end]), end


def like(line: str, value: str) -> str:
    """A part of a line of a page, which goes on if the line does."""
    return value + GOES_ON if line.endswith(GOES_ON) else value


def body(lines: Iterable[str]) -> str:
    """The text of some lines: page numbers go, and lines of a page are joined."""
    kept = [line for line in lines if not is_page_line(line.strip())]
    counts: Counter[str] = Counter()
    if any(line.endswith(GOES_ON) for line in kept):
        counts.update(word.lower() for line in kept for word in WORD.findall(line)[:-1])
    return "\n".join(_joined(kept, counts)).strip("\n")


def _joined(lines: Iterable[str], counts: Counter[str]) -> Iterator[str]:
    before, blank = "", True
    for line in lines:
        text = line.strip()
        if not text:
            if before:
                yield before
                before = ""
            if not blank:
                yield ""
            blank = True
            continue
        blank = False
        before = _with(before, text, counts)
        if not line.endswith(GOES_ON):
            yield before
            before = ""
    if before:
        yield before


def _with(before: str, text: str, counts: Counter[str]) -> str:
    if not before:
        return text
    if _HYPHEN.search(before) and text[:1].isalpha():
        stem = before[:-1]
        return f"{stem}{'-' if keeps_hyphen(stem, text, counts) else ''}{text}"
    return f"{before} {text}"


@lru_cache(maxsize=1)
def _date_pattern() -> re.Pattern[str]:
    names, days = any_of(MONTHS), any_of(WEEKDAYS)
    several = rf"(?:\s?(?:et|au|and|to|-|–|/)\s?(?:(?:{days})\s)?\d{{1,2}}(?:er)?)?"
    written = (
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:er|st|nd|rd|th)?\.?{several}\s?(?P<m>{names})\b\.?,?\s?(?P<y>\d{{4}})(?!\d)"
        rf"|\b(?P<m2>{names})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y2>\d{{4}})(?!\d)"
        r"|(?<!\d)(?P<y3>(?:1[6-9]|20)\d\d)-(?P<m3>\d\d)-(?P<d3>\d\d)(?!\d)"
        r"|(?<!\d)(?P<d4>\d{1,2})[/.](?P<m4>\d{1,2})[/.](?P<y4>(?:1[6-9]|20)\d\d)(?!\d)"
        rf"|\b(?P<m5>{names})\.?,?\s(?P<y5>(?:1[6-9]|20)\d\d)(?!\d)"
    )
    return re.compile(written)


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A date within a line: as ``2006-03-14`` or ``2006-03``, and where it stands."""

    iso: str
    start: int
    end: int


def find_day(line: str) -> FoundDay | None:
    """The first date that a line writes out, with its year; of several days, the first."""
    if len(line) > _HEADLINE_CHARS or not _YEAR.search(line):
        return None
    folded = "".join(_folded(character) for character in line)
    for match in _date_pattern().finditer(folded):
        parts = {key[0]: value for key, value in match.groupdict().items() if value}
        month = MONTHS.get(parts["m"]) or int(parts["m"])
        day = int(parts.get("d", "0"))
        if 1 <= month <= 12 and day <= 31:
            iso = f"{parts['y']}-{month:02d}" + (f"-{day:02d}" if day else "")
            return FoundDay(iso, match.start(), match.end())
    return None


def iso_day(line: str) -> str:
    """The date that `find_day` finds, as ``2006-03-14`` or ``2006-03``; ``""`` for none."""
    found = find_day(line)
    return found.iso if found else ""


def _folded(character: str) -> str:
    """A character in lower case and without its accent: one for one, so that places hold."""
    plain = unicodedata.normalize("NFD", character)[0].lower()
    return " " if plain.isspace() else plain[:1]


def is_day(line: str) -> bool:
    """Whether a line is a full date and nothing else than its weekday and an hour."""
    found = find_day(line)
    if found is None or len(found.iso) < 10 or len(line) > _DAY_CHARS:
        return False
    folded = "".join(map(_folded, line))
    rest = _LETTERS.findall(f"{folded[: found.start]} {folded[found.end :]}")
    return all(word in _BESIDE_DATES for word in rest)


def day_of(digits: str) -> str:
    """``2006-03-14`` of ``20060314``; ``""`` when there is no such day."""
    iso = iso_day(f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}")
    return iso if len(iso) == 10 else ""
