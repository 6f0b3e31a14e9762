"""``kiosque answers`` and ``feedback``: earlier answers, and what readers thought of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import Json, command, typer_app

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.memory.values import StoredAnswer, Vote

app = typer_app()


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
        found = [*_of_bot(parts, article.id), *_of_chat(parts, article.id)]
    found.sort(key=lambda one: one["at"], reverse=True)
    if as_json:
        print_json(found)
        return
    texts = invocation.texts
    key = "answers.citing" if found else "answers.none"
    lines = [texts.text(key, count=len(found), title=harmless(article.title))]
    for one in found:
        where = texts.text(f"answers.from.{one['from']}")
        lines += ["", f"{one['at'][:16].replace('T', ' ')} · {where} · {harmless(one['question'])}"]
        lines += [f"   {harmless(line)}" for line in one["answer"].splitlines()]
    display("\n".join(lines))


def _of_bot(parts: Kiosque, article_id: str) -> list[dict[str, Any]]:
    from bot.memory.store import FILE_NAME, Store

    path = parts.settings.home / FILE_NAME
    if not path.exists():
        return []
    with Store(path) as store:
        return [_kept(answer) for answer in store.citing(article_id)]


def _kept(answer: StoredAnswer) -> dict[str, Any]:
    return {
        "at": answer.at.isoformat(timespec="seconds"),
        "from": "telegram",
        "question": answer.question,
        "status": answer.status,
        "answer": answer.text,
        "answer_id": answer.id,
    }


def _of_chat(parts: Kiosque, article_id: str) -> list[dict[str, Any]]:
    from bot.cli.history import History
    from bot.memory.conversation import Exchange

    history = History(
        parts.settings.home / "chat", timedelta(days=parts.settings.answers.keep_days)
    )
    return [
        {
            "at": one.at.isoformat(timespec="seconds"),
            "from": "chat",
            "question": one.question,
            "status": one.status,
            "answer": one.answer,
            "answer_id": None,
        }
        for one in history.load(datetime.now(UTC))
        if isinstance(one, Exchange) and any(c.article_id == article_id for c in one.sources)
    ]


@command(app, "feedback")
def feedback(ctx: typer.Context, as_json: Json = False) -> None:
    """Show the votes, the newest first, with the questions and the answers."""
    from bot.memory.store import FILE_NAME, Store

    invocation: Invocation = ctx.obj
    path = invocation.loaded.settings.home / FILE_NAME
    votes: list[Vote] = []
    if path.exists():
        with Store(path) as store:
            votes = store.votes()
    if as_json:
        print_json([_as_json(vote) for vote in votes])
        return
    texts = invocation.texts
    if not votes:
        display(texts.text("feedback.none"))
        return
    good = sum(vote.good for vote in votes)
    lines = [texts.text("feedback.total", good=good, bad=len(votes) - good)]
    for vote in votes:
        thumb = "👍" if vote.good else "👎"
        lines += ["", f"{thumb} {texts.date(vote.at.date())} · {harmless(vote.answer.question)}"]
        lines += [f"   {harmless(line)}" for line in vote.answer.text.splitlines()]
    display("\n".join(lines))


def _as_json(vote: Vote) -> dict[str, Any]:
    return {
        "at": vote.at.isoformat(timespec="seconds"),
        "good": vote.good,
        "question": vote.answer.question,
        "status": vote.answer.status,
        "answer": vote.answer.text,
        "answer_id": vote.answer.id,
    }
