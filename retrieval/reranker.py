"""The reader: judges whether a window answers a question, and marks the words that do.

A cross-encoder reads question and window together, which search cannot: it knows that
"combien" asks for a number, and that another match of the same team is another match.
It reads the windows of the best passages that search puts first, one pair a run.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config import data
from retrieval.crossencoder.engine import join, title_text
from retrieval.errors import ModelUnavailable
from retrieval.process import Lazy, Warmed, cores
from retrieval.vocabulary import Hit, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from retrieval.crossencoder.engine import CrossEncoderEngine, Pair, ReaderFiles, Verdict
    from retrieval.embedding.tokens import Cut, FewTexts
    from retrieval.search import RankedWindow
    from retrieval.vocabulary import Evidence

_CHARACTERS = 1_000
"""More of a question, a title or a window is not among the 128 tokens that are read."""
_UNSEARCHED = 0.9
"""The score of search that a text is given when none was searched for."""
_EDGES = " \t\n\u00a0\u202f.,;:!?«»“”\"'’()[]–—-"
"""White space and marks, which are no part of the words that answer."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How to read, as ``config/thresholds.toml`` says.

    Args:
        passages: windows are read of so many passages.
        windows: so many in all.
        fused: how much the score of search counts beside the logit.
        slope: of the logistic that makes a probability of a rank.
        offset: of the same.
    """

    passages: int
    windows: int
    fused: float
    slope: float
    offset: float

    def rank(self, logit: float, score: float) -> float:
        """What a window is ordered by."""
        return logit + self.fused * score

    def probability(self, rank: float) -> float:
        """That a window of this rank answers."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.slope * rank + self.offset))))


def load_reader_options() -> ReaderOptions:
    """The options that were fitted with the weights."""
    return ReaderOptions(**data.load("thresholds.toml")["reader"])


