"""The commands, and how Typer is told of them; what they do is in modules imported when used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.translated import Command, Group

app = typer.Typer(
    cls=Group,
    help="help.about",
    add_completion=False,
    rich_markup_mode=None,  # Rich would double the time of --help
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)

Json = Annotated[bool, typer.Option("--json", help="help.json")]


@app.callback()
def kiosque(
    ctx: typer.Context,
    config: Annotated[  # noqa: ARG001 - `bot.cli.start` reads it, before the language is known
        Path | None, typer.Option("--config", help="help.config_option", metavar="PATH")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="help.version")] = False,
) -> None:
    """Show the version, or the help when no command is named."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"kiosque {installed('kiosque')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command("config", cls=Command, help="help.config.about")
def show_config(
    ctx: typer.Context,
    as_json: Json = False,
    example: Annotated[bool, typer.Option("--example", help="help.config.example")] = False,
) -> None:
    """Show the settings in force, or a file to start one's own from."""
    from bot.cli import settings_view

    if example:
        typer.echo(settings_view.example(), nl=False)
    else:
        settings_view.show(ctx.obj, as_json=as_json)
