"""Finding the feeds of a site, over real HTTP."""

from __future__ import annotations

import pytest

from retrieval.reading import Refused
from retrieval.web.feeds import FoundFeed
from retrieval.web.response import FetchFailed
from tests.newspaper import feed, item, page
from tests.retrieval.web.collecting import Desk, link_to
from tests.web_site import Reply, Site


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
    found = desk.feeds_of(f"{site.url}/")
    assert [each.url for each in found] == [f"{site.url}{path}" for path in paths]


@pytest.mark.parametrize(
    "head",
    ["<base href='http://[x'>", "<base href='//['>", "<base href='data:,a'>"]
    + [
        link_to(href)
        for href in ("http://[x", "//[x]/", "http://xn--/", "javascript:a", "ftp://a/")
    ],
)
def test_broken_addresses_of_feeds_are_passed_over(site: Site, desk: Desk, head: str) -> None:
    """A base or a link that is no web address does not hide the feed beside it."""
    site.paths = {"/": page("Le Fanal", head=head + link_to("/rss.xml")), "/rss.xml": feed([])}
    assert [each.url for each in desk.feeds_of(f"{site.url}/")] == [f"{site.url}/rss.xml"]


def test_a_link_to_a_feed(site: Site, desk: Desk) -> None:
    """A page that names no feed in its head may have a link to one."""
    html = (
        b"<body><p>Le Fanal</p><a href='/une/'>Une</a><a href='/flux/rss.xml'>Flux RSS</a></body>"
    )
    site.paths |= {"/une": Reply(html), "/flux/rss.xml": feed([])}
    assert desk.feeds_of(f"{site.url}/une") == [FoundFeed(f"{site.url}/flux/rss.xml", "Flux RSS")]


@pytest.mark.parametrize("place", ["/feed", "/rss.xml", "/index.xml", "/?feed=rss2", "/flux-rss"])
def test_the_usual_places_of_a_feed(site: Site, desk: Desk, place: str) -> None:
    """A home page that names none is looked around from, with few requests."""
    site.paths |= {"/": page("Le Fanal"), place: feed([item(f"{site.url}/port", "Le port")])}
    assert desk.feeds_of(f"{site.url}/") == [FoundFeed(f"{site.url}{place}")]
    assert len(site.asked) <= 12


def test_what_has_no_feed_is_refused(site: Site, desk: Desk) -> None:
    """A home page without one, an article's page, and what cannot be fetched; robots are heeded."""
    site.paths |= {"/": page("Le Fanal"), "/port": page("Le port"), "/rss": page("RSS")}
    with pytest.raises(Refused, match="no_feed"):
        desk.feeds_of(f"{site.url}/")
    site.paths["/feed"] = feed([])
    with pytest.raises(Refused, match="not_a_feed"):
        desk.feeds_of(f"{site.url}/port")
    with pytest.raises(FetchFailed, match="fetch_not_found"):
        desk.feeds_of(f"{site.url}/rien")
    site.paths["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /feed", "text/plain")
    with pytest.raises(Refused, match="no_feed"):
        desk.feeds_of(f"{site.url}/")
