"""An order being done: its progress, its outcome, and its files put where they belong."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.messages.catalogue import Catalogue
from bot.messages.errors import explained
from bot.telegram.admin.administration import Working
from bot.telegram.admin.order import OrderKind, OrderState
from bot.telegram.admin.order_kinds import BoxGoneError, carried_out
from bot.telegram.admin.plans import word_row
from bot.telegram.admin.uploads import move_into_place
from bot.telegram.buttons import Button, data
from retrieval.change.report import PlanChanged
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from telegram import User

    from bot.telegram.admin.administration import Administration
    from bot.telegram.admin.order import Order
    from bot.telegram.buttons import Rows
    from bot.telegram.post import Post

logger = logging.getLogger(__name__)

_WORKING = "telegram.order.working"


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """How the work on an order ended.

    Args:
        state: of the order.
        lines: what people read of it.
        retry: whether the order waits for a confirmation again.
        outdated: nothing was done, because the plan had changed.
        change: the change that was made, or 0.
        recovered: it was found at the next start of the bot.
    """

    state: OrderState
    lines: tuple[str, ...] = ()
    retry: bool = False
    outdated: bool = False
    change: int = 0
    recovered: bool = False


INTERRUPTED = OrderOutcome(OrderState.PLANNED, retry=True)


class Work:
    """Does orders, one at a time.

    Args:
        admin: what they are done with.
        plan_again: begins to plan an order anew.
    """

    def __init__(self, admin: Administration, plan_again: Callable[[Order], None]) -> None:
        self._admin = admin
        self._plan_again = plan_again
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def begin(self, order: Order, user: User) -> bool:
        """Begin to do an order; False when somebody else's is being done."""
        admin = self._admin
        if admin.working is not None or self._closing:
            return False
        admin.working = Working(user.first_name, order.name, admin.context.clock(), order.id)
        order = replace(order, worker=user.id, worker_name=user.first_name)
        self._task = admin.context.runs.beside(f"order {order.id}", self._run(order))
        return True

    def stop(self, order: int) -> bool:
        """End the work on an order; False when it is not being done."""
        working = self._admin.working
        if working is None or working.order != order or self._task is None:
            return False
        self._task.cancel()
        return True

    async def close(self) -> None:
        """End what is being done; it waits for a confirmation again."""
        self._closing = True
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, order: Order) -> None:
        """Do it, and tell; whatever happens, the next one can be done."""
        admin, outdated = self._admin, False
        try:
            async with admin.turn:
                seen = await admin.newest()
                claimed = await admin.context.memory.do(
                    admin.book.claim, order.id, order.worker, order.worker_name, seen
                )
                if claimed:
                    outdated = await self._done(replace(order, seen=seen))
        except asyncio.CancelledError:  # it had not begun
            give_up = admin.book.give_up
            if not self._closing and await admin.context.memory.do(give_up, order.id):
                await settle(admin, order, OrderOutcome(OrderState.CANCELLED), admin.post(order))
        except Exception:
            logger.exception("an order failed", extra={"order": order.id})
        finally:
            admin.working = None
        if outdated:
            self._plan_again(replace(order, worker=0, worker_name=""))

    async def _done(self, order: Order) -> bool:
        """Do a claimed order; True when it must be planned anew."""
        admin, post = self._admin, self._admin.post(order)
        await admin.note(order.worker, order.kind, order.name)
        outcome = await self._outcome(order, post)
        made = await admin.made_by(order)
        if made is not None:  # what the history has was done, whatever became of the job
            outcome = replace(outcome, state=OrderState.DONE, retry=False, change=made.id)
        await settle(admin, order, outcome, post)
        return outcome.outdated

    async def _outcome(self, order: Order, post: Post) -> OrderOutcome:
        admin, texts = self._admin, Catalogue(order.language)
        stop = (Button(texts.text("telegram.button.cancel"), data("n", order.id)),)
        try:
            async with admin.progress_shown(order, post, _WORKING, (stop,)) as on_step:
                lines = await carried_out(admin, order, on_step)
        except asyncio.CancelledError:
            return INTERRUPTED if self._closing else OrderOutcome(OrderState.CANCELLED)
        except PlanChanged:
            return OrderOutcome(OrderState.PLANNED, retry=True, outdated=True)
        except BoxGoneError:
            return OrderOutcome(OrderState.FAILED, (texts.text("telegram.order.gone"),))
        except KiosqueError as error:
            problem = explained(error, texts, public=True).message
            return OrderOutcome(OrderState.FAILED, (problem,), retry=True)
        except Exception as error:  # a fault of ours: who confirmed is told
            reference = uuid4().hex[:8]
            logger.error("an order failed", exc_info=error, extra={"reference": reference})
            problem = texts.text("telegram.order.broken", reference=reference)
            return OrderOutcome(OrderState.FAILED, (problem,), retry=True)
        return OrderOutcome(OrderState.DONE, lines)


async def settle(
    admin: Administration,
    order: Order,
    outcome: OrderOutcome,
    post: Post,
    first: tuple[str, ...] = (),
) -> None:
    """Store how an order ended, put its files where they belong, and tell.

    What was interrupted or failed may be confirmed again: nobody has to send it twice.

    Args:
        admin: what it is done with.
        order: the order.
        outcome: how it ended.
        post: the message that shows it.
        first: lines above the others.
    """
    if outcome.state is OrderState.DONE:
        await put_away(admin, order)
    elif not outcome.retry:
        await asyncio.to_thread(admin.boxes.discard, order.box)
    state = OrderState.PLANNED if outcome.retry else outcome.state
    await admin.context.memory.do(admin.book.settle, order.id, state, outcome.change)
    await admin.note(order.worker or order.user, _action(outcome), order.name)
    if not outcome.outdated:
        lines, rows = ending(order, outcome, Catalogue(order.language))
        await admin.show(order, post, [*first, *lines], rows)


async def put_away(admin: Administration, order: Order) -> None:
    """Move the files of a change that stands among the uploads, where they still wait.

    The worker moves them; it may have been killed before, or the disk may have been full.
    """
    try:
        if order.kind is not OrderKind.CORRECT:
            files = await asyncio.to_thread(admin.boxes.placed, order.box)
            await asyncio.to_thread(move_into_place, files)
    except OSError:
        logger.exception("files of a change are still where they waited", extra={"box": order.box})
    else:
        await asyncio.to_thread(admin.boxes.discard, order.box)


def _action(outcome: OrderOutcome) -> str:
    """How the audit calls an outcome."""
    if outcome.outdated:
        return "outdated"
    if outcome.recovered:
        return "recovered"
    return "interrupted" if outcome.state is OrderState.PLANNED else outcome.state.value


def ending(order: Order, outcome: OrderOutcome, texts: Catalogue) -> tuple[list[str], Rows]:
    """How an order ended, and the buttons for what can be done next."""
    name = "interrupted" if outcome.state is OrderState.PLANNED else outcome.state.value
    lines = [texts.text(f"telegram.order.{name}", name=order.name)]
    if order.worker and order.worker != order.user:
        lines.append(texts.text("telegram.order.confirmed_by", who=order.worker_name))
    lines += outcome.lines
    if outcome.retry:
        return lines, (word_row(order, texts),)
    if not outcome.change or order.kind is OrderKind.ROLLBACK:
        return lines, ()
    undo = Button(texts.text("telegram.button.undo"), data("b", order.id))
    return lines, ((undo,),)
