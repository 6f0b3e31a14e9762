"""The writing side of the archive: changes are staged out of sight, then published at once.

Only the process that holds the writer's lock may use it. What a change stages hangs on
its row in ``changes``; as long as that has no ``finished``, readers see none of it, and
the next writer drops it. Vectors are kept whatever happens.
"""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.known import put_keys_of
from retrieval.archive.meta import Recipe
from retrieval.archive.rows import (
    ABSENT,
    REPLACED,
    Move,
    Note,
    as_integer,
    drop_links_of_articles,
    window_digest,
)
from retrieval.archive.schema import WritableArchive
from retrieval.archive.similar import copy_signature, drop_replaced
from retrieval.storage import storage_faults
from retrieval.text.segmentation import PassageSpans, embedded_text
from retrieval.vocabulary import Draft, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from retrieval.archive.history import Undo


class ArchiveStore(WritableArchive):
    """The archive, open for changes: stages them out of sight, and publishes them at once."""

    # --- before a change ------------------------------------------------------------

    def settle_recipe(self, recipe: Recipe) -> None:
        """Keep how the archive is made, the first time; afterwards see that it is the same.

        Raises:
            ModelMismatch: it was made with another embedding model.
            BadSettings: it was cut into passages or windows of other sizes.
        """
        with self.transaction() as connection:
            made = Recipe.of_archive(connection)
            if made is None or meta.live_generation(connection) is None:
                for key, value in recipe.facts().items():
                    meta.put(connection, key, value)
            else:
                made.check(recipe)

    def drop_unfinished(self) -> None:
        """Forget what a writer staged before it was cut short; its vectors are kept."""
        unfinished = "IN (SELECT id FROM changes WHERE finished IS NULL)"
        with self.transaction() as connection:
            for table in ("change_items", "duplicates", "revisions"):
                connection.execute(f"DELETE FROM {table} WHERE change {unfinished}")
            connection.execute(
                "DELETE FROM articles WHERE current IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.article = articles.id)"
            )
            connection.execute("DELETE FROM changes WHERE finished IS NULL")

    def skip_changes(self, number: int) -> None:
        """Have the next change be numbered higher than this."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'changes'", (number,)
            )

    # --- a change -------------------------------------------------------------------

    def begin(
        self,
        action: str,
        by: str,
        detail: Mapping[str, object] | None = None,
        recipe: Recipe | None = None,
    ) -> int:
        """Open a change; its number also names the generation that it will make.

        Args:
            action: what kind it is.
            by: who makes it.
            detail: what the history shows of it.
            recipe: the model and sizes that it brings, if it brings others.
        """
        as_text = json.dumps(dict(detail or {}), ensure_ascii=False)
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO changes (action, by, started, detail, recipe) VALUES (?, ?, ?, ?, ?)",
                (action, by, _now(), as_text, recipe.as_json() if recipe else None),
            )
            return int(cursor.lastrowid or 0)

    def publish(
        self, change: int, counts: Mapping[str, int], totals: tuple[int, int] = (0, 0)
    ) -> None:
        """Make a change live in one transaction: articles, its generation, the audit row.

        Args:
            change: the change that was staged, and whose generation is built.
            counts: for the audit.
            totals: how many windows and passages its generation holds.
        """
        with self.transaction() as connection:
            connection.execute(f"DELETE FROM passages WHERE revision IN ({REPLACED})", (change,))
            connection.execute(
                "UPDATE articles SET state = i.after_state, note = i.after_note,"
                " current = CASE WHEN i.after_state = 'absent' THEN NULL ELSE i.after END"
                " FROM change_items i WHERE i.change = ? AND i.article = articles.id",
                (change,),
            )
            _finish(connection, change, counts)
            drop_replaced(connection, change)
            drop_links_of_articles(connection, change)
            _mark_undone(connection, change)
            _settle_new_recipe(connection, change)
            meta.put(connection, meta.GENERATION, change)
            meta.put(connection, meta.TOTALS, json.dumps([change, *totals]))

    def close_change(self, change: int, counts: Mapping[str, int]) -> None:
        """End a change that leaves the articles and their indexes as they are: it links only."""
        with self.transaction() as connection:
            _finish(connection, change, counts)

    def move(self, moves: Iterable[Move]) -> None:
        """Keep where articles are found now: their texts and ids are as before."""
        with self.transaction() as connection:
            for move in moves:
                connection.execute(
                    "UPDATE OR IGNORE articles SET origin = ? WHERE id = ?",
                    (move.origin, move.article_id),
                )
                connection.execute(
                    "UPDATE revisions SET source = ?, file = ?"
                    " WHERE id = (SELECT current FROM articles WHERE id = ? AND origin = ?)",
                    (move.source, move.file, move.article_id, move.origin),
                )
                put_keys_of(connection, move.article_id)

    def live_generation(self) -> int | None:
        """The number of the generation that readers search in."""
        with storage_faults(self.path):
            return meta.live_generation(self.connection)

    def put_fact(self, key: str, value: object) -> None:
        """Set one fact of `retrieval.archive.meta`."""
        with self.transaction() as connection:
            meta.put(connection, key, value)

    def fact(self, key: str) -> str | None:
        """One fact of `retrieval.archive.meta`."""
        with storage_faults(self.path):
            return meta.get(self.connection, key)


def _finish(connection: sqlite3.Connection, change: int, counts: Mapping[str, int]) -> None:
    connection.execute(
        "UPDATE changes SET finished = ?, counts = ? WHERE id = ?",
        (_now(), json.dumps(dict(counts)), change),
    )


def _mark_undone(connection: sqlite3.Connection, change: int) -> None:
    """A change that takes another back marks it, and takes its links to duplicates back too."""
    (undone,) = connection.execute(
        "SELECT json_extract(detail, '$.undoes') FROM changes WHERE id = ?", (change,)
    ).fetchone()
    if undone is not None:
        connection.execute("UPDATE changes SET undone_by = ? WHERE id = ?", (change, undone))
        connection.execute("DELETE FROM duplicates WHERE change = ?", (undone,))


def _settle_new_recipe(connection: sqlite3.Connection, change: int) -> None:
    """A change that brings a recipe replaces each revision by the copy that is cut anew."""
    (recipe,) = connection.execute("SELECT recipe FROM changes WHERE id = ?", (change,)).fetchone()
    if recipe is None:
        return
    for key, value in Recipe.of_json(recipe).facts().items():
        meta.put(connection, key, value)
    meta.drop(connection, meta.REBUILDING)
    copy = "SELECT c.after FROM change_items c WHERE c.change = :change AND c.before = "
    for side in ("before", "after"):
        connection.execute(
            f"UPDATE change_items SET {side} = ({copy} change_items.{side})"
            f" WHERE change <> :change AND EXISTS ({copy} change_items.{side})",
            {"change": change},
        )
    connection.execute(  # a copy says what was said before: what is linked to it stays so
        "UPDATE revisions SET change = (SELECT o.change FROM change_items i"
        " JOIN revisions o ON o.id = i.before WHERE i.change = :change AND i.after = revisions.id)"
        " WHERE id IN (SELECT after FROM change_items WHERE change = :change AND before <> after)",
        {"change": change},
    )
    replaced = connection.execute(
        "SELECT before FROM change_items WHERE change = ? AND before <> after", (change,)
    ).fetchall()
    connection.execute("DELETE FROM change_items WHERE change = ?", (change,))
    connection.executemany("DELETE FROM revisions WHERE id = ?", replaced)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


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
            copy_signature(connection, revision, copy)
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
