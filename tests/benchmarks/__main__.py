"""``make bench``: the slow measurements, all or some, into ``results.md``.

    python -m tests.benchmarks                    all of them, on the whole of the data
    python -m tests.benchmarks cold search        some
    python -m tests.benchmarks indexing search --first 600

`search` wants the archive that `indexing` leaves in ``--work``. Wants an idle machine.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import psutil

from tests.benchmarks import results
from tests.benchmarks.common import AbsentError, Setup

Part = Callable[[Setup], tuple[str, str]]
"""Measures something: gives the title and the text of its section."""
_IDLE_PERCENT = 10.0


def _embedding(setup: Setup) -> tuple[str, str]:
    from tests.benchmarks import embedding

    setup.ensure_model()
    # Its own heading says what the section's title says, and the day.
    body = embedding.report(setup.work).partition("\n\n")[2]
    return "Embedding", f"{date.today()}; {body}"


def _extraction(setup: Setup) -> tuple[str, str]:
    from tests.benchmarks import extraction
    from tests.benchmarks.common import caption

    pages = setup.data("data/html")
    return "Extraction", f"{caption('trafilatura', 'htmldate')}\n\n{extraction.report(pages)}"


def _module(name: str) -> Part:
    def part(setup: Setup) -> tuple[str, str]:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        return module.TITLE, module.report(setup)

    return part


# In this order: the big archive is made before it is searched.
PARTS: dict[str, Part] = {
    "extraction": _extraction,
    "cold": _module("cold"),
    "claims": _module("claims"),
    "quotes": _module("quotes"),
    "dirty": _module("dirty"),
    "writing": _module("writing"),
    "embedding": _embedding,
    "indexing": _module("indexing"),
    "search": _module("search"),
    "reader": _module("reader"),
    "telegram": _module("telegram"),
    "workers": _module("workers"),
    "near_duplicates": _module("near_duplicates"),
    "gaps": _module("gaps"),
    "errata": _module("errata"),
    "following": _module("following"),
    "first_minutes": _module("first_minutes"),
    "scale": _module("scale"),
    "granularity": _module("granularity"),
    "packing": _module("packing"),
}


def options(description: str | None) -> argparse.ArgumentParser:
    """The options that every measurement has."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Setup()
    parser.add_argument("--shared", type=Path, default=default.shared, help="the data's folder")
    parser.add_argument("--work", type=Path, default=default.work, help="kept between runs")
    parser.add_argument("--results", type=Path, default=results.RESULTS, help="the page to write")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; a part that lacks its data is skipped, and said so."""
    parser = options(__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--first", type=int, default=0, help="of the big archive; 0 for all")
    parser.add_argument("--runs", type=int, default=Setup().runs, help="starts of a command")
    parser.add_argument("--articles", type=int, default=Setup().articles, help="of `scale`")
    given = parser.parse_args(arguments)
    setup = Setup(given.shared, given.work, given.first, given.runs, given.articles)
    return measured(chosen(parser, given.parts, PARTS), setup, given.results)


def chosen(
    parser: argparse.ArgumentParser, names: Sequence[str], parts: Mapping[str, Part]
) -> dict[str, Part]:
    """The parts that were named, in their own order; all if none was."""
    if unknown := [name for name in names if name not in parts]:
        parser.error(f"{', '.join(unknown)}: not one of {', '.join(parts)}")
    return {name: part for name, part in parts.items() if not names or name in names}


def measured(parts: dict[str, Part], setup: Setup, page: Path) -> int:
    """Measure some parts one after the other, writing each as soon as it is known."""
    setup.work.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        others = psutil.cpu_percent(1.0)
        begun = time.perf_counter()
        try:
            title, body = part(setup)
        except AbsentError as missing:
            print(f"{name}: skipped: {missing}", file=sys.stderr)
            continue
        if others > _IDLE_PERCENT:
            body += f"\n\n**Other work took {others:.0f} % of the machine when this began.**"
        results.put({title: body}, page)
        print(f"## {title}\n\n{body}\n")
        print(f"{name}: {time.perf_counter() - begun:.0f} s; {page}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
