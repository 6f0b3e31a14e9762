"""From web addresses to drafts: pages, documents and feeds, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from retrieval.archive.rows import Known
from retrieval.reading import Parser, Refused
from retrieval.vocabulary import Draft, LeftOut, PublicationDate, Recognised, State, Unreadable
from retrieval.web.discovery import FoundFeed, find_feeds
from retrieval.web.exchange import FetchFailed
from retrieval.web.feeds import Collection, Collector, KnownPages, WebFound, pause
from retrieval.web.watch_store import EntryRecord
from tests.newspaper import Office, feed, item, page, publish
from tests.web_site import Reply, Site, redirect, web_site

NOW = 1_795_392_000.0  # 23 November 2026


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
    seen: Mapping[str, EntryRecord] = field(default_factory=dict)
    full_articles: bool = True

    def gather(self, url: str, *, asked: bool = True, now: float = NOW) -> Collection:
        """What one address gives."""
        known = {
            origin: Known(f"{n:010}", origin, source, "", "", "", State.LIVE)
            for n, (origin, source) in enumerate(self.have.items())
        }
        office = Office(self.home, self.parser, full_articles=self.full_articles)
        pages = KnownPages(lambda: known)
        with office.web_reader() as reader:
            collector = Collector(reader, pages, now, requested=asked, advance=lambda _: None)
            collector.address(url, lambda _feed: self.seen)
        return collector.collection


@pytest.fixture
def desk(tmp_path: Path, parser: Parser) -> Desk:
    """A desk with an empty archive."""
    return Desk(tmp_path, parser)


def origins(found: list[WebFound]) -> list[str]:
    """Where drafts are from, with what was recognised; nothing else may be there."""
    assert all(isinstance(each, Draft | Recognised) for each in found), found
    return [each.origin for each in found if isinstance(each, Draft | Recognised)]


def draft(run: Collection) -> Draft:
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

    desk.seen = run.records[f"{site.url}/feed"]
    site.paths["/port?xtor=RSS-1"] = page("Le port rouvre")
    changed = item(f"{site.url}/port?xtor=RSS-1", "Le port rouvre")
    site.paths["/feed"] = feed([changed, item("https://fil.example/7", "Le musée")])
    again = desk.gather(f"{site.url}/feed")
    assert origins(again.found) == [f"{site.url}/port", f"{site.url}/musée"]
    assert isinstance(again.found[0], Draft)


def test_what_was_rolled_back_returns_only_when_asked_for(site: Site, desk: Desk) -> None:
    """A watcher leaves an entry that it has read, whatever the archive holds; a person does not."""
    publish(site, ["port"])
    desk.seen = desk.gather(f"{site.url}/feed").records[f"{site.url}/feed"]
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
        seen = run.records[url]
        desk.seen = {**desk.seen, **seen}
        if failures < 5:
            assert run.unfinished == {url}
            wait = max(7200.0, pause(failures))
            assert seen[f"{site.url}/port"] == EntryRecord("", failures, now + wait)
            assert desk.gather(url, asked=False, now=now + wait - 1).found == []
            now += wait
    assert desk.seen[f"{site.url}/port"].stamp
    assert site.asked_for("/port") == 5
    assert not desk.gather(url, asked=False, now=now + 1e6).unfinished


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
        with Office(desk.home, desk.parser).web_reader() as reader:
            collector = Collector(
                reader,
                KnownPages(dict),
                NOW,
                requested=asked,
                advance=lambda _: None,
                max_pages=2,
            )
            collector.address(f"{site.url}/feed", lambda _feed: {})
        run = collector.collection
        assert [isinstance(each, Draft) for each in run.found[:2]] == [True, True]
        assert (run.cut, run.unfinished) == (True, {f"{site.url}/feed"})
        assert len(run.records[f"{site.url}/feed"]) == 2


# --- the feed's text, and its page's ------------------------------------------------------

WALL = (
    "<html lang='fr'><head><title>Le Fanal</title></head><body><h1>Votre vie privée compte</h1>"
    "<p>Nous et nos 120 partenaires stockons des informations sur un appareil.</p><p>Avec votre"
    " accord, nos partenaires et nous utilisons des cookies. Vous pouvez retirer votre consentement"
    " à tout moment.</p></body></html>"
)
SAID = "Le port de Vaubrelles ferme lundi pour deux mois de travaux, a annoncé la mairie."


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=403), "fetch_forbidden"),
        (Reply(status=404), "fetch_not_found"),
        (Reply(WALL.encode()), "consent_wall"),
        (Reply(b"<body><div id='root'></div><script src='/a.js'></script></body>"), "needs_script"),
        (Reply(b"<title>Just a moment...</title><p>Checking your browser.</p>"), "bot_check"),
        (Reply(b"<script>location.replace('/autre')</script>"), "redirection"),
        (Reply(b"<title>Page introuvable</title><p>Page introuvable.</p>"), "error_page"),
        (Reply(b"<html><body><video src='/v.mp4'></video></body></html>"), "no_text"),
        (Reply(b"\x89PNG\r\n\x1a\n" + bytes(99), "image/png"), "fetch_media_type"),
    ],
)
def test_a_page_that_is_no_article_loses_no_entry(
    site: Site, desk: Desk, reply: Reply, why: str
) -> None:
    """What the feed says of it is the article, under its address, and the report says why."""
    site.paths["/port?utm_source=rss"] = reply
    link = f"{site.url}/port?utm_source=rss"
    site.paths["/feed"] = feed([item(link, "Le port ferme", said=SAID, author="Anne Lô")])
    run = desk.gather(f"{site.url}/feed")
    found = draft(run)
    assert (found.origin, found.url, found.title) == (*[f"{site.url}/port"] * 2, "Le port ferme")
    assert (found.text, found.author, str(found.published)) == (SAID, "Anne Lô", "2017-05-24")
    assert found.removed == (f"text of the feed, not of the page: {why}",)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=410), "fetch_gone"),
        (redirect("http://user:secret@127.0.0.1/"), "fetch_credentials"),
    ],
)
def test_what_a_site_has_deleted_is_not_taken_from_its_feed(
    site: Site, desk: Desk, reply: Reply, reason: str
) -> None:
    """A page that is gone on purpose, and an address that is a trap, give no article."""
    site.paths["/port"] = reply
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme", said=SAID)])
    assert desk.gather(f"{site.url}/feed").found == [
        Unreadable(f"{site.url}/port", reason, desk.gather(f"{site.url}/feed").found[0].detail)  # type: ignore[union-attr]
    ]


def test_a_title_is_no_article(site: Site, desk: Desk) -> None:
    """An entry of which the feed gives only the title is said, and lost with its page."""
    site.paths["/port"] = Reply(WALL.encode())
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme")])
    assert desk.gather(f"{site.url}/feed").found == [Unreadable(f"{site.url}/port", "consent_wall")]


def test_a_whole_text_in_a_feed_comes_before_a_part_of_it(site: Site, desk: Desk) -> None:
    """The longer text is taken, with the address and the date of the page; a summary is not."""
    dated = '<meta property="article:published_time" content="2016-02-03T10:00:00Z">'
    whole = " ".join(f"{SAID} Le quai numéro {n} sera refait." for n in range(12))
    site.paths |= {"/port": page("Le port ferme", head=dated), "/gare": page("La gare ferme")}
    entries = [
        item(f"{site.url}/port", "Le port ferme", said=whole),
        item(f"{site.url}/gare", "La gare ferme", said="La gare ferme lundi, dit la mairie."),
    ]
    site.paths["/feed"] = feed(entries)
    port, gare = desk.gather(f"{site.url}/feed").found
    assert isinstance(port, Draft)
    assert isinstance(gare, Draft)
    assert (port.text, port.published) == (whole, PublicationDate(2016, 2, 3))
    assert port.removed == ("text of the feed, not of the page: longer",)
    assert "registre ouvert" in gare.text


def test_a_wall_that_is_not_known_makes_no_copies(site: Site, desk: Desk) -> None:
    """One page behind several entries, and about none of them, is none of them."""
    wall = page("Bienvenue", "Un instant : nous préparons votre visite, merci de votre patience.")
    names = {"port": SAID, "gare": "La gare rouvre samedi après six mois de chantier.", "bac": ""}
    site.paths |= {f"/{name}": wall for name in names}
    site.paths["/feed"] = feed(
        [item(f"{site.url}/{name}", f"Titre {name}", said=said) for name, said in names.items()]
    )
    port, gare, bac = desk.gather(f"{site.url}/feed").found
    assert isinstance(port, Draft)
    assert isinstance(gare, Draft)
    assert (port.text, gare.text) == (names["port"], names["gare"])
    assert bac == Unreadable(f"{site.url}/bac", "repeated_page")


def test_what_was_kept_of_a_feed_is_tried_again(site: Site, desk: Desk) -> None:
    """A page that was away for a moment comes later, in the place of what the feed said."""
    site.paths["/port"] = Reply(status=503)
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme", said=SAID)])
    url = f"{site.url}/feed"
    run = desk.gather(url, asked=False)
    assert draft(run).text == SAID
    assert run.records[url][f"{site.url}/port"] == EntryRecord("", 1, NOW + pause(1))
    desk.seen, desk.have = run.records[url], {f"{site.url}/port": f"{site.url}/port"}
    canonical = '<link rel="canonical" href="/articles/port-12">'
    site.paths["/port"] = page("Le port ferme", head=canonical)
    assert desk.gather(url, asked=False).found == []
    later = desk.gather(url, asked=False, now=NOW + pause(1) + 1)
    assert "registre ouvert" in draft(later).text
    assert draft(later).origin == f"{site.url}/port"
    assert later.records[url][f"{site.url}/port"].stamp


def test_an_entry_under_an_embargo_waits_for_its_time(site: Site, desk: Desk) -> None:
    """An entry of tomorrow is left out until then; its page is not even asked for."""
    publish(site, ["port"])
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port", day="2026-11-25")])
    url = f"{site.url}/feed"
    run = desk.gather(url, asked=False)
    (left,) = run.found
    assert isinstance(left, LeftOut)
    assert left.until is not None
    assert (left.reason, left.until.isoformat()) == ("scheduled", "2026-11-25T10:00:00+00:00")
    assert (run.unfinished, site.asked_for("/port")) == ({url}, 0)
    desk.seen = run.records[url]
    assert desk.gather(url, asked=False, now=NOW + 3600).found == []
    then = left.until.timestamp() + 1
    assert draft(desk.gather(url, asked=False, now=then)).origin == f"{site.url}/port"


# --- copies in archives of the web --------------------------------------------------------


def test_a_copy_in_an_archive_is_named_by_its_own_address(site: Site, desk: Desk) -> None:
    """Address, newspaper and date are the page's, not the archive's."""
    own = "https://www.trevou.example/bac-12"
    path = f"/web/20190512083000/{own}"
    link = f'<link rel="canonical" href="https://web.archive.org/web/20190512083000/{own}">'
    site.paths[path] = page("Le bac en panne", head=link)
    found = draft(desk.gather(f"{site.url}{path}"))
    assert (found.origin, found.url, found.outlet) == (own, own, "trevou.example")
    assert (found.published, found.source) == (None, f"{site.url}{path}")


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ("Le doyen du canton fête ses cent neuf printemps avec sa famille.", False),
        ("Les habitants ont appris samedi que le cinéma ferme, dit un communiqué municipal.", True),
        ("Complet ce soir.", True),
    ],
)
def test_a_page_without_the_words_of_its_entry(
    site: Site, desk: Desk, told: str, *, ours: bool
) -> None:
    """A page that shares none of the words of its entry is not its article; a paraphrase is."""
    site.paths["/a"] = page("Rendez-vous")
    site.paths["/feed"] = feed([item(f"{site.url}/a", "Titre", said=told)])
    found = draft(desk.gather(f"{site.url}/feed"))
    assert (found.text != told) is ours
    assert ("text of the feed, not of the page: another_text" in found.removed) is not ours


@pytest.mark.parametrize("said", [SAID, "Le port ferme : la nouvelle a surpris. " * 20])
def test_the_beginning_of_a_sold_article(site: Site, desk: Desk, said: str) -> None:
    """It is taken where it is more than the feed says, without the offer below it."""
    offer = "</p><p>La suite est réservée aux abonnés. Déjà abonné ? Connectez-vous."
    site.paths["/port"] = page("Le port de Vaubrelles ferme", offer)
    site.paths["/feed"] = feed([item(f"{site.url}/port", "Le port ferme", said=said)])
    found = draft(desk.gather(f"{site.url}/feed"))
    assert ("registre ouvert" in found.text) is (said == SAID)
    assert "abonné" not in found.text


# --- finding feeds ------------------------------------------------------------------------


def found_feeds(desk: Desk, url: str) -> list[FoundFeed]:
    """The feeds that are found from an address."""
    with Office(desk.home, desk.parser).web_reader() as reader:
        return find_feeds(reader, url)


def link_to(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    """What a head names a feed with."""
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


@pytest.mark.parametrize(
    ("head", "paths"),
    [
        (link_to("/rss.xml"), ["/rss.xml"]),
        (link_to("fil/atom.xml", kind="application/atom+xml"), ["/fil/atom.xml"]),
        ('<base href="/fr/">' + link_to("feed/"), ["/fr/feed/"]),
        (link_to("/comments/feed/", "Commentaires") + link_to("/feed/"), ["/feed/"]),
        (link_to("/feed.json", kind="application/feed+json") + link_to("/rss"),
         ["/rss", "/feed.json"]),
        (link_to("/une.xml", "À la une") + link_to("/sport.xml", "Sport"),
         ["/une.xml", "/sport.xml"]),
        (link_to("/gone.xml") + link_to("/rss.xml"), ["/rss.xml"]),
        (link_to("/oembed", kind="application/json+oembed") + link_to("/rss.xml"), ["/rss.xml"]),
        ("<link rel='feed alternate' type='application/rss+xml; charset=utf-8' href='/rss.xml'>",
         ["/rss.xml"]),
    ],
)  # fmt: skip
def test_the_feed_that_a_page_names(site: Site, desk: Desk, head: str, paths: list[str]) -> None:
    """The main one first, none of comments; relative addresses are those of the page's base."""
    site.paths["/"] = page("Le Fanal", head=head)
    site.paths |= {path: feed([item(f"{site.url}/port", "Le port")]) for path in paths}
    found = found_feeds(desk, f"{site.url}/")
    assert [each.url for each in found] == [f"{site.url}{path}" for path in paths]


