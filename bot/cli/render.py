"""Answers and passages as a person sees them in a terminal: values in, Rich renderables out.

Every text of an article goes through `harmless`; nothing is read as Rich's markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.cli.output import harmless
from bot.messages.catalogue import Catalogue
from bot.messages.wording import (
    Quoted,
    answer_text,
    notice_line,
    period_text,
    quoted,
    source_line,
)
from retrieval.vocabulary import Answer, Citation, Evidence, Period


def render_answer(answer: Answer, texts: Catalogue) -> RenderableType:
    """The answer with its ``[1]``, what to know of it, then each source with its quote."""
    parts: list[RenderableType] = [_numbered(answer_text(texts, answer))]
    parts += [Text(harmless(notice_line(texts, n)), style="italic") for n in answer.notices]
    if answer.sources:
        parts += [Text(), Text(texts.text("answer.sources"), style="bold")]
        parts += [_source(citation, texts) for citation in answer.sources]
    return Group(*parts)


def render_search(
    period: Period | None, found: Sequence[Evidence], took_ms: float, texts: Catalogue
) -> RenderableType:
    """The passages, best first, each with its article, its scores and its best window in bold."""
    if not found:
        return Text(texts.text("search.nothing"))
    took = texts.number(took_ms)
    parts: list[RenderableType] = [
        Text(texts.text("search.found", count=len(found), took=took), style="dim")
    ]
    if period is not None:
        parts.append(Text(texts.text("search.period", period=period_text(texts, period))))
    for number, evidence in enumerate(found, start=1):
        parts += [Text(), _evidence(number, evidence, texts)]
    return Group(*parts)


def _numbered(text: str) -> Text:
    shown = Text(harmless(text))
    shown.highlight_regex(r"\[\d+\]", "bold cyan")
    return shown


def _source(citation: Citation, texts: Catalogue) -> RenderableType:
    article = citation.article
    lines = [Text(harmless(source_line(texts, article))), _in_bold(quoted(citation))]
    if article.url:
        lines.append(Text(harmless(article.url), style="dim", overflow="fold"))
    return _hanging(f"[{citation.number}]", lines)


def _evidence(number: int, evidence: Evidence, texts: Catalogue) -> RenderableType:
    passage, window = evidence.passage, evidence.window
    start, end = window.start - passage.start, window.end - passage.start
    within = Quoted(passage.text[:start], passage.text[start:end], passage.text[end:])
    scores = texts.text(
        "search.scores",
        score=texts.number(evidence.score, 2),
        dense=texts.number(evidence.dense, 2),
        lexical=texts.number(evidence.lexical, 1),
    )
    head = Text(harmless(source_line(texts, evidence.article)))
    return _hanging(f"{number}.", [head, Text(scores, style="dim"), _in_bold(within)])


def _hanging(mark: str, lines: Sequence[Text]) -> RenderableType:
    """Lines beside a mark, which stands alone in its column."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_row(Text(mark), Group(*lines))
    return grid


def _in_bold(found: Quoted) -> Text:
    return Text.assemble(
        harmless(found.before), (harmless(found.quote), "bold"), harmless(found.after)
    )
