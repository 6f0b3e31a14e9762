"""The results of the tools: typed values with exact quotes, marked as made by a program.

The library makes a schema of the class that a tool returns; it would take slots for defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.answers import answer_text, is_written, notice_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer, Article, Citation, Evidence

MAX_TEXT_CHARS = 20_000
"""Characters of an article that one call gives."""


@dataclass(frozen=True, slots=True)
class ToolQuote:
    """Words of an article, letter for letter: ``text[start:end]`` of it is ``quote``."""

    article_id: str
    title: str
    outlet: str | None
    published: str | None
    url: str | None
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ToolSource:
    """A numbered quote: ``[n]`` in a text refers to it."""

    n: int
    source: ToolQuote


@dataclass(frozen=True, slots=True)
class ToolStatement:
    """A sentence of an answer, and the numbers of the quotes that it rests on."""

    text: str
    citations: list[int]


@dataclass(frozen=True, slots=True)
class GeneratedMark:
    """Who made an answer: always a program; whether a model wrote its sentences, and which."""

    by: str
    written: bool
    model: str | None


@dataclass(frozen=True)
class ToolAnswer:
    """An answer, as ``kiosque ask --json`` gives it."""

    question: str
    language: str
    status: str
    reason: str | None
    text: str
    statements: list[ToolStatement]
    sources: list[ToolSource]
    passages: list[ToolSource]
    notices: list[str]
    generated: GeneratedMark


@dataclass(frozen=True, slots=True)
class ToolMatch:
    """A published span beside a quote; each difference is what was asked, and what stands."""

    source: ToolQuote
    likeness: float
    differences: list[tuple[str, str]]


@dataclass(frozen=True)
class ToolQuoteReport:
    """Whether a quote was published (``exact``, ``nearest``, ``never``), and where."""

    quote: str
    publication: str
    matches: list[ToolMatch]
    text: str
    generated: GeneratedMark


@dataclass(frozen=True, slots=True)
class ToolClaim:
    """A claim and its verdict; of ``near`` and ``absent``, sources are only what is nearest."""

    text: str
    verdict: str
    differs: list[str]
    sources: list[ToolQuote]


@dataclass(frozen=True)
class ToolCheckReport:
    """The claims of a text, in its order; ``unread`` are those beyond what one check reads."""

    claims: list[ToolClaim]
    skipped: int
    unread: int
    text: str
    generated: GeneratedMark


@dataclass(frozen=True)
class ToolPassages:
    """The passages that come nearest to a question, the best first."""

    question: str
    passages: list[ToolQuote]


@dataclass(frozen=True)
class ToolArticle:
    """An article, or the part of its text from ``start``; ``next_start`` is None at its end.

    A withdrawn article has no text: it is not to be cited.
    """

    article_id: str
    title: str
    outlet: str | None
    published: str | None
    author: str | None
    url: str | None
    language: str
    state: str
    text: str
    start: int
    next_start: int | None


def tool_answer(answer: Answer, texts: Catalogue, model: str) -> ToolAnswer:
    """An answer as the tools give it."""
    written = is_written(answer)
    return ToolAnswer(
        answer.question.text,
        answer.question.language,
        answer.status.value,
        answer.refusal.reason.value if answer.refusal else None,
        answer_text(texts, answer),
        [ToolStatement(s.text, [c.number for c in s.citations]) for s in answer.statements],
        [ToolSource(c.number, _quoted(c)) for c in answer.sources],
        [ToolSource(c.number, _quoted(c)) for c in answer.passages],
        list(notice_lines(texts, answer)),
        GeneratedMark("program", written, (model or None) if written else None),
    )


def tool_quote_report(answer: Answer, texts: Catalogue, quote: str) -> ToolQuoteReport:
    """What became of a quote that was looked for."""
    from bot.answering.findings import QuoteReport

    found = answer.matches if isinstance(answer, QuoteReport) else ()
    matches = [
        ToolMatch(
            _quoted(match.citation),
            round(match.likeness, 3),
            [(one.asked, one.published) for one in match.differences],
        )
        for match in found
    ]
    publication = answer.publication.value if isinstance(answer, QuoteReport) else "never"
    mark = GeneratedMark("program", False, None)
    return ToolQuoteReport(quote, publication, matches, answer_text(texts, answer), mark)


def tool_check_report(answer: Answer, texts: Catalogue) -> ToolCheckReport:
    """What became of the claims of a text."""
    from bot.answering.findings import CheckReport

    mark, text = GeneratedMark("program", False, None), answer_text(texts, answer)
    if not isinstance(answer, CheckReport):
        return ToolCheckReport([], 0, 0, text, mark)
    claims = [
        ToolClaim(
            claim.text,
            claim.standing.value,
            [one.words for one in claim.discrepancies],
            [_quoted(citation) for citation in claim.citations],
        )
        for claim in answer.claims
    ]
    return ToolCheckReport(claims, answer.skipped, answer.unread, text, mark)


def tool_passages(question: str, found: Sequence[Evidence]) -> ToolPassages:
    """What a search found, as the tools give it."""
    passages = (one.passage for one in found)
    return ToolPassages(
        question,
        [
            _quote(one.article, passage.text, passage.start, passage.end)
            for one, passage in zip(found, passages, strict=True)
        ],
    )


def tool_article(article: Article, start: int, *, withdrawn: bool) -> ToolArticle:
    """An article as the tools give it.

    Args:
        article: the article.
        start: from where its text is given; the ends are its bounds.
        withdrawn: whether its text is to be left out.
    """
    text = "" if withdrawn else article.text
    begin = max(0, min(start, len(text)))
    end = min(begin + MAX_TEXT_CHARS, len(text))
    return ToolArticle(
        article.id,
        article.title,
        article.outlet,
        _date(article),
        article.author,
        article.url,
        article.language,
        article.state.value,
        text[begin:end],
        begin,
        end if end < len(text) else None,
    )


def _quoted(citation: Citation) -> ToolQuote:
    return _quote(citation.article, citation.quote, citation.start, citation.end)


def _quote(article: Article, quote: str, start: int, end: int) -> ToolQuote:
    outlet, url = article.outlet, article.url
    return ToolQuote(article.id, article.title, outlet, _date(article), url, quote, start, end)


def _date(article: Article) -> str | None:
    return str(article.published) if article.published else None
