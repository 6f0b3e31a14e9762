"""``kiosque feeds``: the list of feeds that are followed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.json_values import feeds_as_json
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse, Failed, NotFound
from retrieval.reading import Refused, feed_entries, form_of_content
from retrieval.web.exchange import FetchFailed
from retrieval.web.urls import address
from retrieval.web.watch_store import WatchStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue
    from retrieval.web.discovery import FoundFeed


_ACTIONS = (None, "add", "find", "remove")


def feeds(invocation: Invocation, action: str | None, url: str | None, *, as_json: bool) -> None:
    """Show the list; after adding a feed to it or taking one off, if that was asked.

    Raises:
        BadUse: there is no such action, or it lacks an address.
        NotFound: the feed to take off is not on the list.
        Failed: the feed to add cannot be fetched, or there is none.
    """
    if action not in _ACTIONS:
        raise BadUse("feeds_action", name=action)
    if action and not url:
        raise BadUse("feeds_address", action=action)
    with opened(invocation) as (app, _):
        looked_for = action in ("add", "find")
        found = _find(app, str(url), invocation.texts) if looked_for else []
        if action == "find":
            _show_found(found, invocation.texts, as_json=as_json)
            return
        with WatchStore(app.watch_memory) as store:
            if action == "add":
                for feed in _wanted(found):
                    store.add_feed(feed.url)
            elif action == "remove" and not store.remove_feed(_address(str(url))):
                raise NotFound("feed_unknown", url=url)
            listed = store.feeds()
    if as_json:
        print_json(feeds_as_json(listed))
        return
    from bot.cli.render_feeds import render_chosen, render_feeds

    if found and not found[0].listed and found[0].url != _address(str(url)):
        display(render_chosen(found, invocation.texts))
    display(render_feeds(listed, invocation.texts))


def _find(app: Kiosque, given: str, texts: Catalogue) -> list[FoundFeed]:
    """The feeds of an OPML list, a file or an address; else the feed at an address or of a site.

    One feed is looked at while somebody is there to correct it. Those of a list are not: a list
    may name hundreds, and one that fails today is no reason to lose it.

    Raises:
        Failed: what was given cannot be fetched, or read as a feed or as a list of feeds.
        NotFound: there is no such file.
    """
    from retrieval.web.discovery import find_feeds

    try:
        if "://" not in given and Path(given).suffix:
            return _listed(Path(given), app.settings.indexing.max_file_mb * 1_000_000)
        with app.web_reader() as reader:
            return find_feeds(reader, given)
    except (FetchFailed, Refused) as error:
        key = f"unreadable.{error.reason}"
        why = texts.text(key) if texts.has(key) else error.reason
        raise Failed("feed_refused", url=given, why=why) from None


def _wanted(found: Sequence[FoundFeed]) -> Sequence[FoundFeed]:
    """All feeds of a list that somebody made; of those of a site, the main one."""
    return found if found[0].listed else found[:1]


def _listed(path: Path, limit_bytes: int) -> list[FoundFeed]:
    """The feeds of an OPML file.

    Raises:
        NotFound: there is no such file.
        Refused: it is no OPML file, or names no feed.
    """
    from retrieval.web.discovery import listed_feeds

    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    with path.open("rb") as file:
        raw = file.read(limit_bytes)
    if form_of_content(raw) != "opml":
        raise Refused("not_opml")
    return listed_feeds(entry.link for entry in feed_entries(raw, form="opml").entries)


def _show_found(found: Sequence[FoundFeed], texts: Catalogue, *, as_json: bool) -> None:
    if as_json:
        print_json([{"url": feed.url, "title": feed.title} for feed in found])
        return
    from bot.cli.render_feeds import render_found

    display(render_found(found, texts))


def _address(url: str) -> str:
    """One form of an address, so that a feed is not listed twice."""
    try:
        return address(url)
    except FetchFailed:
        raise BadUse("feeds_address", action="add") from None
