"""Hybrid search: the passages of the archive that may answer a question.

Dense (cosine of the question and a passage's best window) and lexical (BM25 over analysed
terms) sides are fused. Filters are exact on both sides. When few windows are in question they
are scored one by one from the generation's own table, which is exact and quicker than opening
Chroma; beyond that Chroma finds the nearest. Where Chroma cannot be asked, all are scored so.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import Failed, IndexDamaged, ModelMismatch, ServerUnreachable, StorageFull
from retrieval.fusion import Fused, best_windows, fuse, passage_cosines
from retrieval.index.base import CHROMA
from retrieval.index.entries import TIMES
from retrieval.index.generations import SERVER, OpenGenerations
from retrieval.scope import EVERYTHING, Scope
from retrieval.text.analysis import analyse
from retrieval.text.periods import names
from retrieval.vocabulary import Evidence, Period, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from retrieval.archive.reader import ArchiveReader
    from retrieval.archive.rows import WindowRow
    from retrieval.embedding.embedder import Embedder
    from retrieval.index.generations import Generation, Places
    from retrieval.reranker import Reader
    from retrieval.vocabulary import Hit

_LOG = logging.getLogger(__name__)
_OVERTAKEN = 5
"""Times that a search is begun again because changes came faster than it."""
_PER_COSINE = 3.5
"""How much a fused score changes with the cosine: the dense side's share over its range."""
_AROUND = timedelta(days=30)
"""An event is announced and told within so many days: 94 % of the dated questions of a
training set, by the day or the month, were answered by an article of that time."""
_NAMING = 60
"""Passages outside a period that are looked at, best first, for naming it themselves."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search.

    Args:
        k: how many passages to give.
        dense_weight: the dense side's share of the score.
        candidates: windows (and passages) asked of each side; see `TIMES` for Chroma's passages.
        exact_below: up to so many windows in question, each is scored exactly.
        narrow_below: the same in a period or an outlet: most that Chroma finds would lie outside.
        untimely: what the score of a passage loses when it is not of the time asked about;
            chosen on the dated questions of a training set.
    """

    k: int = 10
    dense_weight: float = 0.7
    candidates: int = 500
    exact_below: int = 2_000
    narrow_below: int = 20_000
    untimely: float = 0.1


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for.

    ``scope`` is a filter that nothing escapes. ``period`` is what the question's words
    name: the days of publication; it also admits passages that speak of that period
    themselves, for an article of 2021 may answer a question about February 2020. When it is
    not ``strict``, it is when something happened: articles of about that time come first,
    and others are found too. ``among`` names articles outside of which nothing is found: their
    passages are scored though many others of the archive come nearer.
    """

    text: str
    language: str = "fr"
    period: Period | None = None
    scope: Scope = EVERYTHING
    strict: bool = True
    among: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class RankedWindow:
    """A window of a passage that was found, and its own cosine with the question."""

    evidence: Evidence
    window: Window
    cosine: float

    @property
    def score(self) -> float:
        """What the passage would score if this were its best window (0 to 1, about)."""
        return self.evidence.score - _PER_COSINE * (self.evidence.dense - self.cosine)


@dataclass(frozen=True, slots=True)
class Found:
    """The evidence, best first, the question's vector, and the time it took."""

    evidence: tuple[Evidence, ...]
    vector: NDArray[np.float32]
    took_ms: float


