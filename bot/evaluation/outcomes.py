"""The outcome of each question that was put, judged against its known answer.

Figures, charts and runs are made of these values.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bot.messages.answers import answer_text
from bot.messages.catalogue import Catalogue
from retrieval.vocabulary import Span, State, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.evaluation.questions import KnownQuestion
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Answer, Citation, Evidence


@dataclass(frozen=True, slots=True)
class RankedOutcome:
    """Where the right passage of a question was found: from 0, or None."""

    id: str
    question: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """How a question was answered.

    Args:
        id: of the question.
        question: its text.
        kind: its kind in the question file; of an unanswerable one, why it has no answer.
        style: how it is worded.
        status: of the answer.
        answerable: whether the archive answers it.
        said: whether an answer was said: neither a refusal nor the nearest passages.
        right_by_quote: whether it cites words that overlap a gold quote.
        right_by_span: whether it holds the words that answer.
        right: whether it is right, all considered.
        cited: whether it is right and cites a right article.
        corrected: whether it cites what is wrong with an unanswerable question.
        shown: whether the gold passage is cited or among those shown; None when not known.
        nearest_right: whether what is said is right or, where nothing is said, the first of
            the passages shown overlaps a gold quote.
        inexact_quotes: quotes that are not spans of a live article.
        text: what was said; else the reason of the refusal, or the status.
        confidence: the probability that the answer gave itself, 0 to 1; None when it gave none.
        milliseconds: what the answer took.
    """

    id: str
    question: str
    kind: str
    style: str
    status: str
    answerable: bool
    said: bool
    right_by_quote: bool
    right_by_span: bool
    right: bool
    cited: bool
    corrected: bool
    shown: bool | None
    nearest_right: bool
    inexact_quotes: int
    text: str
    confidence: float | None
    milliseconds: float

    @property
    def wrong(self) -> bool:
        """Whether something was said that is neither right nor a due correction."""
        return self.said and not (self.right or self.corrected)

    @property
    def rightly_refused(self) -> bool:
        """Whether an unanswerable question was not answered, or was rightly corrected."""
        return not self.answerable and (not self.said or self.corrected)

    @property
    def succeeded(self) -> bool:
        """Whether it is right, or rightly refused."""
        return self.right if self.answerable else self.rightly_refused


def as_values(outcomes: Sequence[AnswerOutcome]) -> list[dict[str, Any]]:
    """The outcomes for programs, each with whether it ``succeeded``."""
    return [{**asdict(one), "succeeded": one.succeeded} for one in outcomes]


def failures(
    ranked: Sequence[RankedOutcome], answered: Sequence[AnswerOutcome]
) -> list[dict[str, Any]]:
    """The questions that did not succeed, for reading one by one."""
    failed = [
        {"what": "retrieval", **asdict(outcome)}
        for outcome in ranked
        if outcome.rank is None or outcome.rank > 0
    ]
    return failed + [
        {"what": "answer", **asdict(outcome)}
        for outcome in answered
        if not (outcome.cited if outcome.answerable else outcome.rightly_refused)
    ]


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
        cited=right and any(known.is_answered_in(one.article) for one in answer.sources),
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
