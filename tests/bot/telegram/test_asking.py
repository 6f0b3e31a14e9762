"""Asking in private: from a question to the whole answer, exactly once, whatever fails."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.telegram.context import RunningClock
from bot.telegram.limits import Budget
from tests.bot.telegram.bench import QUICK, THREE, Scripted, Setup, labels, whole
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.floods import Limits
from tests.fake_telegram.people import Person, buttons


async def test_question_to_answer_with_buttons(start: Start) -> None:
    """The reader sees typing, then one reply with the sentence, its source and date, buttons."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        asked = ana.say("Combien de stations aura la ligne T2 ?")
        await bench.idle()
    (answer,) = ana.private.shown
    assert (ana.id, "typing") in bench.fake.world.actions
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]
    assert "[1] " in answer["text"]
    assert "Le Courrier de Vaubrelles, 12 octobre 2016" in answer["text"]
    assert labels(answer)[0] == "[1]"
    assert labels(answer)[-3:] == ["👍", "👎", "🔔 Suivre"]


async def test_an_answer_grows_in_one_message(start: Start) -> None:
    """The first sentence appears at once, the others by edits; the keyboard comes with the end."""
    script = Scripted(*THREE, pause=0.15)
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Quoi ?")
        await bench.idle()
    (answer,) = ana.private.shown
    versions = ana.private.versions[answer["message_id"]]
    assert versions[0]["text"].startswith("Première phrase. [1]")
    assert "Deuxième" not in versions[0]["text"]
    assert all(not buttons(version) for version in versions[:-1])
    assert [s in answer["text"] for s in THREE] == [True] * 3
    assert whole(answer)


@pytest.mark.parametrize(
    "kind", [Kind.LOST_REPLY, Kind.LATE_REPLY, Kind.CUT, Kind.HANG, Kind.BAD_GATEWAY]
)
@pytest.mark.parametrize("pause", [0.0, 0.15])
async def test_a_lost_first_send_is_neither_lost_nor_repeated(
    start: Start, kind: Kind, pause: float
) -> None:
    """Whether the message was made or not before the connection broke: one whole answer."""
    async with start(Setup(script=Scripted(*THREE, pause=pause))) as bench:
        ana = Person(bench.fake, "Ana")
        bench.fake.faults.add(kind, "sendMessage")
        ana.say("Quoi ?")
        await bench.idle()
    (answer,) = ana.private.shown
    assert [s in answer["text"] for s in THREE] == [True] * 3
    assert whole(answer)


@pytest.mark.parametrize("kind", [Kind.LOST_REPLY, Kind.CUT, Kind.BAD_GATEWAY])
async def test_a_lost_edit_is_made_again(start: Start, kind: Kind) -> None:
    """Edits say the same when they are made twice: the last lands."""
    async with start(Setup(script=Scripted(*THREE, pause=0.15))) as bench:
        ana = Person(bench.fake, "Ana")
        bench.fake.faults.add(kind, "editMessageText", times=3)
        ana.say("Quoi ?")
        await bench.idle()
    (answer,) = ana.private.shown
    assert whole(answer)


async def test_floods_in_mid_answer_and_on_the_last_edit(start: Start) -> None:
    """429 on edits: silence until the time is over, then the same message has all of it."""
    async with start(Setup(script=Scripted(*THREE, pause=0.15))) as bench:
        ana = Person(bench.fake, "Ana")
        bench.fake.faults.add(Kind.FLOOD, "editMessageText", times=2)
        ana.say("Quoi ?")
        await bench.idle()
        refused = bench.fake.made("editMessageText", refused=True)
    (answer,) = ana.private.shown
    assert len(refused) == 2
    assert whole(answer)


async def test_one_flood_stops_one_chat(start: Start) -> None:
    """A chat that must wait keeps no other waiting."""
    async with start(Setup(script=Scripted("Oui."))) as bench:
        ana, bob = Person(bench.fake, "Ana"), Person(bench.fake, "Bob")
        bench.fake.faults.add(Kind.FLOOD, "sendMessage", retry_after=2)
        ana.say("Quoi ?")
        await bench.fake.until(lambda: bench.fake.made("sendMessage", refused=True))
        bob.say("Quoi ?")
        await bench.fake.until(lambda: bob.private.shown, 1.0)
        assert ana.private.shown == []
        await bench.idle()
    assert [whole(p.private.shown[0]) for p in (ana, bob)] == [True, True]


