"""Judging an answer to a question whose answer is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.evaluation.outcomes import AnswerOutcome
from bot.messages.catalogue import Catalogue
from bot.messages.wording import answer_text
from retrieval.vocabulary import Span, State, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.evaluation.questions import KnownQuestion
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Answer, Article, Citation, Evidence

_SAYING = frozenset({Status.ANSWERED, Status.PARTIAL, Status.EXTRACTIVE})
"""Statuses that say an answer; nearest passages and refusals say none."""


def judged(known: KnownQuestion, answer: Answer, reader: ArchiveReader) -> AnswerOutcome:
    """How a question was answered.

    Args:
        known: the question, with its answer.
        answer: what came back.
        reader: the archive, read again to see whether the quotes stand in it.
    """
    said = answer.status in _SAYING
    by_quote, by_span, right = _right(known, answer)
    return AnswerOutcome(
        id=known.id,
        question=known.question,
        kind=known.kind,
        style=known.style,
        status=answer.status.value,
        answerable=known.answerable,
        said=said,
        right_by_quote=by_quote,
        right_by_span=by_span,
        right=right,
        cited=right and any(map(known.is_answered_in, _articles(answer.sources))),
        corrected=said and not known.answerable and _overlaps(known.corrections, answer.sources),
        shown=_shown(known, answer),
        nearest_right=right if said else _overlaps_gold(known, answer.passages[:1]),
        inexact_quotes=_inexact(answer, reader),
        text=_text(answer),
        confidence=answer.confidence,
        milliseconds=answer.timings_ms.get("total", 0.0),
    )


def holds_gold(known: KnownQuestion, evidence: Evidence) -> bool:
    """Whether a passage holds most of a gold quote: a cut may fall inside a long one."""
    article, passage = evidence.article, evidence.passage
    if known.articles and not known.is_answered_in(article):
        return False
    return any(
        (min(passage.end, gold.end) - max(passage.start, gold.start)) * 2 > gold.end - gold.start
        for gold in _spans(known.quotes, article.text)
    )


def _right(known: KnownQuestion, answer: Answer) -> tuple[bool, bool, bool]:
    """Whether an answer is right by what it quotes, by what it says, and all considered."""
    if not known.answerable or answer.status not in _SAYING:
        return False, False, False
    by_quote = _overlaps_gold(known, answer.sources)
    if not known.span:
        held = known.is_held_by(_text(answer))
        by_span = bool(known.must_contain) and held
        return by_quote, by_span, by_span if known.must_contain else by_quote
    by_span = known.has_span_in(" ".join(statement.text for statement in answer.statements))
    return by_quote, by_span, by_quote or by_span


def _shown(known: KnownQuestion, answer: Answer) -> bool | None:
    """Whether the gold passage is before the reader's eyes; None when it is not known."""
    if not known.answerable or not known.quotes:
        return None
    return _overlaps_gold(known, (*answer.sources, *answer.passages))


def _overlaps_gold(known: KnownQuestion, citations: Sequence[Citation]) -> bool:
    right = [one for one in citations if known.is_answered_in(one.article)]
    return known.answerable and _overlaps(known.quotes, right)


def _overlaps(quotes: Sequence[str], citations: Sequence[Citation]) -> bool:
    """Whether a citation shares a letter or a digit with one of some spans."""
    return any(
        any(map(str.isalnum, one.article.text[max(one.start, gold.start) : min(one.end, gold.end)]))
        for one in citations
        for gold in _spans(quotes, one.article.text)
    )


def _spans(quotes: Sequence[str], text: str) -> Iterator[Span]:
    """Every place of a text where one of some quotes stands."""
    for quote in filter(None, quotes):
        start = text.find(quote)
        while start >= 0:
            yield Span(start, start + len(quote))
            start = text.find(quote, start + len(quote))


def _articles(citations: Sequence[Citation]) -> list[Article]:
    return [citation.article for citation in citations]


def _text(answer: Answer) -> str:
    """What is said, or why nothing is."""
    if answer.refusal is not None:
        return answer.refusal.reason.value
    if answer.status not in _SAYING:
        return answer.status.value
    return answer_text(Catalogue(answer.question.language), answer)


def _inexact(answer: Answer, reader: ArchiveReader) -> int:
    """Quotes that the archive, read again, does not hold letter for letter."""
    wrong = 0
    for citation in (*answer.sources, *answer.passages):
        article = reader.article(citation.article.id)
        exact = article.text[citation.start : citation.end] == citation.quote
        wrong += not exact or article.state is State.WITHDRAWN
    return wrong
