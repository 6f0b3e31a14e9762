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
    from bot.app import Kiosque
    from bot.cli.invocation import Invocation
    from bot.messages.catalogue import Catalogue


def feeds(invocation: Invocation, action: str | None, url: str | None, *, as_json: bool) -> None:
    """Show the list; after adding a feed to it or taking one off, if that was asked.

    Raises:
        BadUse: there is no such action, or it lacks an address.
        NotFound: the feed to take off is not on the list.
        Failed: the feed to add cannot be fetched, or is none.
    """
    if action not in (None, "add", "remove"):
        raise BadUse("feeds_action", name=action)
    if action and not url:
        raise BadUse("feeds_address", action=action)
    with opened(invocation) as (app, _):
        if action == "add":
            _check(app, str(url), invocation.texts)
        with WatchStore(app.watch_memory) as store:
            if action == "add":
                store.add_feed(_address(str(url)))
            elif action == "remove" and not store.remove_feed(_address(str(url))):
                raise NotFound("feed_unknown", url=url)
            listed = store.feeds()
    if as_json:
        print_json(feeds_as_json(listed))
    else:
        from bot.cli.render_feeds import render_feeds

        display(render_feeds(listed, invocation.texts))


def _check(app: Kiosque, url: str, texts: Catalogue) -> None:
    """See that it is a feed, while somebody is there to correct it.

    Raises:
        Failed: it cannot be fetched, or read as a feed.
    """
    with app.gatherer() as gatherer:
        try:
            gatherer.entries(gatherer.fetch(url), url)
        except (FetchFailed, Refused) as error:
            why = texts.text(f"unreadable.{error.reason}")
            raise Failed("feed_refused", url=url, why=why) from None


def _address(url: str) -> str:
    """One form of an address, so that a feed is not listed twice."""
    try:
        return address(url)
    except FetchFailed:
        raise BadUse("feeds_address", action="add") from None
