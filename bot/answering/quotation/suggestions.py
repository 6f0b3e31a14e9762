"""Suggests sentences of the articles to cite, for words that somebody is still typing.

The words are searched for as a question is. A sentence is suggested for the words that it has
of them, and for what the reader makes of it; where words of the quote itself were typed, the
sentences that they stand in come first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.evidence import GatheredEvidence, UnderstoodRequest
from bot.answering.findings import Publication
from bot.answering.intents import Intent, is_light
from bot.answering.picking import is_sayable
from bot.answering.quotes import sentence_around
from bot.answering.request import Request, Stopwatch
from bot.answering.tasks import Task
from bot.answering.understanding import outlet_named, understand
from retrieval.text.analysis import analyse, fold, terms
from retrieval.text.prose import widened
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Citation, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from bot.answering.evidence import Finder
    from bot.answering.picking import PickingLimits
    from bot.answering.quotation.finder import QuoteFinder
    from bot.answering.understanding import UnderstoodQuestion
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Article, Hit

MAX_TYPED_CHARS = 256
"""Characters of what is typed that are searched for."""
_QUOTED_WORDS = 3
"""From so many words on, they may be those of a quote."""
_ENOUGH = 0.59
"""A sentence has this share of the words typed, those around it counted."""
_TITLE, _ELSEWHERE = 0.6, 0.25
"""What a word counts that stands only in the title, or only elsewhere in the article."""
_READ_CHARS = 20_000
_AN_ARTICLE = 3
"""Sentences that are suggested of one article."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence that may be suggested; the higher its score, the sooner."""

    article: Article
    span: Span
    score: float


class QuoteSuggestions:
    """Suggests sentences to cite. Blocking: call from a thread. Safe from several threads.

    Args:
        finder: finds what may answer.
        quotes: finds where words stand.
        reader: the archive.
        limits: when the reader is sure.
    """

    def __init__(
        self, finder: Finder, quotes: QuoteFinder, reader: ArchiveReader, limits: PickingLimits
    ) -> None:
        self._finder = finder
        self._quotes = quotes
        self._reader = reader
        self._limits = limits

    def found(self, typed: str, today: date, limit: int) -> tuple[Citation, ...]:
        """Sentences for what was typed, the best first; none where nothing fits.

        Args:
            typed: a question, words of a subject, or words of a quote.
            today: the day on which it is typed.
            limit: how many at most.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        request = Request(typed[:MAX_TYPED_CHARS], today)
        asked = self._understood(request)
        wanted = {language: wanted_terms(asked, language) for language in ("fr", "en")}
        if not wanted[asked.question.language]:
            return ()
        gathered = self._finder.gather(UnderstoodRequest(request, asked, Stopwatch()))
        scored = suggestions(gathered.hits, wanted, self._limits.sure)
        chosen = chosen_among((*self._quoted(request, gathered), *scored), limit)
        return tuple(
            Citation(n, one.article, _said(one), one.span.start, one.span.end)
            for n, one in enumerate(chosen, 1)
        )

    def _understood(self, request: Request) -> UnderstoodQuestion:
        asked = understand(request.text, request.today)
        outlet = outlet_named(request.text, lambda: self._reader.coverage().outlets)
        return replace(asked, outlet=outlet, intent=Intent.FACT)

    def _quoted(self, request: Request, gathered: GatheredEvidence) -> Iterator[Suggestion]:
        """The sentences in which the words stand as they were typed, or nearly."""
        if len(request.text.split()) < _QUOTED_WORDS:
            return
        task = Task(Intent.QUOTE, request.text).understood(request.text)
        report = self._quotes.report(replace(gathered, asked=task))
        if report.publication is Publication.NEVER:
            return
        for match in report.matches:
            article, cited = match.citation.article, match.citation
            span = sentence_around(article.text, Span(cited.start, cited.end))
            if _is_quotable(article, span):
                yield Suggestion(article, span, 2.0 + match.likeness)


def wanted_terms(asked: UnderstoodQuestion, language: str) -> frozenset[str]:
    """The words that say what a question is about, as an article in some language has them.

    Those of a newspaper that it names are none.
    """
    own = terms(asked.subject, language)
    outlet = frozenset(analyse(asked.outlet or "", language))
    return frozenset(term.term for term in own if not is_light(term)) - outlet


def suggestions(
    hits: Sequence[Hit], wanted: Mapping[str, frozenset[str]], sure: float
) -> list[Suggestion]:
    """The sentences of windows that have enough of some words, or surely answer, best first.

    No sentence of an article that has none of the words is suggested, however sure the reader.

    Args:
        hits: what the reader has read.
        wanted: the words, by the language of an article.
        sure: so probable a window answers.
    """
    elsewhere: dict[str, dict[str, float]] = {}
    found: list[Suggestion] = []
    for hit in hits:
        article = hit.evidence.article
        words = wanted["en" if article.language == "en" else "fr"]
        if not words:
            continue
        if article.id not in elsewhere:
            elsewhere[article.id] = _article_words(article, words)
        found += _sentences(hit, words, elsewhere[article.id], sure)
    return sorted(found, key=lambda one: -one.score)


def _article_words(article: Article, wanted: frozenset[str]) -> dict[str, float]:
    """What each of some words counts for a sentence of an article that does not have it."""
    text = article.text[:_READ_CHARS]
    elsewhere = dict.fromkeys(wanted & frozenset(analyse(text, article.language)), _ELSEWHERE)
    titled = wanted & frozenset(analyse(article.title, article.language))
    return elsewhere | dict.fromkeys(titled, _TITLE)


def _sentences(
    hit: Hit, wanted: frozenset[str], elsewhere: dict[str, float], sure: float
) -> Iterator[Suggestion]:
    article, window = hit.evidence.article, hit.window
    for span in sentences(article.text[window.start : window.end], window.start):
        if not _is_quotable(article, span):
            continue
        text = article.text[span.start : span.end]
        own = wanted & frozenset(analyse(text, article.language))
        has = sum(1.0 if word in own else elsewhere.get(word, 0.0) for word in wanted) / len(wanted)
        answers = hit.answer is not None and span.start < hit.answer.end <= span.end
        likely = hit.probability / (2 if answers else 4)
        enough = has >= _ENOUGH and bool(own or answers)
        if enough or (has > 0 and answers and hit.probability >= sure):
            yield Suggestion(article, widened(article.text, span), has + likely)


def _is_quotable(article: Article, span: Span) -> bool:
    """Whether a sentence is prose, and not the title."""
    text = article.text[span.start : span.end]
    return is_sayable(text) and fold(" ".join(text.split())) != fold(article.title)


def chosen_among(found: Iterable[Suggestion], limit: int) -> list[Suggestion]:
    """The first of some sentences, none of which holds a part of another; few of an article."""
    chosen: list[Suggestion] = []
    for one in found:
        same = [other for other in chosen if other.article.id == one.article.id]
        apart = all(
            one.span.end <= other.span.start or other.span.end <= one.span.start for other in same
        )
        if apart and len(same) < _AN_ARTICLE:
            chosen.append(one)
        if len(chosen) == limit:
            break
    return chosen


def _said(one: Suggestion) -> str:
    return one.article.text[one.span.start : one.span.end]
