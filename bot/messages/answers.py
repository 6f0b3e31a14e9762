"""What a person reads of an answer, as plain sentences: the same in a terminal and in Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from bot.messages.catalogue import Catalogue
from bot.messages.finding_lines import finding_lines
from retrieval.vocabulary import (
    Answer,
    Article,
    Citation,
    Coverage,
    Notice,
    Period,
    PublicationDate,
    Reason,
    Span,
    State,
    Statement,
    Status,
)

if TYPE_CHECKING:
    from bot.answering.notices import Since

CONTEXT_CHARS = 160
_FEW_OUTLETS = 6
"""More outlets are not named: a list of seventy helps nobody."""


@dataclass(frozen=True, slots=True)
class QuoteInContext:
    """A quote within the paragraph it was cut from; an ellipsis marks what was left out.

    ``answer`` marks the words of the quote that answer, as offsets into it.
    """

    before: str
    quote: str
    after: str
    answer: Span | None = None


def answer_text(texts: Catalogue, answer: Answer) -> str:
    """An answer without its sources: its sentences with their ``[1]``, or why there is none.

    What comes nearest is a part of it where nothing answers, each with its number and source.
    """
    found = finding_lines(texts, answer)
    if found:
        return "\n".join(found)
    if answer.statements:
        sentences = (
            f"{statement_text(texts, one, dated=answer.evolution)} {citation_numbers(one)}"
            for one in answer.statements
        )
        return ("\n" if one_a_line(answer) else " ").join(
            sentence.rstrip() for sentence in sentences
        )
    near = [passage_line(texts, citation) for citation in answer.passages]
    return "\n".join([*lead_lines(texts, answer), *near])


def lead_lines(texts: Catalogue, answer: Answer) -> tuple[str, ...]:
    """What stands above the passages that come nearest: that they are no answer, or why not."""
    if answer.refusal is None:
        return (texts.text("passages.lead"),) if answer.passages else ()
    lines = refusal_lines(texts, answer)
    return (*lines, texts.text("refusal.nearest")) if answer.passages else lines


def untitled(citation: Citation) -> Citation:
    """A passage without the title that it begins with: the line of its source says it.

    It stays whole where nothing else is in it, or where the words that answer are in the title.
    """
    first, _, rest = citation.quote.partition("\n")
    text, answer = rest.lstrip(), citation.answer
    start = citation.end - len(text)
    same = " ".join(first.split()) == " ".join(citation.article.title.split())
    if not same or not text or (answer is not None and answer.start < start):
        return citation
    return replace(citation, quote=text, start=start)


def passage_line(texts: Catalogue, citation: Citation) -> str:
    """What comes near, in a line: its number, its words, its source."""
    citation = untitled(citation)
    quote = " ".join(citation.quote.split())
    source = source_line(texts, citation.article)
    return texts.text("passages.line", number=citation.number, quote=quote, source=source)


def notice_lines(texts: Catalogue, answer: Answer) -> tuple[str, ...]:
    """What to know of an answer: that a program wrote it, if one did, and each of its notices."""
    lines = tuple(notice_line(texts, notice) for notice in answer.notices)
    if not is_written(answer):
        return lines
    dropped = answer.status is Status.PARTIAL and all(n.key != "model_cut" for n in answer.notices)
    return (texts.text("answer.written_in_part" if dropped else "answer.written"), *lines)


def is_written(answer: Answer) -> bool:
    """Whether a model wrote the sentences; else they are quotes alone."""
    return answer.status in (Status.ANSWERED, Status.PARTIAL)


def one_a_line(answer: Answer) -> bool:
    """Whether each sentence has its line: those of articles do not follow on from one another."""
    return answer.evolution or answer.status is Status.EXTRACTIVE


def statement_text(texts: Catalogue, statement: Statement, *, dated: bool) -> str:
    """A sentence as it is shown.

    Args:
        texts: the words of it.
        statement: the sentence.
        dated: whether its article's date goes before it, as an item of a list.
    """
    text = statement.text
    return texts.text("answer.dated", date=_date_of(texts, statement), text=text) if dated else text


def answer_span(statement: Statement) -> Span | None:
    """The words that answer, in a sentence taken from an article as it stands.

    Returns:
        Offsets into the text of the statement; None when it is not a quote, or none is marked.
    """
    if len(statement.citations) != 1:
        return None
    (citation,) = statement.citations
    return answer_within(citation) if citation.quote == statement.text else None


def answer_within(citation: Citation) -> Span | None:
    """The words of a quote that answer, as offsets into the quote."""
    found = citation.answer
    return found and Span(found.start - citation.start, found.end - citation.start)


def citation_numbers(statement: Statement) -> str:
    """The numbers of its citations: ``[1][2]``."""
    return "".join(f"[{citation.number}]" for citation in statement.citations)


def _date_of(texts: Catalogue, statement: Statement) -> str:
    dates = [citation.article.published for citation in statement.citations]
    return texts.date(dates[0] if dates else None)


def refusal_lines(texts: Catalogue, answer: Answer) -> tuple[str, ...]:
    """Why there is no answer, and what the archive covers."""
    refusal = answer.refusal
    if refusal is None:
        return ()
    if not refusal.coverage.articles:
        return (texts.text("refusal.empty"),)
    lines = [_reason(texts, refusal.reason, answer.question.period)]
    if refusal.reason is not Reason.NOT_A_QUESTION:
        lines.append(coverage_line(texts, refusal.coverage))
    return tuple(lines)


def coverage_line(texts: Catalogue, coverage: Coverage) -> str:
    """How many articles the archive holds, from when to when, of which outlets if they are few."""
    if coverage.first is None:
        line = texts.text("refusal.coverage", count=coverage.articles)
    else:
        same = "same" if coverage.last in (None, coverage.first) else "range"
        dates = texts.text(f"refusal.dates.{same}", first=coverage.first, last=coverage.last)
        line = texts.text("refusal.coverage_dated", count=coverage.articles, dates=dates)
    if not 0 < len(coverage.outlets) <= _FEW_OUTLETS:
        return line
    outlets = texts.listing(coverage.outlets)
    return f"{line} {texts.text('refusal.outlets', count=len(coverage.outlets), outlets=outlets)}"


def source_line(texts: Catalogue, article: Article) -> str:
    """An article in a line: title, outlet, date, and whether it was corrected."""
    line = texts.text(
        "source.line",
        title=article.title,
        outlet=article.outlet or texts.text("source.unknown_outlet"),
        date=texts.date(article.published),
    )
    corrected = article.state is State.CORRECTED
    return f"{line} ({texts.text('source.corrected')})" if corrected else line


def notice_line(texts: Catalogue, notice: Notice) -> str:
    """A notice as a sentence; its dates are written out."""
    key = f"notice.{notice.key}"
    if not texts.has(key):
        return notice.key
    if notice.key == "period":
        return texts.text(key, period=period_text(texts, _period_of(dict(notice.values))))
    return texts.text(key, **{name: _date_or_text(value) for name, value in notice.values})


def period_text(texts: Catalogue, period: Period | None) -> str:
    """A period in words: those of the question when it named one, and its days."""
    if period is None or (period.first is None and period.last is None):
        return texts.text("refusal.no_period")
    ends = {"first": texts.date(period.first), "last": texts.date(period.last)}
    kind = "since" if period.last is None else "until" if period.first is None else "between"
    interval = texts.text(f"period.{kind}", **ends)
    if not period.words:
        return interval
    return texts.text("period.named", words=period.words, interval=interval)


def _period_of(values: Mapping[str, str]) -> Period:
    first, last = (
        date.fromisoformat(values[name]) if name in values else None for name in ("first", "last")
    )
    return Period(first, last, values.get("words", ""))


def quote_in_context(citation: Citation, context: int = CONTEXT_CHARS) -> QuoteInContext:
    """A citation's quote in its paragraph, with at most ``context`` characters on each side."""
    if not context:
        return QuoteInContext("", citation.quote, "", answer_within(citation))
    text = citation.article.text
    first = text.rfind("\n", 0, citation.start) + 1
    last = text.find("\n", citation.end)
    before = text[first : citation.start]
    after = text[citation.end : last if last >= 0 else len(text)]
    if len(before) > context:
        before = "…" + before[-context:].partition(" ")[2]
    if len(after) > context:
        after = after[:context].rpartition(" ")[0] + "…"
    return QuoteInContext(before.lstrip(), citation.quote, after.rstrip(), answer_within(citation))


def _reason(texts: Catalogue, reason: Reason, period: Period | None) -> str:
    return texts.text(f"refusal.{reason.value}", period=period_text(texts, period))


def _date_or_text(value: str) -> PublicationDate | str:
    try:
        return PublicationDate.parse(value)
    except ValueError:
        return value


def since_lines(since: Since, texts: Catalogue) -> list[str]:
    """Withdrawn, and why; or corrected, with both texts where they are known."""
    if since.withdrawn:
        lines = [texts.text("since.withdrawn")]
        return [*lines, texts.text("since.why", reason=since.reason)] if since.reason else lines
    if not since.before:
        return [texts.text("since.corrected")]
    lines = [texts.text("since.corrected_from", quote=since.before)]
    return [*lines, texts.text("since.now"), since.now] if since.now else lines


def shortened(text: str, max_chars: int) -> str:
    """A text on one line, cut at a word, with an ellipsis for what is left out."""
    line = " ".join(text.split())
    return line if len(line) <= max_chars else f"{line[:max_chars].rsplit(' ', 1)[0]}…"
