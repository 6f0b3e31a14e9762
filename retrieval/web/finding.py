"""Finding the feeds of a site: named by a page, or in the usual places; few requests are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from config.data import load
from retrieval.reading import Refused
from retrieval.web.failures import FetchFailed
from retrieval.web.urls import address
from retrieval.web.values import Fetched

if TYPE_CHECKING:
    from retrieval.web.gatherer import Gatherer

_MOST_TRIED = 4  # feeds that a page names, until one can be read
# A home page that is behind such an answer may have a feed that is not.
_STILL = frozenset({"fetch_forbidden", "fetch_not_found", "fetch_too_large", "fetch_redirects"})


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed of a site, or of a list of subscriptions.

    Args:
        url: its address.
        title: what the page calls it, or ``""``.
        listed: it stands in a list of subscriptions, all of which are wanted.
    """

    url: str
    title: str = ""
    listed: bool = False


def find_feeds(gatherer: Gatherer, url: str) -> list[FoundFeed]:
    """The feed at an address, or those of the site of a page, the main one first.

    Only the first was read: the others are as the page names them.

    Args:
        gatherer: fetches and reads.
        url: of a feed, or of a page; a home page is looked around from.

    Raises:
        FetchFailed: nothing came from the address.
        Refused: there is no feed (``not_a_feed``, or ``no_feed`` of a home page).
    """
    named: list[FoundFeed] = []
    try:
        fetched = gatherer.fetch(url)
        if links := gatherer.subscriptions(fetched):
            return listed_feeds(links)
        if gatherer.is_feed(fetched):
            gatherer.entries(fetched, url)
            return [FoundFeed(address(url))]
        named = _named(gatherer, fetched)
    except FetchFailed as failure:
        if failure.reason not in _STILL or not _is_home(url):
            raise
    readable = _from_first_readable(gatherer, named)
    if readable or not _is_home(url):
        return readable or _refused("not_a_feed")
    usual = (
        FoundFeed(urljoin(url, place)) for place in load("reading/pages.toml")["feeds"]["places"]
    )
    found = next((feed for feed in usual if _reads(gatherer, feed.url)), None)
    return [found] if found else _refused("no_feed")


def listed_feeds(links: Iterable[str]) -> list[FoundFeed]:
    """The feeds of a list of subscriptions whose addresses can be fetched, in their one form."""
    found: list[FoundFeed] = []
    for link in links:
        with suppress(FetchFailed):
            found.append(FoundFeed(address(link), listed=True))
    return found or _refused("not_opml")


def _refused(reason: str) -> list[FoundFeed]:
    raise Refused(reason)


def _named(gatherer: Gatherer, fetched: Fetched) -> list[FoundFeed]:
    """The feeds that a page names, by their whole addresses."""
    return list(dict.fromkeys(_whole(gatherer.feed_links(fetched), fetched.url)))


def _whole(links: Sequence[tuple[str, str]], base: str) -> Iterator[FoundFeed]:
    for href, title in links:
        try:
            yield FoundFeed(address(urljoin(base, href)), title)
        except (FetchFailed, ValueError):
            continue


def _from_first_readable(gatherer: Gatherer, feeds: Sequence[FoundFeed]) -> list[FoundFeed]:
    for place, feed in enumerate(feeds[:_MOST_TRIED]):
        if _reads(gatherer, feed.url):
            return list(feeds[place:])
    return []


def _reads(gatherer: Gatherer, url: str) -> bool:
    try:
        fetched = gatherer.fetch(url)
        return gatherer.is_feed(fetched) and gatherer.entries(fetched, url) is not None
    except (FetchFailed, Refused):
        return False


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and parts.path.strip("/").lower() in ("", "index.html", "fr")
