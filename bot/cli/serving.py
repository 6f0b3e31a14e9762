"""``kiosque bot``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.opened import opened

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation


def serve(invocation: Invocation) -> None:
    """Run the Telegram bot until a signal."""
    from bot.telegram.start import run

    with opened(invocation) as (app, _):
        run(app, invocation.texts.language, invocation.secrets, invocation.loaded.file)
