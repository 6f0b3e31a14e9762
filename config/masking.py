"""Secrets out of texts. Imports nothing: it is needed before the settings are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "********"


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text in which each secret shows as `MASK`; an empty secret hides nothing."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return text
