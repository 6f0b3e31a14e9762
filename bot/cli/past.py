"""``kiosque history``, ``answers`` and ``feedback``: what was changed, used, and thought of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cli.changing import change_as_json
from bot.cli.opened import opened
from bot.cli.output import display, harmless, print_json
from bot.memory.history import has_memory, open_memory
from bot.memory.values import TERMINAL
from bot.messages.past import moment, what

if TYPE_CHECKING:
    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.memory.values import StoredAnswer, Vote


def history(invocation: Invocation, most: int, *, as_json: bool) -> None:
    """List the changes, the newest first."""
    with opened(invocation) as (app, _):
        changes = app.reader.changes(most)
    if as_json:
        print_json([change_as_json(change) for change in changes])
        return
    from rich.table import Table

    from bot.cli.prose import prose

    texts = invocation.texts
    if not changes:
        display(texts.text("history.none"))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("id", "at", "by", "what"):
        ratio = 1 if name == "what" else None
        table.add_column(texts.text(f"history.column.{name}"), ratio=ratio, overflow="fold")
    for change in changes:
        style = "dim" if change.undone_by else ""
        cells = (str(change.id), moment(change, texts), change.by, what(change, texts))
        table.add_row(*map(prose, map(harmless, cells)), style=style)
    display(table)


def answers(invocation: Invocation, article_id: str, *, as_json: bool) -> None:
    """List the answers that cited an article, of the bot and of the terminal's chat.

    Raises:
        NotFound: no article, or more than one, has an id that begins so.
    """
    with opened(invocation) as (app, _):
        article = app.reader.article(article_id)
        found = [_as_remembered(answer) for answer in _citing(app, article.id)]
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


def _as_remembered(answer: StoredAnswer) -> dict[str, Any]:
    in_terminal = answer.place.chat == TERMINAL
    return {
        "at": answer.at.isoformat(timespec="seconds"),
        "from": "chat" if in_terminal else "telegram",
        "question": answer.question,
        "status": answer.status,
        "answer": answer.text,
        "answer_id": None if in_terminal else answer.id,
    }


def _citing(app: Kiosque, article_id: str) -> list[StoredAnswer]:
    home = app.settings.home
    if not has_memory(home):
        return []
    with open_memory(home, app.settings.answers.keep_days) as store:
        return store.citing(article_id)


def feedback(invocation: Invocation, *, as_json: bool) -> None:
    """Show the thumbs, the newest first, with the questions and the answers."""
    settings = invocation.loaded.settings
    votes: list[Vote] = []
    if has_memory(settings.home):
        with open_memory(settings.home, settings.answers.keep_days) as store:
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
