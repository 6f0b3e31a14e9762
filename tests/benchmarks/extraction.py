"""Measure extraction from HTML, ours beside trafilatura's defaults, in one run.

    python -m tests.benchmarks.extraction PATH_TO_DATA_HTML

The folder holds ``<set>_gold.json`` files: for each page its title, its date, and either its
paragraphs or snippets that must (``with``) and must not (``without``) be kept.
Prints a Markdown table, and which rows are lower than trafilatura's, or dates than 90 %: the
exit code is then 1.
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

from retrieval.reading import CleaningRules, Sandbox, load_rules, read
from retrieval.vocabulary import Draft

_RULES = Path(__file__).parents[2] / "config" / "reading" / "cleaning.toml"
_LIMIT_BYTES = 50_000_000
_DATES = "date within a day"
_ENOUGH_DATES = 0.9


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a method made of a page."""

    title: str
    published: str
    text: str


Method = Callable[[Path], Extracted]
Rows = dict[tuple[str, str], list[float]]


def plain(page: Path) -> Extracted:
    """What trafilatura gives with its defaults."""
    from trafilatura import bare_extraction

    found = bare_extraction(page.read_bytes(), with_metadata=True)
    if found is None:
        return Extracted("", "", "")
    values = found if isinstance(found, dict) else found.as_dict()
    return Extracted(values["title"] or "", values["date"] or "", values["text"] or "")


def ours(page: Path, rules: CleaningRules, parser: Sandbox) -> Extracted:
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
        yield _DATES, within_a_day(found.published, day)
    if paragraphs := gold.get("paragraphs"):
        yield "text, F1 of words", f1(found.text, "\n".join(paragraphs))
    for snippet in gold.get("with", ()):
        yield "`with` kept", spaced(snippet) in spaced(found.text)
    for snippet in gold.get("without", ()):
        yield "`without` left out", spaced(snippet) not in spaced(found.text)


def measure(folder: Path, method: Method) -> Rows:
    """Every judgement, by set of pages and row."""
    rows: Rows = {}
    for listing in sorted(folder.glob("*_gold.json")):
        for name, gold in json.loads(listing.read_text(encoding="utf-8")).items():
            for row, score in judged(method(folder / name), gold):
                rows.setdefault((listing.stem.removesuffix("_gold"), row), []).append(score)
    return rows


def mean(scores: list[float]) -> float:
    """The average of some judgements."""
    return sum(scores) / len(scores)


def both(folder: Path) -> tuple[Rows, Rows]:
    """The judgements of trafilatura's defaults, and ours, on the same pages."""
    rules = load_rules(_RULES)
    with Sandbox() as parser:
        mine = measure(folder, lambda page: ours(page, rules, parser))
    return measure(folder, plain), mine


def table(theirs: Rows, mine: Rows) -> str:
    """The two side by side, as Markdown."""
    lines = ["| pages | what | n | trafilatura's defaults | ours |", "|---|---|---|---|---|"]
    for key, scores in theirs.items():
        left, right = mean(scores), mean(mine[key])
        lines.append(f"| {key[0]} | {key[1]} | {len(scores)} | {left:.3f} | {right:.3f} |")
    return "\n".join(lines)


def shortfalls(theirs: Rows, mine: Rows) -> list[str]:
    """The rows where ours does not show what it must."""
    dates = [score for key, scores in mine.items() if key[1] == _DATES for score in scores]
    short = [" ".join(key) for key, scores in theirs.items() if mean(mine[key]) < mean(scores)]
    return short + ([_DATES] if dates and mean(dates) < _ENOUGH_DATES else [])


def report(folder: Path) -> str:
    """The table of one run."""
    return table(*both(folder))


def main(arguments: list[str]) -> int:
    """Print the table, and what falls short; 1 if anything does."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    theirs, mine = both(Path(arguments[0]))
    print(table(theirs, mine))
    short = shortfalls(theirs, mine)
    print("\nToo low: " + ", ".join(short) if short else "\nNothing is too low.")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
