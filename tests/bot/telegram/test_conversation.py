"""Conversations and commands: what is remembered, chosen, listed, forgotten."""

from __future__ import annotations

import base64

import pytest

from bot.telegram.commands import set_menus
from bot.telegram.limits import Access
from tests.bot.telegram.bench import Bench, Scripted, Setup, labels, whole
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person


async def said(bench: Bench, person: Person, text: str) -> str:
    """What the bot says to a message."""
    before = len(person.private.shown)
    person.say(text)
    await bench.fake.until(lambda: len(person.private.shown) > before)
    await bench.idle()
    return person.private.texts[-1]


async def test_a_follow_up_keeps_its_subject(start: Start) -> None:
    """A second question leans on the first, with the real archive."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        await said(bench, ana, "Combien de stations aura la ligne T2 ?")
        follow_up = await said(bench, ana, "Et combien de kilomètres ?")
        thanks = await said(bench, ana, "Merci")
        await said(bench, ana, "/new")
        alone = await said(bench, ana, "Et combien de kilomètres ?")
    assert "9,8 km" in follow_up
    assert "9,8 km" not in alone
    assert "Compris comme" not in thanks


async def test_a_greeting_is_answered_in_its_language(start: Start) -> None:
    """Who says "hello" reads English, unless they chose French."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        english, french = await said(bench, ana, "Hello!"), await said(bench, ana, "Bonjour !")
        await bench.context.memory.do(bench.context.memory.store.set_language, ana.id, "fr")
        chosen = await said(bench, ana, "Hello!")
    assert chosen == french
    assert english != french


async def test_memory_outlives_a_restart(start: Start) -> None:
    """The turns are in our database: the next process goes on with the conversation."""
    fake, script = FakeTelegram(), Scripted("Oui.")
    ana = Person(fake, "Ana")
    for text in ("Un ?", "Deux ?"):
        async with start(Setup(fake, script)) as bench:
            await said(bench, ana, text)
    assert [turn.text for turn in script.requests[1].turns] == ["Un ?", "Oui. [1]"]


async def test_start_and_deep_links(start: Start) -> None:
    """/start welcomes; a link that carries a question asks it; one that carries none welcomes."""
    script = Scripted("Oui.")
    link = base64.urlsafe_b64encode(b"Qui dirige le CHU ?").decode().rstrip("=")
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        assert "Bonjour" in await said(bench, ana, "/start")
        assert "Bonjour" in await said(bench, ana, "/start %%%")
        assert "Oui. [1]" in await said(bench, ana, f"/start {link}")
    assert [request.text for request in script.requests] == ["Qui dirige le CHU ?"]


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (("/aide", "/help"), "/nouveau"),
        (("/nouveau", "/new"), "autre chose"),
        (("/articles",), "L’archive contient 14 articles"),
        (("/oublie", "/forget"), "oublié"),
        (("/langue", "/language"), "quelle langue"),
        (("/sources",), "Aucune réponse récente"),
        (("/stop", "/arret"), "Aucune réponse n’est en cours"),
        (("/ask", "/demander"), "Posez une question"),
        (("/blabla",), "/aide"),
        (("/status", "/statut"), "administrateurs"),
    ],
)
async def test_commands_in_both_languages(
    start: Start, commands: tuple[str, ...], words: str
) -> None:
    """Each command answers to its French and its English name."""
    async with start(Setup(script=Scripted())) as bench:
        ana = Person(bench.fake, "Ana")
        for command in commands:
            assert words in await said(bench, ana, command)


async def test_sources_again(start: Start) -> None:
    """/sources shows where the last answer came from, with its buttons."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        await said(bench, ana, "Combien de stations aura la ligne T2 ?")
        await said(bench, ana, "Bonjour")
        listed = await said(bench, ana, "/sources")
    assert listed.startswith("Sources\n[1] Tramway")
    assert labels(ana.private.shown[-1])[0] == "[1]"


async def test_language(start: Start) -> None:
    """English for an English Telegram; what is chosen wins, by word or by button."""
    async with start(Setup(script=Scripted())) as bench:
        bob = Person(bench.fake, "Bob", language="en-GB")
        assert "Hello" in await said(bench, bob, "/start")
        assert "français" in await said(bench, bob, "/langue fr")
        assert "Bonjour" in await said(bench, bob, "/start")
        await said(bench, bob, "/langue")
        click = bob.click(bob.private.shown[-1], "English")
        await bench.fake.until(lambda: click.answers)
        assert "Hello" in await said(bench, bob, "/start")


async def test_refusals_speak_the_language_of_the_question(start: Start) -> None:
    """An English question that has no answer is refused in English, with what the archive has."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        refusal = await said(bench, ana, "How old is the mayor of Chicago?")
    assert "The archive holds 14 articles" in refusal
    assert labels(ana.private.shown[0]) == ["🔔 Follow"]


