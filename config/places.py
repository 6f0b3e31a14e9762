"""Where the settings are, before they are read: cheap, so that ``--help`` can use it.

Only the standard library and platformdirs are imported here.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

PREFIX = "KIOSQUE_"
FILE_NAME = "kiosque.toml"


class SettingsError(ValueError):
    """A setting is unknown, missing or of the wrong kind.

    This package knows no other, so it cannot raise the project's own errors: the front that
    reads the settings turns this into `retrieval.errors.BadSettings`, once.

    Args:
        key: names the sentence in the message catalogue.
        facts: values that the sentence shows; never a secret.
    """

    def __init__(self, key: str, **facts: str) -> None:
        self.key = key
        self.facts = facts
        super().__init__(": ".join([key, *facts.values()]))


def default_home() -> Path:
    """The platform's folder for an application's data: the archive, the indexes, the model."""
    return platformdirs.user_data_path("kiosque", appauthor=False)


def likely_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The home as the environment has it, for when the settings were not or cannot be read."""
    return Path(environ.get(PREFIX + "HOME") or default_home()).expanduser()


def find_file(named: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file to read: the named one, else ``./kiosque.toml``, else the home's.

    Raises:
        SettingsError: a file was named and is not there.
    """
    if named is not None:
        if not named.is_file():
            raise SettingsError("settings_missing", path=str(named))
        return named
    candidates = (Path.cwd() / FILE_NAME, likely_home(environ) / FILE_NAME)
    return next((path for path in candidates if path.is_file()), None)


def read_file(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        SettingsError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("settings_not_toml", path=str(path), detail=str(error)) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise SettingsError("settings_unreadable", path=str(path), detail=detail) from error


def peek_language(named: Path | None, environ: Mapping[str, str] = os.environ) -> str:
    """The ``language`` setting alone, unchecked, for help and errors; ``auto`` when in doubt."""
    if environ.get(PREFIX + "LANGUAGE"):
        return environ[PREFIX + "LANGUAGE"]
    try:
        path = find_file(named, environ)
        return str(read_file(path).get("language", "auto")) if path else "auto"
    except SettingsError:
        return "auto"


def spoken_language(setting: str, environ: Mapping[str, str] = os.environ) -> str:
    """``fr`` or ``en``: as set, else as the terminal's locale says, else French."""
    if setting in {"fr", "en"}:
        return setting
    locale = next((environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(n)), "")
    return "en" if locale.lower().startswith("en") else "fr"
