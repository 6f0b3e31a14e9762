"""``kiosque articles`` and ``kiosque show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.json_values import article_as_json, articles_as_json
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


def articles(invocation: Invocation, *, as_json: bool) -> None:
    """List the articles, newest first."""
    with opened(invocation) as (app, _):
        entries = app.reader.entries()
    if as_json:
        print_json(articles_as_json(entries))
    else:
        from bot.cli.render_archive import render_articles

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
        from bot.cli.render_archive import render_article

        display(render_article(article, invocation.texts, links=links))
