"""Collecting from addresses as a command does, for the tests of pages, feeds and discovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.reading import Parser
from retrieval.vocabulary import Draft, Recognised
from retrieval.web.feeds import Collection, Collector, FoundFeed, WebFound, find_feeds
from retrieval.web.watch_store import EntryRecord
from tests.newspaper import Office
from tests.retrieval.library import keep

NOW = 1_795_392_000.0  # 23 November 2026


@dataclass
class Desk:
    """Collects from addresses, with an archive that has some of them.

    Args:
        home: the folder of the archive.
        parser: parses.
        have: the sources of the articles that the archive has, by origin.
        seen: the records of the entries of each feed.
        full_articles: fetch the pages of entries.
    """

    home: Path
    parser: Parser
    have: dict[str, str] = field(default_factory=dict)
    seen: Mapping[str, EntryRecord] = field(default_factory=dict)
    full_articles: bool = True

    def gather(
        self, url: str, *, asked: bool = True, now: float = NOW, max_pages: int = 1000
    ) -> Collection:
        """What one address gives."""
        drafts = [Draft(origin, source, "", "") for origin, source in self.have.items()]
        keep(self.home, drafts)
        office = Office(self.home, self.parser, full_articles=self.full_articles)
        with office.known_pages() as known, office.web_reader() as reader:
            collector = Collector(
                reader, known, now, requested=asked, advance=lambda _: None, max_pages=max_pages
            )
            collector.address(url, lambda _feed: self.seen)
        return collector.collection

    def feeds_of(self, url: str) -> list[FoundFeed]:
        """The feeds that are found from an address."""
        with Office(self.home, self.parser).web_reader() as reader:
            return find_feeds(reader, url)


def origins(found: list[WebFound]) -> list[str]:
    """The origins of drafts and of what was recognised; nothing else may be there."""
    assert all(isinstance(each, Draft | Recognised) for each in found), found
    return [each.origin for each in found if isinstance(each, Draft | Recognised)]


def draft(collection: Collection) -> Draft:
    """The one draft that came."""
    (found,) = collection.found
    assert isinstance(found, Draft), found
    return found


def link_to(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    """What the head of a page names a feed with."""
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'
