"""Answers that are stopped, cut off by a crash, or asked for again."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.bot.telegram.bench import THREE, Scripted, Setup, whole
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person


async def test_bad_weather(start: Start) -> None:
    """Twenty readers, and a fifth of the calls lost, cut, flooded: each has one whole answer."""
    fake, chance = FakeTelegram(), random.Random(1)  # noqa: S311 - the same weather every time
    bad = (Kind.LOST_REPLY, Kind.CUT, Kind.BAD_GATEWAY, Kind.FLOOD)
    counted = {"sendmessage", "editmessagetext"}
    fake.faults.weather = lambda method: (
        chance.choice(bad) if method in counted and chance.random() < 0.2 else None
    )
    async with start(Setup(fake, Scripted(*THREE, pause=0.05))) as bench:
        readers = [Person(fake, f"P{n}") for n in range(20)]
        for reader in readers:
            reader.say("Quoi ?")
        await bench.idle(50)
    assert [len(reader.private.shown) for reader in readers] == [1] * 20
    assert all(whole(r.private.shown[0]) and THREE[2] in r.private.texts[0] for r in readers)


@pytest.mark.parametrize("waiting", [False, True])
async def test_stopped_in_mid_answer(start: Start, waiting: bool) -> None:
    """SIGTERM: what was verified is finished with a word, what waited is told, within seconds.

    A button asks again once the bot is back; the answer takes that message.
    """
    script = Scripted(*THREE)
    script.hold = asyncio.Event()
    fake = FakeTelegram()
    async with start(Setup(fake, script, concurrent=1)) as bench:
        ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
        ana.say("Quoi ?")
        await fake.until(lambda: ana.private.shown)
        if waiting:
            bob.say("Quoi ?")
            await bench.fake.until(lambda: bench.context.runs.waiting == 1)
        begun = asyncio.get_running_loop().time()
        bench.ending.now()
        await bench.task
        assert asyncio.get_running_loop().time() - begun < 5
    (answer,) = ana.private.texts
    assert answer.startswith("Première phrase. [1]")
    assert "interrompue" in answer
    assert "Réponse rédigée par un programme" in answer
    assert "[1] Le pont de Brume rouvre" in answer
    assert ["interrompue" in text for text in bob.private.texts] == [True] * waiting
    script.hold.set()
    async with start(Setup(fake, script)) as bench:
        for person in (ana, *[bob] * waiting):
            person.click(person.private.shown[0], "Reposer la question")
            await fake.until(lambda: whole(person.private.shown[0]))  # noqa: B023
        await bench.idle()
    assert [len(person.private.shown) for person in (ana, bob)] == [1, int(waiting)]


async def test_a_crash_in_mid_answer_is_made_good(start: Start) -> None:
    """After a crash the next process finishes the same message: one whole answer, in one place."""
    fake, script = FakeTelegram(), Scripted(*THREE)
    script.hold = asyncio.Event()
    ana = Person(fake, "Ana")
    async with start(Setup(fake, script)) as bench:
        asked = ana.say("Quoi ?")
        await fake.until(lambda: ana.private.shown)
        memory = bench.context.memory
        (left,) = await memory.do(memory.store.pending)
        while not left.shown:
            (left,) = await memory.do(memory.store.pending)
        assert left.shown == ana.private.shown[0]["message_id"]
        # A stop finishes the message; what a crash leaves is put back as it was.
    async with start(Setup(fake, script)) as bench:
        await bench.context.memory.do(bench.context.memory.store.add_pending, left)
        await bench.context.memory.do(
            bench.context.memory.store.set_shown, ana.id, asked["message_id"], left.shown
        )
    script.hold.set()
    async with start(Setup(fake, script)) as bench:
        await bench.idle()
    (answer,) = ana.private.shown
    assert whole(answer)
    assert [s in answer["text"] for s in THREE] == [True] * 3


async def test_the_same_update_again_is_answered_once(start: Start) -> None:
    """Telegram repeats an update that it does not know to be received: one answer all the same."""
    fake = FakeTelegram()
    async with start(Setup(fake, Scripted())) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Quoi ?")
        fake.updates.push("message", asked)
        await bench.idle()
        fake.updates.push("message", asked)
        await bench.idle()
    async with start(Setup(fake, Scripted())) as bench:
        fake.updates.push("message", asked)
        await bench.idle()
    assert len(ana.private.shown) == 1
