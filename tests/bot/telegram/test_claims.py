"""Workers in one process: what a chat sends is handled by one of them, in order, once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

from bot.memory.updates import UpdateStore
from bot.telegram.groups import move_chat
from bot.telegram.limits import Access
from tests.bot.telegram.bench import Bench, Scripted, Setup
from tests.bot.telegram.conftest import Start
from tests.bot.telegram.test_edits import Echoing
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import Chat


async def test_a_worker_lives_until_a_look_for_updates_does_not_end(start: Start) -> None:
    """It tells so as long as it looks, be it in vain; a memory that hangs is no life."""
    release, held, clock = threading.Event(), threading.Event(), [0.0]

    def hang() -> None:
        held.set()
        release.wait()

    def is_stuck_later(bench: Bench) -> bool:
        clock[0] += 61.0
        return bench.claims.is_stuck

    async with start(Setup(script=Scripted(), worker=1)) as bench:
        bench.context.clock = lambda: clock[0]
        async with asyncio.timeout(30):
            assert await asyncio.get_running_loop().sock_recv(bench.line, 1) == b"\n"
        hanging = asyncio.create_task(bench.context.memory.do(hang))
        try:
            await asyncio.to_thread(held.wait)
            clock[0] = 30.0
            assert not bench.claims.is_stuck
            await bench.fake.until(partial(is_stuck_later, bench))
        finally:
            release.set()
        await hanging
        await bench.fake.until(lambda: not bench.claims.is_stuck)


async def test_what_was_handled_is_not_handled_again(start: Start) -> None:
    """That it was cannot be noted while nothing can be written: it is noted later."""
    fake = FakeTelegram()
    async with start(Setup(fake, worker=1)) as bench:
        ana, memory = Person(fake, "Ana"), bench.context.memory
        fake.faults.add(Kind.CUT, "sendMessage")
        ana.say("/aide")
        await bench.deliver()
        await fake.until(lambda: not fake.faults.planned[0].times)
        await memory.do(memory.store.rows, "PRAGMA query_only = ON")
        await fake.until(lambda: ana.private.shown)
        updates = UpdateStore(memory.store)
        assert (await memory.do(updates.backlog)).count == 1
        await memory.do(memory.store.rows, "PRAGMA query_only = OFF")
        async with asyncio.timeout(30):
            while (await memory.do(updates.backlog)).count:
                bench.line.send(b"\n")
                await asyncio.sleep(0.01)
    assert len(ana.private.shown) == 1


async def test_what_a_group_became_is_known_to_all_workers(start: Start) -> None:
    """One worker has followed it to its new number: a button there works with another at once."""
    fake = FakeTelegram()
    group = new_group(fake, "Rédaction")
    setup = Setup(fake, Scripted(), Access(chats=frozenset({group.id})), worker=2)
    async with start(setup) as bench:
        ana, memory = Person(fake, "Ana"), bench.context.memory
        ana.say("/ask Qui ?", group)
        await bench.deliver()
        await fake.until(lambda: group.shown and bench.context.runs.count == 0)
        new = ana.upgrade(group, told=False)
        await memory.do(move_chat, memory.store, group.id, new.id)
        ana.click(group.shown[0], "[1]")
        await bench.deliver()
        await fake.until(lambda: new.shown)


def is_answered(chat: Chat, *questions: str) -> bool:
    """Whether each of these questions has one answer in a chat, and nothing else is there."""
    said = sorted(message["text"].partition(" ?")[0] for message in chat.shown)
    return said == sorted(f"Réponse à {question}" for question in questions)


async def test_each_group_is_of_one_worker(start: Start) -> None:
    """Three people ask in two groups at once, edit, click and forget, of two workers.

    Each question is answered once, in its group, to its last words; an edit changes its answer,
    a button opens its source; what one forgets with one worker is forgotten with the other.
    """
    fake = FakeTelegram()
    groups = [new_group(fake, "Un"), new_group(fake, "Deux")]
    access = Access(chats=frozenset(group.id for group in groups))
    ana, bob, cem = (Person(fake, name) for name in ("Ana", "Bob", "Cem"))
    one, two = (Setup(fake, Echoing(), access, worker=number) for number in (1, 2))
    async with start(one) as first, start(two) as second:
        memory = first.context.memory
        claims = [(group.id, worker) for worker, group in enumerate(groups, 1)]
        for claim in claims:  # who finds a chat first has it: here each finds one
            await memory.do(memory.store.rows, "INSERT INTO claims VALUES (?, ?)", *claim)

        async def until(done: Callable[[], bool]) -> None:
            await first.deliver()
            await second.deliver()
            await fake.until(done)
            for worker in (first, second):
                await fake.until(lambda: worker.context.runs.count == 0)  # noqa: B023

        asked = {
            (person, group.id): person.say(f"/ask Qui {person.id} {group.id} ?", group)
            for person in (ana, bob, cem)
            for group in groups
        }
        wanted = {g.id: [f"Qui {one.id} {g.id}" for one in (ana, bob, cem)] for g in groups}
        await until(lambda: all(is_answered(group, *wanted[group.id]) for group in groups))
        bob.edit(asked[bob, groups[1].id], "/ask Où ?")
        wanted[groups[1].id][1] = "Où"
        await until(lambda: is_answered(groups[1], *wanted[groups[1].id]))
        bob.click(groups[1].shown[1], "[1]")
        await until(lambda: len(groups[1].shown) == 4)
        ana.say("/oublie", groups[0])
        await until(lambda: len(groups[0].shown) == 4)
        left = await memory.do(memory.store.rows, "SELECT user, chat FROM answers ORDER BY id")
        assert sorted(left) == sorted((one.id, g.id) for one in (bob, cem) for g in groups)
        assert await memory.do(memory.store.rows, "SELECT * FROM claims ORDER BY worker") == claims
    assert [len(setup.script.requests) for setup in (one, two) if setup.script] == [3, 4]
