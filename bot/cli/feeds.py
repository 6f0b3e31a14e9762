"""``kiosque feeds``: the list of feeds that are followed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.json_values import feeds_as_json
from bot.cli.opened import opened
from bot.cli.output import display, print_json
from retrieval.errors import BadUse, Failed, NotFound
from retrieval.fetching import FetchFailed, address
from retrieval.reading import Refused, feed_entries, form_of_content
from retrieval.watching import WatchStore

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        wanted = _wanted(app, str(url), invocation.texts) if action == "add" else []
        with WatchStore(app.watch_memory) as store:
            for each in wanted:
                store.add_feed(each)
            if action == "remove" and not store.remove_feed(_address(str(url))):
                raise NotFound("feed_unknown", url=url)
            listed = store.feeds()
    if as_json:
        print_json(feeds_as_json(listed))
    else:
        from bot.cli.render_feeds import render_feeds

        display(render_feeds(listed, invocation.texts))


def _wanted(app: Kiosque, given: str, texts: Catalogue) -> list[str]:
    """The feeds to add: one, or those that an OPML list names, a file or an address.

    One feed is looked at while somebody is there to correct it. Those of a list are not: a list
    may name hundreds, and one that fails today is no reason to lose it.

    Raises:
        Failed: what was given cannot be fetched, or read as a feed or as a list of feeds.
        NotFound: there is no such file.
    """
    try:
        if "://" not in given and Path(given).suffix:
            return _addresses(_listed(Path(given), app.settings.indexing.max_file_mb * 1_000_000))
        with app.gatherer() as gatherer:
            fetched = gatherer.fetch(given)
            listed = gatherer.subscriptions(fetched)
            if not listed:
                gatherer.entries(fetched, given)
    except (FetchFailed, Refused) as error:
        key = f"unreadable.{error.reason}"
        why = texts.text(key) if texts.has(key) else error.reason
        raise Failed("feed_refused", url=given, why=why) from None
    return _addresses(listed) if listed else [_address(given)]


def _listed(path: Path, limit_bytes: int) -> list[str]:
    """The feeds of an OPML file.

    Raises:
        NotFound: there is no such file.
        Refused: it is no OPML file, or names no feed.
    """
    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    with path.open("rb") as file:
        raw = file.read(limit_bytes)
    if form_of_content(raw) != "opml":
        raise Refused("not_opml")
    return [entry.link for entry in feed_entries(raw, form="opml").entries]


def _addresses(listed: Iterable[str]) -> list[str]:
    """The addresses of a list that can be fetched, each in its one form."""
    found = []
    for each in listed:
        with suppress(FetchFailed):
            found.append(address(each))
    return found


def _address(url: str) -> str:
    """One form of an address, so that a feed is not listed twice."""
    try:
        return address(url)
    except FetchFailed:
        raise BadUse("feeds_address", action="add") from None
