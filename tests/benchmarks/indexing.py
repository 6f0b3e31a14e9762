"""Indexing the big archive, against embedding the same windows and nothing else.

Embedding alone is timed in this very run, in a process of its own, on a sample of the
windows (evenly spaced by length), once immediately before and once immediately after;
the mean of the two speeds is scaled to all the windows. Wants an idle machine.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.command import Ran, kiosque
from tests.benchmarks.common import AbsentError, Setup, alone, caption
from tests.benchmarks.results import table

TITLE = "Indexing"
_SAMPLE = 6_000
_BATCH = 256  # as indexing does
_STEADY = 0.05


@dataclass(frozen=True, slots=True)
class _Measured:
    """What one run found; speeds in windows a second."""

    windows: int
    sample: int
    before: float
    after: float
    first: Ran
    again: Ran
    megabytes: float

    @property
    def embedding(self) -> float:
        """Seconds that embedding all the windows takes by itself."""
        return self.windows / ((self.before + self.after) / 2)


def report(setup: Setup) -> str:
    """The table; the archive stays in ``setup.news_home``.

    Raises:
        AbsentError: the articles are not there, or they could not be indexed.
    """
    export = unpacked(setup)
    texts = alone(windows, export)
    sample = evenly(texts, _SAMPLE)
    setup.ensure_model()
    before = alone(speed, setup.work, sample)
    home = setup.fresh(setup.news_home)
    first = _indexed(home, export)
    after = alone(speed, setup.work, sample)
    megabytes = _size(home)
    again = _indexed(home, export)
    found = _Measured(len(texts), len(sample), before, after, first, again, megabytes)
    return _written(found)


def unpacked(setup: Setup) -> Path:
    """The articles as a plain export, as many as are asked for."""
    packed = setup.data("data/news_fr_12k.jsonl.gz")
    setup.work.mkdir(parents=True, exist_ok=True)
    export = setup.work / f"news-{setup.first or 'all'}.jsonl"
    with (
        gzip.open(packed, "rt", encoding="utf-8") as source,
        export.open("w", encoding="utf-8") as target,
    ):
        for number, line in enumerate(source):
            if setup.first and number >= setup.first:
                break
            target.write(line)
    return export


def windows(export: Path) -> list[str]:
    """The distinct texts that indexing embeds, made by the same reader and the same cuts."""
    from config.data import path
    from retrieval.reading import load_rules, read
    from retrieval.text.segmentation import embedded_text, segment
    from retrieval.vocabulary import Draft

    drafts = read(
        export, export.name, load_rules(path("reading/cleaning.toml")), export.stat().st_size + 1
    )
    texts: dict[str, None] = {}
    for draft in drafts:
        if isinstance(draft, Draft):
            for passage in segment(draft.text):
                for span in passage.windows:
                    text = draft.text[span.start : span.end]
                    texts[embedded_text(draft.title, text)] = None
    return list(texts)


def evenly(texts: list[str], count: int) -> list[str]:
    """A sample with the lengths of the whole, in no order."""
    ordered = sorted(texts, key=len)
    step = max(len(ordered) / count, 1.0)
    sample = [ordered[int(at * step)] for at in range(min(count, len(ordered)))]
    random.Random(0).shuffle(sample)  # noqa: S311 - the same sample every time
    return sample


def speed(home: Path, texts: list[str]) -> float:
    """Texts embedded a second, on all cores, once the model is loaded."""
    from retrieval.embedding import EmbeddingChoice, open_embedder

    embedder = open_embedder(EmbeddingChoice(), home)
    embedder.embed_passages(["." * 400_000])  # from here on as in the midst of an archive
    begun = time.perf_counter()
    for start in range(0, len(texts), _BATCH):
        embedder.embed_passages(texts[start : start + _BATCH])
    return len(texts) / (time.perf_counter() - begun)


def _indexed(home: Path, export: Path) -> Ran:
    ran = kiosque(home, "index", export, "--json", quiet=False)
    if ran.code:
        raise AbsentError(f"the archive: indexing ended with {ran.code}")
    return ran


def _size(home: Path) -> float:
    files = [path for path in home.rglob("*") if path.is_file() and "models" not in path.parts]
    return sum(path.stat().st_size for path in files) / 1e6


def _written(found: _Measured) -> str:
    told: dict[str, Any] = json.loads(found.first.output)
    articles = told["added"]
    if json.loads(found.again.output)["unchanged"] != articles:
        raise AbsentError("the archive: indexing again found changes")
    ratio = found.first.seconds / found.embedding
    alone_each = [found.windows / speed for speed in (found.before, found.after)]
    ratios = " / ".join(f"{found.first.seconds / seconds:.3f}" for seconds in alone_each)
    rows: list[tuple[object, ...]] = [
        ("articles, passages, windows", f"{articles}, {told['passages']}, {told['windows']}"),
        ("distinct texts embedded", found.windows),
        ("`kiosque index`, wall clock", f"{found.first.seconds:.1f} s"),
        ("embedding alone, all windows, scaled", f"{found.embedding:.1f} s"),
        ("**ratio**", f"**{ratio:.3f}**"),
        ("ratio to the speed before / after", ratios),
        ("embedding alone before / after", f"{found.before:.1f} / {found.after:.1f} windows/s"),
        (
            "most memory, all processes (shared pages counted in each)",
            f"{found.first.memory / 2**20:.0f} MB",
        ),
        ("archive and indexes on disk", f"{found.megabytes:.0f} MB"),
        ("again, nothing changed", f"{found.again.seconds:.1f} s"),
        ("again, an article", f"{found.again.seconds / articles * 1000:.2f} ms"),
    ]
    how = (
        f"Embedding alone: {found.sample} of the windows, evenly spaced by length, timed alone "
        "on the machine immediately before and immediately after indexing, in a process with "
        "the model loaded; the mean speed, scaled to all windows."
    )
    head = caption("onnxruntime", "chromadb", "tantivy")
    return f"{head} {how}{_doubt(found)}\n\n{table(('what', 'measured'), rows)}"


def _doubt(found: _Measured) -> str:
    """What to say when the machine did not keep its speed: then the ratio means little."""
    apart = abs(found.before - found.after) / min(found.before, found.after)
    if apart <= _STEADY:
        return ""
    return (
        f" **The machine was not steady: the two speeds are {apart:.0%} apart, so that the "
        "ratio is not to be relied on; measure again on an idle one.**"
    )
