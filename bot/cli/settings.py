"""``kiosque config``: the settings in force, where each came from, secrets masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import Invocation
from bot.cli.json_values import settings_as_json
from bot.cli.output import display, print_json
from bot.cli.translated import Json, command, typer_app
from retrieval.text.file_names import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import RenderableType

    from bot.messages.catalogue import Catalogue
    from config.loading import Effective

app = typer_app()


@command(app, "config")
def config(
    ctx: typer.Context,
    as_json: Json = False,
    example: Annotated[bool, typer.Option("--example", help="help.config.example")] = False,
) -> None:
    """Show the settings in force, or a file with every option and its default in a comment.

    Raises:
        BadSettings: a setting is unknown or wrong.
    """
    invocation: Invocation = ctx.obj
    if example:
        from config.settings_file import example as example_file

        typer.echo(example_file(), nl=False)
        return
    from config.loading import effective

    loaded = invocation.loaded
    if as_json:
        print_json(settings_as_json(loaded.file, effective(loaded)))
    else:
        display(render_settings(loaded.file, effective(loaded), invocation.texts))


def render_settings(
    file: Path | None, rows: Iterable[Effective], texts: Catalogue
) -> RenderableType:
    """The file that was read, and a line for each setting."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from bot.cli.render import prose

    path = shown_name(file or "")
    head = texts.text("config.file", path=path) if path else texts.text("config.no_file")
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for column in ("key", "value", "origin"):
        table.add_column(texts.text(f"config.{column}"), overflow="fold")
    for row in rows:
        origin = row.origin or texts.text("config.default")
        style = "" if row.origin else "dim"
        table.add_row(row.key, prose(_value(row)), prose(origin, style))
    return Group(prose(head), Text(), table)


def _value(row: Effective) -> str:
    if isinstance(row.value, list):
        return ", ".join(map(str, row.value)) or "–"
    return str(row.value) if row.value not in ("", None) else "–"
