"""The orders of administrators in ``bot.db``: their buttons work after a restart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.memory.store import stamp, time_of
from bot.telegram.admin.order import Order, OrderKind, OrderState, Plan

if TYPE_CHECKING:
    from datetime import datetime

    from bot.memory.store import Store

_COLUMNS = (
    "id, at, chat, message, user, who, language, kind, state, name, facts, plan, generation,"
    " worker, worker_name, seen, change"
)


class Book:
    """The orders that are kept.

    Args:
        store: the bot's memory.
    """

    def __init__(self, store: Store) -> None:
        self._rows = store.rows
        self._change = store.transaction

    def add(self, order: Order) -> int:
        """Keep an order; the number it has from now on."""
        with self._change() as change:
            cursor = change.execute(
                "INSERT INTO orders (at, chat, message, user, who, language, kind, state, name,"
                " facts, plan, generation, worker, worker_name, seen, change)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', 0, 0)",
                (
                    stamp(order.at),
                    order.chat,
                    order.message,
                    order.user,
                    order.who,
                    order.language,
                    order.kind,
                    order.state,
                    order.name,
                    json.dumps(order.facts, ensure_ascii=False),
                    _written(order.plan),
                    order.generation,
                ),
            )
        return cursor.lastrowid or 0

    def order(self, number: int) -> Order | None:
        """The order of that number."""
        return next(iter(self._found("id = ?", number)), None)

    def shown_in(self, chat: int, message: int) -> Order | None:
        """The newest order that a message shows."""
        return next(iter(self._found("chat = ? AND message = ?", chat, message)), None)

    def in_state(self, state: OrderState) -> list[Order]:
        """The orders that are so far, newest first."""
        return self._found("state = ?", state)

    def planned(self, order: Order) -> bool:
        """An order was planned anew, or at last; False when it was given up meanwhile."""
        with self._change() as change:
            cursor = change.execute(
                "UPDATE orders SET plan = ?, generation = ?, facts = ?, state = ?"
                " WHERE id = ? AND state IN (?, ?)",
                (
                    _written(order.plan),
                    order.generation,
                    json.dumps(order.facts, ensure_ascii=False),
                    OrderState.PLANNED,
                    order.id,
                    OrderState.PLANNED,
                    OrderState.ASKED,
                ),
            )
        return cursor.rowcount == 1

    def remove(self, number: int) -> None:
        """Forget an order."""
        self._rows("DELETE FROM orders WHERE id = ?", number)

    def came_from(self, chat: int, message: int) -> bool:
        """Whether a message was made an order of before."""
        return bool(
            self._rows(
                "SELECT 1 FROM orders WHERE chat = ? AND EXISTS (SELECT 1 FROM"
                " json_each(facts, '$.origins') WHERE value = ?) LIMIT 1",
                chat,
                message,
            )
        )

    def moved(self, number: int, message: int) -> None:
        """An order is shown in another message."""
        self._rows("UPDATE orders SET message = ? WHERE id = ?", message, number)

    def claim(self, number: int, worker: int, name: str, seen: int) -> bool:
        """Begin to do a planned order; False when somebody else did, or gave it up."""
        with self._change() as change:
            cursor = change.execute(
                "UPDATE orders SET state = ?, worker = ?, worker_name = ?, seen = ?"
                " WHERE id = ? AND state = ?",
                (OrderState.WORKING, worker, name, seen, number, OrderState.PLANNED),
            )
        return cursor.rowcount == 1

    def settle(self, number: int, state: OrderState, change: int = 0) -> None:
        """How an order ended, and the change that it made."""
        self._rows("UPDATE orders SET state = ?, change = ? WHERE id = ?", state, change, number)

    def give_up(self, number: int) -> bool:
        """Nobody wants an order any more; False when it is being done, or over."""
        with self._change() as change:
            cursor = change.execute(
                "UPDATE orders SET state = ? WHERE id = ? AND state IN (?, ?)",
                (OrderState.CANCELLED, number, OrderState.PLANNED, OrderState.ASKED),
            )
        return cursor.rowcount == 1

    def expire(self, before: datetime, forgotten: datetime) -> None:
        """Let go of what nobody confirmed in time, and forget what is long over."""
        with self._change() as change:
            change.execute(
                "UPDATE orders SET state = ?, facts = json_remove(facts, '$.asked')"
                " WHERE state IN (?, ?) AND at < ?",
                (OrderState.EXPIRED, OrderState.PLANNED, OrderState.ASKED, stamp(before)),
            )
            change.execute(
                "DELETE FROM orders WHERE state NOT IN (?, ?, ?) AND at < ?",
                (OrderState.PLANNED, OrderState.ASKED, OrderState.WORKING, stamp(forgotten)),
            )

    def names(self) -> dict[str, str]:
        """The names of administrators, by what the history of the archive calls them."""
        rows = self._rows(
            "SELECT user, who FROM orders UNION ALL"
            " SELECT worker, worker_name FROM orders WHERE worker <> 0"
        )
        return {f"telegram:{user}": name for user, name in rows if name}

    def _found(self, condition: str, *values: object) -> list[Order]:
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM orders WHERE {condition} ORDER BY id DESC",  # noqa: S608
            *values,
        )
        return [_order(row) for row in rows]


def _order(row: tuple[Any, ...]) -> Order:
    *asked, kind, state, name, facts, plan, generation, worker, worker_name, seen, change = row
    id_, at, chat, message, user, who, language = asked
    found = json.loads(plan)
    if found and "lines" not in found:  # an earlier Kiosque stored plans in another form
        found, generation = {}, -1
    return Order(
        id_,
        time_of(at),
        chat,
        message,
        user,
        who,
        language,
        OrderKind(kind),
        OrderState(state),
        name,
        json.loads(facts),
        Plan(tuple(found.get("lines", ())), found.get("digest", "")),
        generation,
        worker,
        worker_name,
        seen,
        change,
    )


def _written(plan: Plan) -> str:
    return json.dumps({"lines": plan.lines, "digest": plan.digest}, ensure_ascii=False)
