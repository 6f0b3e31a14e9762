"""What a crash left of the orders: how a change ended, and files that were out."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.messages.catalogue import Catalogue
from bot.telegram.admin.choices import choice, is_choice
from bot.telegram.admin.order import State
from bot.telegram.admin.work import ending
from bot.telegram.admin.worker import Ended
from bot.telegram.post import Post, Target
from retrieval.storage import is_writing

if TYPE_CHECKING:
    from pathlib import Path

    from bot.telegram.admin.administration import Kit
    from bot.telegram.admin.order import Order
    from bot.telegram.admin.orders import Orders

logger = logging.getLogger(__name__)

_LONGEST = 3600.0
_TWICE = 2


async def recover(orders: Orders, home: Path, pause: float = 2.0) -> None:
    """Say how each order ended that was being made when the bot was killed.

    Its command may still run, and end well: that is waited for, since the history tells only
    then. Meanwhile nothing else is planned or made.

    Args:
        orders: those of this bot.
        home: the folder of the archive.
        pause: seconds between two looks at whether somebody writes.
    """
    kit = orders.kit
    left = await kit.context.memory.do(kit.book.in_state, State.WORKING)
    if left:
        async with kit.turn:
            await _until_nobody_writes(home, pause)
            for order in left:
                await _ended(kit, order)
    await _asked_again(kit)
    await orders.sweep()


async def _asked_again(kit: Kit) -> None:
    """Ask what a message is meant as, where that was kept and not asked any more."""
    for order in await kit.context.memory.do(kit.book.in_state, State.ASKED):
        if is_choice(order) and not order.message:
            target = Target(order.chat, 0, order.facts["origins"][0])
            post = Post(kit.context.bot, target, kit.context.ids)
            await kit.put(order, post, choice(order, Catalogue(order.language)))


async def _until_nobody_writes(home: Path, pause: float) -> None:
    """Twice in a row: a command that is starting holds the lock only after a second or two."""
    loop = asyncio.get_running_loop()
    deadline, free = loop.time() + _LONGEST, 0
    while free < _TWICE and loop.time() < deadline:
        await asyncio.sleep(pause)
        free = 0 if await asyncio.to_thread(is_writing, home) else free + 1


async def _ended(kit: Kit, order: Order) -> None:
    """Keep how it ended, and tell in a new message: nobody looks at the old one."""
    made = await kit.made_by(order)
    state = State.DONE if made else State.PLANNED
    if made:
        await asyncio.to_thread(kit.boxes.discard, order.box)
    else:
        await asyncio.to_thread(kit.boxes.take_back, order.box)
    await kit.context.memory.do(kit.book.settle, order.id, state, made.id if made else 0)
    await kit.note(order.worker, "recovered" if made else "interrupted", order.name)
    texts = Catalogue(order.language)
    lines, rows = ending(order, state, Ended(), made.id if made else 0, texts)
    post = Post(kit.context.bot, Target(order.chat, 0, order.message), kit.context.ids)
    await kit.show(order, post, [texts.text("telegram.order.crashed"), *lines], rows)
