"""``kiosque withdraw``, ``correct``, ``rollback``, ``rebuild``: changes that people make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cli.json_values import difference_as_json
from bot.cli.opened import opened
from bot.cli.output import display, harmless, print_json
from bot.cli.who import who
from bot.messages.difference import difference_lines
from bot.messages.past import change_line
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.cli.invocation import Invocation
    from retrieval.archive.history import Change


def withdraw(
    invocation: Invocation, ids: Sequence[str], reason: str, by: str | None, *, as_json: bool
) -> None:
    """Have articles never cited again.

    Raises:
        BadUse: an article is withdrawn already.
        NotFound: an id is unknown.
    """
    with opened(invocation) as (app, bars):
        edited = app.editor(who(by)).withdraw(ids, " ".join(reason.split()), bars)
    if as_json:
        done = [{"article_id": one.id, "title": one.title} for one in edited.before]
        print_json({"change": edited.change, "withdrawn": done, "took_ms": edited.took_ms})
        return
    texts = invocation.texts
    lines = [texts.text("withdraw.done", line=harmless(one.title)) for one in edited.before]
    display("\n".join([*lines, texts.text("edit.undo")]))


def correct(
    invocation: Invocation,
    article_id: str,
    path: Path,
    by: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Replace what an article says by what a file says, or show what that would change.

    Raises:
        BadUse, NotFound: the id or the file does not fit.
    """
    from retrieval.change.difference import difference

    with opened(invocation) as (app, bars):
        editor = app.editor(who(by))
        if dry_run:
            before, draft = editor.corrected(article_id, path)
            change, changes, took_ms = 0, difference(before, draft), 0
        else:
            edited = editor.correct(article_id, path, bars)
            (before,), (after,) = edited.before, edited.after
            change, changes, took_ms = edited.change, difference(before, after), edited.took_ms
    if as_json:
        print_json(
            {
                "change": change,
                "article_id": before.id,
                "title": before.title,
                "revision": before.revision + (not dry_run),
                "changes": difference_as_json(changes),
                "took_ms": took_ms,
            }
        )
        return
    texts = invocation.texts
    head = "correct.planned" if dry_run else "correct.done"
    lines = [texts.text(head, line=harmless(before.title))]
    lines += [f"  {harmless(line)}" for line in difference_lines(changes, texts)]
    display("\n".join(lines if dry_run else [*lines, texts.text("edit.undo")]))


def rollback(
    invocation: Invocation, only: int | None, by: str | None, *, dry_run: bool, as_json: bool
) -> None:
    """Take the newest change back that stands, or show which it is.

    Raises:
        BadUse: nothing can be taken back, or the newest is not the one that was named.
    """
    with opened(invocation) as (app, bars):
        editor = app.editor(who(by))
        if dry_run:
            last, change, articles, took_ms = editor.undoable(only), 0, 0, 0
            if last is None:
                raise BadUse("nothing_to_undo")
        else:
            undone = editor.rollback(bars, only)
            last, change, articles, took_ms = (
                *(undone.undone, undone.change, undone.articles, undone.took_ms),
            )
    if as_json:
        told = {"change": change, "undone": change_as_json(last)}
        print_json({**told, "articles": articles, "took_ms": took_ms})
        return
    texts = invocation.texts
    head = texts.text("rollback.planned" if dry_run else "rollback.done")
    display(f"{head}\n  {harmless(change_line(last, texts))}")


def rebuild(invocation: Invocation, by: str | None, *, as_json: bool) -> None:
    """Make passages, windows, vectors and indexes anew, as is set now."""
    from retrieval.change import rebuild as make_anew

    with opened(invocation) as (app, bars):
        made = make_anew(app.places, app.embedder, app.options(who(by)), bars)
    if as_json:
        told: dict[str, Any] = {"from": made.before.facts(), "to": made.after.facts()}
        sizes = {"passages": made.passages, "windows": made.windows, "embedded": made.embedded}
        print_json({**told, **sizes, "took_ms": made.took_ms})
        return
    texts = invocation.texts
    took = texts.number(made.took_ms / 1000, 1)
    sizes = {"passages": made.passages, "windows": made.windows}
    display(texts.text("rebuild.done", model=made.after.model, took=took, **sizes))


def change_as_json(change: Change) -> dict[str, Any]:
    """One change of the history."""
    return {
        "id": change.id,
        "action": change.action,
        "by": change.by,
        "at": change.started.isoformat(timespec="seconds"),
        "counts": change.counts,
        "detail": change.detail,
        "undone_by": change.undone_by,
        "undoable": change.undoable,
    }
