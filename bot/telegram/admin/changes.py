"""What an order would do: asked of a command, or of the archive itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.messages.errors import explained
from bot.messages.past import change_line
from bot.messages.wording import source_line
from bot.telegram.admin.jobs import planning
from bot.telegram.admin.lists import with_names
from bot.telegram.admin.order import Kind
from bot.telegram.admin.worker import Ended
from retrieval.errors import BadUse, KiosqueError
from retrieval.vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.messages.catalogue import Catalogue
    from bot.telegram.admin.administration import Kit
    from bot.telegram.admin.order import Order
    from bot.telegram.admin.worker import Step

_SECONDS = 600.0
_LOOKED_AT = 1_000


async def planned(
    kit: Kit, order: Order, texts: Catalogue, on_step: Callable[[Step], None] | None = None
) -> Ended:
    """What an order would do, or why it cannot be done; nothing is changed.

    The turn is held by the caller.
    """
    try:
        if order.kind is Kind.WITHDRAW:
            return Ended(await asyncio.to_thread(_withdrawal, kit, order, texts))
        if order.kind is Kind.ROLLBACK:
            names = await kit.context.memory.do(kit.book.names)
            return await asyncio.to_thread(_taking_back, kit, order, texts, names)
        if order.kind is Kind.UNFEED:
            return Ended({})
        return await _told(kit, order, on_step)
    except KiosqueError as error:
        return Ended(problem=explained(error, texts, public=True).message, key=error.key)


async def _told(kit: Kit, order: Order, on_step: Callable[[Step], None] | None) -> Ended:
    """Ask the command, with the files where it is to find them."""
    if order.kind is Kind.CORRECT:
        files = await asyncio.to_thread(kit.boxes.files, order.box)
        words = planning(order, files)
        if words is None:
            return Ended(problem="", key="box_gone")
        return await kit.command(words, order.language, _SECONDS, on_step)
    gone = bool(order.box) and await asyncio.to_thread(kit.boxes.is_gone, order.box)
    if gone:
        return Ended(problem="", key="box_gone")
    try:
        files = await asyncio.to_thread(kit.boxes.put_out, order.box) if order.box else []
        words = planning(order, files) or []
        return await kit.command(words, order.language, _SECONDS, on_step)
    finally:
        await asyncio.to_thread(kit.boxes.take_back, order.box)


def _withdrawal(kit: Kit, order: Order, texts: Catalogue) -> dict[str, Any]:
    article = kit.context.reader.article(order.facts["article"])
    if article.state is State.WITHDRAWN:
        raise BadUse("article_withdrawn", id=article.id, title=article.title)
    return {"line": source_line(texts, article)}


def _taking_back(kit: Kit, order: Order, texts: Catalogue, names: dict[str, str]) -> Ended:
    """The change that would be taken back; never another than the one that was meant."""
    reader, meant = kit.context.reader, order.facts["change"]
    changes = {one.id: one for one in reader.changes(_LOOKED_AT)}
    undone_by = changes[meant].undone_by if meant in changes else None
    if undone_by:
        return Ended(
            problem=texts.text("telegram.order.undone_already", id=undone_by), key="undone"
        )
    last = reader.last_undoable()
    if last is None:
        raise BadUse("nothing_to_undo")
    line = change_line(with_names(last, names), texts)
    if last.id != meant:
        return Ended(problem=texts.text("telegram.order.not_last", line=line), key="not_last")
    return Ended({"line": line})
