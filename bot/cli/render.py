"""Answers, passages and articles in a terminal: values in, Rich renderables out.

Every text of an article goes through `harmless`; nothing is read as Rich's markup. Lines never
break where French has a no-break space: Rich breaks them at any space, and a line would begin
with ``:`` or ``»``. While lines are made, such spaces are replaced by characters that no text has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, JustifyMethod, OverflowMethod, RenderableType
from rich.containers import Lines
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cli.output import harmless
from bot.messages.answers import (
    CONTEXT_CHARS,
    QuoteInContext,
    answer_span,
    citation_numbers,
    lead_lines,
    notice_lines,
    one_a_line,
    period_text,
    quote_in_context,
    source_line,
    statement_text,
    untitled,
)
from bot.messages.catalogue import Catalogue
from bot.messages.finding_lines import finding_lines
from retrieval.vocabulary import (
    Answer,
    Article,
    Citation,
    Evidence,
    Period,
    Span,
    State,
    Statement,
    Status,
)

if TYPE_CHECKING:
    # A question need not load what takes articles in.
    from retrieval.archive.rows import Entry, Link

# No-break spaces, and the ordinary ones that writers type in their place, each with a
# noncharacter of Unicode: `harmless` replaces those of any text.
_SPACES = {"\u00a0": "\ufdd0", "\u202f": "\ufdd1", "\u2007": "\ufdd2", " ": "\ufdd3"}
_NO_BREAK = re.compile(r"[\u00a0\u202f\u2007]| (?=[;:!?»])|(?<=«) ")
_BACK = str.maketrans({stand_in: space for space, stand_in in _SPACES.items()})


class FrenchText(Text):
    """A text of Rich that wraps as French is written; nothing is lost or changed."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """The lines of the text, at most ``width`` cells each."""
        unbroken = self.copy()
        unbroken.plain = _NO_BREAK.sub(lambda space: _SPACES[space[0]], self.plain)
        lines = unbroken.wrap(
            console, width, justify=justify, overflow=overflow, tab_size=tab_size, no_wrap=no_wrap
        )
        for line in lines:
            line.plain = line.plain.translate(_BACK)
        return lines


def prose(text: str, style: str = "", *, overflow: OverflowMethod | None = None) -> FrenchText:
    """A text of the catalogue or of an article, made harmless."""
    return FrenchText(harmless(text), style, overflow=overflow)


def hanging(mark: str, lines: Sequence[Text], style: str = "") -> RenderableType:
    """Lines beside a mark, which stands alone in its column; a long word is folded, never cut."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(style=style, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(prose(mark), Group(*lines))
    return grid


def bullets(lines: Iterable[str]) -> list[RenderableType]:
    """A list: each line hangs from a dash."""
    return [Padding(hanging("–", [prose(line)]), (0, 0, 0, 2)) for line in lines]


