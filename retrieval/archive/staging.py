"""What a change is made of, written where readers do not look until it is published."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.archive.rows import ABSENT, Note, as_integer, window_digest
from retrieval.text.segmentation import PassageSpans, embedded_text
from retrieval.vocabulary import Draft, State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from retrieval.archive.history import Undo
    from retrieval.archive.schema import WritableArchive

_CONTENT = (
    "title, text, published, first_day, last_day, outlet, author, url, language, source, file,"
    " digest, raw"
)


@dataclass(frozen=True, slots=True)
class Staged:
    """A draft that becomes a revision.

    Args:
        article_id: its article.
        draft: what it says.
        digest: `retrieval.archive.rows.draft_digest` of it.
        file: where it was found, resolved; ``""`` for no file.
        passages: where it is cut.
        note: why.
        state: of the article afterwards; by default live, or corrected if it said
            something else before.
    """

    article_id: str
    draft: Draft
    digest: str
    file: str
    passages: tuple[PassageSpans, ...]
    note: Note
    state: State | None = None


def stage(store: WritableArchive, change: int, batch: Sequence[Staged]) -> None:
    """Write revisions with their passages and windows."""
    with store.transaction() as connection:
        for staged in batch:
            revision = _insert_revision(connection, change, staged)
            draft = staged.draft
            _insert_passages(connection, revision, draft.title, draft.text, staged.passages)


def stage_withdrawal(
    store: WritableArchive,
    change: int,
    article_ids: Sequence[str],
    action: str = "index",
    reason: str = "",
) -> None:
    """Have the change withdraw some articles; their revisions are kept."""
    with store.transaction() as connection:
        connection.executemany(
            "INSERT INTO change_items"
            " SELECT ?, id, current, state, current, 'withdrawn', note,"
            " json_set(note, '$.action', ?, '$.reason', ?) FROM articles WHERE id = ?",
            [(change, action, reason, id_) for id_ in article_ids],
        )


def stage_copies(
    store: WritableArchive, change: int, batch: Sequence[tuple[int, Sequence[PassageSpans]]]
) -> None:
    """Have the change replace current revisions by the same ones, cut otherwise."""
    with store.transaction() as connection:
        for revision, passages in batch:
            copy = _copied(connection, change, revision, "number")
            _insert_passages(connection, copy, *_title_and_text(connection, copy), passages)
            connection.execute(
                "INSERT INTO change_items SELECT ?, id, current, state, ?, state, note, note"
                " FROM articles WHERE current = ?",
                (change, copy, revision),
            )


def stage_undo(
    store: WritableArchive, change: int, undo: Undo, passages: Sequence[PassageSpans]
) -> None:
    """Have the change put an article back to what it was.

    Args:
        store: the archive, open for changes.
        change: the change that takes another back.
        undo: what the article was.
        passages: where the text that it had is cut; not needed when it is the text it has.
    """
    with store.transaction() as connection:
        current, state, note = connection.execute(
            "SELECT current, state, note FROM articles WHERE id = ?", (undo.article_id,)
        ).fetchone()
        after = current
        if undo.revision is not None and not undo.same_text:
            next_number = "(SELECT max(number) + 1 FROM revisions WHERE article = r.article)"
            after = _copied(connection, change, undo.revision, next_number)
            _insert_passages(connection, after, *_title_and_text(connection, after), passages)
        states = (current, state, after, undo.state or ABSENT)
        connection.execute(
            "INSERT INTO change_items VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (change, undo.article_id, *states, note, undo.note.as_json()),
        )


def _copied(connection: sqlite3.Connection, change: int, revision: int, number: str) -> int:
    cursor = connection.execute(
        f"INSERT INTO revisions (article, number, change, {_CONTENT})"
        f" SELECT article, {number}, ?, {_CONTENT} FROM revisions r WHERE id = ?",
        (change, revision),
    )
    return int(cursor.lastrowid or 0)


def _title_and_text(connection: sqlite3.Connection, revision: int) -> tuple[str, str]:
    title, text = connection.execute(
        "SELECT title, text FROM revisions WHERE id = ?", (revision,)
    ).fetchone()
    return str(title), str(text)


def _insert_revision(connection: sqlite3.Connection, change: int, staged: Staged) -> int:
    # An article that was taken out as if it had never come keeps no source from another.
    connection.execute(
        "UPDATE articles SET origin = 'absent:' || id"
        " WHERE origin = ? AND id <> ? AND current IS NULL",
        (staged.draft.origin, staged.article_id),
    )
    connection.execute(
        "INSERT INTO articles (id, origin, current, state) VALUES (?, ?, NULL, 'live')"
        " ON CONFLICT (id) DO UPDATE SET origin = excluded.origin WHERE current IS NULL",
        (staged.article_id, staged.draft.origin),
    )
    before, state, digest, note = connection.execute(
        "SELECT a.current, a.state, r.digest, a.note FROM articles a"
        " LEFT JOIN revisions r ON r.id = a.current WHERE a.id = ?",
        (staged.article_id,),
    ).fetchone()
    (number,) = connection.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE article = ?",
        (staged.article_id,),
    ).fetchone()
    cursor = connection.execute(
        f"INSERT INTO revisions VALUES (NULL{', ?' * 16})",
        (staged.article_id, number, change, *_columns(staged)),
    )
    revision = int(cursor.lastrowid or 0)
    after = State.LIVE if digest in (None, staged.digest) else State.CORRECTED
    connection.execute(
        "INSERT INTO change_items VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(change, staged.article_id, before, before and state, revision),
            *(staged.state or after, note, staged.note.as_json()),
        ),
    )
    return revision


def _columns(staged: Staged) -> tuple[object, ...]:
    draft = staged.draft
    published = draft.published
    return (
        draft.title,
        draft.text,
        str(published) if published else None,
        as_integer(published.first_day) if published else None,
        as_integer(published.last_day) if published else None,
        draft.outlet,
        draft.author,
        draft.url,
        draft.language,
        draft.source,
        staged.file,
        staged.digest,
        zlib.compress(draft.raw, 6),
    )


def _insert_passages(
    connection: sqlite3.Connection,
    revision: int,
    title: str,
    text: str,
    passages: Sequence[PassageSpans],
) -> None:
    for ordinal, passage in enumerate(passages):
        cursor = connection.execute(
            "INSERT INTO passages VALUES (NULL, ?, ?, ?, ?)",
            (revision, ordinal, passage.start, passage.end),
        )
        connection.executemany(
            "INSERT INTO windows VALUES (NULL, ?, ?, ?, ?)",
            [
                (
                    cursor.lastrowid,
                    window.start,
                    window.end,
                    window_digest(embedded_text(title, text[window.start : window.end])),
                )
                for window in passage.windows
            ],
        )