class Reader(Warmed):
    """Reads windows for a question. Nothing is loaded before `warm` or the first question.

    Safe from several threads; the same question and windows always give the same.

    Args:
        home: the data folder, where the network is made at its first use.
        options: how to read; as fitted unless given.
        threads: pairs read at the same time; 0 for one a core.
    """

    def __init__(self, home: Path, options: ReaderOptions | None = None, threads: int = 0) -> None:
        self.options = options or load_reader_options()
        self._home = home
        self._threads = threads or cores()
        self._files: Lazy[ReaderFiles] = Lazy(self._find_files)
        self._tokens: Lazy[FewTexts] = Lazy(self._open_tokens)
        self._engine: Lazy[CrossEncoderEngine] = Lazy(self._open_engine)
        super().__init__("reader", self._tokens, self._engine)

    def read(self, question: str, ranked: Sequence[RankedWindow]) -> tuple[Hit, ...]:
        """Judge windows, the best first.

        Args:
            question: its text; of a long one the beginning is read.
            ranked: windows of passages, best first; `choose` says which are read.

        Returns:
            A hit for each window that was read, the most probable first.

        Raises:
            ModelUnavailable: the network is damaged, or cannot be made.
            StorageFull: there is no room, or no right, to make it.
        """
        chosen = choose(ranked, self.options.windows)
        if not question.strip() or not chosen:
            return ()
        engine, pairs = self._engine.get(), self._pairs(question, chosen)
        try:
            verdicts = self._verdicts(engine, pairs)
        except ValueError as error:
            raise ModelUnavailable("model_damaged", path=self._files.get().graph) from error
        judged = [
            (self.options.rank(verdict.logit, one.score), one, verdict)
            for one, verdict in zip(chosen, verdicts, strict=True)
        ]
        judged.sort(key=lambda each: (-each[0], each[1].window.id))
        return tuple(
            Hit(one.evidence, one.window, self.options.probability(rank), _answer(one, verdict))
            for rank, one, verdict in judged
        )

    def relevance(self, question: str, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The probability that each text answers, as if search had found all equally well.

        Args:
            question: its text.
            pairs: a title and a text each.

        Raises:
            ModelUnavailable: the network is damaged, or cannot be made.
            StorageFull: there is no room, or no right, to make it.
        """
        parts = [_start(part) for title, text in pairs for part in (title_text(title), text)]
        asked, *cuts = self._tokens.get().cuts([_start(question), *parts])
        halves = zip(cuts[::2], cuts[1::2], strict=True)
        joined = [join(asked, title, text) for title, text in halves]
        verdicts = self._verdicts(self._engine.get(), joined)
        ranks = (self.options.rank(one.logit, _UNSEARCHED) for one in verdicts)
        return [self.options.probability(rank) for rank in ranks]

    def _pairs(self, question: str, chosen: Sequence[RankedWindow]) -> list[Pair]:
        titles = dict.fromkeys(title_text(_start(one.evidence.article.title)) for one in chosen)
        texts = [_start(question), *titles, *(_start(one.window.text) for one in chosen)]
        asked, *cuts = self._tokens.get().cuts(texts)
        heads: dict[str, Cut] = dict(zip(titles, cuts, strict=False))
        bodies = cuts[len(titles) :]
        return [
            join(asked, heads[title_text(_start(one.evidence.article.title))], body)
            for one, body in zip(chosen, bodies, strict=True)
        ]

    def _verdicts(self, engine: CrossEncoderEngine, pairs: Sequence[Pair]) -> list[Verdict]:
        """One pair a thread, the longest first: the threads end at the same time."""
        order = sorted(range(len(pairs)), key=lambda place: -len(pairs[place].ids))
        pool = ThreadPoolExecutor(min(self._threads, len(pairs)), "reader")
        try:
            found = dict(
                zip(order, pool.map(engine.verdict, [pairs[at] for at in order]), strict=True)
            )
        finally:
            pool.shutdown(cancel_futures=True)  # An interruption does not wait for the rest.
        return [found[place] for place in range(len(pairs))]

    def _find_files(self) -> ReaderFiles:
        from retrieval.crossencoder.engine import ensure_reader

        return ensure_reader(self._home)

    def _open_tokens(self) -> FewTexts:
        from retrieval.embedding.tokens import FewTexts

        folder = self._files.get().pieces
        try:
            return FewTexts(folder)
        except (OSError, ValueError) as error:
            raise ModelUnavailable("model_damaged", path=folder) from error

    def _open_engine(self) -> CrossEncoderEngine:
        from retrieval.crossencoder.engine import CrossEncoderEngine

        graph = self._files.get().graph
        try:
            return CrossEncoderEngine(graph)
        except (OSError, ValueError) as error:
            raise ModelUnavailable("model_damaged", path=graph) from error


def choose(ranked: Sequence[RankedWindow], count: int) -> list[RankedWindow]:
    """Which windows to read: the best of each passage, then the best of the rest.

    Args:
        ranked: best first.
        count: how many, at most.
    """
    firsts: dict[int, RankedWindow] = {}
    for one in ranked:
        firsts.setdefault(one.evidence.passage.id, one)
    leading = {one.window.id for one in firsts.values()}
    rest = [one for one in ranked if one.window.id not in leading]
    return [*firsts.values(), *rest][:count]


def rerank(evidence: Iterable[Evidence], hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """The passages in the order of their best window; those that were not read come after.

    Args:
        evidence: what search found, best first.
        hits: what the reader made of it, best first.

    Returns:
        The same passages, each with the window that was judged best.
    """
    best: dict[int, Hit] = {}
    for hit in hits:
        best.setdefault(hit.evidence.passage.id, hit)
    read = [replace(hit.evidence, window=hit.window) for hit in best.values()]
    return (*read, *(one for one in evidence if one.passage.id not in best))


def _start(text: str) -> str:
    return text[:_CHARACTERS]


def _answer(one: RankedWindow, verdict: Verdict) -> Span | None:
    """The words that answer, as offsets into the article's text."""
    if verdict.span is None:
        return None
    start, end = verdict.span
    words = one.window.text[start:end]
    inner = words.strip(_EDGES)
    if not inner:
        return None
    start += len(words) - len(words.lstrip(_EDGES)) + one.window.start
    return Span(start, start + len(inner))
