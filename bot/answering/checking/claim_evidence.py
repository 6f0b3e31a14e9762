"""What is found for a claim: passages by search, and its signs beside the nearest window.

Searching and reading are blocking: call from a thread. Safe from several threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.checking.claim_words import ClaimReading, Ground
from bot.answering.checking.rivals import later_rival
from bot.answering.checking.signs import read_signs
from retrieval.search import Query
from retrieval.text.analysis import guess_language
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.answering.checking.assertions import Assertion
    from bot.answering.checking.signs import Signs
    from bot.answering.request import Request
    from retrieval.search import Found, HybridSearch
    from retrieval.vocabulary import Evidence

_PASSAGES, _READ = 20, 12
"""Passages that are searched for a claim, and those whose windows are read."""
_WINDOWS = 30
_LEAST_RARITY = 0.05


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """What was found for a claim.

    Args:
        assertion: the claim.
        evidence: the passages: that of the nearest window, then as search has them.
        signs: how it stands beside the nearest window; None when nothing was found.
        rival: a window of a later article that says otherwise, if there is one.
    """

    assertion: Assertion
    evidence: tuple[Evidence, ...]
    signs: Signs | None
    rival: Ground | None = None


class ClaimFinder:
    """Finds what is near a claim.

    Args:
        search: the archive's search, with its reader.
    """

    def __init__(self, search: HybridSearch) -> None:
        self._search = search

    def find(self, assertion: Assertion, request: Request) -> ClaimEvidence:
        """Search for a claim and hold it against what is found. Blocking.

        Args:
            assertion: the claim.
            request: for its scope and its day.
        """
        language = guess_language(assertion.text)
        query = Query(assertion.search_text, language, scope=request.scope)
        found = self._search.search(query, _PASSAGES)
        grounds = self._grounds(assertion, found)
        reading = ClaimReading(assertion.text, language, self._rarity(), request.today)
        signs = read_signs(reading, grounds)
        rival = later_rival(reading, signs.ground, grounds) if signs else None
        return ClaimEvidence(assertion, _nearest_first(found.evidence, signs), signs, rival)

    def _grounds(self, assertion: Assertion, found: Found) -> list[Ground]:
        ranked = self._search.windows(found, _READ)[:_WINDOWS]
        hits = self._search.read(assertion.search_text, found)
        read = {hit.window.id: hit.probability for hit in hits}
        return [
            Ground(
                one.evidence.article,
                Span(one.evidence.passage.start, one.evidence.passage.end),
                Span(one.window.start, one.window.end),
                one.cosine,
                read.get(one.window.id, 0.0),
            )
            for one in ranked
        ]

    def _rarity(self) -> Callable[[str], float]:
        """The weight of a term: 1 for one that stands nowhere, near 0 for one everywhere."""
        known: dict[str, float] = {}

        def rarity(term: str) -> float:
            if term not in known:
                with self._search.generation() as generation:
                    lexical = generation.lexical if generation else None
                    count = lexical.count() if lexical else 0
                    often = lexical.document_frequency(term) if lexical else 0
                weight = math.log((count + 1) / (often + 1)) / math.log(count + 2)
                known[term] = max(_LEAST_RARITY, weight)
            return known[term]

        return rarity


def _nearest_first(evidence: tuple[Evidence, ...], signs: Signs | None) -> tuple[Evidence, ...]:
    if signs is None:
        return evidence
    ground = signs.ground
    key = (ground.article.id, ground.passage.start)
    return tuple(sorted(evidence, key=lambda e: (e.article.id, e.passage.start) != key))
