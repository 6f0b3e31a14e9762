"""The archive as a change will leave it: what its indexes must hold, and the vectors for them.

The next generation holds the articles as a change will leave them, before the change is
live: builders, in another process too, need only its number. Change 0 is no change: the
archive as it is.
"""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrieval.archive import meta
from retrieval.archive.meta import Recipe
from retrieval.archive.schema import connect
from retrieval.archive.tables import BYTES_A_NUMBER
from retrieval.errors import ArchiveDamaged
from retrieval.packed import KINDS, PACKED, floats, packed
from retrieval.storage import Closing, storage_faults
from retrieval.text.segmentation import embedded_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from retrieval.archive.schema import WritableArchive

COPIES = 16
"""Windows of one and the same vector that the vector index takes: hundreds of them link only
to each other in its graph, and cut others off."""
_WHOLE = 16
"""Bytes that tell apart what whole passages say."""
# Revisions of the articles after the change. CROSS JOIN keeps SQLite from choosing another order.
AFTER = (
    " CROSS JOIN articles a ON a.id = r.article"
    " LEFT JOIN change_items i ON i.change = :change AND i.article = a.id"
    " WHERE r.id = coalesce(i.after, a.current)"
    " AND coalesce(i.after_state, a.state) NOT IN ('withdrawn', 'absent')"
)
_AFTER = (
    " CROSS JOIN passages p ON p.id = {passage} CROSS JOIN revisions r ON r.id = p.revision" + AFTER
)
_NEW = (
    " FROM change_items i CROSS JOIN passages p ON p.revision = i.after"
    " {join} WHERE i.change = :change AND i.after_state NOT IN ('withdrawn', 'absent')"
    " AND (i.before IS NULL OR i.before <> i.after OR i.before_state = 'withdrawn')"
)
_GONE = (
    " FROM change_items i CROSS JOIN passages p ON p.revision = i.before"
    " {join} WHERE i.change = :change AND i.before_state <> 'withdrawn'"
    " AND (i.before <> i.after OR i.after_state IN ('withdrawn', 'absent'))"
)


@dataclass(frozen=True, slots=True)
class WindowToIndex:
    """A window that the next generation holds, with all that an index says of it."""

    id: int
    passage_id: int
    ordinal: int
    text: str
    article_id: str
    title: str
    outlet: str | None
    language: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class PassageToIndex:
    """A passage that the next generation holds."""

    id: int
    text: str
    title: str
    language: str
    first: int | None
    last: int | None
    outlet: str | None
    article_id: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class ChangeSize:
    """What a change does to the indexes; the windows are in the order of their ids.

    Args:
        new: the windows that it adds, or brings back.
        new_passages: how many passages.
        gone: the windows that it takes out, and the digests of their texts.
        gone_passages: the passages.
    """

    new: tuple[int, ...]
    new_passages: int
    gone: Mapping[int, bytes]
    gone_passages: tuple[int, ...]


def _model_after(connection: sqlite3.Connection, change: int) -> str:
    row = connection.execute("SELECT recipe FROM changes WHERE id = ?", (change,)).fetchone()
    if row and row[0]:
        return Recipe.of_json(row[0]).model
    return meta.get(connection, meta.MODEL) or ""