def test_a_link_to_a_feed(site: Site, desk: Desk) -> None:
    """A page that names no feed in its head may have a link to one."""
    html = (
        b"<body><p>Le Fanal</p><a href='/une/'>Une</a><a href='/flux/rss.xml'>Flux RSS</a></body>"
    )
    site.paths |= {"/une": Reply(html), "/flux/rss.xml": feed([])}
    assert found_feeds(desk, f"{site.url}/une") == [
        FoundFeed(f"{site.url}/flux/rss.xml", "Flux RSS")
    ]


@pytest.mark.parametrize("place", ["/feed", "/rss.xml", "/index.xml", "/?feed=rss2", "/flux-rss"])
def test_the_usual_places_of_a_feed(site: Site, desk: Desk, place: str) -> None:
    """A home page that names none is looked around from, with few requests."""
    site.paths |= {"/": page("Le Fanal"), place: feed([item(f"{site.url}/port", "Le port")])}
    assert found_feeds(desk, f"{site.url}/") == [FoundFeed(f"{site.url}{place}")]
    assert len(site.asked) <= 12


def test_what_has_no_feed_is_refused(site: Site, desk: Desk) -> None:
    """A home page without one, an article's page, and what cannot be fetched; robots are heeded."""
    site.paths |= {"/": page("Le Fanal"), "/port": page("Le port"), "/rss": page("RSS")}
    with pytest.raises(Refused, match="no_feed"):
        found_feeds(desk, f"{site.url}/")
    site.paths["/feed"] = feed([])
    with pytest.raises(Refused, match="not_a_feed"):
        found_feeds(desk, f"{site.url}/port")
    with pytest.raises(FetchFailed, match="fetch_not_found"):
        found_feeds(desk, f"{site.url}/rien")
    site.paths["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /feed", "text/plain")
    with pytest.raises(Refused, match="no_feed"):
        found_feeds(desk, f"{site.url}/")


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
        assert run.pages == 2
        assert len(run.records[f"{site.url}/sitemap.xml"]) == 2