async def test_telegrams_own_limits_are_kept(start: Start) -> None:
    """With the limits of Telegram and our budget, nothing is refused and all is answered."""
    fake = FakeTelegram(Limits())
    setup = Setup(fake, Scripted(*THREE, pause=0.3), budget=Budget())
    async with start(setup) as bench:
        people = [Person(fake, f"P{n}") for n in range(5)]
        for person in people:
            person.say("Quoi ?")
        await bench.idle(20)
    assert all(len(p.private.shown) == 1 and whole(p.private.shown[0]) for p in people)
    assert [c for c in fake.calls if c.refused] == []


async def test_deleted_in_mid_answer(start: Start) -> None:
    """Who deletes a growing answer does not want it: the model is stopped, nothing more comes."""
    script = Scripted(*THREE, pause=0.3)
    script.hold = asyncio.Event()
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Quoi ?")
        await bench.fake.until(lambda: ana.private.shown)
        ana.delete(ana.private.shown[0])
        await asyncio.sleep(0.05)
        script.hold.set()
        await bench.idle()
        assert script.finished == 0
    assert ana.private.shown == []


async def test_blocked_in_mid_answer(start: Start) -> None:
    """Who blocks the bot ends the answer: the model stops and nothing is sent."""
    script = Scripted(*THREE)
    script.hold = asyncio.Event()
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Quoi ?")
        await bench.fake.until(lambda: ana.private.shown)
        ana.block()
        await bench.idle()
        assert script.finished == 0


