"""The writing side of the archive: changes are staged out of sight, then flipped at once.

Only the process that holds the writer's lock may use it. What a change stages hangs on
its row in ``changes``; as long as that has no ``finished``, readers see none of it, and
the next writer drops it. Vectors are kept whatever happens.
"""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from retrieval.archive import meta
from retrieval.archive.faults import storage_faults
from retrieval.archive.rows import Known, as_integer, window_digest
from retrieval.archive.schema import connect
from retrieval.errors import BadSettings, ModelMismatch
from retrieval.segmentation import PassageSpans, embedded_text
from retrieval.vocabulary import Draft, State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Self


@dataclass(frozen=True, slots=True)
class Staged:
    """A draft that becomes a revision: its article, its digest, its file, where it is cut."""

    article_id: str
    draft: Draft
    digest: str
    file: str
    passages: tuple[PassageSpans, ...]


class ArchiveStore:
    """The archive, open for changes.

    Args:
        path: the file ``archive.db``; it is made if it is missing.

    Raises:
        ArchiveDamaged: the file is no archive, or damaged.
        StorageFull: no room, or no right, to write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection: sqlite3.Connection = connect(path, write=True)

    def close(self) -> None:
        """Close the connection; what was not committed is undone."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is written inside, or nothing."""
        with storage_faults(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    # --- before a change ------------------------------------------------------------

    def settle_recipe(self, model_id: str, passage_chars: int, window_chars: int) -> None:
        """Keep how the archive is made, the first time; afterwards see that it is the same.

        Raises:
            ModelMismatch: it was made with another embedding model.
            BadSettings: it was cut into passages or windows of other sizes.
        """
        with self.transaction() as connection:
            made = meta.get(connection, meta.MODEL)
            sizes = [meta.get(connection, key) for key in (meta.PASSAGE_CHARS, meta.WINDOW_CHARS)]
            if made is None or meta.live_generation(connection) is None:
                meta.put(connection, meta.MODEL, model_id)
                meta.put(connection, meta.PASSAGE_CHARS, passage_chars)
                meta.put(connection, meta.WINDOW_CHARS, window_chars)
            elif made != model_id:
                raise ModelMismatch("model_mismatch", made=made, asked=model_id)
            elif sizes != [str(passage_chars), str(window_chars)]:
                raise BadSettings(
                    "sizes_mismatch",
                    made="/".join(map(str, sizes)),
                    asked=f"{passage_chars}/{window_chars}",
                )

    def known(self) -> dict[str, Known]:
        """What is in the archive, withdrawn articles included, by origin."""
        return known_articles(self.connection, self.path)

    def drop_unfinished(self) -> None:
        """Forget what a writer staged before it was cut short; its vectors are kept."""
        unfinished = "IN (SELECT id FROM changes WHERE finished IS NULL)"
        with self.transaction() as connection:
            connection.execute(f"DELETE FROM change_items WHERE change {unfinished}")
            connection.execute(f"DELETE FROM revisions WHERE change {unfinished}")
            connection.execute("DELETE FROM articles WHERE current IS NULL")
            connection.execute("DELETE FROM changes WHERE finished IS NULL")

    # --- a change -------------------------------------------------------------------

    def begin(self, action: str, by: str) -> int:
        """Open a change; its number also names the generation that it will make."""
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO changes (action, by, started) VALUES (?, ?, ?)", (action, by, _now())
            )
            return int(cursor.lastrowid or 0)

    def stage(self, change: int, batch: Sequence[Staged]) -> None:
        """Write revisions with their passages and windows, out of the readers' sight."""
        with self.transaction() as connection:
            for staged in batch:
                revision = _insert_revision(connection, change, staged)
                _insert_passages(connection, revision, staged)

    def stage_withdrawal(self, change: int, article_ids: Sequence[str]) -> None:
        """Have the change withdraw some articles; their revisions are kept."""
        with self.transaction() as connection:
            connection.executemany(
                "INSERT INTO change_items SELECT ?, id, current, state, current, 'withdrawn'"
                " FROM articles WHERE id = ?",
                [(change, id_) for id_ in article_ids],
            )

    def flip(self, change: int, counts: Mapping[str, int], dead: int = 0) -> None:
        """Make a change live, whole: articles, the generation that it made, the audit row.

        Args:
            change: the change that was staged, and whose generation is built.
            counts: for the audit.
            dead: how many deleted windows the new generation still carries.
        """
        with self.transaction() as connection:
            connection.execute(
                "DELETE FROM passages WHERE revision IN"
                " (SELECT before FROM change_items WHERE change = ? AND before <> after)",
                (change,),
            )
            connection.execute(
                "UPDATE articles SET current = i.after, state = i.after_state"
                " FROM change_items i WHERE i.change = ? AND i.article = articles.id",
                (change,),
            )
            connection.execute(
                "UPDATE changes SET finished = ?, counts = ? WHERE id = ?",
                (_now(), json.dumps(dict(counts)), change),
            )
            meta.put(connection, meta.GENERATION, change)
            meta.put(connection, meta.DEAD, dead)

    def live_generation(self) -> int | None:
        """The number of the generation that readers search in."""
        with storage_faults(self.path):
            return meta.live_generation(self.connection)

    def fact(self, key: str) -> str | None:
        """One fact of `retrieval.archive.meta`."""
        with storage_faults(self.path):
            return meta.get(self.connection, key)


def known_articles(connection: sqlite3.Connection, path: Path) -> dict[str, Known]:
    """What an archive holds, withdrawn articles included, by origin."""
    with storage_faults(path):
        rows = connection.execute(
            "SELECT a.id, a.origin, r.source, r.file, r.title, r.digest, a.state,"
            " coalesce((SELECT c.action = 'index' FROM change_items i"
            "  JOIN changes c ON c.id = i.change WHERE a.state = 'withdrawn'"
            "  AND i.article = a.id ORDER BY i.change DESC LIMIT 1), 0)"
            " FROM articles a JOIN revisions r ON r.id = a.current"
        )
        return {row[1]: _known(*row) for row in rows}


def _known(
    id_: str, origin: str, source: str, file: str, title: str, digest: str, state: str, pruned: int
) -> Known:
    return Known(id_, origin, source, file, title, digest, State(state), bool(pruned))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _insert_revision(connection: sqlite3.Connection, change: int, staged: Staged) -> int:
    connection.execute(
        "INSERT INTO articles VALUES (?, ?, NULL, 'live') ON CONFLICT (id) DO NOTHING",
        (staged.article_id, staged.draft.origin),
    )
    before, state, digest = connection.execute(
        "SELECT a.current, a.state, r.digest FROM articles a"
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
        "INSERT INTO change_items VALUES (?, ?, ?, ?, ?, ?)",
        (change, staged.article_id, before, before and state, revision, after),
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


def _insert_passages(connection: sqlite3.Connection, revision: int, staged: Staged) -> None:
    title, text = staged.draft.title, staged.draft.text
    for ordinal, passage in enumerate(staged.passages):
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
