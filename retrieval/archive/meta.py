"""The few facts about the whole archive: what is live, and how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

IDENTITY = "identity"  # tells two archives apart that share a Chroma server
GENERATION = "generation"
DEAD = "dead_windows"  # deleted from the live generation since it was made afresh
MODEL = "model"
PASSAGE_CHARS = "passage_chars"
WINDOW_CHARS = "window_chars"
SIGNATURES = "signatures"  # how the signatures of `retrieval.likeness` were made
REBUILDING = "rebuilding"  # the recipe whose vectors are being made ready


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """One fact, or None when it was never set."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


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


def drop(connection: sqlite3.Connection, key: str) -> None:
    """Take a fact out, inside the caller's transaction."""
    connection.execute("DELETE FROM meta WHERE key = ?", (key,))
