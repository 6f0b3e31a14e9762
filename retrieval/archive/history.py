"""The history of the archive: what was changed, by whom; what can be undone, and for how long."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from retrieval.archive import meta
from retrieval.archive.rows import Note
from retrieval.vocabulary import State

if TYPE_CHECKING:
    import sqlite3

    from retrieval.archive.schema import WritableArchive

_STANDING = "(c.undone_by IS NULL AND c.action IN ('index', 'correct', 'withdraw'))"
_HAS_EFFECTS = (
    "(EXISTS (SELECT 1 FROM change_items i WHERE i.change = c.id)"
    " OR (EXISTS (SELECT 1 FROM duplicates d WHERE d.change = c.id)"
    # One that did more than link has no items any more because they have expired.
    " AND coalesce(json_extract(c.counts, '$.added'), 0)"
    " + coalesce(json_extract(c.counts, '$.changed'), 0)"
    " + coalesce(json_extract(c.counts, '$.removed'), 0) = 0))"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the archive.

    ``counts`` are those of its report; ``detail`` tells its sources or its reason;
    ``undone_by`` is the change that took it back; ``undoable`` tells that what it replaced
    is still kept.
    """

    id: int
    action: str
    by: str
    started: datetime
    counts: dict[str, int] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    undone_by: int | None = None
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """What an article was before a change; ``revision`` is None when it was not there."""

    article_id: str
    revision: int | None
    state: State | None
    note: Note
    same_text: bool


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the past is kept, whichever ends first.

    Args:
        changes: so many can be undone.
        days: afterwards a change cannot be undone, and is not listed.
    """

    changes: int = 50
    days: int = 365


def changes(connection: sqlite3.Connection, limit: int = 100) -> list[Change]:
    """The changes, the newest first."""
    return _changes(connection, "TRUE", limit)


def last_undoable(connection: sqlite3.Connection) -> Change | None:
    """The newest change that stands, if what it replaced is still kept."""
    newest = _changes(connection, _STANDING, 1)
    return newest[0] if newest and newest[0].undoable else None


def _changes(connection: sqlite3.Connection, which: str, limit: int) -> list[Change]:
    rows = connection.execute(
        "SELECT c.id, c.action, c.by, c.started, c.counts, c.detail, c.undone_by,"
        f" {_STANDING} AND {_HAS_EFFECTS} FROM changes c"
        f" WHERE c.finished IS NOT NULL AND {which} ORDER BY c.id DESC LIMIT ?",
        (limit,),
    )
    return [
        Change(
            id_,
            action,
            by,
            datetime.fromisoformat(started),
            json.loads(counts),
            json.loads(detail),
            undone_by,
            bool(undoable),
        )
        for id_, action, by, started, counts, detail, undone_by, undoable in rows
    ]


def touched_since(connection: sqlite3.Connection, change: int) -> dict[str, str]:
    """The articles that a later change touched, each with what kind the last of these was."""
    rows = connection.execute(
        "SELECT i.article, c.action FROM change_items i JOIN changes c ON c.id = i.change"
        " WHERE c.id > ? AND c.finished IS NOT NULL ORDER BY c.id",
        (change,),
    )
    return dict(rows.fetchall())


def last_touched(connection: sqlite3.Connection, article_id: str) -> datetime | None:
    """When an article was last changed or withdrawn; None when that is not kept any more."""
    row = connection.execute(
        "SELECT c.started FROM change_items i JOIN changes c ON c.id = i.change"
        " WHERE i.article = ? AND c.finished IS NOT NULL"
        " AND c.action IN ('index', 'correct', 'withdraw', 'rollback') ORDER BY c.id DESC LIMIT 1",
        (article_id,),
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def undoing(connection: sqlite3.Connection, change: int) -> list[Undo]:
    """What would take a change back, article by article."""
    rows = connection.execute(
        "SELECT i.article, i.before, i.before_state, i.before_note,"
        " i.before IS NOT NULL AND i.before = a.current"
        " FROM change_items i JOIN articles a ON a.id = i.article"
        " WHERE i.change = ? AND a.current IS NOT NULL",
        (change,),
    )
    return [
        Undo(id_, before, State(state) if state else None, Note.of_json(note), bool(same))
        for id_, before, state, note, same in rows
    ]


def text_of(connection: sqlite3.Connection, revision: int) -> str:
    """The text of a revision, current or not."""
    (text,) = connection.execute("SELECT text FROM revisions WHERE id = ?", (revision,)).fetchone()
    return str(text)


def expire(store: WritableArchive, retention: Retention) -> None:
    """Forget the past that need not be kept: what it replaced, and the oldest audit rows."""
    before = (datetime.now(UTC) - timedelta(days=retention.days)).isoformat()
    old = (
        "(SELECT id FROM changes WHERE finished IS NOT NULL AND (started < :before OR id <="
        " coalesce((SELECT id FROM changes c WHERE finished IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM change_items i WHERE i.change = c.id)"
        " ORDER BY id DESC LIMIT 1 OFFSET :kept), 0)))"
    )
    values = {"before": before, "kept": retention.changes}
    with store.transaction() as connection:
        forgotten = connection.execute(
            f"DELETE FROM change_items WHERE change IN {old} RETURNING article", values
        ).fetchall()
        connection.executemany(
            "DELETE FROM revisions WHERE id IN (SELECT r.id FROM revisions r"
            " JOIN articles a ON a.id = r.article"
            " WHERE r.article = ? AND r.id IS NOT a.current"
            " AND NOT EXISTS (SELECT 1 FROM change_items i WHERE i.article = r.article"
            " AND (i.before = r.id OR i.after = r.id)))",
            set(forgotten),
        )
        connection.execute(
            "DELETE FROM articles WHERE current IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.article = articles.id)"
            " AND NOT EXISTS (SELECT 1 FROM duplicates d WHERE d.article = articles.id)"
        )
        connection.execute(
            "DELETE FROM changes WHERE started < :before AND finished IS NOT NULL"
            " AND id <> coalesce((SELECT value FROM meta WHERE key = :generation), 0)"
            " AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.change = changes.id)"
            " AND NOT EXISTS (SELECT 1 FROM duplicates d WHERE d.change = changes.id)",
            {"before": before, "generation": meta.GENERATION},
        )


def forget_vectors(store: WritableArchive) -> None:
    """Delete the vectors that no window needs any more; reads all windows.

    Nothing is forgotten while another model or other sizes are being made ready: those
    vectors have no window yet.
    """
    with store.transaction() as connection:
        if meta.get(connection, meta.REBUILDING):
            return
        connection.execute(
            "DELETE FROM vectors WHERE model NOT IN"
            " (SELECT m.id FROM models m JOIN meta t ON t.key = ? AND t.value = m.name)"
            " OR digest NOT IN (SELECT digest FROM windows)",
            (meta.MODEL,),
        )
