"""Cleaning: lines that are not the article are removed and listed; the others stay exact.

The rules are data (``config/reading/cleaning.toml``). A line stays or goes as a whole; only a photo
credit at its end or a date at the start of the text is cut off. Typography is never changed: quotes
must be found letter by letter in the result.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import regex

from retrieval.errors import BadSettings
from retrieval.reading.text.mending import is_plain

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


_STEPS: tuple[Callable[[list[str], str, CleaningRules], _Sweep], ...] = (
    _furniture,
    _start,
    _date_lines,
    _credits,
    _tails,
    _repeated_titles,
)

# --- rules ---------------------------------------------------------------------------------------
# Read from a TOML file, perhaps limited to some outlets or web sites. A pattern that takes too long
# matches nothing.

# A pattern that backtracks without end is a mistake in a rule: it then matches nothing.
_SECONDS = 0.2
_TAIL_CHARS = 160
_TRUSTED = "trusted"
_KINDS = ("line", "start", "notice", "date", "credit", "tail")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to take out.

    Args:
        name: shown in reports.
        pattern: what it takes.
        caption: a photo credit has its caption below, and that goes too.
        outlets: the newspapers that it is for, case folded; none: all.
        hosts: the web sites that it is for, without ``www.``; those below them too.
        signs: a text without any of these characters is not searched; none for all texts.
        trusted: a rule of ours, tested to end on any line; its time need not be bounded, which
            costs more than most matches do.
    """

    name: str
    pattern: regex.Pattern[str]
    caption: bool = False
    outlets: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    trusted: bool = False

    def concerns(self, outlet: str, host: str) -> bool:
        """Whether it is for an article of an outlet, or of a web site."""
        if not (self.outlets or self.hosts):
            return True
        parents = (".".join(host.split(".")[place:]) for place in range(host.count(".") + 1))
        return outlet.casefold() in self.outlets or not self.hosts.isdisjoint(parents)

    def match(self, line: str, start: int = 0, *, whole: bool = False) -> re.Match[str] | None:
        """Match at a position, or the whole line; a pattern that takes too long does not."""
        apply = self.pattern.fullmatch if whole else self.pattern.match
        if self.trusted:
            return cast("re.Match[str] | None", apply(line, start))
        try:
            found = apply(line, start, timeout=_SECONDS)
        except TimeoutError:
            return None
        return cast("re.Match[str] | None", found)

    def tail(self, text: str) -> int | None:
        """The start of a match that ends the text, or None; a timeout gives None."""
        if self.signs and self.signs.isdisjoint(text):
            return None
        try:
            match = self.pattern.match(text, timeout=_SECONDS)  # from the end: it is reversed
        except TimeoutError:
            return None
        return match.start() if match else None


@dataclass(frozen=True, slots=True)
class CleaningRules:
    """The rules of cleaning by kind, and their sizes in characters."""

    line: tuple[Rule, ...] = ()
    start: tuple[Rule, ...] = ()
    notice: tuple[Rule, ...] = ()
    date: tuple[Rule, ...] = ()
    credit: tuple[Rule, ...] = ()
    tail: tuple[Rule, ...] = ()
    line_chars: int = 200
    caption_chars: int = 200
    head_lines: int = 6
    scoped: bool = field(init=False, compare=False)
    """Whether any rule is for some outlets or sites only."""

    def __post_init__(self) -> None:
        rules = (rule for kind in _KINDS for rule in getattr(self, kind))
        object.__setattr__(self, "scoped", any(rule.outlets or rule.hosts for rule in rules))

    def of(self, outlet: str, host: str) -> CleaningRules:
        """The rules for an article of an outlet, or of a web site; ``""`` when not known."""
        if not self.scoped:
            return self
        kinds: dict[str, Any] = {
            kind: tuple(rule for rule in getattr(self, kind) if rule.concerns(outlet, host))
            for kind in _KINDS
        }
        return replace(self, **kinds)

    def whole(self, rules: tuple[Rule, ...], line: str) -> tuple[Rule, re.Match[str]] | None:
        """The first of some rules that matches the whole of a short line."""
        if not line or len(line) > self.line_chars:
            return None
        found = ((rule, rule.match(line, whole=True)) for rule in rules)
        return next(((rule, match) for rule, match in found if match), None)

    def tail_of(self, line: str) -> tuple[Rule, int] | None:
        """The first tail rule that matches the end of a line, and where it begins."""
        offset = max(0, len(line) - _TAIL_CHARS)
        found = ((rule, rule.tail(line[offset:])) for rule in self.tail)
        return next(((rule, offset + start) for rule, start in found if start is not None), None)


