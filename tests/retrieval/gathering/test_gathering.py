"""From web addresses to drafts: pages, documents and feeds, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from retrieval.archive.rows import Known
from retrieval.gathering import Gathered, Gathering, KnownPages, Run, Seen, pause
from retrieval.reading import Parser
from retrieval.vocabulary import Draft, PublicationDate, Recognised, State, Unreadable
from tests.newspaper import Office, feed, item, page, publish
from tests.web_site import Reply, Site, redirect, web_site

NOW = 1_000_000.0


@pytest.fixture
def site() -> Iterator[Site]:
    """A site with nothing on it."""
    with web_site() as made:
        yield made


@dataclass
class Desk:
    """Gathers as a command does, with an archive that has some addresses."""

    home: Path
    parser: Parser
    have: dict[str, str] = field(default_factory=dict)  # origin: source
    seen: Mapping[str, Seen] = field(default_factory=dict)
    full_articles: bool = True

    def gather(self, url: str, *, asked: bool = True, now: float = NOW) -> Run:
        """What one address gives."""
        known = {
            origin: Known(f"{n:010}", origin, source, "", "", "", State.LIVE)
            for n, (origin, source) in enumerate(self.have.items())
        }
        run = Run()
        with Office(
            self.home, self.parser, full_articles=self.full_articles
        ).gatherer() as gatherer:
            gathering = Gathering(gatherer, KnownPages(lambda: known), now, asked, lambda _: None)
            gathering.address(url, lambda _feed: self.seen, run)
        return run


@pytest.fixture
def desk(tmp_path: Path, parser: Parser) -> Desk:
    """A desk with an empty archive."""
    return Desk(tmp_path, parser)


def origins(found: list[Gathered]) -> list[str]:
    """Where drafts are from, with what was recognised; nothing else may be there."""
    assert all(isinstance(each, Draft | Recognised) for each in found), found
    return [each.origin for each in found if isinstance(each, Draft | Recognised)]


def draft(run: Run) -> Draft:
    """The one draft that came."""
    (found,) = run.found
    assert isinstance(found, Draft), found
    return found


# --- pages --------------------------------------------------------------------------------


def test_a_page_is_named_by_where_it_ends(site: Site, desk: Desk) -> None:
    """After redirects, without fragment and trackers: one page has one origin."""
    site.paths |= {"/old": redirect("/new?utm_source=fil#top"), "/new?utm_source=fil": page("Port")}
    found = draft(desk.gather(f"{site.url}/old"))
    assert (found.origin, found.url) == (f"{site.url}/new", f"{site.url}/new")
    assert found.source == f"{site.url}/old"
    assert found.title == "Port"
    assert b"<article>" in found.raw


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        ("{site}/article-12", True),
        ("{site}/article-12?utm_medium=x#haut", True),
        ("{site}/", False),  # a site that names its home page everywhere
        ("https://elsewhere.example/article-12", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_page_may_name_itself_on_its_own_site(
    site: Site, desk: Desk, claimed: str, believed: bool
) -> None:
    """The canonical address of a page counts if it is of the same site, and of a page."""
    link = f'<link rel="canonical" href="{claimed.format(site=site.url)}">'
    site.paths["/a?id=12"] = page("Port", head=link)
    wanted = f"{site.url}/article-12" if believed else f"{site.url}/a?id=12"
    assert draft(desk.gather(f"{site.url}/a?id=12")).origin == wanted


def test_documents_and_texts_are_articles_too(site: Site, desk: Desk) -> None:
    """A text and a PDF are read as what they are, whatever their address ends in."""
    pdf = Path("tests/data/documents/tramway.pdf")
    site.paths["/note"] = Reply(b"Le port ferme\n\nLe port ferme lundi.", "text/plain")
    assert draft(desk.gather(f"{site.url}/note")).title == "Le port ferme"
    if pdf.exists():
        site.paths["/doc"] = Reply(pdf.read_bytes(), "application/octet-stream")
        assert "tram" in draft(desk.gather(f"{site.url}/doc")).text.lower()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"", status=404), "fetch_not_found"),
        (Reply(b"\x89PNG\r\n\x1a\n" + bytes(100), "text/html"), "fetch_media_type"),
        (Reply(b"PK\x03\x04" + bytes(100), "application/zip"), "fetch_media_type"),
        (Reply(b"   "), "empty"),
        (Reply(b"<html><body></body></html>"), "no_text"),
    ],
)
def test_what_gives_no_article_is_said(site: Site, desk: Desk, reply: Reply, reason: str) -> None:
    """Each failure is a line of the report, with the address as it was given."""
    site.paths["/page"] = reply
    (found,) = desk.gather(f"{site.url}/page").found
    assert isinstance(found, Unreadable)
    assert (found.source, found.reason) == (f"{site.url}/page", reason)


# --- feeds --------------------------------------------------------------------------------


def test_a_feed_is_its_articles(site: Site, desk: Desk) -> None:
    """Each entry's page is fetched; one that cannot be is said, and stops none of the others."""
    publish(site, ["musée", "port", "lycée"])
    site.paths["/port"] = Reply(status=403)
    run = desk.gather(f"{site.url}/feed")
    assert [type(each) for each in run.found] == [Draft, Unreadable, Draft]
    first, refused, _ = run.found
    assert isinstance(first, Draft)
    assert isinstance(refused, Unreadable)
    assert first.title == "Le musée ferme ses portes"
    assert (refused.source, refused.reason) == (f"{site.url}/port", "fetch_forbidden")


