"""What the archive knows of one source, looked up for the plan of a change: never all of it.

An article is found by its id, by its origin, or by a key: a digest, the file that it was found
in, the common form of an address. The table of keys tells of each revision up to a certain one
which article has or had them; it is never corrected, so what is found by a key is compared. The
few revisions that came later a reader looks through by itself.
"""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

from functools import cached_property
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING, Any

from retrieval.archive import meta
from retrieval.archive.rows import known_article, linked, links_to
from retrieval.archive.schema import connect
from retrieval.archive.tables import KEYS
from retrieval.storage import Closing, storage_faults
from retrieval.text.addresses import address_key, address_keys, is_url
from retrieval.vocabulary import State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from retrieval.archive.rows import Known, Link
    from retrieval.archive.schema import WritableArchive

_BATCH = 500
_FACTS = (
    "SELECT r.id, r.article, a.origin, r.source, r.file, r.url, r.digest"
    " FROM revisions r CROSS JOIN articles a ON a.id = r.article"
)


class KnownArticles(Closing):
    """Looks articles up, withdrawn ones too, as the archive has them now.

    Args:
        path: the file ``archive.db``.

    Raises:
        NotFound: there is no archive there.
        ArchiveDamaged: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def by_id(self, id_: str) -> Known | None:
        """An article by its whole id."""
        with storage_faults(self._path):
            return known_article(self._connection, id_=id_) if id_ else None

    def by_origin(self, origin: str) -> Known | None:
        """The article that came from a source."""
        with storage_faults(self._path):
            return known_article(self._connection, origin=origin)

    def by_digest(self, digest: str) -> Known | None:
        """An article with the same text and metadata; a live one if there is any."""
        withdrawn = []
        for known in self._with_key(digest):
            if known.digest == digest and known.state is not State.WITHDRAWN:
                return known
            if known.digest == digest:
                withdrawn.append(known)
        return min(withdrawn, key=lambda known: known.pruned, default=None)

    def by_address(self, addresses: Iterable[str | None]) -> Known | None:
        """The one article at some addresses; None when several have them: those of a section."""
        found: Known | None = None
        for key in address_keys(addresses):
            for known in self._with_key(key):
                if key not in address_keys((known.url, known.origin)):
                    continue
                if found and found.id != known.id:
                    return None
                found = known
        return found

    def origin_at(self, address: str) -> str:
        """The origin of the article of the web that came from just this address, or ``""``."""
        found = [
            known.origin
            for known in self._with_key(address_key(address) or address)
            if is_url(known.origin) and address in (known.origin, known.source)
        ]
        return found[-1] if found else ""

    def under(self, root: str) -> Iterator[str]:
        """The ids of the articles that are or were found in a file, or below a folder.

        Args:
            root: the file or the folder, resolved.
        """
        within = root.rstrip("/") + "/"
        late = [
            self._late.get(root, ()),
            *(ids for key, ids in self._late.items() if key.startswith(within)),
        ]
        yield from chain(*late)
        if self._has_table:
            # "0" follows "/" in the order of bytes.
            ranges = (("key = ?", root), ("key >= ? AND key < ?", within, within[:-1] + "0"))
            for where, *values in ranges:
                for (id_,) in self._rows(f"SELECT article FROM {KEYS} WHERE {where}", *values):
                    yield id_

    def link(self, origin: str) -> Link | None:
        """The link of a source to the article that it repeats."""
        with storage_faults(self._path):
            return linked(self._connection, origin)

    def links_to(self, article_id: str) -> list[Link]:
        """The sources that repeat an article."""
        with storage_faults(self._path):
            return links_to(self._connection, article_id)

    # --- by keys ----------------------------------------------------------------------

    def _with_key(self, key: str) -> Iterator[Known]:
        """The articles that have or had a key, in the order of their ids: one by one, if many."""
        ids = self._late.get(key, [])
        held: Iterator[tuple[str]] = iter(())
        if self._has_table:
            held = self._rows(f"SELECT article FROM {KEYS} WHERE key = ? ORDER BY article", key)
        before = ""
        for id_ in merge(ids, (id_ for (id_,) in held)):
            if id_ != before and (known := self.by_id(id_)):
                yield known
            before = id_

    @cached_property
    def _has_table(self) -> bool:
        found = self._rows("SELECT 1 FROM sqlite_schema WHERE name = ?", KEYS)
        return next(found, None) is not None

    @cached_property
    def _late(self) -> dict[str, list[str]]:
        """The articles by the keys of the revisions that came after those of the table."""
        found: dict[str, set[str]] = {}
        with storage_faults(self._path):
            keyed = meta.number(self._connection, meta.KEYED) if self._has_table else 0
        for row in self._rows(f"{_FACTS} AND a.current = r.id WHERE r.id > ?", keyed):
            for key in _keys(row):
                found.setdefault(key, set()).add(row[1])
        return {key: sorted(ids) for key, ids in found.items()}

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with storage_faults(self._path):
            yield from self._connection.execute(sql, values)


def put_keys(store: WritableArchive) -> None:
    """Put down the keys of the revisions that came since it was last done."""
    done = False
    while not done:
        with store.transaction() as connection:
            keyed = meta.number(connection, meta.KEYED)
            rows = connection.execute(
                f"{_FACTS} WHERE r.id > ? ORDER BY r.id LIMIT {_BATCH}", (keyed,)
            ).fetchall()
            if rows:
                _put(connection, rows)
                meta.put(connection, meta.KEYED, rows[-1][0])
            done = len(rows) < _BATCH


def put_keys_of(connection: sqlite3.Connection, article_id: str) -> None:
    """Put down the keys of an article that is found elsewhere now; part of moving it."""
    where = "WHERE r.article = ? AND a.current = r.id"
    _put(connection, connection.execute(f"{_FACTS} {where}", (article_id,)).fetchall())


def _put(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    connection.executemany(
        f"INSERT OR IGNORE INTO {KEYS} VALUES (?, ?)",
        [(key, row[1]) for row in rows for key in _keys(row)],
    )


def _keys(row: tuple[Any, ...]) -> set[str]:
    """What the article of a row of `_FACTS` may be found by."""
    _, _, origin, source, file, url, digest = row
    own = (origin, source) if is_url(origin) else ()
    keys = {digest, *(address_key(address) or address for address in own), *address_keys((url,))}
    return {*keys, file} - {""}
