"""A thousand rounds of replacing one article in a hundred, against indexing the same afresh.

Disk is the archive and its generations once nobody has them open; a search is timed on both
archives in turn, on the same questions, in one process.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from retrieval.archive.reader import ArchiveReader
from retrieval.change import Indexer, Retention, verify
from retrieval.index.generations import Places
from retrieval.search import HybridSearch, Query, SearchOptions
from tests.benchmarks.common import Setup, caption, in_memory, ms, percentile
from tests.benchmarks.dossiers import State, embedder, question, title, write, write_one
from tests.benchmarks.results import table
from tests.retrieval.library import SIZES, indexer

TITLE = "A thousand rounds of replacing 1 %"
_TIMES, _ARTICLES, _PART = 1_000, 2_000, 0.01
_QUESTIONS, _LOOKS = 200, 10
_TABLES = ("articles", "revisions", "passages", "windows", "vectors", "changes", "change_items")


@dataclass(slots=True)
class Churned:
    """What so many rounds left, beside the same articles indexed afresh."""

    rounds: list[float] = field(default_factory=list)
    afresh_s: float = 0.0
    sizes: list[tuple[int, float]] = field(default_factory=list)
    bytes: dict[str, float] = field(default_factory=dict)
    fresh_bytes: dict[str, float] = field(default_factory=dict)
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    searches: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """How many times the disk of a fresh archive is taken."""
        return sum(self.bytes.values()) / sum(self.fresh_bytes.values())


def churned(folder: Path, articles: int, rounds: int) -> Churned:
    """Replace one in a hundred, so many times."""
    found, dice = Churned(), random.Random(0)  # noqa: S311 - no secret
    state: State = dict.fromkeys(range(articles), 0)
    files, homes = folder / "in", (folder / "churned", folder / "fresh")
    write(files, state)
    options = replace(SIZES, retention=Retention())
    taking_in = indexer(homes[0], embedder(), options=options)
    taking_in.index([files])
    for turn in range(1, rounds + 1):
        replaced = []
        for number in dice.sample(range(articles), max(1, int(articles * _PART))):
            state[number] = turn
            replaced.append(write_one(files / f"dossier-{number}.md", number, turn))
        found.rounds.append(_timed(taking_in, replaced))
        if turn % max(1, rounds // _LOOKS) == 0:
            found.sizes.append((turn, sum(_sizes(homes[0]).values()) / 1e6))
    found.afresh_s = _timed(indexer(homes[1], embedder(), options=options), [files])
    found.bytes, found.fresh_bytes = map(_sizes, homes)
    found.rows = {name: (_rows(homes[0], name), _rows(homes[1], name)) for name in _TABLES}
    _compare(found, homes, state)
    return found


def _timed(taking_in: Indexer, files: list[Path]) -> float:
    begun = time.perf_counter()
    taking_in.index(files)
    return time.perf_counter() - begun


def _sizes(home: Path) -> dict[str, float]:
    """Bytes on disk, by what they are for."""
    sizes: dict[str, float] = {}
    for path in home.rglob("*"):
        if path.is_file():
            parts = path.relative_to(home).parts
            name = parts[2] if len(parts) > 3 or parts[0] == "generations" else parts[0]
            sizes[name] = sizes.get(name, 0) + path.stat().st_blocks * 512
    return sizes


def _rows(home: Path, name: str) -> int:
    with closing(sqlite3.connect(home / "archive.db")) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
    return int(count)


def _compare(found: Churned, homes: tuple[Path, Path], state: State) -> None:
    """Time searches on both, and see that both find the newest version."""
    for name, exact_below in (("through Chroma", 0), ("exactly", 1_000_000)):
        timed = [_searching(home, state, exact_below, found.wrong) for home in homes]
        times: tuple[list[float], list[float]] = ([], [])
        numbers = random.Random(1).choices(sorted(state), k=_QUESTIONS)  # noqa: S311
        for number in numbers:
            for side in (0, 1):
                times[side].append(timed[side](number))
        found.searches[name] = times
    found.wrong += [f"doctor: {problem.key}" for home in homes for problem in verify(Places(home))]


def _searching(
    home: Path, state: State, exact_below: int, wrong: list[str]
) -> Callable[[int], float]:
    reader = ArchiveReader(home / "archive.db")
    options = SearchOptions(exact_below=exact_below)
    search = HybridSearch(Places(home), reader, embedder(), options)

    def asked(number: int) -> float:
        begun = time.perf_counter()
        evidence = search.search(Query(question(number))).evidence
        took = time.perf_counter() - begun
        texts = [one.passage.text for one in evidence if one.article.title == title(number)]
        if not texts or not all(f"version v{state[number]} " in text for text in texts):
            wrong.append(f"{home.name}: {title(number)} is not found in its version")
        return took

    for number in list(state)[:20]:
        asked(number)  # warm
    return asked


def report(_setup: Setup, times: int = _TIMES) -> str:
    """The section's text, after so many rounds."""
    with in_memory() as folder:
        found = churned(folder, _ARTICLES, times)
    rows: list[tuple[object, ...]] = [
        ("rounds, articles, replaced in a round", f"{times}, {_ARTICLES}, {_PART:.0%}"),
        ("a round, p50 / p95 / most", _round_times(found.rounds)),
        ("indexing all afresh", f"{found.afresh_s:.1f} s"),
        ("**disk, times that of a fresh archive**", f"**{found.growth:.2f}**"),
    ]
    for name in sorted(found.bytes, key=lambda name: -found.bytes[name]):
        mine, fresh = found.bytes[name] / 1e6, found.fresh_bytes.get(name, 0) / 1e6
        rows.append((f"{name}: churned / fresh", f"{mine:.1f} / {fresh:.1f} MB"))
    for name, (mine_rows, fresh_rows) in found.rows.items():
        rows.append((f"rows of {name}: churned / fresh", f"{mine_rows} / {fresh_rows}"))
    grown = ", ".join(f"{turn}: {size:.0f}" for turn, size in found.sizes)
    rows.append(("MB after so many rounds", grown))
    for name, (mine_s, fresh_s) in found.searches.items():
        ratio = float(np.median(mine_s) / np.median(fresh_s))
        rows.append((f"**search {name}, p50: churned / fresh**", f"**{ratio:.2f}**"))
        rows.append((f"search {name}, p50", f"{ms(percentile(mine_s, 0.5))} ms"))
    rows.append(("answers not from the newest version; complaints of doctor", len(found.wrong)))
    told = "\n".join(f"- {fault}" for fault in found.wrong[:20])
    body = f"{caption('chromadb', 'tantivy')}\n\n{table(('what', 'measured'), rows)}"
    return body + (f"\n\n{told}" if told else "")


def _round_times(rounds: list[float]) -> str:
    return " / ".join(f"{found:.2f}" for found in (*_quantiles(rounds), max(rounds))) + " s"


def _quantiles(rounds: list[float]) -> tuple[float, float]:
    return percentile(rounds, 0.5), percentile(rounds, 0.95)
