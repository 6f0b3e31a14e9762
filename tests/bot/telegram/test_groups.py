"""Groups: silent unless addressed, in the right thread, with what is replied to as context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.telegram.limits import Access
from retrieval.vocabulary import Answer, Question, Statement, Status
from tests.bot.samples import citation
from tests.bot.telegram.bench import BOT, QUOTE, Bench, Scripted, Setup, in_group
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import Chat


@pytest.mark.parametrize(
    "text",
    ["Qui a gagné ?", "kiosque_test_bot ?", f"x{BOT}", "/ask@other_bot Qui ?", "@other Qui ?"],
)
async def test_silent_unless_addressed(start: Start, text: str) -> None:
    """What is not for the bot gets no answer, no typing, nothing."""
    setup, group = in_group(Scripted())
    async with start(setup) as bench:
        Person(setup.fake, "Ana").say(text, group)
        await bench.idle()
    assert (group.shown, setup.fake.world.actions) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "/ask Qui a gagné ?",
        f"/ask{BOT} Qui a gagné ?",
        f"{BOT} Qui a gagné ?",
        f"Qui a gagné ? {BOT.upper()}",
    ],
)
async def test_addressed(start: Start, text: str) -> None:
    """``/ask`` and a mention, in any case and place, ask what is left of the message."""
    script = Scripted()
    setup, group = in_group(script)
    async with start(setup) as bench:
        asked = Person(setup.fake, "Ana").say(text, group, thread=77)
        await bench.idle()
    (answer,) = group.shown
    assert script.requests[0].text == "Qui a gagné ?"
    assert answer["message_thread_id"] == 77
    assert answer["reply_to_message"]["message_id"] == asked["message_id"]


async def test_a_reply_to_the_bot_goes_on(start: Start) -> None:
    """A reply to an answer is a question about it, whoever asked first."""
    script = Scripted("Le Fanal a gagné.")
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana, bob = Person(setup.fake, "Ana"), Person(setup.fake, "Bob")
        ana.say(f"{BOT} Qui a gagné ?", group)
        await bench.idle()
        bob.reply(group.shown[0], "Et en 2018 ?")
        await bench.idle()
    turns = script.requests[1].turns
    assert [turn.speaker for turn in turns] == ["user", "assistant"]
    assert turns[0].text == "Qui a gagné ?"


async def test_what_is_replied_to_is_context(start: Start) -> None:
    """A mention in a reply to somebody asks about their message; alone, it asks that message."""
    script = Scripted()
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana, bob = Person(setup.fake, "Ana"), Person(setup.fake, "Bob")
        said = ana.say("Le huit de Mirvolle a gagné le titre.", group)
        bob.reply(said, f"{BOT} c'était quand ?")
        await bench.idle()
        bob.reply(said, BOT)
        await bench.idle()
    assert [turn.text for turn in script.requests[0].turns] == [said["text"]]
    assert script.requests[1].text == said["text"]


async def test_people_and_threads_are_apart(start: Start) -> None:
    """A conversation is kept by chat, thread and user."""
    script = Scripted()
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana, bob = Person(setup.fake, "Ana"), Person(setup.fake, "Bob")
        for person, thread in ((ana, 7), (bob, 7), (ana, 8), (ana, 7)):
            person.say("/ask Qui ?", group, thread=thread)
            await bench.idle()
    assert [len(request.turns) for request in script.requests] == [0, 0, 0, 2]


async def test_edits_bots_and_our_own_inline_posts_are_ignored(start: Start) -> None:
    """Only new messages of people are answered."""
    setup, group = in_group(Scripted())
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        robot = Person(setup.fake, "Robot")
        robot.user["is_bot"] = True
        me = {"id": 8_000_000_001, "is_bot": True, "first_name": "Kiosque"}
        robot.say("/ask Qui ?", group)
        ana.say("/ask Qui ?", group, via_bot=me)
        ana.edit(ana.say("rien", group), "/ask Qui ?")
        await bench.idle()
    assert group.shown == []


async def test_groups_that_are_not_allowed_are_left(start: Start) -> None:
    """Brought to another group, the bot says why and goes; nothing is answered there."""
    fake = FakeTelegram()
    async with start(Setup(fake, Scripted())) as bench:
        ana, group = Person(fake, "Ana"), new_group(fake, "Ailleurs")
        ana.add_bot(group)
        await fake.until(lambda: group.left)
        assert str(group.id) in group.texts[0]
        old = new_group(fake, "Avant")
        ana.say("/ask Qui ?", old)
        await fake.until(lambda: old.left)
        await bench.idle()
    assert old.shown == []


async def test_a_group_is_told_that_a_program_answers(start: Start) -> None:
    """Brought to a group where it may answer, the bot says what it is: once, and it stays."""
    setup, group = in_group(Scripted())
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.add_bot(group)
        await setup.fake.until(lambda: group.texts)
        ana.promote_bot(group)
        ana.say("/ask Qui ?", group)
        await bench.idle()
    hello, answer = group.texts
    assert "Je suis un programme" in hello
    assert answer.startswith("Une phrase. [1]")
    assert not group.left


@asynccontextmanager
async def upgrading(start: Start, script: Scripted) -> AsyncIterator[tuple[Bench, Chat, Person]]:
    """A bot in a group that is about to become a supergroup, and its administrator."""
    fake = FakeTelegram()
    group = new_group(fake, "Rédaction", -777)
    admin = Person(fake, "Chef", id_=502)
    access = Access(admins=frozenset({admin.id}), chats=frozenset({group.id}))
    async with start(Setup(fake, script, access)) as bench:
        yield bench, group, admin


async def test_a_group_that_becomes_a_supergroup_goes_on(start: Start) -> None:
    """It is answered under its new number, the conversation goes on; the administrator learns it.

    After a restart too, though the settings have the old number.
    """
    script = Scripted()
    async with upgrading(start, script) as (bench, group, admin):
        ana = Person(bench.fake, "Ana")
        ana.say("/ask Qui ?", group)
        await bench.idle()
        (answer,) = group.shown
        new = ana.upgrade(group)
        ana.say("/ask Et en 2018 ?", new)
        await bench.idle()
        assert not new.left
        assert len(script.requests[1].turns) == 2
        ana.click(answer, "[1]")  # an old button opens its source in the supergroup
        await bench.fake.until(lambda: len(new.shown) == 2)
        ana.click(new.shown[1], "Fermer")
        await bench.fake.until(lambda: len(new.shown) == 1)
        await bench.fake.until(lambda: admin.private.texts)
        assert str(new.id) in admin.private.texts[0]
    access = Access(admins=frozenset({admin.id}), chats=frozenset({group.id}))
    async with start(Setup(bench.fake, script, access)) as again:
        ana.say("/ask Et après ?", new)
        await again.idle()
    assert len(script.requests[2].turns) == 4
    assert (len(new.shown), len(admin.private.texts)) == (2, 1)


async def test_the_updates_of_a_supergroup(start: Start) -> None:
    """As Telegram sends them, with any number."""
    async with upgrading(start, Scripted()) as (bench, group, admin):
        new = new_group(bench.fake, group.title, -100_888)
        group.upgrade(new.id)
        ana = Person(bench.fake, "Ana", id_=901)
        ana.send(group, migrate_to_chat_id=new.id)
        ana.send(new, migrate_from_chat_id=group.id)
        ana.say("/ask Combien coûte une baguette ?", new)
        await bench.idle()
        await bench.fake.until(lambda: admin.private.texts)
    assert (len(new.shown), new.left, len(admin.private.texts)) == (1, False, 1)


@pytest.mark.parametrize("brought", [True, False])
async def test_a_supergroup_that_nobody_told_of(start: Start, brought: bool) -> None:
    """What it was is asked of Telegram before it is left; another group is left all the same."""
    async with upgrading(start, Scripted()) as (bench, group, admin):
        ana = Person(bench.fake, "Ana")
        new = ana.upgrade(group, told=False)
        if brought:
            ana.add_bot(new)
            await bench.fake.until(lambda: admin.private.texts)
        ana.say("/ask Qui ?", new)
        await bench.idle()
        other = new_group(bench.fake, "Ailleurs")
        ana.say("/ask Qui ?", other)
        await bench.fake.until(lambda: other.left)
    assert (len(new.shown), new.left, len(admin.private.texts)) == (1, False, 1)


async def test_a_group_upgraded_in_mid_answer(start: Start) -> None:
    """Its answer stands in the supergroup, its buttons work, and the conversation goes on."""
    script = Scripted("Une phrase.", "Une autre.")
    script.hold = asyncio.Event()
    async with upgrading(start, script) as (bench, group, admin):
        ana = Person(bench.fake, "Ana")
        ana.say("/ask Qui ?", group)
        await bench.fake.until(lambda: group.shown)
        new = ana.upgrade(group)
        script.hold.set()
        await bench.idle()
        (answer,) = new.shown
        ana.click(answer, "[1]")
        await bench.fake.until(lambda: len(new.shown) == 2)
        ana.reply(answer, "Et en 2018 ?")
        await bench.idle()
        await bench.fake.until(lambda: admin.private.texts)
    assert len(script.requests[1].turns) == 2


async def test_a_group_of_others_that_is_upgraded(start: Start) -> None:
    """Nobody is told of it, and the bot does not stay there."""
    async with upgrading(start, Scripted()) as (bench, _, admin):
        other = new_group(bench.fake, "Ailleurs", -778)
        ana = Person(bench.fake, "Ana")
        new = ana.upgrade(other)
        ana.say("/ask Qui ?", new)
        await bench.fake.until(lambda: new.left)
    assert admin.private.texts == []


class Echo(Scripted):
    """A model that repeats the question."""

    def answer(self, question: str) -> Answer:
        """The question, as the answer."""
        said = (Statement(f"Réponse à {question}", (citation(1, QUOTE),)),)
        return Answer(Question(question), Status.ANSWERED, said)


async def test_two_lost_replies_are_not_edited_into_each_other(start: Start) -> None:
    """When the replies to two sends are lost at once, each answer stays under its question."""
    setup, group = in_group(Echo())
    setup.fake.faults.add(Kind.LOST_REPLY, "sendMessage", times=2)
    # Who looks again takes the message that the other has found, without care.
    setup.fake.faults.add(
        Kind.CUT, "editMessageText", when=lambda args: "Deux" in (args.text("text") or "")
    )
    async with start(setup) as bench:
        asked = [
            Person(setup.fake, name).say(f"/ask {question} ?", group)
            for name, question in (("Ana", "Un"), ("Bob", "Deux"))
        ]
        await bench.idle(30)
    replied = {m["reply_to_message"]["message_id"]: m["text"] for m in group.shown}
    assert len(group.shown) == 2
    for question, message in zip(("Un", "Deux"), asked, strict=True):
        assert f"Réponse à {question} ?" in replied[message["message_id"]]


async def test_the_operator_words_what_the_bot_is(start: Start) -> None:
    """What the settings say of it stands in the first message to a group, and at /start."""
    setup, group = in_group(Scripted())
    async with start(setup) as bench:
        bench.context.disclosure = "Je suis la machine du Fanal."
        ana = Person(setup.fake, "Ana")
        ana.add_bot(group)
        ana.say("/start")
        await setup.fake.until(lambda: group.texts and ana.private.texts)
    for text in (*group.texts, *ana.private.texts):
        assert text.startswith("Bonjour\xa0! Je suis la machine du Fanal. ")
