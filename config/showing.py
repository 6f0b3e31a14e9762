"""The settings in force, for people to look at: where each came from, and no secret."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from config.loading import Loaded, options
from config.masking import MASK

Shown = str | int | float | list[int | str] | None


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting in force; ``origin`` is a file, a variable, or None for the default."""

    key: str
    value: Shown
    origin: str | None


def effective(loaded: Loaded) -> tuple[Effective, ...]:
    """Every setting in force, in the order of the model, with secrets masked."""
    rows = []
    for name in options():
        value: Any = loaded.settings
        for part in name.split("."):
            value = getattr(value, part)
        rows.append(Effective(name, _shown(value), loaded.origins.get(name)))
    return tuple(rows)


def secrets(loaded: Loaded) -> tuple[str, ...]:
    """The secrets in force, for whoever must keep them out of a text."""
    settings = loaded.settings
    telegram = settings.telegram
    held = (
        settings.embedding.api_key,
        settings.llm.api_key,
        settings.llm.verifier.api_key,
        telegram.token,
        telegram.webhook_secret,
    )
    password = urlsplit(settings.chroma.url).password
    found = (*(secret.get_secret_value() for secret in held), password, unquote(password or ""))
    return tuple(dict.fromkeys(secret for secret in found if secret))


def _shown(value: Any) -> Shown:  # noqa: ANN401 - a setting of any kind
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return [str(each) if isinstance(each, Path) else each for each in value]
    return _without_password(value) if isinstance(value, str) else value


def _without_password(text: str) -> str:
    """A web address whose name and password, if it has them, are masked."""
    parts = urlsplit(text)
    if parts.username is None:
        return text
    return parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}").geturl()
