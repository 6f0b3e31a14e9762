"""Facts about the archive as a whole: its identity, its live generation, its recipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from retrieval.errors import BadSettings, ModelMismatch

if TYPE_CHECKING:
    import sqlite3

IDENTITY = "identity"  # tells two archives apart that share a Chroma server
GENERATION = "generation"
TOTALS = "totals"  # JSON: a generation, and how many windows and passages it holds
MODEL = "model"
PASSAGE_CHARS = "passage_chars"
WINDOW_CHARS = "window_chars"
SIGNATURES = "signatures"  # how the signatures of `retrieval.text.likeness` were made
SIGNED = "signed"  # the last revision that was seen to: all current ones to it are signed
KEYED = "keyed"  # the last revision whose keys `retrieval.archive.known` has put down
REBUILDING = "rebuilding"  # the recipe whose vectors are being made ready


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """One fact, or None when it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


def number(connection: sqlite3.Connection, key: str) -> int:
    """A fact that is a number; 0 when it was never set."""
    return int(get(connection, key) or 0)


def put(connection: sqlite3.Connection, key: str, value: object) -> None:
    """Set one fact, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, str(value)),
    )


def live_generation(connection: sqlite3.Connection) -> int | None:
    """The number of the generation of indexes that is live."""
    value = get(connection, GENERATION)
    return int(value) if value else None


def totals(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """How many windows and passages the live generation holds; None if nobody counted them."""
    generation, windows, passages = json.loads(get(connection, TOTALS) or "[0, 0, 0]")
    return (windows, passages) if generation == live_generation(connection) else None


def drop(connection: sqlite3.Connection, key: str) -> None:
    """Take a fact out, inside the caller's transaction."""
    connection.execute("DELETE FROM meta WHERE key = ?", (key,))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the vectors of an archive depend on.

    Args:
        model: the embedding model.
        passage_chars: the size of a passage.
        window_chars: the size of a window.
    """

    model: str
    passage_chars: int
    window_chars: int

    def as_json(self) -> str:
        """As a change keeps it."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> Recipe:
        """From what a change keeps."""
        return cls(**json.loads(text))

    @classmethod
    def of_archive(cls, connection: sqlite3.Connection) -> Recipe | None:
        """That of an archive; None before its first change."""
        keys = (MODEL, PASSAGE_CHARS, WINDOW_CHARS)
        model, passage, window = (get(connection, key) for key in keys)
        if model is None or passage is None or window is None:
            return None
        return cls(model, int(passage), int(window))

    def facts(self) -> dict[str, object]:
        """As `retrieval.archive.meta` keeps it."""
        return {
            MODEL: self.model,
            PASSAGE_CHARS: self.passage_chars,
            WINDOW_CHARS: self.window_chars,
        }

    def check(self, asked: Recipe) -> None:
        """See that what is asked for is this.

        Raises:
            ModelMismatch: another model is.
            BadSettings: other sizes are.
        """
        if self.model != asked.model:
            raise ModelMismatch("model_mismatch", made=self.model, asked=asked.model)
        if self != asked:
            raise BadSettings("sizes_mismatch", made=self._sizes(), asked=asked._sizes())

    def _sizes(self) -> str:
        return f"{self.passage_chars}/{self.window_chars}"
