"""What plans, changes and feeds say, line by line, and the messages that show them. Pure."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.messages.archive import (
    change_line,
    count_lines,
    difference_lines,
    left_out_lines,
    unreadable_lines,
    unreadable_reason,
)
from bot.messages.desk import work_line
from bot.telegram.buttons import Button, data, turn_row
from bot.telegram.post import Content
from bot.telegram.rich import block, messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.order import Order
    from bot.telegram.buttons import Rows
    from retrieval.archive.history import Change
    from retrieval.change import Report
    from retrieval.change.report import Item
    from retrieval.web.watch_store import FeedState

_MAX_STORED = 500
"""Articles and unreadable sources of a plan that are listed."""
_MAX_LINES = 20
_MAX_NAMED, _MAX_TOLD, _MAX_UNREAD = 3, 10, 10
_MAX_FEEDS = 40
_MAX_CHARS = 2_500
"""Of a message: less than Telegram takes, for a head and markup."""


# --- reports ------------------------------------------------------------------------------


def report_lines(report: Report, texts: Catalogue) -> list[str]:
    """The counts of a report, its articles, what was left out, and what is unreadable."""
    lines = _counts(report, texts)
    lines += [work_line(report.work, texts)] if report.work.seconds else []
    for item in report.items[:_MAX_STORED]:
        lines += _item_lines(item, texts)
    groups = [
        replace(group, sources=tuple(map(name_of, group.sources[:_MAX_NAMED])))
        for group in report.left_out
    ]
    lines += left_out_lines(texts, groups, explain=True)
    lines += _unreadable(report, texts)
    left = sum(max(0, len(listed) - _MAX_STORED) for listed in (report.items, report.unreadable))
    return [*lines, *_more(left, texts)]


def unread_lines(report: Report, texts: Catalogue) -> list[str]:
    """What could not be read, the first of it."""
    lines = _unreadable(report, texts)
    return [*lines[:_MAX_UNREAD], *_more(len(lines) - _MAX_UNREAD, texts)]


def counts_line(report: Report, texts: Catalogue) -> str:
    """The counts of a report in a line, and how long it took."""
    parts = _counts(report, texts)
    if report.unreadable:
        parts.append(texts.text("telegram.order.unread", count=len(report.unreadable)))
    if report.took_ms:
        seconds = texts.number(report.took_ms / 1000, 1)
        parts.append(texts.text("telegram.order.took", seconds=seconds))
    return " · ".join(parts)


def told_lines(order: Order, texts: Catalogue) -> list[str]:
    """What the captions of its files were understood to say, and those that said nothing."""
    told = order.facts.get("told") or []
    lines = [_told(one, texts) for one in told[:_MAX_TOLD]]
    unread = order.facts.get("unread_captions") or []
    return [
        *lines,
        *_more(len(told) - _MAX_TOLD, texts),
        *(texts.text("telegram.share.unread", caption=one) for one in unread[:1]),
    ]


def _told(told: Mapping[str, Any], texts: Catalogue) -> str:
    said = told["said"].items()
    values = [texts.text(f"telegram.share.said.{name}", value=value) for name, value in said]
    key = "telegram.share.told_of" if told["name"] else "telegram.share.told"
    return texts.text(
        key, name=told["name"], said=texts.text("telegram.share.between").join(values)
    )


def _counts(report: Report, texts: Catalogue) -> list[str]:
    return [line for _, line in count_lines(report, texts)]


def _unreadable(report: Report, texts: Catalogue) -> list[str]:
    problems = [
        replace(problem, source=name_of(problem.source))
        for problem in report.unreadable[:_MAX_STORED]
    ]
    return unreadable_lines(texts, problems)


def _item_lines(item: Item, texts: Catalogue) -> Iterator[str]:
    yield texts.text(
        f"telegram.plan.item.{item.kind.value}",
        title=item.title or name_of(item.source),
        date=texts.date(item.published),
        like=item.like.title if item.like else "",
        share=int(100 * item.like.share) if item.like else 0,
    )
    if item.same_address:
        yield texts.text("telegram.plan.item.same_address", id=item.same_address)
    if item.changes:
        for line in difference_lines(item.changes, texts):
            yield texts.text("telegram.plan.item.change", line=line)


def _more(count: int, texts: Catalogue) -> list[str]:
    """The line that says how many lines are left out; none for 0 or fewer."""
    return [texts.text("telegram.order.more", count=count)] if count > 0 else []


def name_of(source: str) -> str:
    """A source as a person calls it: an address whole, a file without its folders."""
    return source if "://" in source else source.replace("\\", "/").rpartition("/")[2]


# --- messages -----------------------------------------------------------------------------


def first_page(order: Order, head: list[str], texts: Catalogue) -> Content:
    """A plan with its buttons; a long one is cut, with a button to see all of it."""
    lines, room = [], _MAX_CHARS
    for line in order.plan.lines[:_MAX_LINES]:
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    left = len(order.plan.lines) - len(lines)
    see = (Button(texts.text("telegram.button.all"), data("a", order.id, 0)),) if left else ()
    shown = messages([block(line) for line in (*head, *lines, *_more(left, texts))])[0]
    return Content(shown, tuple(row for row in (see, word_row(order, texts)) if row))


def page(order: Order, number: int, texts: Catalogue) -> Content:
    """One page of the whole plan."""
    head = texts.text(f"telegram.plan.{order.kind}", name=order.name)
    pages = messages([block(line) for line in (head, *order.plan.lines)], _MAX_CHARS)
    at = max(0, min(number, len(pages) - 1))
    turns = turn_row(at, len(pages), texts, "a", order.id)
    rows: Rows = (turns, word_row(order, texts)) if turns else (word_row(order, texts),)
    return Content(pages[at], rows)


def word_row(order: Order, texts: Catalogue) -> tuple[Button, ...]:
    """The buttons that confirm and cancel."""
    return (
        Button(texts.text("telegram.button.confirm"), data("y", order.id)),
        Button(texts.text("telegram.button.cancel"), data("n", order.id)),
    )


# --- history and feeds --------------------------------------------------------------------


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


def feed_lines(feeds: Sequence[FeedState], texts: Catalogue) -> list[str]:
    """The feeds, numbered, each with how it was when it was last asked."""
    if not feeds:
        return [texts.text("telegram.feeds.none")]
    lines = [texts.text("telegram.feeds.head")]
    for number, feed in enumerate(feeds[:_MAX_FEEDS], 1):
        state = _state(feed, texts)
        lines.append(texts.text("telegram.feeds.line", number=number, url=feed.url, state=state))
    return [*lines, *_more(len(feeds) - _MAX_FEEDS, texts)]


def feed_rows(feeds: Sequence[FeedState], texts: Catalogue) -> Rows:
    """A button a feed that stops following it."""
    return tuple(
        (
            Button(
                texts.text("telegram.button.unfollow", number=number), data("f", feed_key(feed.url))
            ),
        )
        for number, feed in enumerate(feeds[:_MAX_FEEDS], 1)
    )


def feed_key(url: str) -> int:
    """What a button names a feed by: an address is longer than a button can carry."""
    return zlib.crc32(url.encode())


def _state(feed: FeedState, texts: Catalogue) -> str:
    if feed.reason:
        return unreadable_reason(texts, feed.reason)
    if not feed.checked:
        return texts.text("telegram.feeds.new")
    at = datetime.fromtimestamp(feed.checked, UTC)
    return texts.text("telegram.feeds.checked", at=f"{at:%Y-%m-%d %H:%M}")
