"""``kiosque feeds``: the list of feeds that are followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.json_values import feeds_as_json
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse, Failed, NotFound
from retrieval.fetching import FetchFailed, address
from retrieval.reading import Refused
from retrieval.watching import WatchStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue
    from retrieval.gathering import FoundFeed


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
                store.add_feed(found[0].url)
            elif action == "remove" and not store.remove_feed(_address(str(url))):
                raise NotFound("feed_unknown", url=url)
            listed = store.feeds()
    if as_json:
        print_json(feeds_as_json(listed))
        return
    from bot.cli.render_feeds import render_chosen, render_feeds

    if found and found[0].url != _address(str(url)):
        display(render_chosen(found, invocation.texts))
    display(render_feeds(listed, invocation.texts))


def _find(app: Kiosque, url: str, texts: Catalogue) -> list[FoundFeed]:
    """The feed at an address, or those that its page names, while somebody is there to choose.

    Raises:
        Failed: it cannot be fetched, or there is no feed.
    """
    from retrieval.gathering import find_feeds

    with app.gatherer() as gatherer:
        try:
            return find_feeds(gatherer, url)
        except (FetchFailed, Refused) as error:
            why = texts.text(f"unreadable.{error.reason}")
            raise Failed("feed_refused", url=url, why=why) from None


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
