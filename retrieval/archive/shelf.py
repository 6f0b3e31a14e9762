"""The articles as a change under way will leave them: those that a new text may repeat."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.archive.faults import storage_faults
from retrieval.archive.rows import ARTICLE_COLUMNS, article_of
from retrieval.archive.schema import connect
from retrieval.archive.signatures import lacking
from retrieval.archive.targets import AFTER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

    from retrieval.vocabulary import Article

_A_BAND = 30  # revisions, the newest: bulletins by the thousand may share one
_MOST = 60  # candidates whose signatures are looked at


@dataclass(frozen=True, slots=True)
class Candidate:
    """A revision whose text may be alike; ``staged`` when the change under way brings it."""

    revision: int
    article_id: str
    signature: bytes
    staged: bool


class Shelf:
    """Reads an archive for the plan of a change.

    Args:
        path: the file ``archive.db``.
        change: the change under way in it; 0 for none.

    Raises:
        NotFound: there is no archive there.
        ArchiveDamaged: the file cannot be read.
    """

    def __init__(self, path: Path, change: int = 0) -> None:
        self._path = path
        self._change = change
        self._connection = connect(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def candidates(self, bands: Sequence[int]) -> list[Candidate]:
        """The articles that share most bands with a text, as the change will leave them."""
        shared: Counter[int] = Counter()
        newest = (
            f"SELECT revision FROM bands WHERE band = :band ORDER BY revision DESC LIMIT {_A_BAND}"
        )
        for band in bands:
            shared.update(revision for (revision,) in self._rows(newest, band=band))
        if not shared:
            return []
        rows = self._rows(
            "SELECT r.id, r.article, s.signature, i.after IS NOT NULL FROM json_each(:found) j"
            " CROSS JOIN revisions r ON r.id = j.value"
            f" CROSS JOIN signatures s ON s.revision = r.id {AFTER}",
            found=json.dumps([revision for revision, _ in shared.most_common(_MOST)]),
            change=self._change,
        )
        return [
            Candidate(id_, article, value, bool(staged)) for id_, article, value, staged in rows
        ]

    def unsigned(self) -> list[str]:
        """The live articles that no signature of their texts tells of."""
        with storage_faults(self._path):
            return lacking(self._connection)

    def of_revision(self, revision: int) -> Article | None:
        """An article as one of its revisions has it."""
        return self._article("WHERE r.id = :id", id=revision)

    def before(self, article_id: str) -> Article | None:
        """An article as it is, without the change; None when it is not there."""
        return self._article("WHERE a.id = :id AND r.id = a.current", id=article_id)

    def after(self, article_id: str) -> Article | None:
        """An article as the change under way will leave it; None when it is not there."""
        return self._article(
            "LEFT JOIN change_items i ON i.change = :change AND i.article = a.id"
            " WHERE a.id = :id AND r.id = coalesce(i.after, a.current)",
            id=article_id,
            change=self._change,
        )

    def _article(self, where: str, **values: object) -> Article | None:
        start = f"SELECT {ARTICLE_COLUMNS} FROM revisions r JOIN articles a ON a.id = r.article"
        rows = self._rows(f"{start} {where}", **values)
        return article_of(rows[0]) if rows else None

    def _rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        with storage_faults(self._path):
            return self._connection.execute(sql, values).fetchall()
