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
    from retrieval.watching import FeedState


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
