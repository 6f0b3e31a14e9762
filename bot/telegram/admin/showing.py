"""The message of an order while something is made for it: what, for how long, how far."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.messages.catalogue import Catalogue
from bot.telegram.admin.worker import Step

if TYPE_CHECKING:
    from bot.telegram.admin.administration import Kit
    from bot.telegram.admin.order import Order
    from bot.telegram.buttons import Rows
    from bot.telegram.post import Post


@asynccontextmanager
async def progress_shown(
    kit: Kit, order: Order, post: Post, key: str, rows: Rows = ()
) -> AsyncIterator[Callable[[Step], None]]:
    """Show that something goes on, until the block ends.

    Args:
        kit: shows it.
        order: what is being planned or done.
        post: its message.
        key: the sentence that says so; it may show the name and the seconds.
        rows: the buttons under it.

    Yields:
        What is to be told each step.
    """
    steps: list[Step] = []

    async def show() -> None:
        texts, begun = Catalogue(order.language), kit.context.clock()
        while True:
            seconds = round(kit.context.clock() - begun)
            lines = [texts.text(key, name=order.name, seconds=seconds)]
            lines += [step_line(step, texts) for step in steps[-1:]]
            await kit.show(order, post, lines, rows)
            await asyncio.sleep(kit.progress)

    showing = asyncio.create_task(show())
    try:
        yield steps.append
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


def step_line(step: Step, texts: Catalogue) -> str:
    """A stage, and how far it is."""
    key = f"progress.{step.stage}"
    name = texts.text(key) if texts.has(key) else step.stage
    if step.total is not None:
        facts = {"done": step.done, "total": step.total}
        return texts.text("telegram.order.step", stage=name, **facts)
    return texts.text("telegram.order.step_open", stage=name, done=step.done)