def test_a_feed_fills_in_what_a_page_does_not_say(site: Site, desk: Desk) -> None:
    """Date and author of the entry count when the page has none; its own come first."""
    dated = '<meta property="article:published_time" content="2016-02-03T10:00:00Z">'
    site.paths |= {"/a": page("Le port ferme"), "/b": page("Le pont ouvre", head=dated)}
    entries = [item(f"{site.url}/{name}", "Titre", author="Anne Le Goff") for name in "ab"]
    site.paths["/feed"] = feed(entries)
    bare, own = desk.gather(f"{site.url}/feed").found
    assert isinstance(bare, Draft)
    assert isinstance(own, Draft)
    assert (bare.published, bare.author) == (PublicationDate(2017, 5, 24), "Anne Le Goff")
    assert bare.title == "Le port ferme"
    assert own.published == PublicationDate(2016, 2, 3)


def test_the_text_of_a_feed_may_be_enough(site: Site, desk: Desk) -> None:
    """With the setting, no page is fetched; the origin is the same as with it."""
    desk.full_articles = False
    said = "Le port ferme lundi pour deux mois, a annoncé la mairie de Vaubrelles."
    site.paths["/feed"] = feed([item(f"{site.url}/port?utm_source=rss", "Le port", said=said)])
    found = draft(desk.gather(f"{site.url}/feed"))
    assert (found.origin, found.text) == (f"{site.url}/port", said)
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/feed"]


def test_an_entry_that_the_archive_has_is_not_fetched(site: Site, desk: Desk) -> None:
    """It is recognised by its address, with trackers or without, until the feed says more."""
    publish(site, ["musée", "port"])
    site.paths["/feed"] = feed(
        [item(f"{site.url}/port?xtor=RSS-1", "Le port"), item("https://fil.example/7", "Le musée")]
    )
    desk.have = {
        f"{site.url}/port": f"{site.url}/port",
        f"{site.url}/musée": "https://fil.example/7",
    }
    run = desk.gather(f"{site.url}/feed")
    assert run.found == [Recognised(f"{site.url}/port"), Recognised(f"{site.url}/musée")]
    assert site.asked_for("/port?xtor=RSS-1") == 0

    desk.seen = run.seen[f"{site.url}/feed"]
    site.paths["/port?xtor=RSS-1"] = page("Le port rouvre")
    changed = item(f"{site.url}/port?xtor=RSS-1", "Le port rouvre")
    site.paths["/feed"] = feed([changed, item("https://fil.example/7", "Le musée")])
    again = desk.gather(f"{site.url}/feed")
    assert origins(again.found) == [f"{site.url}/port", f"{site.url}/musée"]
    assert isinstance(again.found[0], Draft)


def test_what_was_rolled_back_returns_only_when_asked_for(site: Site, desk: Desk) -> None:
    """A watcher leaves an entry that it has read, whatever the archive holds; a person does not."""
    publish(site, ["port"])
    desk.seen = desk.gather(f"{site.url}/feed").seen[f"{site.url}/feed"]
    assert desk.gather(f"{site.url}/feed", asked=False).found == []
    assert draft(desk.gather(f"{site.url}/feed")).origin == f"{site.url}/port"
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port", said="Corrigé.")])
    assert draft(desk.gather(f"{site.url}/feed", asked=False)).origin == f"{site.url}/port"


