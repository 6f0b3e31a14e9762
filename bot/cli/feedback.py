"""``kiosque feedback``: what readers of the bot thought of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cli.output import display, harmless, print_json
from bot.telegram.store import FILE_NAME, Store

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.telegram.records import Vote


def feedback(invocation: Invocation, *, as_json: bool) -> None:
    """Show the thumbs, the newest first, with the questions and the answers."""
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