def folding_table(heads: Sequence[str], *, wide: int) -> Table:
    """A table whose cells are folded, never cut.

    Args:
        heads: of the columns.
        wide: the column that takes the width that is left.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for at, head in enumerate(heads):
        table.add_column(head, ratio=1 if at == wide else None, overflow="fold")
    return table


_MARK = "bold cyan"
_Piece = tuple[str, str]
"""A text and its style."""


def render_answer(answer: Answer, texts: Catalogue) -> RenderableType:
    """The answer with its ``[1]``, what to know of it, then each source with its quote.

    Where nothing answers, what comes nearest stands in the place of the sources.
    """
    parts: list[RenderableType] = [prose(line) for line in finding_lines(texts, answer)]
    below = notice_lines(texts, answer)
    if parts:
        parts = [part for line in parts for part in (line, Text())]
        parts = parts if below else parts[:-1]
    elif answer.evolution:
        parts += [_item(statement, texts) for statement in answer.statements]
    elif answer.statements:
        parts += [render_statements(answer.statements, texts, apart=one_a_line(answer))]
    parts += [] if parts else [prose(line) for line in lead_lines(texts, answer)]
    context = CONTEXT_CHARS if answer.status is Status.PASSAGES else 0
    parts += [render_source(citation, texts, context) for citation in answer.passages]
    parts += [prose(line, style="italic") for line in below]
    return Group(*parts, *_sources(answer, texts))


def render_statements(
    statements: Sequence[Statement], texts: Catalogue, *, apart: bool = False
) -> RenderableType:
    """The sentences of an answer with their numbers, on a line each when they stand apart."""
    pieces: list[_Piece] = []
    for statement in statements:
        if pieces:
            pieces.append(("\n" if apart else " ", ""))
        pieces += _said(statement, texts)
    return Group(
        FrenchText.assemble(*pieces)
    )  # Rich would print a text alone as one that is not prose


def render_source(
    citation: Citation, texts: Catalogue, context: int = CONTEXT_CHARS
) -> RenderableType:
    """A source with its quote, and at most ``context`` characters around it."""
    return _source([citation], texts, [_in_place(quote_in_context(untitled(citation), context))])


def _sources(answer: Answer, texts: Catalogue) -> list[RenderableType]:
    """The sources under their heading; of a dated list, which quotes them, only the articles."""
    if not answer.sources:
        return []
    if answer.evolution:
        cited: dict[str, list[Citation]] = {}
        for citation in answer.sources:
            cited.setdefault(citation.article.id, []).append(citation)
        listed = [_source(of_one, texts) for of_one in cited.values()]
    else:
        listed = [render_source(citation, texts) for citation in answer.sources]
    return [Text(), prose(texts.text("answer.sources"), style="bold"), *listed]


def _source(
    of_one: Sequence[Citation], texts: Catalogue, quotes: Sequence[Text] = ()
) -> RenderableType:
    """An article beside the numbers that cite it, and its quotes."""
    article = of_one[0].article
    lines = [prose(source_line(texts, article)), *quotes]
    if article.url:
        lines.append(prose(article.url, style="dim", overflow="fold"))
    return hanging("".join(f"[{citation.number}]" for citation in of_one), lines, _MARK)


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


def _item(statement: Statement, texts: Catalogue) -> RenderableType:
    """A sentence of a dated list, hanging from its dash."""
    (first, style), *rest = _said(statement, texts, dated=True)
    return hanging("–", [FrenchText.assemble((first.removeprefix("– "), style), *rest)])


def _said(statement: Statement, texts: Catalogue, *, dated: bool = False) -> list[_Piece]:
    """A sentence with its numbers; the words that answer are bold in one of an article."""
    shown = statement_text(texts, statement, dated=dated)
    answer, numbers = answer_span(statement), citation_numbers(statement)
    if answer is not None:
        before = shown.rindex(statement.text)
        answer = Span(before + answer.start, before + answer.end)
    return [*_in_bold(shown, answer), *([(" ", ""), (numbers, _MARK)] if numbers else [])]


def _evidence(number: int, evidence: Evidence, texts: Catalogue) -> RenderableType:
    passage, window = evidence.passage, evidence.window
    start, end = window.start - passage.start, window.end - passage.start
    within = QuoteInContext(passage.text[:start], passage.text[start:end], passage.text[end:])
    scores = texts.text(
        "search.scores",
        score=texts.number(evidence.score, 2),
        dense=texts.number(evidence.dense, 2),
        lexical=texts.number(evidence.lexical, 1),
    )
    head = prose(source_line(texts, evidence.article))
    lines = [head, prose(scores, style="dim"), _in_place(within)]
    return hanging(f"{number}.", lines, _MARK)


def _in_place(found: QuoteInContext) -> Text:
    """A quote in its passage: the words that answer in bold, or all of it where none is marked."""
    around = "dim" if found.answer else ""
    answer = found.answer or Span(0, len(found.quote))
    before, after = (harmless(found.before), around), (harmless(found.after), around)
    return FrenchText.assemble(before, *_in_bold(found.quote, answer), after)


def _in_bold(text: str, words: Span | None) -> list[_Piece]:
    """A text made harmless, some words of it in bold."""
    text = harmless(text)  # as long as it was
    if words is None:
        return [(text, "")]
    start, end = words.start, words.end
    return [(text[:start], ""), (text[start:end], "bold"), (text[end:], "")]


_STYLES = {State.LIVE: "", State.CORRECTED: "yellow", State.WITHDRAWN: "dim strike"}


def render_articles(entries: Sequence[Entry], texts: Catalogue) -> RenderableType:
    """The articles as a table, and how many there are."""
    if not entries:
        return prose(texts.text("articles.none"))
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    # The title gives way on a narrow terminal; an id must stay whole to be typed again.
    table.add_column(texts.text("articles.id"), no_wrap=True)
    table.add_column(texts.text("articles.published"), no_wrap=True)
    table.add_column(texts.text("articles.title"), ratio=1)
    table.add_column(texts.text("articles.outlet"))
    table.add_column(texts.text("articles.passages"), justify="right")
    for entry in entries:
        table.add_row(*_cells(entry, texts), style=_STYLES[entry.state])
    total = texts.text("articles.total", count=len(entries))
    return Group(table, Text(), prose(total, style="dim"))


def render_article(
    article: Article, texts: Catalogue, quote: Span | None = None, links: Sequence[Link] = ()
) -> RenderableType:
    """An article: what is known of it, then its text, a quote of it in bold.

    Args:
        article: which.
        texts: the reader's language.
        quote: where it stands.
        links: other sources that say the same, listed at the end.
    """
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(article, texts):
        if value:
            facts.add_row(prose(texts.text(f"show.{name}"), style="dim"), prose(value))
    title, body = prose(article.title, style="bold"), _body(article, quote or Span(0, 0))
    return Group(title, Text(), facts, Text(), body, *_links(links, texts))


def _links(links: Sequence[Link], texts: Catalogue) -> list[RenderableType]:
    """Where an article was published again."""
    if not links:
        return []
    from bot.messages.archive import article_line

    head = prose(texts.text("show.duplicates", count=len(links)), style="dim")
    lines = [
        texts.text(
            "show.duplicate",
            article=article_line(link.title, link.published, link.outlet, texts),
            source=link.source,
        )
        for link in links
    ]
    return [Text(), head, *(hanging("–", [prose(line)]) for line in lines)]


def _body(article: Article, quote: Span) -> Text:
    """The text without the title, when it begins with it: it was just read."""
    text = article.text
    first, _, rest = text.partition("\n")
    same = " ".join(first.split()) == " ".join(article.title.split())
    begins = len(text) - len(rest.lstrip("\n")) if same and rest.strip() else 0
    start, end = max(quote.start, begins), max(quote.end, begins)
    return FrenchText.assemble(
        harmless(text[begins:start]), (harmless(text[start:end]), "bold"), harmless(text[end:])
    )


def _cells(entry: Entry, texts: Catalogue) -> tuple[Text, ...]:
    title = entry.title
    if entry.state is not State.LIVE:
        title = f"{title} ({texts.text(f'state.{entry.state.value}')})"
    return (
        prose(entry.id),
        prose(str(entry.published or "–")),
        prose(title),
        prose(entry.outlet or "–"),
        prose(texts.number(entry.passages)),
    )


def _facts(article: Article, texts: Catalogue) -> tuple[tuple[str, str | None], ...]:
    return (
        ("id", article.id),
        ("outlet", article.outlet),
        ("published", texts.date(article.published)),
        ("author", article.author),
        ("url", article.url),
        ("source", article.source),
        ("language", article.language),
        ("state", texts.text(f"state.{article.state.value}")),
        ("revision", str(article.revision)),
    )