class ArchiveAfter(Closing):
    """The archive as a change will leave it.

    Args:
        path: the file ``archive.db``.
        change: the change that is staged; 0 for the archive as it is.

    Raises:
        NotFound: there is no archive.
        ArchiveDamaged: it cannot be read.
    """

    def __init__(self, path: Path, change: int) -> None:
        self.path = path
        self.connection = connect(path)
        self._change = change
        model = _model_after(self.connection, change)
        row = self._one("SELECT id FROM models WHERE name = :name", name=model)
        self._model = int(row[0]) if row else 0

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _all(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        with storage_faults(self.path):
            return self.connection.execute(sql, {"change": self._change, **values}).fetchall()

    def _one(self, sql: str, **values: object) -> tuple[Any, ...] | None:
        rows = self._all(sql, **values)
        return rows[0] if rows else None

    def counts(self) -> tuple[int, int]:
        """How many windows and passages there are to hold; reads them all."""
        windows = self._one(f"SELECT count(*) FROM windows w{_AFTER.format(passage='w.passage')}")
        passages = self._one(f"SELECT count(*) FROM passages q{_AFTER.format(passage='q.id')}")
        return (windows or (0,))[0], (passages or (0,))[0]

    def totals(self) -> tuple[int, int]:
        """How many windows and passages the live generation holds, as it was published with."""
        with storage_faults(self.path):
            totals = meta.totals(self.connection)
        return totals or self.counts()

    def ids(self) -> set[int]:
        """The windows to hold."""
        rows = self._all(f"SELECT w.id FROM windows w{_AFTER.format(passage='w.passage')}")
        return {id_ for (id_,) in rows}

    def surplus(self, kind: Literal["windows", "passages"]) -> dict[int, bytes]:
        """The windows that the vector index is to leave out, and the digests of their texts.

        Enough others say the same: of the windows with one digest, or of the passages whose
        windows have the same digests one after the other, the first `COPIES` stay in.

        Args:
            kind: what the index holds.
        """
        if kind == "passages":
            return self._surplus_of_passages()
        rows = self._all(
            "SELECT id, digest FROM (SELECT w.id AS id, w.digest AS digest,"
            " row_number() OVER (PARTITION BY w.digest ORDER BY w.id) AS nth"
            f" FROM windows w{_AFTER.format(passage='w.passage')}) WHERE nth > :copies",
            copies=COPIES,
        )
        return dict(rows)

    def _surplus_of_passages(self) -> dict[int, bytes]:
        surplus: dict[int, bytes] = {}
        copies: Counter[bytes] = Counter()
        with storage_faults(self.path):
            rows = self.connection.execute(
                f"SELECT w.passage, w.id, w.digest FROM windows w"
                f"{_AFTER.format(passage='w.passage')} ORDER BY w.id",
                {"change": self._change},
            )
            for _, windows in groupby(rows, key=itemgetter(0)):
                said = {window: digest for _, window, digest in windows}
                whole = sha256(b"".join(said.values())).digest()[:_WHOLE]
                copies[whole] += 1
                if copies[whole] > COPIES:
                    surplus |= said
        return surplus

    def generation(self) -> int | None:
        """The number of the live generation."""
        with storage_faults(self.path):
            return meta.live_generation(self.connection)

    def collection(self) -> str:
        """What a Chroma server calls this archive's windows of this model."""
        identity = meta.get(self.connection, meta.IDENTITY)
        return f"kiosque-{identity}-{self._model}"

    def dimension(self) -> int:
        """How many numbers a vector has; 1 while there is none."""
        row = self._one(
            f"SELECT length(vector) / {BYTES_A_NUMBER} FROM vectors WHERE model = :model LIMIT 1",
            model=self._model,
        )
        return int(row[0]) if row else 1

    def windows(self, after: int, n: int) -> tuple[list[WindowToIndex], NDArray[np.float32]]:
        """The next ``n`` windows whose ids are greater than ``after``, and their vectors.

        Raises:
            ArchiveDamaged: a vector is missing.
        """
        return self._windows(
            "windows w", " AND w.id > :after ORDER BY w.id LIMIT :n", after=after, n=n
        )

    def windows_of(self, ids: Sequence[int]) -> tuple[list[WindowToIndex], NDArray[np.float32]]:
        """Some windows, in the order of their ids, and their vectors; raises as `windows`."""
        source = "json_each(:ids) j CROSS JOIN windows w ON w.id = j.value"
        return self._windows(source, " ORDER BY w.id", ids=json.dumps(sorted(ids)))

    def _windows(
        self, source: str, rest: str, **values: object
    ) -> tuple[list[WindowToIndex], NDArray[np.float32]]:
        rows = self._all(
            "SELECT w.id, p.id, p.ordinal, substr(r.text, w.start + 1, w.stop - w.start), a.id,"
            " r.title, r.outlet, r.language, r.first_day, r.last_day,"
            " (SELECT v.vector FROM vectors v WHERE v.model = :model AND v.digest = w.digest),"
            f" {BYTES_A_NUMBER} FROM {source}{_AFTER.format(passage='w.passage')}{rest}",
            model=self._model,
            **values,
        )
        if any(row[10] is None for row in rows):
            raise ArchiveDamaged("vectors_missing", path=str(self.path))
        kind = KINDS[rows[0][11]] if rows else PACKED
        vectors = floats(np.frombuffer(b"".join(row[10] for row in rows), dtype=kind))
        shape = (len(rows), len(vectors) // max(1, len(rows)))
        return [WindowToIndex(*row[:10]) for row in rows], vectors.reshape(shape)

    def last_window(self, after: int, n: int) -> int | None:
        """The id of the ``n``-th window after one: what must be embedded for a batch."""
        row = self._one(
            f"SELECT w.id FROM windows w{_AFTER.format(passage='w.passage')}"
            " AND w.id > :after ORDER BY w.id LIMIT 1 OFFSET :skip",
            after=after,
            skip=n - 1,
        )
        return int(row[0]) if row else None

    def passages(self, after: int, n: int) -> list[PassageToIndex]:
        """The next ``n`` passages whose ids are greater than ``after``."""
        rest = " AND q.id > :after ORDER BY q.id LIMIT :n"
        return self._passages("passages q", rest, after=after, n=n)

    def passages_of(self, ids: Sequence[int]) -> list[PassageToIndex]:
        """Some passages, in the order of their ids."""
        source = "json_each(:ids) j CROSS JOIN passages q ON q.id = j.value"
        return self._passages(source, " ORDER BY q.id", ids=json.dumps(sorted(ids)))

    def new_passages(self, after: int, n: int) -> list[PassageToIndex]:
        """The same, of those that the live generation does not hold."""
        new = f"SELECT p.id{_NEW.format(join='')} AND p.id > :after ORDER BY p.id LIMIT :n"
        return self._passages(f"({new}) q", " ORDER BY q.id", after=after, n=n)

    def _passages(self, source: str, rest: str, **values: object) -> list[PassageToIndex]:
        rows = self._all(
            "SELECT p.id, substr(r.text, p.start + 1, p.stop - p.start), r.title, r.language,"
            " r.first_day, r.last_day, r.outlet, a.id, p.ordinal"
            f" FROM {source}{_AFTER.format(passage='q.id')}{rest}",
            **values,
        )
        return [PassageToIndex(*row) for row in rows]

    def change_size(self) -> ChangeSize:
        """What the change adds to the live generation, and what it takes out."""
        join = "CROSS JOIN windows w ON w.passage = p.id"
        (passages,) = self._one(f"SELECT count(*){_NEW.format(join='')}") or (0,)
        new = self._all(f"SELECT w.id{_NEW.format(join=join)} ORDER BY w.id")
        gone = self._all(f"SELECT w.id, w.digest{_GONE.format(join=join)}")
        gone_passages = self._all(f"SELECT p.id{_GONE.format(join='')}")
        return ChangeSize(
            tuple(id_ for (id_,) in new),
            passages,
            dict(gone),
            tuple(id_ for (id_,) in gone_passages),
        )


_REVISIONS = (
    "SELECT id FROM revisions WHERE change = :change OR id IN"
    " (SELECT after FROM change_items WHERE change = :change AND after_state <> 'absent')"
)
_CURRENT = "SELECT current AS id FROM articles WHERE :change = 0 AND current IS NOT NULL"
_MISSING = (
    " FROM windows w JOIN passages p ON p.id = w.passage"
    " WHERE p.revision = ? AND NOT EXISTS"
    " (SELECT 1 FROM vectors v WHERE v.model = ? AND v.digest = w.digest)"
)


def _revisions(change: int) -> str:
    """The revisions whose texts a change needs vectors of: those of all articles for change 0."""
    return _REVISIONS if change else _CURRENT


class VectorCache:
    """The vectors of one model, by the digest of the text that they stand for.

    Args:
        store: the archive, open for changes.
        model_id: the embedding model.
    """

    def __init__(self, store: WritableArchive, model_id: str) -> None:
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

        Change 0 stands for all articles as they are, as everywhere here.
        """
        with storage_faults(self._store.path):
            row = self._store.connection.execute(
                "SELECT count(DISTINCT w.digest) FROM passages p"
                f" JOIN windows w ON w.passage = p.id WHERE p.revision IN ({_revisions(change)})"
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
        revisions = connection.execute(
            f"{_revisions(change)} ORDER BY id", {"change": change}
        ).fetchall()
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
        rows = packed(vectors)
        with self._store.transaction() as connection:
            connection.executemany(
                "INSERT INTO vectors (model, digest, vector) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [
                    (self.model, digest, row.tobytes())
                    for digest, row in zip(digests, rows, strict=True)
                ],
            )