def test_a_page_that_fails_for_a_moment_is_tried_again(site: Site, desk: Desk) -> None:
    """A watcher waits longer each time, and gives up after five; what is refused is left."""
    publish(site, ["port", "musée"])
    site.paths |= {"/port": Reply(status=503, headers={"Retry-After": "7200"})}
    site.paths |= {"/musée": Reply(status=404)}
    url, now = f"{site.url}/feed", NOW
    for failures in range(1, 6):
        run = desk.gather(url, asked=False, now=now)
        assert len(run.found) == (2 if failures == 1 else 1)
        seen = run.seen[url]
        desk.seen = {**desk.seen, **seen}
        if failures < 5:
            assert run.left == {url}
            wait = max(7200.0, pause(failures))
            assert seen[f"{site.url}/port"] == Seen("", failures, now + wait)
            assert desk.gather(url, asked=False, now=now + wait - 1).found == []
            now += wait
    assert desk.seen[f"{site.url}/port"].stamp
    assert site.asked_for("/port") == 5
    assert not desk.gather(url, asked=False, now=now + 1e6).left


def test_pauses_grow_up_to_a_day() -> None:
    """A quarter of an hour first, then twice as long each time."""
    assert [pause(n) for n in (1, 2, 3, 7, 8, 5000)] == [900, 1800, 3600, 57_600, 86_400, 86_400]


def test_an_entry_without_address_is_what_the_feed_says(site: Site, desk: Desk) -> None:
    """There is no page to fetch: the feed's own text is the article."""
    site.paths["/feed"] = feed(["<item><guid>a7</guid><description>Le port ferme lundi, a dit la"
                                " mairie.</description></item>"])  # fmt: skip
    assert draft(desk.gather(f"{site.url}/feed")).origin == f"{site.url}/feed#a7"


def test_a_feed_that_is_too_long_is_taken_in_parts(site: Site, desk: Desk) -> None:
    """What is too much for one change is said to a person, and left for a watcher's next round."""
    publish(site, ["musée", "port", "lycée"])
    for asked in (True, False):
        run = Run(most_pages=2)
        with Office(desk.home, desk.parser).gatherer() as gatherer:
            known = KnownPages(dict)
            gathering = Gathering(gatherer, known, NOW, asked, lambda _: None)
            gathering.address(f"{site.url}/feed", lambda _feed: {}, run)
        assert [isinstance(each, Draft) for each in run.found[:2]] == [True, True]
        assert (run.cut, run.left) == (True, {f"{site.url}/feed"})
        assert len(run.seen[f"{site.url}/feed"]) == 2


def test_a_sitemap_gives_its_pages(desk: Desk, site: Site) -> None:
    """Each page of a sitemap is read as an entry of a feed is, with what the sitemap says of it."""
    site.paths["/port"] = page("Le port")
    site.paths["/sitemap.xml"] = Reply(
        (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
            f"<url><loc>{site.url}/port</loc><news:news><news:publication><news:name>La Vigie"
            "</news:name></news:publication><news:publication_date>2020-03-02T08:00:00+01:00"
            "</news:publication_date><news:title>Le port</news:title></news:news></url>"
            f"<url><loc>{site.url}/rien</loc></url></urlset>"
        ).encode(),
        "application/xml",
    )
    for full_articles in (True, False):
        desk.full_articles = full_articles
        run = desk.gather(f"{site.url}/sitemap.xml")
        draft, missing = run.found
        assert isinstance(draft, Draft)
        assert (draft.origin, draft.outlet) == (f"{site.url}/port", "La Vigie")
        assert isinstance(missing, Unreadable)
        assert missing.reason == "fetch_not_found"
        assert run.pages_read == 2
        assert len(run.seen[f"{site.url}/sitemap.xml"]) == 2


def test_a_list_of_sitemaps_is_told(desk: Desk, site: Site) -> None:
    """It names the first of them, whose address is to be given."""
    index = "<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>"
    site.paths["/sitemap.xml"] = Reply(index.encode(), "text/xml")
    [problem] = desk.gather(f"{site.url}/sitemap.xml").found
    assert isinstance(problem, Unreadable)
    assert (problem.reason, problem.detail) == ("sitemap_index", "https://a.example/s1.xml")
