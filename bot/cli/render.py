"""Answers and passages as a person sees them in a terminal: values in, Rich renderables out.

Every text of an article goes through `harmless`; nothing is read as Rich's markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from bot.cli.output import harmless
from bot.cli.prose import Prose, hanging, prose
from bot.messages.catalogue import Catalogue
from bot.messages.wording import (
    CONTEXT_CHARS,
    Quoted,
    answer_text,
    notice_line,
    period_text,
    quoted,
    refusal_lines,
    source_line,
)
from retrieval.vocabulary import Answer, Citation, Evidence, Period, Question, Statement, Status

_MARK = "bold cyan"


def render_answer(answer: Answer, texts: Catalogue) -> RenderableType:
    """The answer with its ``[1]``, what to know of it, then each source with its quote."""
    if answer.refusal is None:
        parts: list[RenderableType] = [
            _marked_item(line) for line in answer_text(texts, answer).split("\n")
        ]
    else:
        parts = _with_hanging_items(refusal_lines(texts, answer))
    parts += [prose(notice_line(texts, n), style="italic") for n in answer.notices]
    if answer.sources:
        parts += [Text(), prose(texts.text("answer.sources"), style="bold")]
        parts += [render_source(citation, texts) for citation in answer.sources]
    return Group(*parts)


def render_statements(statements: Sequence[Statement], texts: Catalogue) -> RenderableType:
    """The sentences of an answer that is still being written, laid out as they will be."""
    # Only an extractive answer says nothing but its quotes.
    verbatim = all(s.text == c.quote for s in statements for c in s.citations)
    status = Status.EXTRACTIVE if verbatim else Status.ANSWERED
    return Group(_numbered(answer_text(texts, Answer(Question(""), status, tuple(statements)))))


def render_source(
    citation: Citation, texts: Catalogue, context: int = CONTEXT_CHARS
) -> RenderableType:
    """A source with its quote, and at most ``context`` characters around it."""
    article = citation.article
    lines = [prose(source_line(texts, article)), _in_bold(quoted(citation, context))]
    if article.url:
        lines.append(prose(article.url, style="dim", overflow="fold"))
    return hanging(f"[{citation.number}]", lines, _MARK)


def render_search(
    period: Period | None, found: Sequence[Evidence], took_ms: float, texts: Catalogue
) -> RenderableType:
    """The passages, best first, each with its article, its scores and its best window in bold."""
    if not found:
        return prose(texts.text("search.nothing"))
    took = texts.number(took_ms)
    parts: list[RenderableType] = [
        prose(texts.text("search.found", count=len(found), took=took), style="dim")
    ]
    if period is not None:
        parts.append(prose(texts.text("search.period", period=period_text(texts, period))))
    for number, evidence in enumerate(found, start=1):
        parts += [Text(), _evidence(number, evidence, texts)]
    return Group(*parts)


def _with_hanging_items(lines: Iterable[str]) -> list[RenderableType]:
    """Lines, of which those that begin with a dash are items of a list."""
    return [
        hanging("–", [prose(line[2:])]) if line.startswith("– ") else prose(line) for line in lines
    ]


def _marked_item(line: str) -> RenderableType:
    """A line of an answer, its ``[1]`` marked; an item of a list when it begins with a dash."""
    is_item = line.startswith("– ")
    return hanging("–", [_numbered(line[2:])]) if is_item else _numbered(line)


def _numbered(text: str) -> Text:
    shown = prose(text)
    shown.highlight_regex(r"\[\d+\]", _MARK)
    return shown


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
    head = prose(source_line(texts, evidence.article))
    lines = [head, prose(scores, style="dim"), _in_bold(within)]
    return hanging(f"{number}.", lines, _MARK)


def _in_bold(found: Quoted) -> Text:
    return Prose.assemble(
        harmless(found.before), (harmless(found.quote), "bold"), harmless(found.after)
    )
