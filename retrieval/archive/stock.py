"""The vectors that the archive keeps, and the windows that still lack one."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retrieval.storage import storage_faults
from retrieval.text.segmentation import embedded_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from retrieval.archive.store import ArchiveStore

_REVISIONS = (
    "SELECT id FROM revisions WHERE change = :change OR id IN"
    " (SELECT after FROM change_items WHERE change = :change AND after_state <> 'absent')"
    " OR (:change = 0 AND id IN (SELECT current FROM articles))"
)
_MISSING = (
    " FROM windows w JOIN passages p ON p.id = w.passage"
    " WHERE p.revision = ? AND NOT EXISTS"
    " (SELECT 1 FROM vectors v WHERE v.model = ? AND v.digest = w.digest)"
)


class VectorStock:
    """The vectors of one model, by the digest of the text that they stand for.

    Args:
        store: the archive, open for changes.
        model_id: the embedding model.
    """

    def __init__(self, store: ArchiveStore, model_id: str) -> None:
        self._store = store
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO models (name) VALUES (?) ON CONFLICT DO NOTHING", (model_id,)
            )
            (self.model,) = connection.execute(
                "SELECT id FROM models WHERE name = ?", (model_id,)
            ).fetchone()

    def lacking(self, change: int) -> int:
        """How many texts of a change must be embedded, each text counted once.

        Change 0 stands for all articles as they are, as in `retrieval.archive.archive_after`.
        """
        with storage_faults(self._store.path):
            row = self._store.connection.execute(
                "SELECT count(DISTINCT w.digest) FROM passages p"
                f" JOIN windows w ON w.passage = p.id WHERE p.revision IN ({_REVISIONS})"
                " AND NOT EXISTS"
                " (SELECT 1 FROM vectors v WHERE v.model = :model AND v.digest = w.digest)",
                {"change": change, "model": self.model},
            ).fetchone()
        return int(row[0])

    def batches(self, change: int, size: int) -> Iterator[tuple[list[bytes], list[str], int]]:
        """The texts of a change that lack a vector, in the order of their windows.

        Yields:
            Digests, texts, and the last window that has a vector once this batch is put.
        """
        batch: dict[bytes, str] = {}
        last = 0
        for window, digest, text in self._lacking_rows(change):
            if len(batch) >= size and digest not in batch:
                yield list(batch), list(batch.values()), last
                batch = {}
            batch[digest], last = text, window
        if batch:
            yield list(batch), list(batch.values()), last

    def _lacking_rows(self, change: int) -> Iterator[tuple[int, bytes, str]]:
        connection = self._store.connection
        revisions = connection.execute(f"{_REVISIONS} ORDER BY id", {"change": change}).fetchall()
        for (revision,) in revisions:
            rows = connection.execute(
                f"SELECT w.id, w.digest, w.start, w.stop {_MISSING} ORDER BY w.id",
                (revision, self.model),
            ).fetchall()
            if not rows:
                continue
            title, text = connection.execute(
                "SELECT title, text FROM revisions WHERE id = ?", (revision,)
            ).fetchone()
            for window, digest, start, stop in rows:
                yield window, digest, embedded_text(title, text[start:stop])

    def put(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep vectors for good: committed before this returns."""
        rows = np.ascontiguousarray(vectors, dtype="<f4")
        with self._store.transaction() as connection:
            connection.executemany(
                "INSERT INTO vectors (model, digest, vector) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [
                    (self.model, digest, row.tobytes())
                    for digest, row in zip(digests, rows, strict=True)
                ],
            )
