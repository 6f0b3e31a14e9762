"""Sources that say what an article says already: kept as links to it, not as articles."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.archive.rows import parsed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from retrieval.archive.store import ArchiveStore
    from retrieval.vocabulary import PublicationDate

_COLUMNS = "origin, article, source, file, title, outlet, published, url, digest, likeness"
_DONE = "change IN (SELECT id FROM changes WHERE finished IS NOT NULL)"

_STALE = (
    "EXISTS (SELECT 1 FROM articles a JOIN revisions r ON r.id = a.current"
    " WHERE a.id = d.article AND r.change > d.change)"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A source that was met, and the article that says it already.

    ``likeness`` is how much of the source stands in the article, 0 to 1; ``digest`` is that
    of the source as it was read; ``stale`` tells that the article has changed since.
    """

    origin: str
    article_id: str
    source: str
    file: str
    title: str
    outlet: str | None
    published: PublicationDate | None
    url: str | None
    digest: str
    likeness: float
    stale: bool = False


def links(connection: sqlite3.Connection) -> dict[str, Link]:
    """All links, by origin."""
    return _links(connection, "TRUE")


def links_to(connection: sqlite3.Connection, article_id: str) -> list[Link]:
    """The sources that are linked to an article, by their dates and names."""
    found = _links(connection, "article = ?", article_id).values()
    return sorted(found, key=lambda link: (str(link.published or "9"), link.source))


def stage_links(store: ArchiveStore, change: int, found: Iterable[Link]) -> None:
    """Have a change link sources to articles, in the place of what they were linked to."""
    with store.transaction() as connection:
        connection.executemany(
            f"INSERT OR REPLACE INTO duplicates ({_COLUMNS}, change)"
            f" VALUES ({', '.join('?' * 11)})",
            [
                (
                    *(link.origin, link.article_id, link.source, link.file, link.title),
                    link.outlet,
                    str(link.published) if link.published else None,
                    *(link.url, link.digest, link.likeness, change),
                )
                for link in found
            ],
        )


def drop_links_of_articles(connection: sqlite3.Connection, change: int) -> None:
    """A source that a change makes an article of is linked no more; part of its flip."""
    connection.execute(
        "DELETE FROM duplicates WHERE origin IN (SELECT a.origin FROM change_items i"
        " JOIN articles a ON a.id = i.article"
        " WHERE i.change = ? AND i.after_state IN ('live', 'corrected'))",
        (change,),
    )


def _links(connection: sqlite3.Connection, where: str, *values: str) -> dict[str, Link]:
    rows = connection.execute(
        f"SELECT {_COLUMNS}, {_STALE} FROM duplicates d WHERE {where} AND {_DONE}", values
    )
    return {row[0]: _link(row) for row in rows}


def _link(row: tuple[Any, ...]) -> Link:
    origin, article_id, source, file, title, outlet, published, url, digest, likeness = row[:10]
    told = (source, file, title, outlet, parsed(published), url)
    return Link(origin, article_id, *told, digest, likeness, bool(row[10]))
