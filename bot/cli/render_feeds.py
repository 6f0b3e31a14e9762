"""The list of feeds, as a person sees it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from bot.cli.prose import prose

if TYPE_CHECKING:
    from bot.messages.catalogue import Catalogue
    from retrieval.web.discovery import FoundFeed
    from retrieval.web.watch_store import FeedState


def render_feeds(feeds: Sequence[FeedState], texts: Catalogue) -> RenderableType:
    """A line a feed: its address, when it was asked last, and how that went."""
    if not feeds:
        return prose(texts.text("feeds.none"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(texts.text("feeds.url"), overflow="fold")
    table.add_column(texts.text("feeds.checked"), no_wrap=True)
    table.add_column(texts.text("feeds.outcome"))
    for feed in feeds:
        table.add_row(feed.url, _checked(feed, texts), _outcome(feed, texts))
    return table


def render_chosen(found: Sequence[FoundFeed], texts: Catalogue) -> RenderableType:
    """Which feed of a site was taken, and which others there are."""
    lines = [texts.text("feeds.chosen", url=found[0].url)]
    if others := found[1:]:
        lines += [texts.text("feeds.others"), *(_found(feed, texts) for feed in others)]
    return prose("\n".join(lines))


def render_found(found: Sequence[FoundFeed], texts: Catalogue) -> RenderableType:
    """The feeds of a site, the main one first."""
    return prose("\n".join(_found(feed, texts) for feed in found))


def _found(feed: FoundFeed, texts: Catalogue) -> str:
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
        key = f"unreadable.{feed.reason}"
        return texts.text(key) if texts.has(key) else feed.reason
    return texts.text("feeds.well") if feed.checked else ""
