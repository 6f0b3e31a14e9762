"""A newspaper on this machine for tests: its pages, its feed, and what gathers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from retrieval.archive.reader import ArchiveReader
from retrieval.archive.rows import Entry
from retrieval.change import Editor, Indexer, Options
from retrieval.change.report import Silent
from retrieval.index.generations import Places
from retrieval.reading import CleaningRules, Parser
from retrieval.web.feeds import KnownPages
from retrieval.web.fetch import Fetcher
from retrieval.web.pages import WebReader
from retrieval.web.response import FetchLimits
from tests.retrieval.hashed_embedder import HashedEmbedder
from tests.web_site import Reply, Site

TODAY = date(2026, 11, 23)
SILENT = Silent()


def page(title: str, said: str = "", *, head: str = "") -> Reply:
    """A page with one article about something; ``said`` is added to it."""
    text = (
        f"<p>{title} : la nouvelle a surpris les habitants, qui l'ont apprise samedi matin au"
        " marché de la place centrale.</p><p>La mairie promet une réunion publique avant la fin"
        f" du mois, et un registre ouvert à tous pour recueillir les avis. {said}</p>"
    )
    html = (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body><article><h1>{title}</h1>{text}</article></body></html>"
    )
    return Reply(html.encode())


def item(
    link: str, title: str, *, day: str = "2017-05-24", said: str = "", author: str = ""
) -> str:
    """An entry of a feed."""
    parts = {"title": title, "link": link, "dc:date": f"{day}T10:00:00Z", "dc:creator": author}
    tags = "".join(f"<{tag}>{escape(value)}</{tag}>" for tag, value in parts.items() if value)
    return f"<item>{tags}<description>{escape(said or title)}</description></item>"


def feed(items: Sequence[str], etag: str = "") -> Reply:
    """A feed of some entries."""
    xml = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Le Fanal</title>'
        f"<link>https://fanal.example/</link>{''.join(items)}</channel></rss>"
    )
    return Reply(xml.encode(), "application/rss+xml", headers={"ETag": etag} if etag else {})


def publish(site: Site, names: Sequence[str]) -> None:
    """Put pages on a site, and a feed of them at ``/feed``."""
    site.paths |= {f"/{name}": page(f"Le {name} ferme ses portes") for name in names}
    site.paths["/feed"] = feed([item(f"{site.url}/{name}", f"Le {name}") for name in names])


class Office:
    """What rounds are made with: the parts of Kiosque for a home, without its model.

    Args:
        home: the folder of the archive.
        parser: parses for all rounds.
        full_articles: fetch the pages of entries.
    """

    def __init__(self, home: Path, parser: Parser, *, full_articles: bool = True) -> None:
        self.home = home
        self._parser = parser
        self.full_articles = full_articles
        self.indexed = 0
        self._archive = Places(home).archive

    @contextmanager
    def web_reader(self) -> Iterator[WebReader]:
        """Fetches and reads, from this machine too, and without pauses."""
        limits = FetchLimits(seconds=2.0, pause=0.0, allow_private=True)
        fetcher, rules = Fetcher(limits), CleaningRules()
        yield WebReader(fetcher, rules, self._parser, TODAY, full_articles=self.full_articles)

    def known_pages(self) -> KnownPages:
        """The pages that the archive has."""
        return KnownPages.of(self._archive)

    def entries(self) -> list[Entry]:
        """The live articles of the archive."""
        if not self._archive.exists():
            return []
        with ArchiveReader(self._archive) as reader:
            return reader.entries(withdrawn=False)

    def identity(self) -> str:
        """What tells the archive apart."""
        if not self._archive.exists():
            return ""
        with ArchiveReader(self._archive) as reader:
            return reader.identity()

    def indexer(self, by: str) -> Indexer:
        """What takes articles in; ``indexed`` counts how often it was asked for."""
        self.indexed += 1
        return Indexer(Places(self.home), HashedEmbedder(), CleaningRules(), Options(by=by))

    def editor(self) -> Editor:
        """What takes changes back."""
        return Editor(Places(self.home), HashedEmbedder, CleaningRules(), Options(by="person"))
