"""``kiosque articles`` and ``kiosque show``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.cli.json_values import article_as_json, articles_as_json
from bot.cli.opened import opened
from bot.cli.output import display, harmless, print_json
from bot.cli.prose import Prose, hanging, prose
from bot.messages.catalogue import Catalogue
from bot.messages.plan import told_of
from retrieval.archive.rows import Entry, Link
from retrieval.errors import BadUse
from retrieval.vocabulary import Article, Span, State

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


def articles(invocation: Invocation, *, as_json: bool) -> None:
    """List the articles, newest first."""
    with opened(invocation) as (app, _):
        entries = app.reader.entries()
    if as_json:
        print_json(articles_as_json(entries))
    else:
        from bot.cli.articles import render_articles

        display(render_articles(entries, invocation.texts))


def show(invocation: Invocation, article_id: str, *, as_json: bool) -> None:
    """Show one article, withdrawn or not.

    Raises:
        BadUse: the id is empty.
        NotFound: no article, or more than one, has an id that begins so.
    """
    if not article_id.strip():
        raise BadUse("article_id_empty")
    with opened(invocation) as (app, _):
        article = app.reader.article(article_id)
        links = app.reader.links_to(article.id)
    if as_json:
        print_json(article_as_json(article, links))
    else:
        from bot.cli.articles import render_article

        display(render_article(article, invocation.texts, links=links))


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
    title = prose(article.title, style="bold")
    parts: list[RenderableType] = [
        title,
        Text(),
        facts,
        Text(),
        _body(article, quote or Span(0, 0)),
    ]
    return Group(*parts, *_links(links, texts))


def _links(links: Sequence[Link], texts: Catalogue) -> list[RenderableType]:
    """Where an article was published again."""
    if not links:
        return []
    head = prose(texts.text("show.duplicates", count=len(links)), style="dim")
    lines = [
        texts.text(
            "show.duplicate",
            article=told_of(link.title, link.published, link.outlet, texts),
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
    return Prose.assemble(
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
