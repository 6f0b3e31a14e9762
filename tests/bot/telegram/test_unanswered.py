"""Answers that a stop left unfinished: their readers are told once, and may ask again."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.memory.store import Store
from bot.memory.unanswered import UnansweredQuestions
from bot.memory.updates import UpdateStore
from bot.memory.values import PendingQuestion, Place
from bot.telegram.limits import Access
from tests.bot.telegram.bench import THREE, Bench, Scripted, Setup, labels, whole
from tests.bot.telegram.conftest import Start
from tests.bot.telegram.test_edits import Echoing
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import Chat, Message

STOPPED = "J’ai été interrompu avant d’avoir fini de répondre."
AGAIN = "Reposer la question"


def left(path: Path, asked: Message, shown: int = 0, minutes: int = 10, begun: int = 0) -> None:
    """A kill has cut an answer off so many minutes ago; ``shown`` is its half-written message."""
    place = Place(asked["chat"]["id"], 0, asked["from"]["id"])
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    with Store(path / "bot.db") as store:
        number = asked["message_id"]
        store.add_pending(PendingQuestion(place, number, at, asked["text"], shown, begun))


async def half_written(fake: FakeTelegram, person: Person) -> int:
    """The message of an answer that was cut off."""
    said = {"chat_id": str(person.id), "text": "Première phrase. [1]\n…"}
    await fake.dispatch("sendMessage", said)
    return int(person.private.shown[0]["message_id"])


def asked_in(fake: FakeTelegram, person: Person, chat: Chat | None = None) -> Message:
    """A question that Telegram has delivered."""
    asked = person.say("Quoi ?", chat)
    fake.updates.pending.clear()
    return asked


async def settled(bench: Bench) -> None:
    """Wait until every question is answered, or told to be unanswered."""
    memory = bench.context.memory
    await bench.idle()
    while await memory.do(memory.store.pending):  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)


@pytest.mark.parametrize("shown", [True, False])
async def test_an_answer_that_is_not_finished_is_told_of_once(
    start: Start, tmp_path: Path, shown: bool
) -> None:
    """By its half-written message, else by a reply, through a flood and a lost reply.

    Further starts say nothing; the message that asked, given again, is not apologised for.
    """
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    asked = asked_in(fake, ana)
    left(tmp_path, asked, await half_written(fake, ana) if shown else 0)
    method = "editMessageText" if shown else "sendMessage"
    fake.faults.add(Kind.FLOOD, method)
    fake.faults.add(Kind.LOST_REPLY, method)
    for _ in range(2):
        async with start(Setup(fake)) as bench:
            ana.again(asked | {"date": asked["date"] - 600})
            await settled(bench)
    (told,) = ana.private.shown
    assert told["text"].startswith(STOPPED)
    assert labels(told) == [AGAIN]


async def test_a_button_asks_again(start: Start, tmp_path: Path) -> None:
    """The answer takes the place of the message that told of it; the button works once."""
    fake, script = FakeTelegram(), Scripted(*THREE)
    ana = Person(fake, "Ana")
    left(tmp_path, asked_in(fake, ana), await half_written(fake, ana))
    async with start(Setup(fake, script)) as bench:
        await settled(bench)
        told = dict(ana.private.shown[0])
        clicks = [ana.click(told, AGAIN) for _ in range(2)]
        await fake.until(lambda: all(click.answers for click in clicks))
        await bench.idle()
    (answer,) = ana.private.shown
    assert whole(answer)
    assert answer["message_id"] == told["message_id"]
    assert [request.text for request in script.requests] == ["Quoi ?"]
    assert "Ce bouton ne sert plus." in [one for click in clicks for one in click.answers]


async def test_an_edit_asks_otherwise(start: Start, tmp_path: Path) -> None:
    """A question that was told to be unanswered is answered as it is worded now, in that message.

    The button was of its earlier words.
    """
    fake, script = FakeTelegram(), Echoing()
    ana = Person(fake, "Ana")
    asked = asked_in(fake, ana)
    left(tmp_path, asked, await half_written(fake, ana))
    async with start(Setup(fake, script)) as bench:
        await settled(bench)
        told = dict(ana.private.shown[0])
        ana.edit(asked, "Quand ?")
        await fake.until(lambda: whole(ana.private.shown[0]))
        await bench.idle()
        click = ana.click(told, AGAIN)
        await fake.until(lambda: click.answers)
    (answer,) = ana.private.shown
    assert answer["text"].startswith("Réponse à Quand ?")
    assert click.answers == ["Ce bouton ne sert plus."]


async def test_nobody_else_asks_again(start: Start, tmp_path: Path) -> None:
    """In a group, only who asked; and not while another of their questions is answered."""
    fake, script = FakeTelegram(), Scripted()
    group = new_group(fake, "Rédaction")
    ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
    setup = Setup(fake, script, Access(chats=frozenset({group.id})))
    left(tmp_path, asked_in(fake, ana, group))
    async with start(setup) as bench:
        await settled(bench)
        click = bob.click(group.shown[0], AGAIN)
        await fake.until(lambda: click.answers)
        assert click.answers == ["Seule la personne qui a posé cette question peut le faire."]
        script.hold = asyncio.Event()
        ana.say("Autre ?")
        await fake.until(lambda: ana.private.shown)
        busy = ana.click(group.shown[0], AGAIN)
        await fake.until(lambda: busy.answers)
        script.hold.set()
        await bench.idle()
        assert "encore à votre question précédente" in busy.answers[0]
        ana.click(group.shown[0], AGAIN)
        await fake.until(lambda: whole(group.shown[0]))


async def test_what_telegram_did_not_take_is_answered_at_the_next_start(start: Start) -> None:
    """A flood that lasts longer than anybody waits leaves no half-written message for ever."""
    fake, script = FakeTelegram(), Scripted(*THREE, pause=0.05)
    ana = Person(fake, "Ana")
    async with start(Setup(fake, script)) as bench:
        fake.faults.add(Kind.FLOOD, "editMessageText", retry_after=5_000)
        ana.say("Quoi ?")
        await bench.idle()
        assert not whole(ana.private.shown[0])
    async with start(Setup(fake, script)) as bench:
        await bench.idle()
    (answer,) = ana.private.shown
    assert whole(answer)


async def test_an_edit_that_finds_no_place_is_told_of(start: Start) -> None:
    """The answer of the question as it was is gone: its message is not left half written."""
    fake, script = FakeTelegram(), Echoing()
    async with start(Setup(fake, script, concurrent=1, queue=0)) as bench:
        ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
        asked = ana.say("Qui ?")
        await bench.idle()
        script.hold = asyncio.Event()
        bob.say("Où ?")
        await fake.until(lambda: len(script.requests) == 2)
        ana.edit(asked, "Quand ?")
        await fake.until(lambda: labels(ana.private.shown[0]) == [AGAIN])
        script.hold.set()
        await bench.idle()
        ana.click(ana.private.shown[0], AGAIN)
        await fake.until(lambda: whole(ana.private.shown[0]))
    assert ana.private.texts[0].startswith("Réponse à Quand ?")


async def test_a_bot_that_ends_leaves_it_to_the_next_start(start: Start) -> None:
    """An edit that the end overtakes begins nothing that the end would wait for."""
    fake, script = FakeTelegram(), Echoing()
    ana = Person(fake, "Ana")
    async with start(Setup(fake, script)) as bench:
        asked = ana.say("Qui ?")
        await bench.idle()
        bench.context.runs.closing = True
        ana.edit(asked, "Quand ?")
        memory = bench.context.memory
        while not await memory.do(memory.store.pending):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        await memory.do(lambda: None)
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert "telling of an answer that is not whole" not in names
    async with start(Setup(fake, script)) as bench:
        await bench.idle()
    (said,) = ana.private.texts
    assert said.startswith("Réponse à Quand ?")


async def test_a_question_that_kills_is_not_begun_for_ever(start: Start, tmp_path: Path) -> None:
    """Each start counts; after three its reader is told, without a button."""
    fake, script = FakeTelegram(), Scripted(*THREE)
    ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
    left(tmp_path, asked_in(fake, ana), minutes=0, begun=3)
    left(tmp_path, asked_in(fake, bob), minutes=0, begun=2)
    script.hold = asyncio.Event()
    async with start(Setup(fake, script)) as bench:
        await fake.until(lambda: bob.private.shown and ana.private.shown)
        memory = bench.context.memory
        (under_way,) = await memory.do(memory.store.pending)
        assert (under_way.place.user, under_way.begun) == (bob.id, 3)
        script.hold.set()
        await settled(bench)
    assert "plusieurs fois" in ana.private.texts[0]
    assert labels(ana.private.shown[0]) == []
    assert whole(bob.private.shown[0])
    assert len(script.requests) == 1


async def test_what_every_worker_died_of_is_told(start: Start) -> None:
    """What somebody wrote in private is not given up without a word."""
    fake, script = FakeTelegram(), Scripted()
    async with start(Setup(fake, script, worker=2)) as bench:
        ana, memory = Person(fake, "Ana"), bench.context.memory
        update = {"update_id": 900, "message": asked_in(fake, ana)}
        updates = UpdateStore(memory.store)

        def died() -> None:
            updates.put(900, ana.id, json.dumps(update))
            updates.take(5, 8)
            memory.store.rows("UPDATE updates SET tries = 3")
            assert updates.give_back(5) == 1

        await memory.do(died)
        bench.line.send(b"\n")
        await fake.until(lambda: ana.private.shown)
    assert "plusieurs fois" in ana.private.texts[0]
    assert script.requests == []


def test_what_is_unanswered_is_forgotten(tmp_path: Path) -> None:
    """With all that somebody asked, at their word; and once it is older than is kept."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    with Store(tmp_path / "bot.db") as store:
        unanswered = UnansweredQuestions(store)
        for user in (1, 2, 3):
            asked = PendingQuestion(Place(user, 0, user), 7, at + timedelta(days=user), "Quoi ?")
            store.add_pending(asked)
            if user == 3:
                store.forget(user)  # while it is told
            unanswered.leave(asked, user, 8)
        store.forget_before(at + timedelta(days=1.5))
        assert [unanswered.knows(user, 7) for user in (1, 2, 3)] == [False, True, False]
        store.forget(2)
        assert unanswered.told_in(2, 8) is None
