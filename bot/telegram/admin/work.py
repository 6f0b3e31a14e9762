"""An order being done: its progress, its outcome, and its files put where they belong."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.messages.catalogue import Catalogue
from bot.messages.difference import difference_lines
from bot.telegram.admin.administration import Working
from bot.telegram.admin.jobs import doing
from bot.telegram.admin.order import Kind, State
from bot.telegram.admin.plans import (
    counts_line,
    difference_of,
    plan_lines,
    report_lines,
    word_row,
)
from bot.telegram.admin.showing import progress_shown
from bot.telegram.admin.worker import Ended
from bot.telegram.buttons import Button, data

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import User

    from bot.telegram.admin.administration import Kit
    from bot.telegram.admin.order import Order
    from bot.telegram.admin.worker import Step
    from bot.telegram.buttons import Rows
    from bot.telegram.post import Post

logger = logging.getLogger(__name__)

_SECONDS = 3600.0
_WORKING = "telegram.order.working"
_MOST_UNREAD = 10
_GONE = "box_gone"


class Work:
    """Does orders, one at a time.

    Args:
        kit: what they are done with.
    """

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def begin(self, order: Order, user: User) -> bool:
        """Begin to do an order; False when somebody else's is being done."""
        kit = self._kit
        if kit.working is not None or self._closing:
            return False
        kit.working = Working(user.first_name, order.name, kit.context.clock(), order.id)
        order = replace(order, worker=user.id, worker_name=user.first_name)
        self._task = asyncio.create_task(self._run(order), name=f"order {order.id}")
        return True

    def stop(self, order: int) -> bool:
        """End the work on an order; False when it is not being done."""
        working = self._kit.working
        if working is None or working.order != order or self._task is None:
            return False
        self._task.cancel()
        return True

    async def close(self) -> None:
        """End what is being done; it waits for a word again."""
        self._closing = True
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, order: Order) -> None:
        """Do it, and tell; whatever happens, the next one can be done."""
        kit = self._kit
        try:
            async with kit.turn:
                seen = await kit.newest()
                claimed = await kit.context.memory.do(
                    kit.book.claim, order.id, order.worker, order.worker_name, seen
                )
                if claimed:
                    await self._done(replace(order, seen=seen))
        except asyncio.CancelledError:  # it had not begun
            if not self._closing and await kit.context.memory.do(kit.book.give_up, order.id):
                await self._end(order, State.CANCELLED, Ended(), kit.post(order))
        except Exception:
            logger.exception("an order failed", extra={"order": order.id})
        finally:
            kit.working = None

    async def _done(self, order: Order) -> None:
        kit, post, texts = self._kit, self._kit.post(order), Catalogue(order.language)
        await kit.note(order.worker, order.kind, order.name)
        stop = (Button(texts.text("telegram.button.cancel"), data("n", order.id)),)
        stopped, ended = False, Ended()
        try:
            async with progress_shown(kit, order, post, _WORKING, (stop,)) as on_step:
                ended = await self._commands(order, on_step)
        except asyncio.CancelledError:
            stopped = True
        except Exception as error:  # no room for the files, say: who confirmed is told
            reference = uuid4().hex[:8]
            logger.error("an order failed", exc_info=error, extra={"reference": reference})
            ended = Ended(problem=texts.text("telegram.order.broken", reference=reference))
        state = await self._outcome(order, ended, stopped=stopped)
        await self._end(order, state, ended, post)

    async def _commands(self, order: Order, on_step: Callable[[Step], None]) -> Ended:
        """Run the commands; the report of the last, or what was wrong with one."""
        kit = self._kit
        if order.kind is Kind.CORRECT:
            files = await asyncio.to_thread(kit.boxes.files, order.box)
        else:
            files = await asyncio.to_thread(kit.boxes.put_out, order.box) if order.box else []
        if order.box and not files:
            return Ended(key=_GONE)
        ended = Ended({})
        for words in doing(order, files):
            ended = await kit.command(words, order.language, _SECONDS, on_step)
            if ended.problem:
                break
        return ended

    async def _outcome(self, order: Order, ended: Ended, *, stopped: bool) -> State:
        """How it ended. What the history has was done, whatever became of the command."""
        if await self._kit.made_by(order) is not None:
            return State.DONE
        if stopped:
            return State.PLANNED if self._closing else State.CANCELLED
        return State.FAILED if ended.problem or ended.report is None else State.DONE

    async def _end(self, order: Order, state: State, ended: Ended, post: Post) -> None:
        """Keep how it ended, put the files where they belong, and tell.

        What was interrupted or failed may be confirmed again: nobody has to send it twice.
        """
        kit = self._kit
        made = await kit.made_by(order) if state is State.DONE else None
        change = made.id if made else 0
        if state is not State.DONE:
            await asyncio.to_thread(kit.boxes.take_back, order.box)
        if can_be_tried_again(state, ended):
            await kit.context.memory.do(kit.book.settle, order.id, State.PLANNED)
        else:
            await asyncio.to_thread(kit.boxes.discard, order.box)
            await kit.context.memory.do(kit.book.settle, order.id, state, change)
        action = "interrupted" if state is State.PLANNED else state.value
        await kit.note(order.worker or order.user, action, order.name)
        texts = Catalogue(order.language)
        await kit.show(order, post, *ending(order, state, ended, change, texts))


def can_be_tried_again(state: State, ended: Ended) -> bool:
    """Whether an order that ended so waits for a word again."""
    return state is State.PLANNED or (state is State.FAILED and ended.key != _GONE)


def ending(
    order: Order, state: State, ended: Ended, change: int, texts: Catalogue
) -> tuple[list[str], Rows]:
    """How an order ended, and the buttons for what can be done next."""
    name = "interrupted" if state is State.PLANNED else state.value
    lines = [texts.text(f"telegram.order.{name}", name=order.name)]
    if order.worker and order.worker != order.user:
        lines.append(texts.text("telegram.order.confirmed_by", who=order.worker_name))
    if ended.problem:
        lines.append(ended.problem)
    elif ended.key == _GONE:
        lines.append(texts.text("telegram.order.gone"))
    elif state is State.DONE and isinstance(ended.report, dict):
        lines += _done_lines(order, ended.report, texts)
    if can_be_tried_again(state, ended):
        return lines, (word_row(order, texts),)
    if not change or order.kind is Kind.ROLLBACK:
        return lines, ()
    undo = Button(texts.text("telegram.button.undo"), data("b", order.id))
    return lines, ((undo,),)


def _done_lines(order: Order, report: dict[str, object], texts: Catalogue) -> list[str]:
    counted = counts_line(report, texts)
    if order.kind in {Kind.INDEX, Kind.REINDEX, Kind.FEED}:
        unread = report_lines({"unreadable": report.get("unreadable")}, texts)
        left = len(unread) - _MOST_UNREAD
        more = [texts.text("telegram.order.more", count=left)] if left > 0 else []
        told = (counted, *unread[:_MOST_UNREAD], *more)
        return [line for line in told if line]
    if order.kind is Kind.CORRECT:
        changes = report.get("changes")
        found = difference_of(changes if isinstance(changes, dict) else {})
        return [*difference_lines(found, texts), counted]
    return [*plan_lines(order, texts), counted] if counted else []