class HybridSearch:
    """Searches the live generation; notices a new one at the next question.

    Safe from several threads.

    Args:
        places: where the generations are.
        reader: the archive.
        embedder: makes the question's vector; must be the model of the index.
        options: how to search.
        heal: puts a damaged index right, or raises; the search is then begun once more.
        judge: reads what was found; None to leave it in the order of search.
    """

    def __init__(
        self,
        places: Places,
        reader: ArchiveReader,
        embedder: Embedder,
        options: SearchOptions | None = None,
        heal: Callable[[IndexDamaged], None] | None = None,
        judge: Reader | None = None,
    ) -> None:
        self._places = places
        self._reader = reader
        self._embedder = embedder
        self._options = options or SearchOptions()
        self._heal = heal
        self._judge = judge
        self._generations = OpenGenerations(places)
        self._healing = threading.Lock()
        self._logged: set[int] = set()

    def close(self) -> None:
        """Close the open generation."""
        self._generations.close()

    def search(self, query: Query, k: int | None = None) -> Found:
        """The passages that score best for a question.

        Raises:
            ModelMismatch: the index was made with another embedding model.
            ModelUnavailable: the question cannot be embedded.
            IndexDamaged: an index cannot be read, nor healed.
            Failed: what kept it from being healed, where it is not Chroma's.
        """
        for _ in range(_OVERTAKEN):
            number = self._reader.live_generation()
            try:
                return self._searched(query, k)
            except IndexDamaged as damage:
                if self._healed(number, damage):
                    break
        return self._searched(query, k)

    def _healed(self, number: int | None, damage: IndexDamaged) -> bool:
        """Put the indexes right; False if another generation is live by now: look again.

        One question does it, and others that meet the same damage wait for it.
        """
        with self._healing:
            if self._reader.live_generation() != number:
                return False
            if self._heal is None:
                raise damage
            try:
                self._heal(damage)
            except Failed as failure:
                self._do_without_chroma(damage, failure)
            self._generations.close()
            return True

    def _do_without_chroma(self, damage: IndexDamaged, failure: Failed) -> None:
        """Score every window from now on, if it is Chroma that cannot be read nor healed.

        Raises:
            Failed: it is something else; why it could not be healed.
        """
        path = Path(str(damage.facts.get("path", "")))
        parts = {self._places.generation(number): number for number in self._places.numbers()}
        inside = (one for one in (path, *path.parents) if one.name in {CHROMA, SERVER})
        bases = {parts[one.parent] for one in inside if one.parent in parts}
        if not bases:
            raise failure
        self._generations.without_chroma |= bases
        _LOG.warning("chroma is damaged, every window is scored: %s", damage)

    def _searched(self, query: Query, k: int | None) -> Found:
        begun = time.perf_counter()
        self._check_model(self._reader.live_generation())
        # An endpoint may take seconds: what is live is looked at afterwards.
        vector = self._embedder.embed_query(query.text)
        with self._reader.snapshot():
            number = self._reader.live_generation()
            self._check_model(number)
            if number is None:
                return Found((), vector, _ms_since(begun))
            with self._generations.of(number) as generation:
                evidence = self._evidence(generation, query, vector, k or self._options.k)
        return Found(evidence, vector, _ms_since(begun))

    def windows(self, found: Found, passages: int) -> tuple[RankedWindow, ...]:
        """All windows of the best passages of a search, best first.

        A passage that was withdrawn since is left out.
        """
        owners = {one.passage.id: one for one in found.evidence[:passages]}
        with self._reader.snapshot(), self.generation() as generation:
            if generation is None or not owners:
                return ()
            table = generation.table
            rows = table.of_passages(list(owners))
            near = table.cosines(found.vector, rows).tolist()
            cosines = dict(zip(table.ids_of(rows).tolist(), near, strict=True))
            spans = self._reader.windows(list(cosines))
        ranked = [
            RankedWindow(owners[span.passage_id], _cut(owners[span.passage_id], span), cosines[id_])
            for id_, span in spans.items()
            if span.passage_id in owners
        ]
        return tuple(sorted(ranked, key=lambda one: (-one.score, one.window.id)))

    def read(self, question: str, found: Found) -> tuple[Hit, ...]:
        """What the reader says of the windows of the best passages; best first.

        Args:
            question: as it should be read: standing alone, in its own words.
            found: what a search for it, or for other words of it, found.

        Returns:
            A hit for each window that was read; none without a reader.

        Raises:
            ModelUnavailable: the reader's network is damaged, or cannot be made.
            StorageFull: there is no room, or no right, to make it.
        """
        if self._judge is None:
            return ()
        ranked = self.windows(found, self._judge.options.passages)
        return self._judge.read(question, ranked)

    @contextmanager
    def generation(self) -> Iterator[Generation | None]:
        """The live generation, held open; None before the first article.

        Raises:
            IndexDamaged: its folder is missing, and no other came in its place.
        """
        with ExitStack() as held:
            yield self._held(held)

    def _held(self, held: ExitStack) -> Generation | None:
        for _ in range(_OVERTAKEN):
            number = self._reader.live_generation()
            if number is None:
                return None
            try:
                generation = held.enter_context(self._generations.of(number))
                _ = generation.lexical  # opened while its folder is there
            except IndexDamaged:
                if self._reader.live_generation() == number:
                    raise
            else:
                return generation
        raise IndexDamaged("index_missing", path=str(self._places.home))

    def _check_model(self, number: int | None) -> None:
        made_with = self._reader.model_id()
        if number is not None and made_with and made_with != self._embedder.model_id:
            raise ModelMismatch("model_mismatch", made=made_with, asked=self._embedder.model_id)

    def _evidence(
        self, generation: Generation, query: Query, vector: NDArray[np.float32], k: int
    ) -> tuple[Evidence, ...]:
        wanted = self._passages_among(query.among)
        ranked = self._ranked(generation, query, vector, wanted or frozenset())
        ranked = [one for one in ranked if wanted is None or one.passage in wanted][:k]
        passages = self._reader.passages([one.passage for one in ranked])
        articles = self._reader.articles_of([p.article_id for p in passages.values()])
        windows = best_windows(generation, vector, list(passages))
        spans = self._reader.windows(list(windows.values()))
        evidence = []
        for one in ranked:
            passage, span = passages.get(one.passage), spans.get(windows.get(one.passage, -1))
            if passage is None or span is None or passage.article_id not in articles:
                continue  # withdrawn since the generation was made
            if span.passage_id != passage.id:
                path = str(self._places.generation(generation.number))
                raise IndexDamaged("index_damaged", path=path, detail="passages and windows")
            article = articles[passage.article_id]
            window = Window(span.id, span.start, span.end, article.text[span.start : span.end])
            evidence.append(Evidence(article, passage, window, one.dense, one.lexical, one.score))
        return tuple(evidence)

    def _passages_among(self, articles: frozenset[str] | None) -> frozenset[int] | None:
        if articles is None:
            return None
        return frozenset(one.id for id_ in articles for one in self._reader.passages_of(id_))

    def _ranked(
        self,
        generation: Generation,
        query: Query,
        vector: NDArray[np.float32],
        wanted: frozenset[int],
    ) -> list[Fused]:
        terms = analyse(query.text, query.language)
        inside = _narrowed(query.scope, query.period if query.strict else _widened(query.period))
        near = self._fused(generation, terms, vector, inside, wanted)
        if query.period is None:
            return near
        # Scores are shares of the best of their own side: those of the wider ranking hold
        # for both, so that a passage from outside competes with those inside.
        beyond = {
            one.passage: one for one in self._fused(generation, terms, vector, query.scope, wanted)
        }
        timely = {one.passage: beyond.get(one.passage, one) for one in near}
        others = [one for one in beyond.values() if one.passage not in timely]
        naming = self._naming(others, query.period)
        extra = [one for one in others if one.passage in naming]
        if not query.strict:
            loss = self._options.untimely
            late = (one for one in others if one.passage not in naming)
            extra += [replace(one, score=one.score - loss) for one in late]
        return sorted([*timely.values(), *extra], key=lambda one: (-one.score, one.passage))

    def _naming(self, outside: Sequence[Fused], period: Period) -> frozenset[int]:
        """Which of the best passages of other times speak of the period themselves."""
        looked_at = [one.passage for one in outside[:_NAMING]]
        passages = self._reader.passages(looked_at)
        return frozenset(id_ for id_ in passages if names(passages[id_].text, period))

    def _fused(
        self,
        generation: Generation,
        terms: Sequence[str],
        vector: NDArray[np.float32],
        scope: Scope,
        wanted: frozenset[int],
    ) -> list[Fused]:
        """The near passages of a scope, and of those that are wanted all in it, best first."""
        lexical = dict(generation.lexical.search(terms, self._options.candidates, scope))
        inside = generation.table.inside(scope)
        dense = self._dense(generation, vector, inside)
        missing = [passage for passage in {*lexical, *wanted} if passage not in dense]
        rows = generation.table.of_passages(missing)
        rows = rows[inside[rows]]
        dense |= passage_cosines(generation, vector, rows, len(rows))
        return fuse(dense, lexical, self._options.dense_weight)

    def _dense(
        self, generation: Generation, vector: NDArray[np.float32], inside: NDArray[np.bool_]
    ) -> dict[int, float]:
        """The cosine of each near passage's best window, as `_near` has it."""
        rows = self._near(generation, vector, inside)
        most = max(self._options.candidates, self._options.exact_below)
        return passage_cosines(generation, vector, rows, most)

    def _near(
        self, generation: Generation, vector: NDArray[np.float32], inside: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """The windows to score: those that Chroma finds and those that it does not hold, or all.

        Args:
            generation: whose windows.
            vector: the question's.
            inside: which of them are in question.
        """
        table, every = generation.table, int(np.count_nonzero(inside))
        is_narrow = every < len(table) and every <= self._options.narrow_below
        if is_narrow or every <= self._options.exact_below:
            return np.flatnonzero(inside)
        rows = self._nearest(generation, vector)
        if rows is None:
            return np.flatnonzero(inside)
        rows = rows[inside[rows]]
        wanted = min(self._options.candidates // 10, table.in_base(inside))
        if len(rows) < wanted:  # a narrow scope: what Chroma found lies mostly outside it
            return np.flatnonzero(inside)
        beside = table.beside
        return np.union1d(rows, beside[inside[beside]])

    def _nearest(
        self, generation: Generation, vector: NDArray[np.float32]
    ) -> NDArray[np.intp] | None:
        """The windows that Chroma finds; None when the disk, or its server, does not let it.

        Chroma writes even when it is opened to read. It finds what is gone, too: it is asked more.
        """
        if generation.base.number in self._generations.without_chroma:
            return None
        most = TIMES[generation.base.kind] * self._options.candidates
        most += min(most, len(generation.tail.gone))
        try:
            return generation.rows_near(vector, most)
        except (StorageFull, ServerUnreachable) as error:
            if generation.number not in self._logged:
                self._logged.add(generation.number)
                _LOG.warning("chroma cannot be asked, every window is scored: %s", error)
            return None


def _cut(evidence: Evidence, row: WindowRow) -> Window:
    """The window of a row, with its text."""
    return Window(row.id, row.start, row.end, evidence.article.text[row.start : row.end])


def _widened(period: Period | None) -> Period | None:
    """A period with the days around it in which its events are announced and told."""
    if period is None:
        return None
    first, last = period.first, period.last
    return Period(
        first and first - min(_AROUND, first - date.min),
        last and last + min(_AROUND, date.max - last),
    )


def _narrowed(scope: Scope, period: Period | None) -> Scope:
    """A scope that a period narrows further."""
    if period is None:
        return scope
    named = Scope.of(period, scope.outlets)
    return Scope(max(scope.first, named.first), min(scope.last, named.last), scope.outlets)


def _ms_since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000
