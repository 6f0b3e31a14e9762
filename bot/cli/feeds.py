"""``kiosque feeds``: the list of feeds that are followed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import Invocation, opened
from bot.cli.json_values import feeds_as_json, picked
from bot.cli.output import display, print_json
from bot.cli.translated import Json, command, typer_app
from bot.messages.archive import unreadable_reason
from retrieval.errors import BadUse, Failed, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from bot.app import Kiosque
    from bot.messages.catalogue import Catalogue
    from retrieval.web.feeds import FoundFeed
    from retrieval.web.watch_store import FeedState

app = typer_app()
_ACTIONS = (None, "add", "find", "remove")


@command(app, "feeds")
def feeds(
    ctx: typer.Context,
    action: Annotated[
        str | None, typer.Argument(metavar="ACTION", help="help.feeds.action")
    ] = None,
    url: Annotated[str | None, typer.Argument(metavar="URL", help="help.feeds.url")] = None,
    as_json: Json = False,
) -> None:
    """List the feeds that are followed, after adding to the list or removing from it.

    Raises:
        BadUse: there is no such action, or it lacks an address.
        NotFound: the feed to remove is not on the list.
        Failed: the feed to add cannot be fetched, or there is none.
    """
    invocation: Invocation = ctx.obj
    if action not in _ACTIONS:
        raise BadUse("feeds_action", name=action)
    if action and not url:
        raise BadUse("feeds_address", action=action)
    with opened(invocation) as (parts, _):
        found = _find(parts, str(url), invocation.texts) if action in ("add", "find") else []
        if action == "find":
            _show_found(found, invocation.texts, as_json=as_json)
            return
        listed = _changed_list(parts, action, str(url), found)
    if as_json:
        print_json(feeds_as_json(listed))
        return
    if found and not found[0].listed and found[0].url != _address(str(url)):
        display(_chosen(found, invocation.texts))
    display(_table(listed, invocation.texts))


def _changed_list(
    parts: Kiosque, action: str | None, url: str, found: Sequence[FoundFeed]
) -> Sequence[FeedState]:
    """The list, after the feeds found were added or the one named was removed.

    Raises:
        NotFound: the feed to remove is not on the list.
    """
    from bot.web_sources import WebSources
    from retrieval.web.watch_store import WatchStore

    with WatchStore(WebSources(parts).store_path) as store:
        if action == "add":
            for feed in _wanted(found):
                store.add_feed(feed.url)
        elif action == "remove" and not store.remove_feed(_address(url)):
            raise NotFound("feed_unknown", url=url)
        return store.feeds()


def _find(parts: Kiosque, given: str, texts: Catalogue) -> list[FoundFeed]:
    """The feeds of an OPML list, a file or an address; else the feed at an address or of a site.

    A single feed is fetched, so that its address can be corrected. Those of a list are not: a list
    may name hundreds, and one that fails today is no reason to lose it.

    Raises:
        Failed: what was given cannot be fetched, or read as a feed or as a list of feeds.
        NotFound: there is no such file.
    """
    from bot.web_sources import WebSources
    from retrieval.reading import Refused
    from retrieval.web.feeds import find_feeds
    from retrieval.web.response import FetchFailed

    try:
        if "://" not in given and Path(given).suffix:
            return _listed(Path(given), parts.settings.indexing.max_file_mb * 1_000_000)
        with WebSources(parts).web_reader() as reader:
            return find_feeds(reader, given)
    except (FetchFailed, Refused) as error:
        why = unreadable_reason(texts, error.reason)
        raise Failed("feed_refused", url=given, why=why) from None


def _wanted(found: Sequence[FoundFeed]) -> Sequence[FoundFeed]:
    """All feeds of an OPML list; of those of a site, the main one."""
    return found if found[0].listed else found[:1]


def _listed(path: Path, limit_bytes: int) -> list[FoundFeed]:
    """The feeds of an OPML file.

    Raises:
        NotFound: there is no such file.
        Refused: it is no OPML file, or names no feed.
    """
    from retrieval.reading import Refused, feed_entries, form_of_content
    from retrieval.web.feeds import listed_feeds

    if not path.is_file():
        raise NotFound("path_missing", path=str(path))
    with path.open("rb") as file:
        raw = file.read(limit_bytes)
    if form_of_content(raw) != "opml":
        raise Refused("not_opml")
    return listed_feeds(entry.link for entry in feed_entries(raw, form="opml"))


def _show_found(found: Sequence[FoundFeed], texts: Catalogue, *, as_json: bool) -> None:
    if as_json:
        print_json([picked(feed, "url title") for feed in found])
        return
    from bot.cli.render import prose

    display(prose("\n".join(_found_line(feed, texts) for feed in found)))


def _address(url: str) -> str:
    """One form of an address, so that a feed is not listed twice."""
    from retrieval.web.response import FetchFailed
    from retrieval.web.urls import address

    try:
        return address(url)
    except FetchFailed:
        raise BadUse("feeds_address", action="add") from None


def _table(feeds: Sequence[FeedState], texts: Catalogue) -> RenderableType:
    """A line a feed: its address, when it was fetched last, and how that went."""
    from rich.table import Table

    from bot.cli.render import prose

    if not feeds:
        return prose(texts.text("feeds.none"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(texts.text("feeds.url"), overflow="fold")
    table.add_column(texts.text("feeds.checked"), no_wrap=True)
    table.add_column(texts.text("feeds.outcome"))
    for feed in feeds:
        table.add_row(feed.url, _checked(feed, texts), _outcome(feed, texts))
    return table


def _chosen(found: Sequence[FoundFeed], texts: Catalogue) -> RenderableType:
    """Which feed of a site was taken, and which others there are."""
    from bot.cli.render import prose

    lines = [texts.text("feeds.chosen", url=found[0].url)]
    if others := found[1:]:
        lines += [texts.text("feeds.others"), *(_found_line(feed, texts) for feed in others)]
    return prose("\n".join(lines))


def _found_line(feed: FoundFeed, texts: Catalogue) -> str:
    return texts.text(
        "feeds.titled" if feed.title else "feeds.bare", url=feed.url, title=feed.title
    )


def _checked(feed: FeedState, texts: Catalogue) -> str:
    if not feed.checked:
        return texts.text("feeds.never")
    return f"{datetime.fromtimestamp(feed.checked):%Y-%m-%d %H:%M}"


def _outcome(feed: FeedState, texts: Catalogue) -> str:
    if feed.gone:
        return texts.text("feeds.gone")
    if feed.reason:
        return unreadable_reason(texts, feed.reason)
    return texts.text("feeds.well") if feed.checked else ""