def load_rules(path: Path, builtin: Path | None = None) -> CleaningRules:
    """Read the rules from a TOML file.

    Args:
        path: the file.
        builtin: the rules that come with the program, which are trusted; ``path`` may name the
            same file. A file that says ``extends = true`` adds its own to them; one that does
            not stands in their place.

    Raises:
        BadSettings: the file cannot be read, or a rule is not well formed
            (key ``bad_cleaning_rules``; facts ``path`` and ``detail``).
    """
    try:
        table = _table(path, trusted=path == builtin)
        if builtin is not None and table.pop("extends", False):
            base = _table(builtin, trusted=True)
            table = {**base, **table, "rule": [*table.get("rule", []), *base["rule"]]}
        return rules_from(table)
    except (OSError, ValueError, TypeError, KeyError, regex.error) as error:
        raise BadSettings("bad_cleaning_rules", path=str(path), detail=str(error)) from error


def _table(path: Path, *, trusted: bool) -> dict[str, Any]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for rule in table.get("rule", []):
        rule.pop(_TRUSTED, None)  # no file says so of itself
        if trusted:
            rule[_TRUSTED] = True
    return table


def rules_from(table: dict[str, Any]) -> CleaningRules:
    """Make rules of a parsed TOML table.

    Raises:
        ValueError, TypeError, KeyError, regex.error: a rule is not well formed.
    """
    sizes = {key: value for key, value in table.items() if key != "rule"}
    listed: dict[str, list[Rule]] = {kind: [] for kind in _KINDS}
    for entry in table.get("rule", []):
        kind, rule = _rule(entry)
        listed[kind].append(rule)
    kinds: dict[str, Any] = {kind: tuple(rules) for kind, rules in listed.items()}
    return CleaningRules(**kinds, **sizes)


def _rule(entry: dict[str, Any]) -> tuple[str, Rule]:
    known = {"name", "kind", "pattern", "why", "caption", "signs", "outlet", "host", _TRUSTED}
    unknown = entry.keys() - known
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} in rule {entry.get('name')!r}")
    kind, caption = entry["kind"], entry.get("caption", False)
    if kind not in _KINDS or not isinstance(caption, bool) or not entry.get("why"):
        raise ValueError(f"rule {entry['name']!r} needs a kind of {_KINDS}, and a why")
    # A tail is what ends a line, whatever its pattern says; read from there, most fail at once.
    tail = kind == "tail"
    pattern = f"(?:{entry['pattern']})$" if tail else entry["pattern"]
    flags = regex.IGNORECASE | regex.REVERSE if tail else regex.IGNORECASE
    return kind, Rule(
        entry["name"],
        regex.compile(pattern, flags),
        caption,
        _names(entry, "outlet"),
        frozenset(host.removeprefix("www.") for host in _names(entry, "host")),
        frozenset(entry.get("signs", "")),
        bool(entry.get(_TRUSTED)),
    )


def _names(entry: dict[str, Any], key: str) -> frozenset[str]:
    given = entry.get(key, [])
    names = [given] if isinstance(given, str) else given
    if not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError(f"{key} of rule {entry['name']!r} is no name")
    return frozenset(name.strip().casefold() for name in names)