async def test_refused_html_is_sent_plain(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """When Telegram cannot read the marks, the reader gets the words all the same, and we a log."""
    async with start(Setup(script=Scripted("a & b < c"))) as bench:
        ana = Person(bench.fake, "Ana")
        for method in ("sendMessage", "editMessageText"):
            bench.fake.faults.add(Kind.UNREADABLE, method, times=9)
        ana.say("Quoi ?")
        await bench.idle()
    (answer,) = ana.private.shown
    assert answer["text"].startswith("a & b < c [1]")
    assert "entities" not in answer
    assert whole(answer)
    assert "HTML of an answer was refused" in caplog.text


async def test_hostile_model_output_is_shown_as_it_is(start: Start) -> None:
    """Tags, bare ampersands and links of a model are text: only our own marks are marks."""
    fake = FakeTelegram()
    async with start(
        Setup(fake, Scripted("<b", "a & b </i>", "[x](javascript:alert(1))"))
    ) as bench:
        ana = Person(fake, "Ana")
        ana.say("Quoi ?")
        await bench.idle()
    (answer,) = ana.private.shown
    assert "<b [1]" in answer["text"]
    assert "a & b </i> [1]" in answer["text"]
    bold = [e for e in answer["entities"] if e["type"] == "bold"]
    assert {e["length"] for e in bold} == {len("[1]")}
    (italic,) = (e for e in answer["entities"] if e not in bold)
    assert answer["text"][italic["offset"] :].startswith("Réponse rédigée par un programme")


async def test_long_answers_are_split(start: Start) -> None:
    """Parts close their tags, cut no emoji; the reply is on the first, the buttons on the last."""
    sentence = "👩‍👩‍👧 " * 700
    async with start(Setup(script=Scripted(sentence, sentence, "Fin."))) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Quoi ?")
        await bench.idle()
    parts = ana.private.shown
    assert len(parts) > 1
    assert [("reply_to_message" in p) for p in parts] == [True] + [False] * (len(parts) - 1)
    assert [whole(p) for p in parts] == [False] * (len(parts) - 1) + [True]
    assert "".join(p["text"] for p in parts).count("👩‍👩‍👧") == 1400


async def test_two_questions_at_once_of_one_user(start: Start) -> None:
    """One answer at a time for each: the second question is told so, /stop ends the first."""
    script = Scripted(*THREE)
    script.hold = asyncio.Event()
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Un ?")
        await bench.fake.until(lambda: ana.private.shown)
        ana.say("Deux ?")
        await bench.fake.until(lambda: len(ana.private.shown) == 2)
        assert "/stop" in ana.private.texts[1]
        ana.say("/stop")
        await bench.idle()
    assert ana.private.texts[0].startswith("Première phrase. [1]")
    assert "interrompue" in ana.private.texts[0]
    assert len(script.requests) == 1


async def test_many_readers_are_answered_together(start: Start) -> None:
    """Fifty chats, eight at a time: all answered, none twice, none lost."""
    script = Scripted("Oui.", pause=0.1)
    async with start(Setup(script=script, queue=60)) as bench:
        people = [Person(bench.fake, f"P{n}") for n in range(50)]
        for person in people:
            person.say(f"Question de {person.id} ?")
        await bench.idle(20)
    assert all(len(p.private.shown) == 1 and whole(p.private.shown[0]) for p in people)


async def test_limits_of_a_user(start: Start) -> None:
    """So many questions a minute: the next is refused once, with the time to wait."""
    async with start(Setup(script=Scripted(), per_minute=2)) as bench:
        ana = Person(bench.fake, "Ana")
        for n in range(5):
            ana.say(f"Question {n} ?")
            await bench.idle()
    assert [whole(m) for m in ana.private.shown] == [True, True, False]
    assert "Attendez" in ana.private.texts[2]


async def test_a_full_queue_says_so(start: Start) -> None:
    """Beyond the places and the queue, a question is refused with a sentence."""
    script = Scripted()
    script.hold = asyncio.Event()
    async with start(Setup(script=script, concurrent=1, queue=1)) as bench:
        people = [Person(bench.fake, f"P{n}") for n in range(3)]
        for person in people:
            person.say("Quoi ?")
            await bench.fake.until(lambda: not bench.fake.updates.pending)
            await asyncio.sleep(0.05)
        assert "Trop de questions" in people[2].private.texts[0]
        script.hold.set()
        await bench.idle()
    assert [whole(p.private.shown[-1]) for p in people] == [True, True, False]


async def test_old_messages_get_an_apology_once(start: Start) -> None:
    """After a time away, old questions get one apology a chat and no flood of answers."""
    fake = FakeTelegram()
    fake.world.wall_clock = lambda: 1_600_000_000.0
    async with start(Setup(fake, Scripted(), times=QUICK)) as bench:
        ana = Person(fake, "Ana")
        for n in range(4):
            ana.say(f"Question {n} ?")
        await bench.idle()
    (apology,) = ana.private.texts
    assert "absent" in apology


@pytest.mark.parametrize("days", [-1, 1, 400])
async def test_a_clock_that_is_set_changes_nothing_for_readers(start: Start, days: int) -> None:
    """A day forward, a year or a day back: who asks is answered, and the conversation goes on."""
    fake, script = FakeTelegram(), Scripted()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        ana.say("Qui a gagné ?")
        await bench.idle()
        bench.context.now = lambda: datetime.now(UTC) + timedelta(days=days)
        ana.say("Et en 2018 ?")
        await bench.idle()
    assert [whole(message) for message in ana.private.shown] == [True, True]
    assert [turn.text for turn in script.requests[1].turns][:1] == ["Qui a gagné ?"]


def test_the_time_runs_on_whatever_the_clock_says() -> None:
    """It is the time of the start and what has passed since."""
    elapsed = [100.0]
    clock = RunningClock(lambda: elapsed[0])
    begun = clock()
    elapsed[0] += 3_600.0
    assert clock() - begun == timedelta(hours=1)


async def test_a_question_is_not_lost_when_telegram_is_flooded_at_the_end(start: Start) -> None:
    """429 on the only send: waited for, then sent, once."""
    async with start(Setup(script=Scripted("Oui."))) as bench:
        ana = Person(bench.fake, "Ana")
        bench.fake.faults.add(Kind.FLOOD, "sendMessage", times=2)
        ana.say("Quoi ?")
        await bench.idle()
    assert len(ana.private.shown) == 1
    assert whole(ana.private.shown[0])


async def test_who_has_read_an_answer_may_ask_at_once(start: Start) -> None:
    """The message may be seen before the bot knows that it is: the next question waits for that."""
    fake = FakeTelegram()
    for method in ("sendMessage", "editMessageText"):
        fake.faults.add(Kind.LOST_REPLY, method, when=lambda a: "v1:u:" in a.text("reply_markup"))
    async with start(Setup(fake, Scripted())) as bench:
        ana = Person(fake, "Ana")
        ana.say("Qui ?")
        await fake.until(lambda: whole(ana.private.shown[0]) if ana.private.shown else False)
        assert bench.context.runs.count == 1
        ana.say("Et quand ?")
        await bench.idle()
    assert [whole(message) for message in ana.private.shown] == [True, True]