async def test_forget_deletes_all_of_a_user(start: Start) -> None:
    """After /oublie nothing of the user is left, and others keep theirs."""
    async with start(Setup(script=Scripted())) as bench:
        ana, bob = Person(bench.fake, "Ana"), Person(bench.fake, "Bob")
        for person in (ana, bob):
            await said(bench, person, "Un ?")
            await said(bench, person, "/langue fr")
            person.click(person.private.shown[0], "👍")
        await bench.idle()
        assert "1 question effacée" in await said(bench, ana, "/oublie")
        store = bench.context.memory.store
        votes = await bench.context.memory.do(store.votes)
        assert await bench.context.memory.do(store.language, ana.id) is None
        assert await bench.context.memory.do(store.language, bob.id) == "fr"
    assert [vote.user for vote in votes] == [bob.id]


async def test_only_those_on_the_list(start: Start) -> None:
    """Others are told once, with their number; clicks and commands do nothing for them."""
    script = Scripted()
    access = Access(users=frozenset({501}), admins=frozenset({502}))
    async with start(Setup(script=script, access=access)) as bench:
        fake = bench.fake
        ana, chief = Person(fake, "Ana", id_=501), Person(fake, "Chef", id_=502)
        eve = Person(fake, "Ève")
        for text in ("Un ?", "Deux ?", "/articles"):
            eve.say(text)
        for person in (ana, chief):
            await said(bench, person, "Un ?")
        await bench.idle()
    assert len(eve.private.texts) == 1
    assert str(eve.id) in eve.private.texts[0]
    assert whole(ana.private.shown[0])
    assert whole(chief.private.shown[0])
    assert len(script.requests) == 2


async def test_status_is_for_admins(start: Start) -> None:
    """An administrator sees the archive, the index, the queue, the times, the versions."""
    async with start(Setup(access=Access(admins=frozenset({502})))) as bench:
        chief = Person(bench.fake, "Chef", id_=502)
        status = await said(bench, chief, "/status")
    assert "14 articles" in status
    assert "python-telegram-bot 22." in status
    assert "Index" in status
    assert "Messages vocaux : non" in status.replace("\u00a0", " ")


async def test_menus(start: Start) -> None:
    """Each scope lists its commands in both languages; an admin's waits for their /start."""
    access = Access(admins=frozenset({502}))
    async with start(Setup(script=Scripted(), access=access)) as bench:
        fake = bench.fake
        chief = Person(fake, "Chef", id_=502, started=False)
        await set_menus(bench.context.bot, [502], "fr")
        listed = fake.world.commands
        assert "nouveau" in [c["command"] for c in listed["all_private_chats"]]
        assert "new" in [c["command"] for c in listed["all_private_chats/en"]]
        assert "langue" not in [c["command"] for c in listed["all_group_chats"]]
        assert "chat 502" not in listed
        await said(bench, chief, "/start")
        await fake.until(lambda: "chat 502/en" in listed)
    assert {"status", "ajouter", "annuler"} <= {c["command"] for c in listed["chat 502"]}
    assert {"add", "rollback"} <= {c["command"] for c in listed["chat 502/en"]}


async def test_errors_have_a_reference(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """When something breaks, the reader gets a reference that the log has too."""
    script = Scripted()
    script.sentences = (3,)  # type: ignore[assignment]  # what no chain should give
    async with start(Setup(script=script)) as bench:
        sorry = await said(bench, Person(bench.fake, "Ana"), "Un ?")
    (reference,) = {r.__dict__["reference"] for r in caplog.records if "reference" in r.__dict__}
    assert reference in sorry
    assert "Traceback" not in sorry


async def test_commands_are_limited(start: Start) -> None:
    """Too many commands: one polite line, then silence, whatever they are; others may go on."""
    async with start(Setup(per_minute=1, per_hour=5)) as bench:
        ana, bob = Person(bench.fake, "Ana"), Person(bench.fake, "Bob")
        for command in ("/help", "/new", "/sources", "/nonsense", *["/articles"] * 10):
            ana.say(command)
            await bench.idle()
        bob.say("/new")
        await bench.idle()
    assert len(ana.private.shown) == 5
    assert "beaucoup de commandes" in ana.private.texts[-1]
    assert len(bob.private.shown) == 1
