"""What a person reads of a check or of a quote that was looked for, line by line. Pure.

The same lines stand in a terminal and in Telegram; the sources follow them as under any answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.findings import CheckReport, Publication, QuoteReport, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.answering.findings import CheckedClaim, QuoteMatch
    from bot.messages.catalogue import Catalogue
    from retrieval.vocabulary import Answer, Citation

_MAX_DIFFERENCES = 8


def finding_lines(texts: Catalogue, answer: Answer) -> tuple[str, ...]:
    """The lines of a report; none for any other answer."""
    if isinstance(answer, CheckReport):
        return tuple(_check_lines(texts, answer))
    if isinstance(answer, QuoteReport):
        return tuple(_quote_lines(texts, answer))
    return ()


# --- checks --------------------------------------------------------------------------------


def _check_lines(texts: Catalogue, report: CheckReport) -> Iterator[str]:
    yield _summary(texts, report)
    for number, claim in enumerate(report.claims, 1):
        yield _claim(texts, number, claim, report)
    if report.skipped:
        yield texts.text("check.skipped", count=report.skipped)
    if report.unread:
        yield texts.text("check.unread", count=report.unread)


def _summary(texts: Catalogue, report: CheckReport) -> str:
    """How many claims stand how: "3 affirmations : 1 écrite, 2 absentes"."""
    counts = {one: sum(c.standing is one for c in report.claims) for one in Standing}
    parts = [texts.text(f"check.count.{one}", count=n) for one, n in counts.items() if n]
    return texts.text("check.summary", count=len(report.claims), parts=", ".join(parts))


def _claim(texts: Catalogue, number: int, claim: CheckedClaim, report: CheckReport) -> str:
    lines = [texts.text("check.claim", number=number, text=claim.text)]
    lines.append(_standing(texts, claim))
    shown = {c.number for c in report.openable}
    for citation in claim.citations:
        mark = f" [{citation.number}]" if citation.number in shown else ""
        lines.append(_cited(texts, citation) + mark)
    return "\n".join(lines)


def _standing(texts: Catalogue, claim: CheckedClaim) -> str:
    near = bool(claim.citations) and claim.standing in (Standing.ABSENT, Standing.NEAR)
    said = texts.text(f"check.{claim.standing}{'_near' if near else ''}")
    if claim.standing is Standing.CONTRADICTED and len(claim.citations) > 1:
        said = texts.text("check.overtaken")
    if not claim.discrepancies:
        return said
    words = ", ".join(
        texts.text(f"check.detail.{one.detail}", words=one.words)
        for one in claim.discrepancies[:_MAX_DIFFERENCES]
    )
    return texts.text("check.differs", said=said, words=words)


def _cited(texts: Catalogue, citation: Citation) -> str:
    article = citation.article
    outlet = article.outlet or texts.text("source.unknown_outlet")
    date, quote = texts.date(article.published), on_a_line(citation.quote)
    return texts.text("check.quote", quote=quote, outlet=outlet, date=date)


def on_a_line(quote: str) -> str:
    """A quote on one line; a stroke stands after a title that it begins with."""
    title, gap, text = quote.partition("\n\n")
    ends = not gap or title.rstrip(' »”"\u00a0\u202f')[-1:] in {".", "!", "?", "…", ":", ""}
    return " ".join((quote if ends else f"{title} / {text}").split())


# --- quotes --------------------------------------------------------------------------------


def _quote_lines(texts: Catalogue, report: QuoteReport) -> Iterator[str]:
    if report.publication is Publication.NEVER:
        yield texts.text("finding.never")
        return
    key = "finding.exact" if report.publication is Publication.EXACT else "finding.nearest"
    yield texts.text(key, count=len(report.matches))
    for match in report.matches:
        cited = f"{_cited(texts, match.citation)} [{match.citation.number}]"
        yield "\n".join([cited, *_differences(texts, match)])


def _differences(texts: Catalogue, match: QuoteMatch) -> Iterator[str]:
    for one in match.differences[:_MAX_DIFFERENCES]:
        key = f"finding.difference.{one.kind}"
        yield texts.text(key, asked=one.asked, published=one.published)
    more = len(match.differences) - _MAX_DIFFERENCES
    if more > 0:
        yield texts.text("finding.more_differences", count=more)
