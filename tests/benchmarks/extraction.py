"""Measure extraction from HTML, ours beside trafilatura's defaults, in one run.

    python -m tests.benchmarks.extraction PATH_TO_DATA_HTML

The folder holds ``<set>_gold.json`` files: for each page its title, its date, and either its
paragraphs or snippets that must (``with``) and must not (``without``) be kept.
Prints a Markdown table.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from retrieval.reading import CleaningRules, Confined, load_rules, read
from retrieval.vocabulary import Draft

_RULES = Path(__file__).parents[2] / "config" / "cleaning.toml"
_LIMIT_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a method made of a page."""

    title: str
    published: str
    text: str


Method = Callable[[Path], Extracted]


def plain(page: Path) -> Extracted:
    """What trafilatura gives with its defaults."""
    from trafilatura import bare_extraction

    found = bare_extraction(page.read_bytes(), with_metadata=True)
    if found is None:
        return Extracted("", "", "")
    values = found if isinstance(found, dict) else found.as_dict()
    return Extracted(values["title"] or "", values["date"] or "", values["text"] or "")


def ours(page: Path, rules: CleaningRules, parser: Confined) -> Extracted:
    """What our reader gives."""
    for item in read(page, page.name, rules, _LIMIT_BYTES, parser=parser):
        if isinstance(item, Draft):
            return Extracted(item.title, str(item.published or ""), item.text)
    return Extracted("", "", "")


def f1(found: str, gold: str) -> float:
    """The harmonic mean of precision and recall over the words, each counted."""
    left, right = (Counter(re.findall(r"\w+", text.lower())) for text in (found, gold))
    shared = sum((left & right).values())
    return 2 * shared / (sum(left.values()) + sum(right.values())) if shared else 0.0


def spaced(text: str) -> str:
    """A text with plain single spaces: snippets were copied from a screen."""
    return " ".join(html.unescape(text).split())


def within_a_day(found: str, gold: str) -> bool:
    """Whether two days are at most one apart; a month is not a day."""
    try:
        return abs((date.fromisoformat(found[:10]) - date.fromisoformat(gold[:10])).days) <= 1
    except ValueError:
        return False


def judged(found: Extracted, gold: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What one page adds to each row of the table; rows without gold get nothing."""
    if title := gold.get("title"):
        yield "title, exact", found.title == title
        loose = (re.sub(r"\W+", " ", spaced(text)).strip().lower() for text in (found.title, title))
        yield "title, normalised", len(set(loose)) == 1
    if day := gold.get("published") or gold.get("date"):
        yield "date within a day", within_a_day(found.published, day)
    if paragraphs := gold.get("paragraphs"):
        yield "text, F1 of words", f1(found.text, "\n".join(paragraphs))
    for snippet in gold.get("with", ()):
        yield "`with` kept", spaced(snippet) in spaced(found.text)
    for snippet in gold.get("without", ()):
        yield "`without` left out", spaced(snippet) not in spaced(found.text)


def measure(folder: Path, method: Method) -> dict[tuple[str, str], list[float]]:
    """Every judgement, by set of pages and row."""
    rows: dict[tuple[str, str], list[float]] = {}
    for listing in sorted(folder.glob("*_gold.json")):
        for name, gold in json.loads(listing.read_text(encoding="utf-8")).items():
            for row, score in judged(method(folder / name), gold):
                rows.setdefault((listing.stem.removesuffix("_gold"), row), []).append(score)
    return rows


def main(arguments: list[str]) -> int:
    """Print the table."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    print(report(Path(arguments[0])))
    return 0


def report(folder: Path) -> str:
    """The table, as Markdown."""
    rules = load_rules(_RULES)
    theirs = measure(folder, plain)
    with Confined() as parser:
        mine = measure(folder, lambda page: ours(page, rules, parser))
    lines = ["| pages | what | n | trafilatura's defaults | ours |", "|---|---|---|---|---|"]
    for key, scores in theirs.items():
        left, right = (sum(found) / len(found) for found in (scores, mine[key]))
        lines.append(f"| {key[0]} | {key[1]} | {len(scores)} | {left:.3f} | {right:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
