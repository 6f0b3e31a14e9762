"""What each kind of order would change, and does: jobs of the worker, and what people read of them.

`planned` and `carried_out` raise `KiosqueError` for what cannot be done, and `BoxGoneError` when
the files of an order are gone. The administration's turn is held by the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.messages.answers import source_line
from bot.messages.archive import change_line, difference_lines
from bot.messages.catalogue import Catalogue
from bot.telegram.admin.archive_jobs import (
    CorrectArticle,
    FollowFeed,
    IndexArticles,
    PlanArticles,
    PlanCorrection,
    PlanFeed,
    TakeBack,
    UnfollowFeed,
    WithdrawArticle,
)
from bot.telegram.admin.order import OrderKind, Plan
from bot.telegram.admin.plans import counts_line, report_lines, told_lines, unread_lines, with_names
from retrieval.errors import BadUse
from retrieval.text.addresses import is_url
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.telegram.admin.administration import Administration
    from bot.telegram.admin.archive_worker import Step
    from bot.telegram.admin.order import Order
    from retrieval.change import Report
    from retrieval.reading import PlacedFile

Lines = tuple[str, ...]
OnStep = Callable[["Step"], None]

_PLANNING_S, _WORKING_S = 600.0, 3600.0
_MAX_CHANGES = 1_000
"""Changes of the history among which the one to take back is looked for."""


class BoxGoneError(Exception):
    """The files of an order are no longer there."""


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order with its plan; ``wanted`` is False when there is nothing to confirm."""

    order: Order
    wanted: bool = True


async def planned(
    admin: Administration, order: Order, on_step: OnStep | None = None
) -> PlannedOrder:
    """What an order would change; nothing is changed.

    Raises:
        KiosqueError: it cannot be done.
        BoxGoneError: its files are gone.
    """
    return await _PLANS[order.kind](admin, order, on_step)


