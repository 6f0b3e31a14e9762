"""What a person reads of an answer, as plain sentences: the same in a terminal and in Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.messages.catalogue import Catalogue
from retrieval.vocabulary import (
    Answer,
    Article,
    Citation,
    Coverage,
    Notice,
    Period,
    PublicationDate,
    Reason,
    State,
    Statement,
    Status,
)

CONTEXT_CHARS = 160


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote within the paragraph it was cut from; an ellipsis marks what was left out."""

    before: str
    quote: str
    after: str


def answer_text(texts: Catalogue, answer: Answer) -> str:
    """An answer without its sources: its sentences with their ``[1]``, or why there is none."""
    if answer.refusal is not None:
        return "\n".join(refusal_lines(texts, answer))
    said = [numbered(texts, statement) for statement in answer.statements]
    if answer.evolution:
        dates = [_date_of(texts, statement) for statement in answer.statements]
        return "\n".join(
            texts.text("answer.dated", date=date, text=text)
            for date, text in zip(dates, said, strict=True)
        )
    # Sentences taken from articles do not follow on from one another: one a line.
    return ("\n" if answer.status is Status.EXTRACTIVE else " ").join(said)


def numbered(texts: Catalogue, statement: Statement) -> str:
    """A sentence, with who says it when it does not, followed by the numbers of its citations."""
    text = statement.text
    if statement.speaker is not None:
        text = texts.text("answer.said_by", speaker=statement.speaker, text=text)
    numbers = "".join(f"[{citation.number}]" for citation in statement.citations)
    return f"{text} {numbers}" if numbers else text


def _date_of(texts: Catalogue, statement: Statement) -> str:
    dates = [citation.article.published for citation in statement.citations]
    return texts.date(dates[0] if dates else None)


def refusal_lines(texts: Catalogue, answer: Answer) -> tuple[str, ...]:
    """Why there is no answer, what the archive covers, and the nearest articles."""
    refusal = answer.refusal
    if refusal is None:
        return ()
    if not refusal.coverage.articles:
        return (texts.text("refusal.empty"),)
    lines = [_reason(texts, refusal.reason, answer.question.period)]
    if refusal.reason is not Reason.NOT_A_QUESTION:
        lines.append(coverage_line(texts, refusal.coverage))
    if refusal.nearest:
        lines.append(texts.text("refusal.nearest"))
        lines += [f"– {source_line(texts, article)}" for article in refusal.nearest]
    return tuple(lines)


def coverage_line(texts: Catalogue, coverage: Coverage) -> str:
    """How many articles the archive holds, from when to when, of which outlets."""
    if coverage.first is None:
        said = texts.text("refusal.coverage", count=coverage.articles)
    else:
        same = "same" if coverage.last in (None, coverage.first) else "range"
        dates = texts.text(f"refusal.dates.{same}", first=coverage.first, last=coverage.last)
        said = texts.text("refusal.coverage_dated", count=coverage.articles, dates=dates)
    if not coverage.outlets:
        return said
    outlets = texts.listing(coverage.outlets)
    return f"{said} {texts.text('refusal.outlets', count=len(coverage.outlets), outlets=outlets)}"


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


def quoted(citation: Citation, context: int = CONTEXT_CHARS) -> Quoted:
    """A citation's quote in its paragraph, with at most ``context`` characters on each side."""
    text = citation.article.text
    first = text.rfind("\n", 0, citation.start) + 1
    last = text.find("\n", citation.end)
    before = text[first : citation.start]
    after = text[citation.end : last if last >= 0 else len(text)]
    if len(before) > context:
        before = "…" + before[-context:].partition(" ")[2]
    if len(after) > context:
        after = after[:context].rpartition(" ")[0] + "…"
    return Quoted(before.lstrip(), citation.quote, after.rstrip())


def _reason(texts: Catalogue, reason: Reason, period: Period | None) -> str:
    return texts.text(f"refusal.{reason.value}", period=period_text(texts, period))


def _date_or_text(value: str) -> PublicationDate | str:
    try:
        return PublicationDate.parse(value)
    except ValueError:
        return value
