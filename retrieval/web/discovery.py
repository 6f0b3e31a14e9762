"""Feed discovery: the feeds that a page links to, or those in the usual places of a site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from config.data import load
from retrieval.reading import Refused
from retrieval.web.response import FetchFailed, FetchReason
from retrieval.web.urls import address

if TYPE_CHECKING:
    from retrieval.web.pages import WebReader

_MAX_TRIES = 4  # linked feeds that are fetched until one can be read
_HOME_PATHS = ("", "index.html", "fr")
# A home page that fails like this may have a feed that can be read.
_HOME_MAY_FAIL = {
    FetchReason.FORBIDDEN, FetchReason.NOT_FOUND, FetchReason.TOO_LARGE, FetchReason.REDIRECTS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed of a site, or of a list of subscriptions.

    Args:
        url: its address.
        title: that the page gives it, or ``""``.
        listed: it stands in a list of subscriptions, all of which are wanted.
    """

    url: str
    title: str = ""
    listed: bool = False


def find_feeds(reader: WebReader, url: str) -> list[FoundFeed]:
    """The feed at an address, or those of the site of a page, the main one first.

    Only the first one was fetched.

    Args:
        reader: fetches and reads.
        url: of a feed, or of a page; for a home page the usual places of feeds are tried.

    Raises:
        FetchFailed: the address cannot be fetched.
        Refused: there is no feed (``not_a_feed``, for a home page ``no_feed``).
    """
    linked: list[FoundFeed] = []
    try:
        response = reader.fetch(url)
        if links := reader.subscriptions(response):
            return listed_feeds(links)
        if reader.is_feed(response):
            reader.items(response, url)  # raises if it cannot be read
            return [FoundFeed(address(url))]
        linked = list(dict.fromkeys(FoundFeed(*link) for link in reader.feed_links(response)))
    except FetchFailed as failure:
        if failure.reason not in _HOME_MAY_FAIL or not _is_home(url):
            raise
    for index, feed in enumerate(linked[:_MAX_TRIES]):
        if _is_readable(reader, feed.url):
            return linked[index:]
    if not _is_home(url):
        raise Refused("not_a_feed")
    return [_in_usual_place(reader, url)]


def listed_feeds(links: Iterable[str]) -> list[FoundFeed]:
    """The feeds of a list of subscriptions; addresses that cannot be fetched are left out.

    Raises:
        Refused: none is left (``not_opml``).
    """
    feeds: list[FoundFeed] = []
    for link in links:
        with suppress(FetchFailed):
            feeds.append(FoundFeed(address(link), listed=True))
    if not feeds:
        raise Refused("not_opml")
    return feeds


def _in_usual_place(reader: WebReader, url: str) -> FoundFeed:
    """The first readable feed in the usual places of a site.

    Raises:
        Refused: there is none (``no_feed``).
    """
    places: Sequence[str] = load("reading/pages.toml")["feeds"]["places"]
    for place in places:
        feed = FoundFeed(urljoin(url, place))
        if _is_readable(reader, feed.url):
            return feed
    raise Refused("no_feed")


def _is_readable(reader: WebReader, url: str) -> bool:
    with suppress(FetchFailed, Refused):
        response = reader.fetch(url)
        if reader.is_feed(response):
            reader.items(response, url)
            return True
    return False


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and parts.path.strip("/").lower() in _HOME_PATHS
