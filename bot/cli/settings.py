"""``kiosque config``: the settings in force, where each came from, secrets masked."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import Invocation
from bot.cli.output import display, print_json
from bot.cli.translated import Json, command, typer_app

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bot.messages.catalogue import Catalogue
    from config.loading import Loaded
    from config.showing import Effective

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
        text = files("config").joinpath("kiosque.toml").read_text(encoding="utf-8")
        typer.echo(text, nl=False)
    elif as_json:
        print_json(settings_as_json(invocation.loaded))
    else:
        display(render_settings(invocation.loaded, invocation.texts))


def settings_as_json(loaded: Loaded) -> dict[str, object]:
    """``{"file", "settings": [{"key", "value", "origin"}]}``; a default's origin is null."""
    from config.showing import effective

    rows = [{"key": row.key, "value": row.value, "origin": row.origin} for row in effective(loaded)]
    return {"file": str(loaded.file) if loaded.file else None, "settings": rows}


def render_settings(loaded: Loaded, texts: Catalogue) -> RenderableType:
    """The file that was read, and a line for each setting."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from bot.cli.prose import prose
    from config.showing import effective

    path = str(loaded.file or "")
    head = texts.text("config.file", path=path) if path else texts.text("config.no_file")
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    for column in ("key", "value", "origin"):
        table.add_column(texts.text(f"config.{column}"), overflow="fold")
    for row in effective(loaded):
        origin = row.origin or texts.text("config.default")
        style = "" if row.origin else "dim"
        table.add_row(row.key, prose(_value(row)), prose(origin, style))
    return Group(prose(head), Text(), table)


def _value(row: Effective) -> str:
    if isinstance(row.value, list):
        return ", ".join(map(str, row.value)) or "–"
    return str(row.value) if row.value not in ("", None) else "–"
