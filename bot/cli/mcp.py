"""``kiosque mcp``: the archive for an assistant, on standard input and output."""

from __future__ import annotations

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.translated import command, typer_app

app = typer_app()


@command(app, "mcp")
def mcp(ctx: typer.Context) -> None:
    """Serve the tools of the archive until standard input ends."""
    from bot.mcp.server import serve

    invocation: Invocation = ctx.obj
    with opened(invocation) as (parts, bars):
        bars.stop()
        serve(parts, invocation.texts, invocation.unexpected)