def test_a_list_of_sitemaps_is_told(desk: Desk, site: Site) -> None:
    """It names the first of them, whose address is to be given."""
    index = "<sitemapindex><sitemap><loc>https://a.example/s1.xml</loc></sitemap></sitemapindex>"
    site.paths["/sitemap.xml"] = Reply(index.encode(), "text/xml")
    [problem] = desk.gather(f"{site.url}/sitemap.xml").found
    assert isinstance(problem, Unreadable)
    assert (problem.reason, problem.detail) == ("sitemap_index", "https://a.example/s1.xml")


# --- JSON Feed ----------------------------------------------------------------------------


def json_feed(site: Site, names: Sequence[str], kind: str) -> Reply:
    """A JSON Feed of some pages; its version stands last, as the order of keys is free."""
    items = [
        {
            "id": f"n-{name}",
            "url": f"{site.url}/{name}",
            "title": f"Le {name}",
            "content_html": f"<p>Le {name} de Vaubrelles ferme lundi pour deux mois.</p>",
            "date_published": "2017-05-24T10:00:00+02:00",
        }
        for name in names
    ]
    found = {"title": "Le Fanal", "items": items, "version": "https://jsonfeed.org/version/1.1"}
    return Reply(json.dumps(found).encode(), kind)


@pytest.mark.parametrize("kind", ["application/feed+json", "application/json", "text/plain"])
def test_a_json_feed(site: Site, desk: Desk, kind: str) -> None:
    """It is named by a page and followed as any feed, whatever its server calls it."""
    head = link_to("/fil.json", "Le Fanal", "application/feed+json")
    site.paths |= {
        "/": page("Le Fanal", head=head),
        "/fil.json": json_feed(site, ["port", "bac"], kind),
    }
    site.paths["/port"] = page("Le port")
    assert [each.url for each in found_feeds(desk, f"{site.url}/")] == [f"{site.url}/fil.json"]
    assert found_feeds(desk, f"{site.url}/fil.json") == [FoundFeed(f"{site.url}/fil.json")]
    port, bac = desk.gather(f"{site.url}/fil.json").found
    assert isinstance(port, Draft)
    assert isinstance(bac, Draft)
    assert "registre ouvert" in port.text
    assert (bac.text, bac.origin) == (
        "Le bac de Vaubrelles ferme lundi pour deux mois.",
        f"{site.url}/bac",
    )
    assert [str(each.published) for each in (port, bac)] == ["2017-05-24"] * 2


def test_json_that_is_no_feed(site: Site, desk: Desk) -> None:
    """An answer of a content system is no feed to follow."""
    site.paths["/api"] = Reply(b'{"version": "1.1", "items": []}', "application/json")
    with pytest.raises(Refused, match="not_a_feed"):
        found_feeds(desk, f"{site.url}/api")
