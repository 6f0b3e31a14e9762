"""A big archive: the real articles and altered copies of them, made by the real indexer.

    python -m tests.benchmarks scale --articles 50000

The archive stays in ``--work``, and is made once; what was cut short is made again, with the
vectors that it had. Real windows have real vectors as far as the archive of `indexing` in
``--work`` holds them, finished or not; those of copies are synthetic (`tests.benchmarks.copies`).
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.benchmarks import copies, indexing, scale_measures
from tests.benchmarks.common import AbsentError, Setup, alone, caption
from tests.benchmarks.results import table

TITLE = "A big archive"
_QUESTIONS = "train/news_questions.jsonl"
_NEWS = "data/news_fr_12k.jsonl.gz"
_MADE = "made.json"
_HOW = (
    "The real articles and copies of them with other names, numbers and dates; vectors of copies "
    "are those of their originals, moved. A search is the best of two."
)


def report(setup: Setup) -> str:
    """The tables.

    Raises:
        AbsentError: the articles are not there, or there is no archive with real vectors.
    """
    made = built(setup)
    home, piaf = setup.scale_home, setup.data("data/piaf_half.json.gz")
    articles = copies.real_articles(setup.data(_NEWS))
    rows: scale_measures.Rows = [*made.items(), *scale_measures.sizes(home)]
    rows += alone(scale_measures.searching, home, piaf, setup.data(_QUESTIONS))
    rows += scale_measures.starting(home, setup.runs, piaf)
    rows += alone(scale_measures.rebuilding, home, piaf)
    rows += alone(scale_measures.changing, home, setup.work, articles)
    head = caption("onnxruntime", "chromadb", "tantivy")
    return f"{head} {_HOW}\n\n{table(('what', 'measured'), rows)}"


def built(setup: Setup) -> dict[str, str]:
    """Make the archive if it is not there; what making it took.

    Raises:
        AbsentError: the articles are not there, or there is no archive with real vectors.
    """
    home = setup.scale_home
    if not (home / _MADE).is_file():
        if not (home / "models").exists():
            setup.fresh(home)
        known = alone(_build, setup, home)
        (home / _MADE).write_text(json.dumps(known), encoding="utf-8")
    made: dict[str, str] = json.loads((home / _MADE).read_text(encoding="utf-8"))
    return made


class _Steps:
    """A `Progress` that keeps the seconds of each stage, and tells them as they end."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._name, self._begun = "", time.perf_counter()

    def stage(self, name: str, total: int | None) -> None:
        """The stage before ends."""
        now = time.perf_counter()
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + now - self._begun
        self._name, self._begun = name, now
        print(f"{time.strftime('%T')} {name} {total or ''}", flush=True)

    def advance(self, steps: int) -> None:
        """Steps are not told."""


def _build(setup: Setup, home: Path) -> dict[str, str]:
    from bot import options
    from retrieval.change import Indexer, Options

    real = setup.news_home / "archive.db"
    if not real.is_file():
        raise AbsentError(f"{real}: no real vectors; the part `indexing` makes them")
    questions = setup.data(_QUESTIONS).read_text(encoding="utf-8").splitlines()
    export = setup.work / f"scale-{setup.articles}"
    first = [json.loads(line)["article"] for line in questions]
    copies.write_export(export, setup.data(_NEWS), setup.articles, first)
    vectors = copies.RealVectors(real, indexing.windows(indexing.unpacked(setup)))
    with scale_measures.opened(home) as app:
        rules = options.cleaning_rules(home)
        embedder = copies.CopyEmbedder(app.models.embedder, vectors)
        # Unlinked: copies of one article resemble each other more than any two articles do.
        indexer = Indexer(app.places, embedder, rules, Options(linking=False))
        steps = _Steps()
        done = indexer.index([export], progress=steps)
        steps.stage("", None)
    return {
        "articles, passages, windows": f"{done.added}, {done.passages}, {done.windows}",
        "windows with a real vector / that of their original moved / another's moved": " / ".join(
            map(str, embedder.counts.values())
        ),
        **{f"stage {name}": f"{took:.0f} s" for name, took in steps.seconds.items()},
    }
