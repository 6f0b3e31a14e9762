"""Kiosque opened for a command: with its settings, and bars on the terminal's error stream."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.app import Kiosque
from bot.cli.output import Bars, console
from bot.cli.telling import Telling
from bot.logs import logged
from retrieval.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cli.invocation import Invocation


@contextmanager
def opened(invocation: Invocation) -> Iterator[tuple[Kiosque, Bars]]:
    """The parts of Kiosque, and the bars that long work is shown on.

    Bars go to the error stream, so that standard output holds only the result.

    Raises:
        BadSettings: a setting is unknown or wrong, or the home is no folder.
    """
    settings = invocation.loaded.settings
    if settings.home.exists() and not settings.home.is_dir():
        raise BadSettings("home_not_folder", path=settings.home)
    with (
        logged(settings.home / "logs", invocation.secrets),
        _bars(invocation) as bars,
        Kiosque(settings, converting=bars.counter("model")) as app,
    ):
        yield app, bars


def _bars(invocation: Invocation) -> Bars:
    return Telling() if invocation.telling else Bars(invocation.texts, console(stderr=True))
