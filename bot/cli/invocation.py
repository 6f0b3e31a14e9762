"""What one run of a command knows before it starts: its language and where its settings are."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.messages.catalogue import Catalogue
from config.errors import SettingsError
from config.places import likely_home, peek_language, spoken_language
from retrieval.errors import BadSettings

if TYPE_CHECKING:
    from config.loading import Loaded


class Invocation:
    """The object of a command's context (``ctx.obj``).

    Args:
        named: the settings file named by ``--config``, if any.
    """

    def __init__(self, named: Path | None) -> None:
        self._named = named
        self.telling = False  # how far it is, to the program that started it
        self.texts = Catalogue(spoken_language(peek_language(named)))

    @cached_property
    def loaded(self) -> Loaded:
        """The settings and their origins, read at the first use: a second of imports less.

        Raises:
            BadSettings: a setting is unknown or wrong.
        """
        from config.loading import load

        try:
            return load(self._named)
        except SettingsError as error:
            raise BadSettings(error.key, **error.facts) from error

    @property
    def home(self) -> Path:
        """The home folder, even when the settings could not be read."""
        return self.loaded.settings.home if self._was_read else likely_home()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written; nothing when no settings were read."""
        if not self._was_read:
            return ()
        from config.showing import secrets

        return secrets(self.loaded)

    @property
    def _was_read(self) -> bool:
        return "loaded" in self.__dict__
