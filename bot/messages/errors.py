"""From an error to its sentences: what happened, and what to do. Both fronts say them from here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from retrieval.text.file_names import legible, shown_name

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from retrieval.errors import KiosqueError

# The folders of a path in the midst of a text.
_FOLDERS = re.compile(r"(?<![\w:/.])(?:/|[A-Za-z]:[\\/])(?:[^\s/\\]+[/\\])+")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is shown: its key, what happened, what to do."""

    key: str
    message: str
    do: str


def explained(error: KiosqueError, texts: Catalogue, *, public: bool = False) -> Failure:
    """The sentences of one of our errors.

    Args:
        error: what was raised.
        texts: the language.
        public: whether people read it who should not see the folders of this machine: of each
            path, its last part is shown.
    """
    key, facts = f"error.{error.key}", error.facts
    if not texts.has(key):
        key, facts = "error.unlisted", {"detail": str(error)}
    facts = {name: _legible(fact) for name, fact in facts.items()}
    if public:
        facts = {name: _without_folders(name, fact) for name, fact in facts.items()}
    return Failure(error.key, texts.text(key, **facts), texts.text(f"{key}_do", **facts))


def unexplained(texts: Catalogue, reference: str, log: Path) -> Failure:
    """The sentences of any other error, which is a fault of Kiosque.

    Args:
        texts: the language.
        reference: names the error in the log.
        log: the file with its traceback.
    """
    message = texts.text("error.unexpected", reference=reference)
    return Failure("unexpected", message, texts.text("error.unexpected_do", log=log))


def _legible(fact: object) -> object:
    """A fact that can be shown: the name of a file may be of any bytes."""
    if isinstance(fact, PurePath):
        return type(fact)(shown_name(fact))
    return legible(fact) if isinstance(fact, str) else fact


def _without_folders(name: str, fact: object) -> object:
    if isinstance(fact, PurePath) or name == "path":
        return PurePath(str(fact)).name
    return _FOLDERS.sub("", fact) if isinstance(fact, str) else fact
