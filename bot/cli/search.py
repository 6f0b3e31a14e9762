"""``kiosque search``, ``articles`` and ``show``: what the archive holds."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.ask import Outlets, QuestionWords, Since, Until, dates_of, with_outlets
from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import article_as_json, articles_as_json, search_as_json
from bot.cli.output import display, print_json
from bot.cli.translated import ArticleId, Json, command, typer_app
from retrieval.errors import BadUse

app = typer_app()


@command(app, "search")
def search(
    ctx: typer.Context,
    question: QuestionWords,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    k: Annotated[
        int | None, typer.Option("-k", min=1, max=100, metavar="NUMBER", help="help.search.k")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the passages that come nearest to a question."""
    from bot.answering.pipeline import checked
    from bot.answering.understanding import understand
    from retrieval.search import Query

    invocation: Invocation = ctx.obj
    dates = dates_of(since, until)
    with opened(invocation) as (parts, _):
        text = checked(" ".join(question), parts.settings.answers.max_question_chars)
        understood = understand(text, parts.today())
        period, scope = understood.question.period, with_outlets(dates, outlet, parts)
        query = Query(understood.search_text, understood.question.language, period, scope)
        found = parts.search.search(query, k)
    if as_json:
        print_json(search_as_json(text, period, found.evidence, found.took_ms))
    else:
        from bot.cli.render import render_search

        display(render_search(period, found.evidence, found.took_ms, invocation.texts))


@command(app, "articles")
def articles(ctx: typer.Context, as_json: Json = False) -> None:
    """List the articles, newest first."""
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, _):
        entries = parts.reader.entries()
    if as_json:
        print_json(articles_as_json(entries))
        return
    from bot.cli.render import render_articles

    display(render_articles(entries, invocation.texts))


@command(app, "show")
def show(ctx: typer.Context, article_id: ArticleId, as_json: Json = False) -> None:
    """Show one article, withdrawn or not.

    Raises:
        BadUse: the id is empty.
        NotFound: no article, or more than one, has an id that begins so.
    """
    invocation: Invocation = ctx.obj
    if not article_id.strip():
        raise BadUse("article_id_empty")
    with opened(invocation) as (parts, _):
        article = parts.reader.article(article_id)
        links = parts.reader.links_to(article.id)
    if as_json:
        print_json(article_as_json(article, links))
        return
    from bot.cli.render import render_article

    display(render_article(article, invocation.texts, links=links))
