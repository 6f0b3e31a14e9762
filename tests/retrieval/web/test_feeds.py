"""From feeds and sitemaps to drafts: what is new, what is known, what waits, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pytest

from retrieval.reading import Refused
from retrieval.reading.pieces import Piece
from retrieval.vocabulary import Draft, PublicationDate, Recognised, Unreadable
from retrieval.web.feeds import FoundFeed, pause
from retrieval.web.watch_store import EntryRecord
from tests.newspaper import feed, item, page, publish
from tests.retrieval.web.collecting import NOW, Desk, draft, link_to, origins
from tests.web_site import Reply, Site


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


def test_a_feed_is_parsed_once(site: Site, desk: Desk) -> None:
    """To find what is new in a feed, and to read its entries, costs one parsing of it."""
    parse, forms = desk.parser, list[str]()

    def counting(form: str, source: bytes | str) -> Iterable[Piece]:
        forms.append(form)
        return parse(form, source)

    desk.parser, desk.full_articles = counting, False
    site.paths["/feed"] = feed([item(f"{site.url}/{n}", "Le port", said=f"Le {n}.") for n in "abc"])
    assert len(desk.gather(f"{site.url}/feed").found) == 3
    assert forms == ["feed"]


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


@pytest.mark.parametrize("path", ["/20190512083000/http:/%20x", "/web/20190512083000/http://xn--/"])
def test_an_odd_address_costs_no_other_entry(site: Site, desk: Desk, path: str) -> None:
    """A link that cannot be fetched, or looks like that of a copy, stops nothing behind it."""
    publish(site, ["port"])
    site.paths[path.replace("%20", " ")] = page("Le bac ferme ses portes")
    links = ["http://xn--/", f"{site.url}{path}", f"{site.url}/port"]
    site.paths["/feed"] = feed([item(link, "Le titre") for link in links])
    bad, odd, port = desk.gather(f"{site.url}/feed").found
    assert isinstance(bad, Unreadable)
    assert bad.reason == "fetch_bad_url"
    assert origins([odd, port]) == links[1:]


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
        run = desk.gather(f"{site.url}/feed", asked=asked, max_pages=2)
        assert [isinstance(each, Draft) for each in run.found[:2]] == [True, True]
        assert (run.cut, run.unfinished) == (True, {f"{site.url}/feed"})
        assert len(run.records[f"{site.url}/feed"]) == 2


# --- sitemaps ---------------------------------------------------------------------------


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


# --- JSON Feed --------------------------------------------------------------------------


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
    assert [each.url for each in desk.feeds_of(f"{site.url}/")] == [f"{site.url}/fil.json"]
    assert desk.feeds_of(f"{site.url}/fil.json") == [FoundFeed(f"{site.url}/fil.json")]
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
        desk.feeds_of(f"{site.url}/api")
