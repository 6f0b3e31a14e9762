"""The commands that look after an archive: corrections, the past, backups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.commands import By, Json, Yes, app
from bot.cli.translated import Command

__all__ = ["app"]

ArticleId = Annotated[str, typer.Argument(metavar="ID", help="help.show.id")]


@app.command("withdraw", cls=Command, help="help.withdraw.about")
def withdraw(
    ctx: typer.Context,
    article_ids: Annotated[list[str], typer.Argument(metavar="ID", help="help.show.id")],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="help.withdraw.reason")
    ] = "",
    by: By = None,
    as_json: Json = False,
) -> None:
    """Have articles never cited again."""

    changing.withdraw(ctx.obj, article_ids, reason, by, as_json=as_json)


@app.command("correct", cls=Command, help="help.correct.about")
def correct(
    ctx: typer.Context,
    article_id: ArticleId,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="help.correct.path")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="help.index.dry_run")] = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Replace what an article says."""

    changing.correct(ctx.obj, article_id, path, by, dry_run=dry_run, as_json=as_json)


@app.command("rollback", cls=Command, help="help.rollback.about")
def rollback(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="help.index.dry_run")] = False,
    change: Annotated[
        int | None, typer.Option("--change", metavar="NUMBER", help="help.rollback.change")
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Take the last change back."""

    changing.rollback(ctx.obj, change, by, dry_run=dry_run, as_json=as_json)


@app.command("history", cls=Command, help="help.history.about")
def history(
    ctx: typer.Context,
    most: Annotated[
        int, typer.Option("-n", min=1, max=100_000, metavar="NUMBER", help="help.history.most")
    ] = 30,
    as_json: Json = False,
) -> None:
    """List the changes."""

    past.history(ctx.obj, most, as_json=as_json)


@app.command("answers", cls=Command, help="help.answers.about")
def answers(
    ctx: typer.Context,
    citing: Annotated[str, typer.Option("--citing", metavar="ID", help="help.show.id")],
    as_json: Json = False,
) -> None:
    """List the answers that used an article."""

    past.answers(ctx.obj, citing, as_json=as_json)


@app.command("boilerplate", cls=Command, help="help.boilerplate.about")
def boilerplate(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="help.boilerplate.paths")],
    share: Annotated[
        float, typer.Option("--share", min=0.001, max=1, help="help.boilerplate.share")
    ] = 0.05,
    articles: Annotated[
        int, typer.Option("--articles", min=2, metavar="NUMBER", help="help.boilerplate.articles")
    ] = 5,
    toml: Annotated[bool, typer.Option("--toml", help="help.boilerplate.toml")] = False,
    as_json: Json = False,
) -> None:
    """Propose cleaning rules for an export."""
    from bot.cli import boilerplate as repeated

    request = repeated.BoilerplateRequest(tuple(paths), share, articles, as_toml=toml)
    repeated.boilerplate(ctx.obj, request, as_json=as_json)


@app.command("rebuild", cls=Command, help="help.rebuild.about")
def rebuild(ctx: typer.Context, by: By = None, as_json: Json = False) -> None:
    """Make the indexes anew, with the model and sizes that are set."""

    changing.rebuild(ctx.obj, by, as_json=as_json)


@app.command("backup", cls=Command, help="help.backup.about")
def backup(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="help.backup.file")],
    force: Annotated[bool, typer.Option("--force", help="help.backup.force")] = False,
    as_json: Json = False,
) -> None:
    """Write the archive into one file."""

    backing.backup(ctx.obj, path, force=force, as_json=as_json)


@app.command("restore", cls=Command, help="help.restore.about")
def restore(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="help.restore.file")],
    yes: Yes = False,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back."""

    backing.restore(ctx.obj, path, by, yes=yes, as_json=as_json)
