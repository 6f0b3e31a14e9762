"""What waits for a word: files apart from the uploads, batches of documents, orders on disk."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.memory.schema import VERSION
from bot.memory.store import Store
from bot.telegram.admin.inbox import Batch, Batches
from bot.telegram.admin.order import Order, OrderKind, OrderState, Plan
from bot.telegram.admin.order_store import Book
from bot.telegram.admin.uploads import Boxes, move_into_place
from retrieval.errors import ForeignFile

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ORDER = Order(
    0, NOW, 5, 40, 5, "Ana", "fr", OrderKind.INDEX, OrderState.PLANNED, "a.txt", {"box": "b1"}
)


def test_files_wait_apart_until_they_are_moved(tmp_path: Path) -> None:
    """Nothing lies among the uploads before; a call that was cut short is completed by another."""
    boxes = Boxes(tmp_path)
    boxes.uploads.mkdir()
    (boxes.uploads / "a.txt").write_bytes(b"before")
    box = boxes.new()
    assert [boxes.put(box, "a.txt", b"after"), boxes.put(box, "../b.txt", b"new")] == [
        "a.txt",
        "b.txt",
    ]
    first, second = boxes.placed(box)
    assert [file.path for file in (first, second)] == [
        boxes.uploads / "a.txt",
        boxes.uploads / "b.txt",
    ]
    assert [path.name for path in boxes.uploads.iterdir()] == ["a.txt"]
    move_into_place([first])  # cut short
    for _ in range(2):
        move_into_place(Boxes(tmp_path).placed(box))
        move_into_place([first, second])
        found = {path.name: path.read_bytes() for path in boxes.uploads.iterdir()}
        assert found == {"a.txt": b"after", "b.txt": b"new"}
    assert boxes.is_gone(box)


def test_what_nobody_wants_is_deleted(tmp_path: Path) -> None:
    """An old box without an order goes; those of orders stay as they are."""
    boxes = Boxes(tmp_path)
    old, wanted = boxes.new(), boxes.new()
    for box in (old, wanted):
        boxes.put(box, f"{box}.txt", b"x")
    boxes.tidy([wanted], datetime.now(UTC).timestamp() - 60)
    assert boxes.files(old)
    boxes.tidy([wanted], datetime.now(UTC).timestamp() + 60)
    assert [bool(boxes.files(box)) for box in (old, wanted)] == [False, True]


async def test_documents_sent_together_are_one_batch() -> None:
    """However slowly they come, with one that is refused and one that fails; then a new batch."""
    whole: list[Batch] = []

    async def keep(batch: Batch) -> None:
        whole.append(batch)

    async def bring(name: str | None, seconds: float) -> str | None:
        await asyncio.sleep(seconds)
        if name == "boom":
            raise OSError(name)
        return name

    batches, message = Batches(0.05, lambda: "box", keep), Any
    sent = [("a", 0.0), ("b", 0.12), (None, 0.14), ("boom", 0.16)]
    outcomes = await asyncio.gather(
        *(
            batches.add(1, message, lambda _, n=name, s=seconds: bring(n, s))  # type: ignore[arg-type,misc]
            for name, seconds in sent
        ),
        return_exceptions=True,
    )
    assert isinstance(outcomes[3], OSError)
    assert [batch.names for batch in whole] == [["a", "b"]]
    await batches.add(1, message, lambda _: bring("c", 0))  # type: ignore[arg-type]
    assert [batch.names for batch in whole] == [["a", "b"], ["c"]]


def test_an_order_is_claimed_once(tmp_path: Path) -> None:
    """Of two who confirm at the same time, one does it; what is done is not given up."""
    with Store(tmp_path / "bot.db") as store:
        book = Book(store)
        number = book.add(ORDER)
    with Store(tmp_path / "bot.db") as store:
        book = Book(store)
        assert book.order(number) == replace(ORDER, id=number)
        assert book.shown_in(5, 40) == replace(ORDER, id=number)
        assert [book.claim(number, 6, "Zoé", 3), book.claim(number, 5, "Ana", 3)] == [True, False]
        assert not book.give_up(number)
        assert not book.planned(replace(ORDER, id=number))
        (working,) = book.in_state(OrderState.WORKING)
        assert (working.worker, working.seen, working.by) == (6, 3, "telegram:6")
        book.settle(number, OrderState.DONE, 4)
        assert book.names() == {"telegram:5": "Ana", "telegram:6": "Zoé"}


def test_a_plan_is_stored_and_one_of_an_earlier_kiosque_is_made_anew(tmp_path: Path) -> None:
    """Lines and digest come back as they were; a plan in another form fits no generation."""
    plan = Plan(("1 article ajouté", "+ Le phare"), "ab12")
    with Store(tmp_path / "bot.db") as store:
        book = Book(store)
        number = book.add(replace(ORDER, plan=plan, generation=4))
        found = book.order(number)
        assert found is not None
        assert (found.plan, found.generation) == (plan, 4)
        store.rows("UPDATE orders SET plan = ?", '{"added": 1, "items": []}')
        found = book.order(number)
        assert found is not None
        assert (found.plan, found.generation) == (Plan(), -1)


def test_orders_expire(tmp_path: Path) -> None:
    """What nobody confirmed in a day is let go; what is long over is forgotten."""
    with Store(tmp_path / "bot.db") as store:
        book = Book(store)
        old = book.add(replace(ORDER, at=NOW - timedelta(days=2)))
        new = book.add(ORDER)
        book.expire(NOW - timedelta(days=1), NOW - timedelta(days=365))
        states = [found.state for found in map(book.order, (old, new)) if found]
        assert states == [OrderState.EXPIRED, OrderState.PLANNED]
        book.expire(NOW - timedelta(days=1), NOW)
        assert book.order(old) is None


def test_a_memory_of_a_later_kiosque_is_left_alone(tmp_path: Path) -> None:
    """Only what is newer than this Kiosque is refused."""
    path = tmp_path / "bot.db"
    for _ in range(2):
        Store(path).close()
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(ForeignFile, match="archive_newer"):
        Store(path)
