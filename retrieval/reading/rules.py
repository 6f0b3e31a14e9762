"""The cleaning rules as values, read from a TOML file; slow patterns are cut short."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import regex

from retrieval.errors import BadSettings

if TYPE_CHECKING:
    import re

# A pattern that backtracks without end is a mistake in a rule: it then matches nothing.
_SECONDS = 0.2
_TAIL_CHARS = 160
_KINDS = ("line", "start", "notice", "date", "credit", "tail")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to take out.

    Args:
        name: shown in reports.
        pattern: what is taken out.
        caption: whether a photo credit has its caption below.
        signs: a text without any of these characters is not looked at; none for all texts.
    """

    name: str
    pattern: regex.Pattern[str]
    caption: bool = False
    signs: frozenset[str] = frozenset()

    def match(self, line: str, start: int = 0, *, whole: bool = False) -> re.Match[str] | None:
        """Match at a position, or the whole line; a pattern that takes too long does not."""
        apply = self.pattern.fullmatch if whole else self.pattern.match
        try:
            found = apply(line, start, timeout=_SECONDS)
        except TimeoutError:
            return None
        return cast("re.Match[str] | None", found)

    def tail(self, text: str) -> int | None:
        """Where the pattern of a tail begins that ends the text, or None; too long is None."""
        if self.signs and self.signs.isdisjoint(text):
            return None
        try:
            found = self.pattern.match(text, timeout=_SECONDS)  # from the end: it is reversed
        except TimeoutError:
            return None
        return found.start() if found else None


@dataclass(frozen=True, slots=True)
class CleaningRules:
    """What cleaning takes out, by kind, and the sizes that go with it (in characters)."""

    line: tuple[Rule, ...] = ()
    start: tuple[Rule, ...] = ()
    notice: tuple[Rule, ...] = ()
    date: tuple[Rule, ...] = ()
    credit: tuple[Rule, ...] = ()
    tail: tuple[Rule, ...] = ()
    line_chars: int = 200
    caption_chars: int = 200
    head_lines: int = 6

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


def load_rules(path: Path) -> CleaningRules:
    """Read the rules from a TOML file.

    Raises:
        BadSettings: the file cannot be read, or a rule is not well formed
            (key ``bad_cleaning_rules``; facts ``path`` and ``detail``).
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return rules_from(table)
    except (OSError, ValueError, TypeError, KeyError, regex.error) as error:
        raise BadSettings("bad_cleaning_rules", path=str(path), detail=str(error)) from error


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
    unknown = entry.keys() - {"name", "kind", "pattern", "why", "caption", "signs"}
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} in rule {entry.get('name')!r}")
    kind, caption = entry["kind"], entry.get("caption", False)
    if kind not in _KINDS or not isinstance(caption, bool) or not entry.get("why"):
        raise ValueError(f"rule {entry['name']!r} needs a kind of {_KINDS}, and a why")
    # A tail is what ends a line, whatever its pattern says; read from there, most fail at once.
    tail = kind == "tail"
    pattern = f"(?:{entry['pattern']})$" if tail else entry["pattern"]
    flags = regex.IGNORECASE | regex.REVERSE if tail else regex.IGNORECASE
    signs = frozenset(entry.get("signs", ""))
    return kind, Rule(entry["name"], regex.compile(pattern, flags), caption, signs)
