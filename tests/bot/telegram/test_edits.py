"""An edited question: answered anew in the same message, once, and only the last one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.answering.request import Finished
from retrieval.vocabulary import Answer, Question, Statement, Status
from tests.bot.samples import citation
from tests.bot.telegram.bench import QUOTE, Scripted, Setup, in_group
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person
from tests.fake_telegram.world import Chat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.answering.request import Event, Request


class Echoing(Scripted):
    """A model that repeats the question."""

    def answer(self, question: str) -> Answer:
        """The question, as the answer, in two sentences."""
        cited = (citation(1, QUOTE),)
        said = (Statement(f"Réponse à {question}", cited), Statement("Et la suite.", cited))
        return Answer(Question(question), Status.ANSWERED, said)


class Endless(Echoing):
    """One that never ends its first answer."""

    async def events(self, request: Request) -> AsyncIterator[Event]:
        """Its sentences; then nothing, of the first."""
        async for event in super().events(request):
            if isinstance(event, Finished) and len(self.requests) == 1:
                await asyncio.Event().wait()
            yield event


class Slow(Scripted):
    """One that is still at work when its answer is whole, until it may go on."""

    def __init__(self) -> None:
        super().__init__("Oui.")
        self.may_end = asyncio.Event()

    async def events(self, request: Request) -> AsyncIterator[Event]:
        """Its sentences; then it waits."""
        async for event in super().events(request):
            yield event
        await self.may_end.wait()


def is_opened(chat: Chat) -> bool:
    """Whether a source is seen below two answers."""
    return len(chat.shown) == 3


async def test_an_edited_question_is_answered_anew_in_place(start: Start) -> None:
    """In private and in a group; the old answer is no part of the conversation any more."""
    script = Echoing()
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        for chat, before in ((ana.private, ""), (group, "/ask ")):
            asked = ana.say(f"{before}Qui a gagné en 2017 ?", chat)
            await bench.idle()
            ana.edit(asked, f"{before}Qui a gagné en 2018 ?")
            await bench.idle()
            (answer,) = chat.shown
            assert answer["text"].startswith("Réponse à Qui a gagné en 2018 ?")
            ana.say(f"{before}Et après ?", chat)
            await bench.idle()
            assert [turn.text for turn in script.requests[-1].turns][::2] == [
                "Qui a gagné en 2018 ?"
            ]
            ana.click(answer, "[1]")
            await setup.fake.until(partial(is_opened, chat))


async def test_the_answer_under_way_is_stopped(start: Start) -> None:
    """The first question gets no answer and no word; there is one message."""
    script, fake = Echoing(), FakeTelegram()
    script.hold = asyncio.Event()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Qui ?")
        await fake.until(lambda: ana.private.shown)
        ana.edit(asked, "Quand ?")
        await fake.until(lambda: len(script.requests) == 2)
        script.hold.set()
        await bench.idle()
        texts = [
            version["text"] for version in ana.private.versions[ana.private.shown[0]["message_id"]]
        ]
    assert len(ana.private.shown) == 1
    assert ana.private.texts[0].startswith("Réponse à Quand ?")
    assert not [text for text in texts if "interrompue" in text]
    assert script.finished == 1


async def test_the_parts_and_the_viewer_of_the_old_answer_go(start: Start) -> None:
    """Only the new answer is left of a long one."""
    script, fake = Scripted(*["Une phrase longue. " * 20] * 30), FakeTelegram()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Qui ?")
        await bench.idle()
        parts = len(ana.private.shown)
        ana.click(ana.private.shown[-1], "[1]")
        await fake.until(lambda: len(ana.private.shown) == parts + 1)
        script.sentences = ("Court.",)
        ana.edit(asked, "Quand ?")
        await bench.idle()
        await fake.until(lambda: len(ana.private.shown) == 1)
    assert parts > 1
    assert ana.private.texts[0].startswith("Court. [1]")


async def test_what_is_not_answered_anew(start: Start) -> None:
    """The same words, an earlier question, one of hours ago, one that was none."""
    script, fake = Echoing(), FakeTelegram()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        first = ana.say("Qui ?")
        await bench.idle()
        last = ana.say("Quand ?")
        await bench.idle()
        ana.edit(last, "Quand  ?")
        ana.edit(first, "Où ?")
        later = bench.context.now = lambda: datetime.now(UTC) + timedelta(hours=2)
        bench.context.running = later
        ana.edit(last, "Combien ?")
        await bench.idle()
    assert len(script.requests) == 2


async def test_an_answer_that_was_deleted_is_sent_anew(start: Start) -> None:
    """Its message is gone when the question is edited: the new answer gets one of its own."""
    script, fake = Echoing(), FakeTelegram()
    script.pause = 0.05  # the first part of the answer is shown before the whole of it
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Qui ?")
        await bench.idle()
        ana.delete(ana.private.shown[0])
        ana.edit(asked, "Quand ?")
        await bench.idle()
        await fake.until(lambda: ana.private.texts)
    (answer,) = ana.private.texts
    assert answer.startswith("Réponse à Quand ?")
    assert script.finished == 2


async def test_an_answer_that_was_deleted_while_it_was_written(start: Start) -> None:
    """Nothing more is said of it; the question, edited, is answered in a message of its own."""
    script, fake = Endless(), FakeTelegram()
    script.hold = asyncio.Event()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Qui ?")
        await fake.until(lambda: ana.private.shown)
        ana.delete(ana.private.shown[0])
        script.hold.set()
        await bench.idle()
        assert not ana.private.shown
        ana.edit(asked, "Quand ?")
        await bench.idle()
    (answer,) = ana.private.texts
    assert answer.startswith("Réponse à Quand ?")


async def test_who_asks_while_an_answer_ends_is_answered(start: Start) -> None:
    """What is whole was read: the next question waits for its place, and knows the answer."""
    script, fake = Slow(), FakeTelegram()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        ana.say("Qui ?")
        await fake.until(lambda: ana.private.shown)
        ana.say("Et quand ?")
        await fake.until(lambda: not fake.updates.pending)
        for _ in range(100):  # in which a handler that did not wait would have answered
            await asyncio.sleep(0)
        script.may_end.set()
        await bench.idle()
    assert all(text.startswith("Oui.") for text in ana.private.texts)
    assert [turn.text for turn in script.requests[1].turns] == ["Qui ?", "Oui. [1]"]


async def test_edits_are_counted_as_questions(start: Start) -> None:
    """Somebody who edits without end is stopped, told so once, and keeps the last answer."""
    script, fake = Echoing(), FakeTelegram()
    async with start(Setup(fake, script, per_minute=2)) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Un ?")
        await bench.idle()
        for text in ("Deux ?", "Trois ?", "Quatre ?"):
            ana.edit(asked, text)
            await bench.idle()
    answer, told = ana.private.texts
    assert answer.startswith("Réponse à Deux ?")
    assert "Attendez" in told


async def test_an_edit_is_answered_after_a_crash(start: Start) -> None:
    """The message of the answer is known from the moment at which the edit is taken."""
    script, fake = Echoing(), FakeTelegram()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        asked = ana.say("Qui ?")
        await bench.idle()
        script.hold = asyncio.Event()
        ana.edit(asked, "Quand ?")
        await fake.until(lambda: len(script.requests) == 2)
        memory = bench.context.memory
        (pending,) = await memory.do(memory.store.pending)
        script.hold.set()
        await bench.idle()
    assert (pending.question, pending.shown) == ("Quand ?", ana.private.shown[0]["message_id"])
