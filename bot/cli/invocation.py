"""One run of a command: its language, its settings, the parts of Kiosque, who makes a change."""

from __future__ import annotations

import getpass
import traceback
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.cli.output import Bars, console
from bot.messages.catalogue import Catalogue
from bot.messages.errors import unexplained
from config.masking import masked
from config.places import SettingsError, likely_home, peek_language, spoken_language
from retrieval.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app import Kiosque
    from bot.messages.errors import Failure
    from config.loading import Loaded

_MAX_NAME_CHARS = 100


@contextmanager
def _translated() -> Iterator[None]:
    """What is wrong with settings, as one of our errors."""
    try:
        yield
    except SettingsError as error:
        raise BadSettings(error.key, **error.facts) from error


class Invocation:
    """The object of a command's context (``ctx.obj``).

    Args:
        named: the settings file named by ``--config``, if any.

    Attributes:
        typed_secrets: tokens and keys that somebody typed: they must never be written either.
        texts: the reader's language.
    """

    def __init__(self, named: Path | None) -> None:
        self.named = named
        self.typed_secrets: list[str] = []
        self.texts = Catalogue(spoken_language(peek_language(named)))

    @cached_property
    def loaded(self) -> Loaded:
        """The settings and their origins, read at the first use: a second of imports less.

        Raises:
            BadSettings: a setting is unknown or wrong.
        """
        from config.loading import load

        with _translated():
            return load(self.named)

    def settings_of(self, file: Path | None) -> Loaded:
        """The settings of a file, or those without one; raises as `loaded`."""
        from config.loading import load_file

        with _translated():
            return load_file(file)

    @property
    def home(self) -> Path:
        """The home folder, even when the settings could not be read."""
        return self.loaded.settings.home if self._was_read else likely_home()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written: of the settings, where they were read, and what was typed."""
        typed = tuple(self.typed_secrets)
        if not self._was_read:
            return typed
        from config.loading import secrets

        return (*secrets(self.loaded), *typed)

    @property
    def _was_read(self) -> bool:
        return "loaded" in self.__dict__

    def unexpected(self, error: BaseException) -> Failure:
        """A fault of the program as it is shown; its traceback goes to the log, under a reference.

        Where the log cannot be written, nothing is: that must not hide the sentence itself.
        """
        reference = uuid4().hex[:8]
        log = self.home / "logs" / "kiosque.log"
        trace = masked("".join(traceback.format_exception(error)), self.secrets)
        with suppress(OSError):
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8", errors="replace") as file:
                file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {reference}\n{trace}\n")
        return unexplained(self.texts, reference, log)


@contextmanager
def opened(invocation: Invocation) -> Iterator[tuple[Kiosque, Bars]]:
    """The parts of Kiosque, and the bars that long work is shown on.

    Bars go to the error stream, so that standard output holds only the result.

    Raises:
        BadSettings: a setting is unknown or wrong, or the home is no folder.
    """
    from bot.app import Kiosque
    from bot.logs import log_to_file

    settings = invocation.loaded.settings
    with (
        log_to_file(settings.home / "logs", invocation.secrets),
        Bars(invocation.texts, console(stderr=True)) as bars,
        Kiosque(settings, converting=bars.counter("model")) as app,
    ):
        yield app, bars


def author(name: str | None) -> str:
    """Who makes a change, for the history: the name that was given, else the system's user."""
    if name and name.strip():
        return " ".join(name.split())[:_MAX_NAME_CHARS]
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):  # a user without a name, in a container
        return "cli"
