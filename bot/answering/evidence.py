"""Finds the evidence for a question: passages by hybrid search, scored by the reader.

Searching and reading are blocking: call from a thread. Safe from several threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.intents import Intent
from bot.answering.request import Passing
from bot.answering.understanding import UnderstoodQuestion
from retrieval.reranker import rerank
from retrieval.search import Query
from retrieval.text.analysis import analyse, guess_language, terms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bot.answering.request import Request, Stopwatch
    from retrieval.scope import Scope
    from retrieval.search import HybridSearch
    from retrieval.vocabulary import Evidence, Hit

PASSAGES = 20
"""Passages that a search gives."""
_WIDE = 80
"""Passages that an overview is gathered from."""
_WIDEST = 160
"""Passages that a chronology of up to thirty articles is gathered from."""
_FEW = 100
"""Articles of which every passage is scored."""
_ENOUGH = 0.5
"""So probable an answer is not looked for outside a period that was guessed."""
_KEPT = 2
"""Passages of the first search that stay before those of a second look."""


@dataclass(frozen=True, slots=True)
class UnderstoodRequest(Passing):
    """A request with its understood question and its stopwatch."""

    request: Request
    asked: UnderstoodQuestion
    clock: Stopwatch


@dataclass(frozen=True, slots=True)
class GatheredEvidence(Passing):
    """The question and all evidence for it, before the answer is written.

    Args:
        request: what was asked.
        asked: the question, understood.
        evidence: the passages, the best first.
        hits: what the reader makes of their windows, the most probable answer first.
        clock: what was done so far, timed.
    """

    request: Request
    asked: UnderstoodQuestion
    evidence: tuple[Evidence, ...]
    hits: tuple[Hit, ...]
    clock: Stopwatch

    @property
    def best(self) -> float:
        """The highest probability that a window answers; 0 without windows."""
        return max((hit.probability for hit in self.hits), default=0.0)


class Finder:
    """Searches for a question and scores what it finds.

    Args:
        search: the archive's search, with its reader.
    """

    def __init__(self, search: HybridSearch) -> None:
        self._search = search

    def gather(self, understood: UnderstoodRequest) -> GatheredEvidence:
        """Search for a question and read what is found.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        gathered = self._gathered(understood)
        for wider in self._wider(understood):
            if gathered.best >= _ENOUGH:
                break
            other = self._gathered(wider)
            gathered = other if other.best > gathered.best else gathered
        return gathered

    def _wider(self, understood: UnderstoodRequest) -> Iterator[UnderstoodRequest]:
        """The question without guessed filters, for when the filtered search is not sure.

        "en mai" was taken for the last May; "selon Le Fanal" may speak of what others say that
        Le Fanal wrote.
        """
        asked, request = understood.asked, understood.request
        if asked.outlet:
            yield replace(understood, asked=replace(asked, outlet=None, left_outlet=asked.outlet))
        if asked.period_guessed:
            question = replace(asked.question, period=None)
            anytime = replace(
                asked,
                question=question,
                period_guessed=False,
                outlet=None,
                left_outlet=asked.outlet,
            )
            yield UnderstoodRequest(request, anytime, understood.clock)

    def _gathered(self, understood: UnderstoodRequest) -> GatheredEvidence:
        request, asked, clock = _scoped(understood), understood.asked, understood.clock
        if asked.intent is Intent.DAY and not asked.subject:
            # What was published then is listed.
            return GatheredEvidence(request, asked, (), (), clock)
        query = query_of(asked, request.scope)
        found = self._search.search(query, _width(understood))
        clock.lap("search")
        hits = self._search.read(asked.search_text, found)
        clock.lap("read")
        return GatheredEvidence(request, asked, rerank(found.evidence, hits), hits, clock)

    def among(self, understood: UnderstoodRequest, articles: Collection[str]) -> GatheredEvidence:
        """Search widely, but read and give only what stands in some articles.

        A few articles are all looked at, however many others come nearer.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        request, asked, clock = _scoped(understood), understood.asked, understood.clock
        query = query_of(asked, request.scope)
        few = frozenset(articles) if len(articles) <= _FEW else None
        found = self._search.search(replace(query, among=few), _WIDE)
        evidence = tuple(one for one in found.evidence if one.article.id in articles)
        hits = self._search.read(asked.search_text, replace(found, evidence=evidence))
        return GatheredEvidence(request, asked, rerank(evidence, hits), hits, clock)

    def is_name(self, word: str, request: Request) -> bool:
        """Whether the archive writes a word as a name: with a capital, most of the times.

        Args:
            word: as somebody types it, perhaps without one.
            request: for its scope.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        language = guess_language(word)
        wanted = frozenset(analyse(word, language))
        found = self._search.search(Query(word, language, scope=request.scope), PASSAGES)
        passages = [terms(one.passage.text, language) for one in found.evidence]
        written = [one for each in passages for one in each if one.term in wanted]
        return 2 * sum(one.is_name for one in written) > len(written)

    def again(self, gathered: GatheredEvidence, searches: Sequence[str]) -> GatheredEvidence:
        """Search again with other words; new passages come before most known ones.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        rankings, hits = [], list(gathered.hits)
        for text in searches:
            query = query_of(gathered.asked, gathered.request.scope, text)
            found = self._search.search(query, PASSAGES)
            read = self._search.read(text, found)
            rankings.append(rerank(found.evidence, read))
            hits += self._search.read(gathered.asked.search_text, found)
        known = {one.passage.id for one in gathered.evidence[:_KEPT]}
        fresh = [one for one in _in_turn(rankings) if one.passage.id not in known]
        evidence = _each_once((*gathered.evidence[:_KEPT], *fresh, *gathered.evidence))
        gathered.clock.lap("search")
        return replace(gathered, evidence=evidence, hits=_best_first(hits))


def _scoped(understood: UnderstoodRequest) -> Request:
    """The request, within the outlet that the question names."""
    request, outlet = understood.request, understood.asked.outlet
    if not outlet:
        return request
    return replace(request, scope=replace(request.scope, outlets=frozenset({outlet})))


def _width(understood: UnderstoodRequest) -> int:
    """How many passages to search for."""
    if understood.request.chronology:
        return _WIDEST
    return PASSAGES if understood.asked.intent is Intent.FACT else _WIDE


def query_of(
    asked: UnderstoodQuestion, scope: Scope, text: str = "", *, listing: bool = False
) -> Query:
    """What is searched for a question: the one place where its period becomes a filter.

    An overview or a day is of what was published then; a fact of then may be reported later.

    Args:
        asked: the question.
        scope: what is asked for beside its words.
        text: other words than its own, for a second look.
        listing: whether the passages themselves are wanted, and no answer: of its period alone.
    """
    strict = listing or asked.intent is not Intent.FACT
    question = asked.question
    return Query(text or asked.search_text, question.language, question.period, scope, strict)


def _in_turn(rankings: Sequence[Sequence[Evidence]]) -> Iterable[Evidence]:
    """The best of each ranking first, then the second of each, and so on."""
    for depth in range(max(map(len, rankings), default=0)):
        yield from (one[depth] for one in rankings if depth < len(one))


def _each_once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    found: dict[int, Evidence] = {}
    for one in evidence:
        found.setdefault(one.passage.id, one)
    return tuple(found.values())


def _best_first(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Hits of several searches, each window once, the most probable first."""
    found = {hit.window.id: hit for hit in sorted(hits, key=lambda hit: hit.probability)}
    return tuple(sorted(found.values(), key=lambda hit: (-hit.probability, hit.window.id)))
