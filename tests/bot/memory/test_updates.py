"""The table of updates: stored once, handled by one worker a chat, given back when it dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.memory.store import Store
from bot.memory.updates import MOST, Backlog, UpdateStore, WaitingAge
from bot.memory.values import PendingQuestion, Place
from retrieval.errors import Failed, StorageFull

ANA, BOB, CHIEF = 10, 11, 99


@pytest.fixture
def updates(tmp_path: Path) -> Iterator[UpdateStore]:
    """The table, in a memory of its own; the chat 99 is an administrator's."""
    with Store(tmp_path / "bot.db") as store:
        yield UpdateStore(store, frozenset({CHIEF}))


def bodies(updates: UpdateStore, worker: int, room: int = 8) -> list[str]:
    """What a worker takes."""
    return [one.body for one in updates.take(worker, room)]


def test_an_update_that_comes_again_is_known(updates: UpdateStore) -> None:
    """The same number is stored once, while it waits and after it was handled."""
    assert updates.put(1, ANA, "a")
    assert not updates.put(1, ANA, "a")
    (taken,) = updates.take(1, 8)
    updates.finish(taken.seq)
    assert not updates.put(1, ANA, "a")
    assert updates.take(1, 8) == []


def test_a_chat_is_of_one_worker_and_in_order(updates: UpdateStore) -> None:
    """What a chat sends goes to who claimed it, in the order of arrival; other chats do not."""
    updates.put(5, ANA, "a1")
    updates.put(2, ANA, "a2")
    assert bodies(updates, 2) == ["a1", "a2"]
    updates.put(6, ANA, "a3")
    updates.put(7, BOB, "b1")
    assert bodies(updates, 1) == ["b1"]
    assert bodies(updates, 2, room=0) == ["a3"]


def test_a_worker_without_room_claims_no_chat(updates: UpdateStore) -> None:
    """A full worker leaves new chats to the others."""
    updates.put(1, ANA, "a")
    updates.put(2, BOB, "b")
    assert bodies(updates, 1, room=1) == ["a"]
    assert bodies(updates, 1, room=0) == []
    assert bodies(updates, 2) == ["b"]


def test_administrators_are_of_the_first_worker(updates: UpdateStore) -> None:
    """Changes of the archive are made by one process."""
    updates.put(1, CHIEF, "c")
    assert bodies(updates, 2) == []
    assert bodies(updates, 1) == ["c"]


def test_what_a_dead_worker_had_goes_to_the_others(updates: UpdateStore) -> None:
    """Its updates that were not handled come again, those that were do not."""
    updates.put(1, ANA, "a1")
    updates.put(2, ANA, "a2")
    first, _ = updates.take(1, 8)
    updates.finish(first.seq)
    assert bodies(updates, 2) == []
    assert updates.give_back(1) == 0
    assert bodies(updates, 2) == ["a2"]


def test_an_answer_that_a_dead_worker_left_is_adopted_first(updates: UpdateStore) -> None:
    """A chat with an unfinished answer is adopted before its further updates are taken."""
    updates.put(1, ANA, "a1")
    updates.put(2, BOB, "b1")
    for one in updates.take(1, 8):
        updates.finish(one.seq)
    asked = PendingQuestion(Place(ANA, 0, ANA), 3, datetime(2020, 5, 1, tzinfo=UTC), "Quoi ?")
    updates.store.add_pending(asked)
    updates.put(3, ANA, "a2")
    updates.give_back(1)
    assert bodies(updates, 2) == []
    assert updates.adopt(2, 8) == [ANA]
    assert updates.adopt(3, 8) == []
    assert bodies(updates, 2) == ["a2"]


def test_at_the_start_everything_is_for_anybody(updates: UpdateStore) -> None:
    """What a front that died left is claimed by nobody; unfinished answers are to be adopted."""
    updates.put(1, ANA, "a1")
    updates.take(7, 8)
    asked = PendingQuestion(Place(BOB, 0, BOB), 3, datetime(2020, 5, 1, tzinfo=UTC), "Quoi ?")
    updates.store.add_pending(asked)
    updates.begin()
    assert updates.adopt(1, 8) == [BOB]
    assert bodies(updates, 2) == ["a1"]


def test_an_update_that_kills_is_given_up(updates: UpdateStore) -> None:
    """What three workers died of is not tried a fourth time."""
    updates.put(1, ANA, "poison")
    for worker in (1, 2):
        assert bodies(updates, worker) == ["poison"]
        assert updates.give_back(worker) == 0
    assert bodies(updates, 3) == ["poison"]
    assert updates.give_back(3) == 1
    assert bodies(updates, 1) == []


def test_handled_updates_leave_no_text_and_are_not_kept_for_ever(updates: UpdateStore) -> None:
    """The words of an update are gone once it was handled, and its number after many others."""
    updates.put(0, ANA, "secret")
    (first,) = updates.take(1, 8)
    updates.finish(first.seq)
    assert updates.store.rows("SELECT body FROM updates") == [("",)]
    with updates.store.transaction() as change:
        change.execute(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 30999)"
            " INSERT INTO updates (seq, update_id, chat, body) SELECT i, i, 1, '' FROM n"
        )
    updates.put(31_000, ANA, "b")
    assert updates.store.rows("SELECT min(seq), count(*) FROM updates") == [(11_001, 20_000)]


def test_no_more_wait_than_can_be_kept(updates: UpdateStore) -> None:
    """A flood fills the table to a limit, whoever sent it; what was handled makes room."""
    with updates.store.transaction() as change:
        change.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO updates (seq, update_id, chat, body) SELECT i, i, 1, 'x' FROM n",
            (MOST,),
        )
    with pytest.raises(Failed, match="too_many_updates"):
        updates.put(MOST + 1, ANA, "a")
    updates.finish(1)
    assert updates.put(MOST + 1, ANA, "a")
    assert updates.backlog() == Backlog(MOST, 2, MOST + 1)


def test_how_long_the_oldest_has_waited() -> None:
    """Since the first look after it came; what is handled leaves, and nothing that waits is 0."""
    age = WaitingAge()
    looks = [(0, 0, 0), (1, 4, 4), (2, 4, 6), (1, 6, 6), (0, 0, 6), (1, 7, 7)]
    seen = [age.seen(Backlog(*look), 10.0 * at) for at, look in enumerate(looks)]
    assert seen == [0.0, 0.0, 10.0, 10.0, 0.0, 0.0]


def test_a_silent_chat_is_let_go(updates: UpdateStore) -> None:
    """A worker gives up only its own claims."""
    updates.put(1, ANA, "a1")
    updates.take(1, 8)
    updates.put(2, ANA, "a2")
    updates.release(2, [ANA])
    assert bodies(updates, 2) == []
    updates.release(1, [ANA])
    assert bodies(updates, 2) == ["a2"]


def test_a_full_disk_is_said(updates: UpdateStore, tmp_path: Path) -> None:
    """What cannot be stored raises, and is stored when there is room again."""
    with closing(sqlite3.connect(tmp_path / "bot.db")) as other:
        (pages,) = other.execute("PRAGMA page_count").fetchone()
    updates.store.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull):
        updates.put(1, ANA, "x" * 100_000)
    updates.store.rows("PRAGMA max_page_count = 1000000")
    assert updates.put(1, ANA, "x" * 100_000)
