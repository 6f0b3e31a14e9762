"""Cleaning: lines that are not the article are removed and listed; the others stay exact.

The rules are data (``config/reading/cleaning.toml``). A line stays or goes as a whole; only a photo
credit at its end or a date at the start of the text is cut off. Typography is never changed: quotes
must be found letter by letter in the result.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from retrieval.reading.text.mending import is_plain
from retrieval.reading.text.rules import CleaningRules, Rule

_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\u2028\u2029]")
# Code points 80 to 9F are nearly always Windows text that was taken for latin-1.
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_SENTENCE_END = re.compile(r"[.!?…:;][\s\"'’»”)\]]*$")
_LOOSE = re.compile(r"[\W_]+")
BARE_DATE = "bare date"
"""The rule that takes out a line with nothing but a date, which may be that of a visit."""
EMBARGO = "embargo"
"""The rule that takes out a line that says until when a text must wait."""
_PASSES = 20  # no text needs more than three; a hostile one may not have more


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that cleaning took out, and the name of the rule that asked for it."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean text, what was taken out, and the date expressions found among that."""

    text: str
    removed: tuple[Removal, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The result of one step: remaining lines, removals, dates."""

    lines: list[str]
    removed: list[Removal]
    dates: list[str]


_Step = Callable[[list[str], str, CleaningRules], _Sweep]


def normalise(text: str) -> str:
    """One form for one text: NFC, ``\\n``, no control characters, no spaces around lines.

    Spaces inside a line, non-breaking ones included, stay as they are.
    """
    if not is_plain(text):
        text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text).translate(_WINDOWS))
        text = unicodedata.normalize("NFC", text)
    lines = (line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean(text: str, title: str, rules: CleaningRules) -> Cleaned:
    """Take out of a text what is not the article.

    Args:
        text: as decoded; cleaning a clean text changes nothing.
        title: of the article; it may stand once in the text, not twice. May be empty.
        rules: what to take out.
    """
    lines = normalise(text).split("\n")
    removed: list[Removal] = []
    dates: list[str] = []
    # Taking something out may uncover something else: repeat until nothing is found.
    for _ in range(_PASSES):
        before = len(removed)
        for step in _STEPS:
            sweep = step(lines, title, rules)
            lines = sweep.lines
            removed += sweep.removed
            dates += sweep.dates
        if len(removed) == before:
            break
    return Cleaned(normalise("\n".join(lines)), tuple(removed), tuple(dates))


def same_line(one: str, other: str) -> bool:
    """Whether two lines differ in nothing but case, spaces and punctuation."""
    return loosened(one) == loosened(other)


def is_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _SENTENCE_END.search(line) is not None


def loosened(line: str) -> str:
    """A line in lower case, with single spaces for all punctuation."""
    return _LOOSE.sub(" ", line).strip().casefold()


def _start(lines: list[str], _: str, rules: CleaningRules) -> _Sweep:
    """Cut what stands before the first word of the article, such as `` date 2017-05 ``."""
    sweep = _Sweep(list(lines), [], [])
    place = next((i for i, line in enumerate(lines) if line), None)
    if place is None:
        return sweep
    line, position = lines[place], 0
    while found := _first(rules.start, line, position):
        rule, match = found
        sweep.removed.append(Removal(rule.name, match[0].strip()))
        sweep.dates.extend(_date_of(match))
        position = match.end()
    sweep.lines[place] = line[position:].strip()
    return sweep


def _first(rules: tuple[Rule, ...], line: str, start: int) -> tuple[Rule, re.Match[str]] | None:
    found = ((rule, rule.match(line, start)) for rule in rules)
    return next(((rule, m) for rule, m in found if m and m.end() > start), None)


def _date_of(match: re.Match[str]) -> list[str]:
    date = match.groupdict().get("date")
    return [date.strip()] if date else []


def _date_lines(lines: list[str], _: str, rules: CleaningRules) -> _Sweep:
    """Take the date lines out of the head; a bare date only before the first sentence."""
    sweep = _Sweep([], [], [])
    kept, begun = 0, False
    for place, line in enumerate(lines):
        if kept >= rules.head_lines:
            sweep.lines.extend(lines[place:])
            break
        found = rules.whole(rules.notice if begun else rules.notice + rules.date, line)
        if found is None:
            sweep.lines.append(line)
            kept, begun = kept + bool(line), begun or is_sentence(line)
            continue
        rule, match = found
        sweep.removed.append(Removal(rule.name, line))
        sweep.dates.extend(_date_of(match))
    return sweep


def _furniture(lines: list[str], _: str, rules: CleaningRules) -> _Sweep:
    """Take out the lines that belong to the page: advertising, links to other articles."""
    sweep = _Sweep([], [], [])
    for line in lines:
        found = rules.whole(rules.line, line)
        if found is None:
            sweep.lines.append(line)
        else:
            sweep.removed.append(Removal(found[0].name, line))
    return sweep


def _credits(lines: list[str], title: str, rules: CleaningRules) -> _Sweep:
    """Take out photo credits that have a line of their own, and the caption below them."""
    dropped: dict[int, str] = {}
    for place, line in enumerate(lines):
        found = rules.whole(rules.credit, line)
        if found is None or place in dropped:
            continue
        dropped[place] = found[0].name
        caption = _below(lines, place) if found[0].caption else None
        if caption is not None and _is_caption(lines[caption], title, rules):
            dropped[caption] = "photo caption"
    kept = [line for place, line in enumerate(lines) if place not in dropped]
    taken = [Removal(dropped[place], lines[place]) for place in sorted(dropped)]
    return _Sweep(kept, taken, [])


def _below(lines: list[str], credit: int) -> int | None:
    """The place of the caption of a credit: a blank line may come between."""
    return next((i for i in (credit + 1, credit + 2) if i < len(lines) and lines[i]), None)


def _is_caption(line: str, title: str, rules: CleaningRules) -> bool:
    """A caption names what is seen; a whole sentence is text and stays."""
    return len(line) <= rules.caption_chars and not is_sentence(line) and not same_line(line, title)


def _tails(lines: list[str], title: str, rules: CleaningRules) -> _Sweep:
    """Cut photo credits from the ends of lines; a line that is then a caption goes."""
    sweep = _Sweep([], [], [])
    for line in lines:
        found = rules.tail_of(line)
        if found is None:
            sweep.lines.append(line)
            continue
        rule, start = found
        rest = line[:start].rstrip()
        if not rest or _is_caption(rest, title, rules):
            sweep.removed.append(Removal(rule.name, line))
        else:
            sweep.removed.append(Removal(rule.name, line[start:].strip()))
            sweep.lines.append(rest)
    return sweep


def _repeated_titles(lines: list[str], title: str, rules: CleaningRules) -> _Sweep:
    sweep = _Sweep([], [], [])
    wanted, seen, kept = loosened(title), False, 0
    for line in lines:
        repeats = bool(wanted) and len(line) < 2 * len(title) + 20 and loosened(line) == wanted
        if repeats and (seen or kept >= rules.head_lines):
            sweep.removed.append(Removal("repeated title", line))
        else:
            sweep.lines.append(line)
            seen, kept = seen or repeats, kept + bool(line)
    return sweep


_STEPS: tuple[_Step, ...] = (_furniture, _start, _date_lines, _credits, _tails, _repeated_titles)
