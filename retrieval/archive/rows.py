"""Rows of the archive as values, and the links of sources that repeat an article."""

# ruff: noqa: S608 - the SQL is joined from constants of ours; values are always bound
from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from retrieval.vocabulary import Article, Coverage, PublicationDate, State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import date

    from retrieval.archive.schema import WritableArchive
    from retrieval.vocabulary import Draft

ABSENT = "absent"
"""The state of an article that a change takes out as if it had never come."""
REPLACED = (
    "SELECT before FROM change_items WHERE change = ?"
    " AND (before <> after OR after_state = 'absent')"
)
"""The revisions that a change puts out of use."""
ARTICLE_COLUMNS = (
    "a.id, r.title, r.text, r.published, r.outlet, r.author, r.url, r.language, r.source,"
    " r.digest, r.number, a.state"
)


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A window where it stands: what search needs before it reads any text."""

    id: int
    passage_id: int
    article_id: str
    start: int
    end: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a list, without its text."""

    id: str
    title: str
    outlet: str | None
    published: PublicationDate | None
    source: str
    state: State
    passages: int


@dataclass(frozen=True, slots=True)
class Note:
    """Why an article is in its state.

    Args:
        action: what kind of change made it so (``index``, ``correct``, ``withdraw``…).
        reason: what the person said who withdrew it.
        read: the digest that was last read from its source; a correction leaves it.
    """

    action: str = "index"
    reason: str = ""
    read: str = ""

    def as_json(self) -> str:
        """As the archive keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_json(cls, text: str) -> Note:
        """From what the archive keeps; facts that are unknown here are passed over."""
        facts = json.loads(text)
        return cls(**{key: str(facts[key]) for key in ("action", "reason", "read") if key in facts})


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan needs to know of an article of the archive; ``file`` is where it was found."""

    id: str
    origin: str
    source: str
    file: str
    title: str
    digest: str
    state: State
    url: str | None = None
    note: Note = Note()

    @property
    def pruned(self) -> bool:
        """Withdrawn because it was not found any more, not by a person."""
        return self.state is State.WITHDRAWN and self.note.action != "withdraw"

    def says(self, digest: str) -> bool:
        """Whether a source with this digest says nothing new.

        What a person corrected stands until the source itself says something else.
        """
        corrected = self.note.action == "correct" and self.note.read == digest
        return self.digest == digest or corrected


@dataclass(frozen=True, slots=True)
class Move:
    """Where an article is found now; ``left`` is the file that it was found in."""

    article_id: str
    left: str
    origin: str
    source: str
    file: str


def known_article(
    connection: sqlite3.Connection, *, id_: str = "", origin: str = ""
) -> Known | None:
    """What an archive knows of one article, withdrawn or not.

    Args:
        connection: to the archive.
        id_: its whole id, or
        origin: where it is from.
    """
    row = connection.execute(
        "SELECT a.id, a.origin, r.source, r.file, r.title, r.digest, a.state, r.url, a.note"
        " FROM articles a CROSS JOIN revisions r ON r.id = a.current"
        f" WHERE {'a.id' if id_ else 'a.origin'} = ?",
        (id_ or origin,),
    ).fetchone()
    if row is None:
        return None
    id_, origin, source, file, title, digest, state, url, note = row
    return Known(id_, origin, source, file, title, digest, State(state), url, Note.of_json(note))


def as_integer(day: date) -> int:
    """A day as YYYYMMDD: 24 May 2017 is 20170524."""
    return day.year * 10_000 + day.month * 100 + day.day


def parsed(published: str | None) -> PublicationDate | None:
    """The publication date of a row."""
    return PublicationDate.parse(published) if published else None


