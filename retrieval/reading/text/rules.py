"""Cleaning rules, read from a TOML file; a pattern that takes too long matches nothing.

A rule may be limited to some outlets or web sites.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import regex

from retrieval.errors import BadSettings

if TYPE_CHECKING:
    import re

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
