"""``kiosque articles``, ``show``, ``answers``, ``feedback``: articles and earlier answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.errata import cited_hint
from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import (
    answer_origin,
    article_as_json,
    articles_as_json,
    stored_answer_as_json,
    vote_as_json,
)
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import ArticleId, Json, command, typer_app
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.memory.values import StoredAnswer, Vote

app = typer_app()


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


@command(app, "answers")
def answers(
    ctx: typer.Context,
    article_id: Annotated[str, typer.Option("--citing", metavar="ID", help="help.show.id")],
    as_json: Json = False,
) -> None:
    """List the answers that cited an article, of the bot and of the terminal's chat.

    Raises:
        NotFound: no article, or more than one, has an id that begins so.
    """
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, _):
        article = parts.reader.article(article_id)
        found = sorted(_citing(parts, article.id), key=lambda answer: answer.at, reverse=True)
        hint = [] if as_json else cited_hint(parts, [article.id], invocation.texts)
    if as_json:
        print_json([stored_answer_as_json(answer) for answer in found])
        return
    texts = invocation.texts
    key = "answers.citing" if found else "answers.none"
    lines = [texts.text(key, count=len(found), title=harmless(article.title))]
    for answer in found:
        where = texts.text(f"answers.from.{answer_origin(answer)}")
        lines += _answer_lines(f"{answer.at:%Y-%m-%d %H:%M} · {where}", answer)
    display("\n".join([*lines, "", *hint] if hint else lines))


def _citing(parts: Kiosque, article_id: str) -> list[StoredAnswer]:
    from bot.memory.history import has_memory, open_memory

    home = parts.settings.home
    if not has_memory(home):
        return []
    with open_memory(home, parts.settings.answers.keep_days) as store:
        return store.citing(article_id)


@command(app, "feedback")
def feedback(ctx: typer.Context, as_json: Json = False) -> None:
    """Show the votes, the newest first, with the questions and the answers."""
    from bot.memory.history import has_memory, open_memory

    invocation: Invocation = ctx.obj
    settings = invocation.loaded.settings
    votes: list[Vote] = []
    if has_memory(settings.home):
        with open_memory(settings.home, settings.answers.keep_days) as store:
            votes = store.votes()
    if as_json:
        print_json([vote_as_json(vote) for vote in votes])
        return
    texts = invocation.texts
    if not votes:
        display(texts.text("feedback.none"))
        return
    good = sum(vote.good for vote in votes)
    lines = [texts.text("feedback.total", good=good, bad=len(votes) - good)]
    for vote in votes:
        thumb = "👍" if vote.good else "👎"
        lines += _answer_lines(f"{thumb} {texts.date(vote.at.date())}", vote.answer)
    display("\n".join(lines))


def _answer_lines(head: str, answer: StoredAnswer) -> list[str]:
    """An empty line, the question, and the answer indented."""
    text = [f"   {harmless(line)}" for line in answer.text.splitlines()]
    return ["", f"{head} · {harmless(answer.question)}", *text]