def coverage_of(connection: sqlite3.Connection) -> Coverage:
    """What the live articles cover: how many, from when to when, of which outlets.

    It looks at every article, but reads no text: an index has all that it takes.
    """
    live = (
        " FROM revisions r CROSS JOIN articles a ON a.id = r.article"
        " WHERE a.current = r.id AND a.state <> 'withdrawn'"
    )
    rows = connection.execute(
        f"SELECT r.outlet, count(*), min(r.first_day), max(r.last_day){live} GROUP BY r.outlet"
    ).fetchall()
    firsts, lasts = ([row[at] for row in rows if row[at] is not None] for at in (2, 3))
    ends = (("first_day", min(firsts, default=None)), ("last_day", max(lasts, default=None)))
    found = [
        connection.execute(
            "SELECT published FROM revisions"
            f" WHERE id = (SELECT r.id{live} AND r.{column} = ? LIMIT 1)",
            (day,),
        ).fetchone()
        for column, day in ends
    ]
    first, last = (parsed(row[0]) if row else None for row in found)
    outlets = sorted((-count, outlet) for outlet, count, *_ in rows if outlet is not None)
    total = sum(count for _, count, *_ in rows)
    return Coverage(total, first, last, tuple(outlet for _, outlet in outlets))


def article_of(row: tuple[Any, ...]) -> Article:
    """An article from a row of `ARTICLE_COLUMNS`."""
    id_, title, text, published, outlet, author, url, language, source, digest, number, state = row
    return Article(
        id=id_,
        title=title,
        text=text,
        published=parsed(published),
        outlet=outlet,
        author=author,
        url=url,
        language=language,
        source=source,
        digest=digest,
        revision=number,
        # One that was taken back as if it had never come is read again as it comes anew.
        state=State.LIVE if state == ABSENT else State(state),
    )


def draft_digest(draft: Draft) -> str:
    """A digest of a draft's text and all its metadata: another digest is another revision.

    The place it was read from is left out, so that a folder given by another path is
    not a change.
    """
    parts = (
        draft.title,
        draft.text,
        str(draft.published or ""),
        draft.outlet or "",
        draft.author or "",
        draft.url or "",
        draft.language,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def window_digest(embedded: str) -> bytes:
    """The key of a vector: 16 bytes of the SHA-256 of the text that is embedded."""
    return hashlib.sha256(embedded.encode()).digest()[:16]


_COLUMNS = "origin, article, source, file, title, outlet, published, url, digest, likeness"
_DONE = "EXISTS (SELECT 1 FROM changes c WHERE c.id = d.change AND c.finished IS NOT NULL)"

_STALE = (
    "EXISTS (SELECT 1 FROM articles a JOIN revisions r ON r.id = a.current"
    " WHERE a.id = d.article AND r.change > d.change)"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A source that repeats an article, and that article.

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


def linked(connection: sqlite3.Connection, origin: str) -> Link | None:
    """The link of a source, if it is linked to an article."""
    found = _links(connection, "origin = ?", origin)
    return found[0] if found else None


def links_to(connection: sqlite3.Connection, article_id: str) -> list[Link]:
    """The sources that are linked to an article, by their dates and names."""
    found = _links(connection, "article = ?", article_id)
    return sorted(found, key=lambda link: (str(link.published or "9"), link.source))


def stage_links(store: WritableArchive, change: int, found: Iterable[Link]) -> None:
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
    """A source that a change makes an article of is linked no more; part of publishing it."""
    connection.execute(
        "DELETE FROM duplicates WHERE origin IN (SELECT a.origin FROM change_items i"
        " JOIN articles a ON a.id = i.article"
        " WHERE i.change = ? AND i.after_state IN ('live', 'corrected'))",
        (change,),
    )


def _links(connection: sqlite3.Connection, where: str, value: str) -> list[Link]:
    rows = connection.execute(
        f"SELECT {_COLUMNS}, {_STALE} FROM duplicates d WHERE {where} AND {_DONE}", (value,)
    )
    return [_link(row) for row in rows]


def _link(row: tuple[Any, ...]) -> Link:
    origin, article_id, source, file, title, outlet, published, url, digest, likeness = row[:10]
    facts = (source, file, title, outlet, parsed(published), url)
    return Link(origin, article_id, *facts, digest, likeness, bool(row[10]))
