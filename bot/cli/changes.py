"""``kiosque withdraw``, ``correct``, ``rollback``, ``history``: changes that people make."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.errata import cited_hint
from bot.cli.invocation import Invocation, author, opened
from bot.cli.json_values import (
    change_as_json,
    correction_as_json,
    rollback_as_json,
    withdrawal_as_json,
)
from bot.cli.output import display, harmless, print_json
from bot.cli.translated import ArticleId, By, DryRun, Json, command, typer_app
from bot.messages.archive import change_line, change_summary, change_time
from retrieval.errors import BadUse

app = typer_app()


@command(app, "withdraw")
def withdraw(
    ctx: typer.Context,
    article_ids: Annotated[list[str], typer.Argument(metavar="ID", help="help.show.id")],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="help.withdraw.reason")
    ] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Have articles never cited again.

    Raises:
        BadUse: an article is withdrawn already.
        NotFound: an id is unknown.
    """
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        edited = parts.editor(author(by)).withdraw(article_ids, " ".join(reason.split()), bars)
        ids = [] if as_json else [one.id for one in edited.before]
        hint = cited_hint(parts, ids, invocation.texts)
    if as_json:
        print_json(withdrawal_as_json(edited))
        return
    texts = invocation.texts
    lines = [texts.text("withdraw.done", line=harmless(one.title)) for one in edited.before]
    display("\n".join([*lines, texts.text("edit.undo"), *hint]))


@command(app, "correct")
def correct(
    ctx: typer.Context,
    article_id: ArticleId,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="help.correct.path")],
    dry_run: DryRun = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Replace the text of an article by that of a file, or show what that would change.

    Raises:
        BadUse, NotFound: the id or the file does not fit.
    """
    from bot.messages.archive import difference_lines
    from retrieval.change.report import difference

    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        editor = parts.editor(author(by))
        if dry_run:
            before, draft = editor.corrected(article_id, path)
            change, changes, took_ms, hint = 0, difference(before, draft), 0, []
        else:
            edited = editor.correct(article_id, path, bars)
            (before,), (after,) = edited.before, edited.after
            change, changes, took_ms = edited.change, difference(before, after), edited.took_ms
            hint = [] if as_json else cited_hint(parts, [after.id], invocation.texts)
    if as_json:
        print_json(correction_as_json(change, before, changes, took_ms, dry_run=dry_run))
        return
    texts = invocation.texts
    head = "correct.planned" if dry_run else "correct.done"
    lines = [texts.text(head, line=harmless(before.title))]
    lines += [f"  {harmless(line)}" for line in difference_lines(changes, texts)]
    display("\n".join(lines if dry_run else [*lines, texts.text("edit.undo"), *hint]))


@command(app, "rollback")
def rollback(
    ctx: typer.Context,
    dry_run: DryRun = False,
    only: Annotated[
        int | None, typer.Option("--change", metavar="NUMBER", help="help.rollback.change")
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Take back the newest change that stands, or show which it is.

    Raises:
        BadUse: nothing can be taken back, or the newest is not the one that was named.
    """
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        editor = parts.editor(author(by))
        done = None if dry_run else editor.rollback(bars, only)
        undone = done.undone if done else editor.undoable(only)
        touched = parts.reader.touched_since(done.change - 1) if done and not as_json else {}
        hint = cited_hint(parts, touched, invocation.texts)
    if undone is None:
        raise BadUse("nothing_to_undo")
    if as_json:
        print_json(rollback_as_json(undone, done))
        return
    texts = invocation.texts
    head = texts.text("rollback.planned" if dry_run else "rollback.done")
    display("\n".join([head, f"  {harmless(change_line(undone, texts))}", *hint]))


@command(app, "history")
def history(
    ctx: typer.Context,
    limit: Annotated[
        int, typer.Option("-n", min=1, max=100_000, metavar="NUMBER", help="help.history.most")
    ] = 30,
    as_json: Json = False,
) -> None:
    """List the changes, the newest first."""
    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, _):
        changes = parts.reader.changes(limit)
    if as_json:
        print_json([change_as_json(change) for change in changes])
        return
    from bot.cli.render import folding_table, prose

    texts = invocation.texts
    if not changes:
        display(texts.text("history.none"))
        return
    heads = [texts.text(f"history.column.{name}") for name in ("id", "at", "by", "what")]
    table = folding_table(heads, wide=3)
    for change in changes:
        what = change_summary(change, texts)
        cells = (str(change.id), change_time(change, texts), change.by, what)
        table.add_row(*map(prose, cells), style="dim" if change.undone_by else "")
    display(table)
