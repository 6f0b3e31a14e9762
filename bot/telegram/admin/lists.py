"""The history and the feeds, as administrators see them."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.messages.past import change_line
from bot.telegram.admin.plans import name_of
from bot.telegram.buttons import Button, data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.messages.catalogue import Catalogue
    from bot.telegram.buttons import Rows
    from retrieval.archive.history import Change

_MOST_FEEDS = 40


def with_names(change: Change, names: Mapping[str, str]) -> Change:
    """A change as a person calls things: who by their name, files without their folders."""
    detail = dict(change.detail)
    if "sources" in detail:
        detail["sources"] = [name_of(str(source)) for source in detail["sources"]]
    return replace(change, by=names.get(change.by, change.by), detail=detail)


def history_lines(
    changes: Sequence[Change], names: Mapping[str, str], texts: Catalogue
) -> list[str]:
    """The changes, the newest first."""
    if not changes:
        return [texts.text("history.none")]
    return [change_line(with_names(one, names), texts) for one in changes]


def feed_lines(feeds: Sequence[Mapping[str, Any]], texts: Catalogue) -> list[str]:
    """The feeds, numbered, each with how it was when it was last asked."""
    if not feeds:
        return [texts.text("telegram.feeds.none")]
    lines = [texts.text("telegram.feeds.head")]
    for number, feed in enumerate(feeds[:_MOST_FEEDS], 1):
        state = _state(feed, texts)
        lines.append(texts.text("telegram.feeds.line", number=number, url=feed["url"], state=state))
    if len(feeds) > _MOST_FEEDS:
        lines.append(texts.text("telegram.order.more", count=len(feeds) - _MOST_FEEDS))
    return lines


def feed_rows(feeds: Sequence[Mapping[str, Any]], texts: Catalogue) -> Rows:
    """A button a feed that stops following it."""
    return tuple(
        (
            Button(
                texts.text("telegram.button.unfollow", number=number),
                data("f", feed_key(str(feed["url"]))),
            ),
        )
        for number, feed in enumerate(feeds[:_MOST_FEEDS], 1)
    )


def feed_key(url: str) -> int:
    """What a button names a feed by: an address is longer than a button can carry."""
    return zlib.crc32(url.encode())


def _state(feed: Mapping[str, Any], texts: Catalogue) -> str:
    reason = feed.get("reason")
    if reason:
        key = f"unreadable.{reason}"
        return texts.text(key) if texts.has(key) else str(reason)
    checked = feed.get("checked")
    if not checked:
        return texts.text("telegram.feeds.new")
    return texts.text("telegram.feeds.checked", at=str(checked)[:16].replace("T", " "))
