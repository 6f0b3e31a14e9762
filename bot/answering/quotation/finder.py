"""Finds where a quote stands in the archive, or the nearest words that were published.

Search gives passages by words and by meaning; the words are then aligned with each article
around them. A quote that was published but is not found at once is looked for by its parts,
before it is called unpublished.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering import notices
from bot.answering.findings import Publication, QuoteMatch, QuoteReport
from bot.answering.quotation.alignment import align, run_of
from config import data
from retrieval.search import Query
from retrieval.text.analysis import analyse, guess_language, terms
from retrieval.vocabulary import (
    Citation,
    Notice,
    Question,
    Reason,
    Refusal,
    Span,
    Statement,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.evidence import GatheredEvidence
    from bot.answering.quotation.alignment import Alignment
    from retrieval.archive.reader import ArchiveReader
    from retrieval.scope import Scope
    from retrieval.search import HybridSearch
    from retrieval.vocabulary import Article, Evidence

MAX_CHARS = 5_000
"""Characters of a quote that are looked for."""
_PASSAGES = 40
_AROUND = 1_500
"""Characters around a passage that are read for the rest of a quote."""
_MAX_SHOWN = 3
_PART_WORDS, _MAX_PARTS = 12, 5
"""A quote is searched by parts of so many words, so many parts at most."""
_FEW_WORDS = 3
"""A shorter quote is found word for word or not at all."""


@dataclass(frozen=True, slots=True)
class QuoteLimits:
    """When a published span is shown as the nearest, from ``config/thresholds.toml``.

    Args:
        nearest: its likeness, 0 to 1.
    """

    nearest: float


def load_quote_limits() -> QuoteLimits:
    """The limits that come with Kiosque."""
    return QuoteLimits(**data.load("thresholds.toml")["quote"])


@dataclass(frozen=True, slots=True)
class _Aligned:
    """An article's span beside a quote."""

    article: Article
    alignment: Alignment


class QuoteFinder:
    """Finds quotes. Blocking: call from a thread. Safe from several threads.

    Args:
        search: the archive's search.
        reader: the archive, for what it covers.
        limits: when a span is shown as the nearest.
    """

    def __init__(self, search: HybridSearch, reader: ArchiveReader, limits: QuoteLimits) -> None:
        self._search = search
        self._reader = reader
        self._limits = limits

    def report(self, gathered: GatheredEvidence) -> QuoteReport:
        """Where the quote of a question stands.

        Args:
            gathered: a question that was understood; its search text is the quote.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        quote = gathered.asked.search_text[:MAX_CHARS]
        found = self._found(quote, gathered.request.scope)
        gathered.clock.lap("search")
        return self._concluded(gathered, quote, found)

    def _found(self, quote: str, scope: Scope) -> list[_Aligned]:
        """The spans that are nearest, the best first; those of one likeness by their dates."""
        best: dict[tuple[str, int], _Aligned] = {}
        read: set[int] = set()
        for text in _searches(quote):
            query = Query(text, guess_language(text), scope=scope)
            evidence = self._search.search(query, _PASSAGES).evidence
            for one in _aligned(quote, (e for e in evidence if e.passage.id not in read)):
                best[(one.article.id, one.alignment.span.start)] = one
            read |= {one.passage.id for one in evidence}
            if any(one.alignment.likeness >= self._limits.nearest for one in best.values()):
                break
        return sorted(best.values(), key=_rank)

    def _concluded(
        self, gathered: GatheredEvidence, quote: str, found: Sequence[_Aligned]
    ) -> QuoteReport:
        publication, shown = self._publication(quote, found)
        matches = tuple(_match(number, one) for number, one in enumerate(shown, 1))
        published = publication is not Publication.NEVER
        said = tuple(Statement(m.citation.quote, (m.citation,)) for m in matches if published)
        coverage = self._reader.coverage()
        refusal = None if published else Refusal(Reason.NOT_IN_ARCHIVE, coverage)
        question = gathered.asked.question
        gathered.clock.lap("answer")
        return QuoteReport(
            question=Question(gathered.request.shown, question.language),
            status=Status.EXTRACTIVE if published else Status.REFUSED,
            statements=said,
            as_of=notices.newest([one.article for one in shown]),
            notices=tuple(_speaker_notice(gathered.asked.subject, shown)) if published else (),
            refusal=refusal,
            timings_ms=gathered.clock.total(),
            quote=quote,
            publication=publication,
            matches=matches if published else (),
            coverage=coverage,
        )

    def _publication(
        self, quote: str, found: Sequence[_Aligned]
    ) -> tuple[Publication, Sequence[_Aligned]]:
        exact = [one for one in found if one.alignment.is_exact]
        if exact:
            return Publication.EXACT, exact[:_MAX_SHOWN]
        near = [one for one in found if one.alignment.likeness >= self._limits.nearest]
        if near and len(run_of(quote).words) >= _FEW_WORDS:
            return Publication.NEAREST, near[:1]
        return Publication.NEVER, ()


def _rank(one: _Aligned) -> tuple[bool, float, str, str]:
    alignment, published = one.alignment, one.article.published
    likeness = 0.0 if alignment.is_exact else -alignment.likeness
    return not alignment.is_exact, likeness, str(published or "9999"), one.article.id


def _searches(quote: str) -> Iterator[str]:
    """What a quote is searched by: all of it, then its parts."""
    words = quote.split()
    yield " ".join(words)[:1_000]
    if len(words) <= _PART_WORDS:
        return
    parts = [words[at : at + _PART_WORDS] for at in range(0, len(words), _PART_WORDS)]
    step = max(1, len(parts) // _MAX_PARTS)
    yield from (" ".join(part) for part in parts[::step][:_MAX_PARTS])


def _aligned(quote: str, evidence: Iterable[Evidence]) -> Iterator[_Aligned]:
    """The nearest span of each region of the articles that search found."""
    for article, region in _regions(evidence):
        found = align(quote, run_of(article.text, region.start, region.end))
        if found is not None:
            yield _Aligned(article, found)


def _regions(evidence: Iterable[Evidence]) -> Iterator[tuple[Article, Span]]:
    """The parts of articles around passages, those that touch joined."""
    articles: dict[str, Article] = {}
    spans: dict[str, list[Span]] = {}
    for one in evidence:
        articles[one.article.id] = one.article
        start, end = max(0, one.passage.start - _AROUND), one.passage.end + _AROUND
        spans.setdefault(one.article.id, []).append(Span(start, min(end, len(one.article.text))))
    for id_, parts in spans.items():
        whole: list[Span] = []
        for part in sorted(parts, key=lambda span: span.start):
            if whole and part.start <= whole[-1].end:
                whole[-1] = Span(whole[-1].start, max(whole[-1].end, part.end))
            else:
                whole.append(part)
        yield from ((articles[id_], part) for part in whole)


def _match(number: int, one: _Aligned) -> QuoteMatch:
    span, text = one.alignment.span, one.article.text
    citation = Citation(number, one.article, text[span.start : span.end], span.start, span.end)
    return QuoteMatch(citation, one.alignment.differences, one.alignment.likeness)


def _speaker_notice(speaker: str, shown: Sequence[_Aligned]) -> Iterator[Notice]:
    """That the one who is said to have said it is named in none of the articles."""
    names = {one.term for one in terms(speaker) if one.is_name}
    if not names:
        return
    told = (frozenset(analyse(f"{one.article.title}\n{one.article.text}")) for one in shown)
    if not any(names & one for one in told):
        yield Notice("quote_speaker", (("name", speaker),))
