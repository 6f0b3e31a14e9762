"""The history in words: what a change did, who made it, when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from retrieval.archive.history import Change

_COUNTED = ("added", "changed", "removed", "near_duplicates", "withdrawn")
_MOST_NAMED = 3


def change_line(change: Change, texts: Catalogue) -> str:
    """A change in a line: number, date and time, who, what."""
    return texts.text(
        "history.line",
        id=change.id,
        at=moment(change, texts),
        by=change.by,
        what=what(change, texts),
    )


def moment(change: Change, texts: Catalogue) -> str:
    """When a change was made, by the clock of this machine."""
    local = change.started.astimezone()
    return texts.text("history.at", date=texts.date(local.date()), time=f"{local:%H:%M}")


def what(change: Change, texts: Catalogue) -> str:
    """What a change did: its kind, how many articles, which, and why."""
    key = f"history.action.{change.action}"
    kind = texts.text(key) if texts.has(key) else change.action
    parts = [
        texts.text(f"index.{name}", count=count)
        for name in _COUNTED
        if (count := change.counts.get(name)) and texts.has(f"index.{name}")
    ]
    parts += named(change)
    if change.detail.get("reason"):
        parts.append(texts.text("history.reason", reason=change.detail["reason"]))
    if change.detail.get("undoes"):
        parts.append(texts.text("history.undoes", id=change.detail["undoes"]))
    if change.undone_by:
        parts.append(texts.text("history.undone", id=change.undone_by))
    return texts.text("history.what", kind=kind, what=" · ".join(parts)) if parts else kind


def named(change: Change) -> list[str]:
    """The articles or the sources that a change names, the first few."""
    articles = [str(one.get("title")) for one in change.detail.get("articles", ())]
    found = articles or [str(one) for one in change.detail.get("sources", ())]
    more = ["…"] if len(found) > _MOST_NAMED else []
    return [", ".join([*found[:_MOST_NAMED], *more])] if found else []