async def carried_out(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    """Do a confirmed order; what people read of it.

    Raises:
        PlanChanged: it would now change something else than its plan says; nothing was done.
        KiosqueError: it cannot be done.
        BoxGoneError: its files are gone.
    """
    return await _WORK[order.kind](admin, order, on_step)


# --- plans --------------------------------------------------------------------------------


async def _plan_index(admin: Administration, order: Order, on_step: OnStep | None) -> PlannedOrder:
    job = PlanArticles(*await _sources(admin, order))
    report = await admin.worker.run(job, _PLANNING_S, on_step)
    return PlannedOrder(_with_report(order, report), is_wanted(order.kind, report))


async def _plan_feed(admin: Administration, order: Order, on_step: OnStep | None) -> PlannedOrder:
    found = await admin.worker.run(PlanFeed(order.sources[0]), _PLANNING_S, on_step)
    order = replace(order, name=found.url, facts={**order.facts, "sources": [found.url]})
    report = found.report
    return PlannedOrder(_with_report(order, report), is_wanted(order.kind, report))


async def _plan_unfeed(
    _admin: Administration, order: Order, _on_step: OnStep | None
) -> PlannedOrder:
    return PlannedOrder(order)


async def _plan_correction(
    admin: Administration, order: Order, on_step: OnStep | None
) -> PlannedOrder:
    job = PlanCorrection(order.facts["article"], await _only_file(admin, order))
    found = await admin.worker.run(job, _PLANNING_S, on_step)
    lines = difference_lines(found.changes, Catalogue(order.language))
    return PlannedOrder(replace(order, plan=Plan(tuple(lines), found.digest)))


async def _plan_withdrawal(
    admin: Administration, order: Order, _on_step: OnStep | None
) -> PlannedOrder:
    texts = Catalogue(order.language)
    article = await asyncio.to_thread(admin.context.reader.article, order.facts["article"])
    if article.state is State.WITHDRAWN:
        raise BadUse("article_withdrawn", id=article.id, title=article.title)
    reason = order.facts.get("reason")
    why = [texts.text("history.reason", reason=reason)] if reason else []
    return PlannedOrder(replace(order, plan=Plan((source_line(texts, article), *why))))


async def _plan_rollback(
    admin: Administration, order: Order, _on_step: OnStep | None
) -> PlannedOrder:
    """The change that would be taken back; never another than the one that was meant."""
    reader, meant = admin.context.reader, order.facts["change"]
    changes = await asyncio.to_thread(reader.changes, _MAX_CHANGES)
    undone_by = next((one.undone_by for one in changes if one.id == meant), None)
    if undone_by:
        raise BadUse("change_undone", id=undone_by)
    last = await asyncio.to_thread(reader.last_undoable)
    if last is None:
        raise BadUse("nothing_to_undo")
    names = await admin.context.memory.do(admin.book.names)
    line = change_line(with_names(last, names), Catalogue(order.language))
    if last.id != meant:
        raise BadUse("change_not_newest", line=line)
    return PlannedOrder(replace(order, plan=Plan((line,))))


def is_wanted(kind: OrderKind, report: Report) -> bool:
    """Whether a report has anything to confirm; a feed without news may be followed too."""
    effect = report.added or report.changed or report.near_duplicates
    if kind is OrderKind.FEED:
        return bool(effect or report.unchanged or not report.unreadable)
    return bool(effect)


def _with_report(order: Order, report: Report) -> Order:
    texts = Catalogue(order.language)
    lines = (*told_lines(order, texts), *report_lines(report, texts))
    return replace(order, plan=Plan(lines, report.digest))


# --- work ---------------------------------------------------------------------------------


async def _index(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    files, urls = await _sources(admin, order)
    job = IndexArticles(files, urls, order.by, order.plan.digest)
    return _reported(order, await admin.worker.run(job, _WORKING_S, on_step))


async def _follow(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    job = FollowFeed(order.sources[0], order.by)
    return _reported(order, await admin.worker.run(job, _WORKING_S, on_step))


async def _unfollow(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    await admin.worker.run(UnfollowFeed(order.sources[0]), _WORKING_S, on_step)
    return ()


async def _correct(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    from retrieval.change.report import difference

    file = await _only_file(admin, order)
    job = CorrectArticle(order.facts["article"], file, order.by, order.plan.digest)
    edited = await admin.worker.run(job, _WORKING_S, on_step)
    (before,), (after,) = edited.before, edited.after
    lines = difference_lines(difference(before, after), Catalogue(order.language))
    return (*lines, _took(order, edited.took_ms))


async def _withdraw(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    job = WithdrawArticle(order.facts["article"], order.facts["reason"], order.by)
    edited = await admin.worker.run(job, _WORKING_S, on_step)
    return (*order.plan.lines, _took(order, edited.took_ms))


async def _take_back(admin: Administration, order: Order, on_step: OnStep) -> Lines:
    undone = await admin.worker.run(TakeBack(order.facts["change"], order.by), _WORKING_S, on_step)
    return (*order.plan.lines, _took(order, undone.took_ms))


def _reported(order: Order, report: Report) -> Lines:
    texts = Catalogue(order.language)
    lines = [counts_line(report, texts), *unread_lines(report, texts)]
    return tuple(filter(None, lines))


def _took(order: Order, took_ms: int) -> str:
    texts = Catalogue(order.language)
    return texts.text("telegram.order.took", seconds=texts.number(took_ms / 1000, 1))


# --- files --------------------------------------------------------------------------------


async def _sources(
    admin: Administration, order: Order
) -> tuple[Sequence[Path | PlacedFile], Sequence[str]]:
    """The files and folders of an order, and its addresses."""
    folders = [Path(source) for source in order.sources if not is_url(source)]
    urls = [source for source in order.sources if is_url(source)]
    if not order.box:
        return folders, urls
    if await asyncio.to_thread(admin.boxes.is_gone, order.box):
        raise BoxGoneError
    return [*await asyncio.to_thread(admin.boxes.placed, order.box), *folders], urls


async def _only_file(admin: Administration, order: Order) -> Path:
    """The corrected file of an order."""
    files = await asyncio.to_thread(admin.boxes.files, order.box)
    if not files:
        raise BoxGoneError
    return files[0]


_PLANS: dict[
    OrderKind, Callable[[Administration, Order, OnStep | None], Awaitable[PlannedOrder]]
] = {
    OrderKind.INDEX: _plan_index,
    OrderKind.REINDEX: _plan_index,
    OrderKind.FEED: _plan_feed,
    OrderKind.UNFEED: _plan_unfeed,
    OrderKind.CORRECT: _plan_correction,
    OrderKind.WITHDRAW: _plan_withdrawal,
    OrderKind.ROLLBACK: _plan_rollback,
}
_WORK: dict[OrderKind, Callable[[Administration, Order, OnStep], Awaitable[Lines]]] = {
    OrderKind.INDEX: _index,
    OrderKind.REINDEX: _index,
    OrderKind.FEED: _follow,
    OrderKind.UNFEED: _unfollow,
    OrderKind.CORRECT: _correct,
    OrderKind.WITHDRAW: _withdraw,
    OrderKind.ROLLBACK: _take_back,
}
