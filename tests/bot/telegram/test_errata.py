"""Errata in Telegram: proposed after each change, seen before they are sent, sent once each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.memory.conversation import stored_source
from bot.memory.values import ErratumState, Place, StoredAnswer
from bot.telegram.limits import Access
from config.settings import Settings
from retrieval.vocabulary import Citation
from tests.bot.telegram.bench import Bench, labels
from tests.bot.telegram.newsroom import Newsroom
from tests.fake_telegram.args import Args
from tests.fake_telegram.errors import bad_request
from tests.fake_telegram.faults import Fault, Kind
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import Chat, Message

QUESTION = "Qui préside l'association du phare de Kerluz ?"
TITLE = "Le phare de Kerluz"
FIRST = "La présidente de l'association du phare de Kerluz est Maud Tévenin."
SECOND = "La présidente de l'association du phare de Kerluz est Anne Le Goas."
OPEN = "Le phare est ouvert le samedi."
CHIEF, DEPUTY = 502, 503


@pytest.fixture
def newsroom(empty_home: Path, tmp_path: Path) -> Newsroom:
    """One with an administrator, and an article that can be cited."""
    made = Newsroom(empty_home, tmp_path)
    made.access = Access(admins=frozenset({CHIEF}))
    made.publish("phare", TITLE, f"{FIRST} {OPEN}")
    return made


async def looked(bench: Bench) -> None:
    """Have the bot note how the archive is, as it does when it begins."""
    await bench.errata.look()


async def read(newsroom: Newsroom, bench: Bench, quote: str, places: Iterable[Place]) -> None:
    """Store that an answer with a quote was read in some places."""
    with Kiosque(Settings(home=newsroom.home)) as kiosque:
        article = kiosque.reader.article(newsroom.id_of(TITLE))
    start = article.text.index(quote)
    source = stored_source(Citation(1, article, quote, start, start + len(quote)))
    memory, now = bench.context.memory, newsroom.now
    for place in places:
        answer = StoredAnswer(0, place, now, "fr", QUESTION, "answered", quote)
        await memory.do(memory.store.add_answer, answer, [source])


async def proposal(bench: Bench, chief: Person) -> Message:
    """What the administrator is told after a change."""
    before = len(chief.private.shown)
    await bench.errata.round()
    (shown,) = chief.private.shown[before:]
    return shown


async def pressed(bench: Bench, person: Person, message: Message, label: str) -> str:
    """Press a button, and wait until it was seen; what it was answered."""
    click = person.click(message, label)
    await bench.fake.until(lambda: click.answers)
    await bench.idle()
    return click.answers[0]


async def sent(bench: Bench, chief: Person, message: Message, label: str) -> str:
    """See the erratum, and send it; what was seen, without what stands above it."""
    await pressed(bench, chief, message, label)
    await bench.fake.until(lambda: "Rectificatif du" in chief.private.texts[-1])
    preview = chief.private.shown[-1]
    (send,) = (one for one in labels(preview) if one.startswith("Envoyer"))
    await pressed(bench, chief, preview, send)
    return str(preview["text"]).partition("\n\n")[2]


def told(chat: Chat) -> list[str]:
    """The errata in a chat."""
    return [text for text in chat.texts if text.startswith("Rectificatif du")]


async def test_a_correction_reaches_who_read_the_answer(newsroom: Newsroom) -> None:
    """Both texts, dated, under the answer, the very message that was seen before; then no more."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, chief = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Chef", id_=CHIEF)
        ana.say(QUESTION)
        await bench.fake.until(lambda: ana.private.shown and "[1]" in labels(ana.private.shown[-1]))
        await bench.idle()
        answer = ana.private.shown[-1]
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        shown = await proposal(bench, chief)
        assert "1 réponse le cite" in shown["text"]
        assert "privées\u00a0: 1\u202f; en groupe\u00a0: 0" in shown["text"]
        preview = await sent(bench, chief, shown, "Voir le rectificatif")
        await bench.errata.round()
        assert told(ana.private) == [preview]
        for words in ("Rectificatif du 23 novembre 2026", FIRST, SECOND, TITLE):
            assert words in preview
        erratum = ana.private.shown[-1]
        assert erratum["reply_to_message"]["message_id"] == answer["message_id"]
        await bench.errata.round()
        assert "1 conversation avertie" in chief.private.texts[-1]
        assert await pressed(bench, chief, shown, "Voir le rectificatif") == ""
        assert "1 conversation en a déjà été avertie" in chief.private.texts[-1]
        await bench.errata.round()
        assert len(told(ana.private)) == 1
        ana.click(erratum, "[1]")
        await bench.fake.until(lambda: SECOND in ana.private.texts[-1])
        ana.click(answer, "[1]")
        await bench.fake.until(
            lambda: f"il disait alors\u00a0: «\u00a0{FIRST}" in ana.private.texts[-1]
        )


async def test_a_withdrawal_in_the_language_of_who_reads(newsroom: Newsroom) -> None:
    """That it was withdrawn and why, in English for who chose English; each message can be seen."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, bob = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Bob")
        chief = Person(newsroom.fake, "Chef", id_=CHIEF)
        await bench.context.memory.do(bench.context.memory.store.set_language, bob.id, "en")
        await read(newsroom, bench, FIRST, [Place(one.id, 0, one.id) for one in (ana, bob)])
        newsroom.withdraw(TITLE, "Le nom est faux")
        shown = await proposal(bench, chief)
        await pressed(bench, chief, shown, "Voir le rectificatif")
        first = chief.private.shown[-1]
        assert "Message 1 sur 2" in first["text"]
        await pressed(bench, chief, first, "après ▶")
        assert "Message 2 sur 2" in chief.private.texts[-1]
        await pressed(bench, chief, chief.private.shown[-1], "Envoyer à 2 conversations")
        await bench.errata.round()
        assert "a été retiré de l’archive" in ana.private.texts[-1]
        assert "Raison\u00a0: Le nom est faux" in ana.private.texts[-1]
        assert "was withdrawn from the archive" in bob.private.texts[-1]
        assert FIRST in bob.private.texts[-1]


async def test_what_still_stands_needs_no_erratum(newsroom: Newsroom) -> None:
    """A feed that changes another sentence tells nobody; a withdrawal of it can be told anyway."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, chief = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(ana.id, 0, ana.id)])
        newsroom.publish("phare", TITLE, f"{FIRST} Le phare est ouvert le dimanche.")
        await bench.errata.round()
        assert chief.private.texts == []
        newsroom.rollback()
        shown = await proposal(bench, chief)
        assert "mot pour mot" in shown["text"]
        await sent(bench, chief, shown, "Avertir quand même")
        await bench.errata.round()
        assert "Ce passage n’a pas changé" in told(ana.private)[0]


async def test_an_article_that_changes_again_stops_its_erratum(newsroom: Newsroom) -> None:
    """Nobody is told what is not true any more; another erratum is proposed in its place."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, chief = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(ana.id, 0, ana.id)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        shown = await proposal(bench, chief)
        await pressed(bench, chief, shown, "Voir le rectificatif")
        preview = chief.private.shown[-1]
        third = SECOND.replace("Anne", "Jeanne")
        newsroom.publish("phare", TITLE, f"{third} {OPEN}")
        said = await pressed(bench, chief, preview, "Envoyer à 1 conversation")
        assert "a encore changé" in said
        assert told(ana.private) == []
        await pressed(bench, chief, chief.private.shown[-1], "Envoyer à 1 conversation")
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        await bench.errata.round()
        assert told(ana.private) == []
        assert any("je l’ai interrompu" in text for text in chief.private.texts)


async def test_told_again_when_the_correction_is_taken_back(newsroom: Newsroom) -> None:
    """Who was told that an article says something new is told when it does not."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, chief = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(ana.id, 0, ana.id)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        await sent(bench, chief, await proposal(bench, chief), "Voir le rectificatif")
        await bench.errata.round()
        newsroom.rollback()
        await sent(bench, chief, await proposal(bench, chief), "Voir le rectificatif")
        await bench.errata.round()
        assert [SECOND in text for text in told(ana.private)] == [True, True]
        assert f"maintenant\u00a0: «\u00a0{FIRST}" in told(ana.private)[1]


async def test_a_group_that_became_a_supergroup(newsroom: Newsroom) -> None:
    """A group is told once for all who asked there, under its new number, though nobody said so."""
    group = new_group(newsroom.fake, "Rédaction", -100500)
    newsroom.access = Access(admins=frozenset({CHIEF}), chats=frozenset({group.id}))
    async with newsroom.bot() as bench:
        await looked(bench)
        chief = Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(group.id, 0, user) for user in (7, 8, 9)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        shown = await proposal(bench, chief)
        assert "3 réponses le citent" in shown["text"]
        await sent(bench, chief, shown, "Voir le rectificatif")
        new = chief.upgrade(group, told=False)
        await bench.errata.round()
        await bench.errata.round()
        assert len(told(new)) == 1
        assert bench.context.access.number_now(group.id) == new.id


async def test_three_hundred_chats(newsroom: Newsroom) -> None:
    """Floods, people who blocked the bot, chats that are gone: each once, all in the report."""
    fake = newsroom.fake
    people = [Person(fake, f"P{n}") for n in range(290)]
    groups = [new_group(fake, f"G{n}") for n in range(10)]
    newsroom.access = Access(admins=frozenset({CHIEF}), chats=frozenset(g.id for g in groups))
    async with newsroom.bot() as bench:
        await looked(bench)
        chief = Person(fake, "Chef", id_=CHIEF)
        places = [Place(one.id, 0, one.id) for one in people]
        await read(newsroom, bench, FIRST, [*places, *(Place(one.id, 0, 7) for one in groups)])
        for person in people[:9]:
            person.block()
        for chat in (people[9].private, groups[0], groups[1]):
            chat.refusal = bad_request("chat not found")
        flooded = {people[20].id, people[50].id, groups[5].id}
        for id_ in flooded:  # the second is asked to wait for longer than the bot waits at once
            for seconds in (1, 4):
                fake.faults.add(Kind.FLOOD, "sendMessage", retry_after=seconds, when=_to(id_))
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        await sent(bench, chief, await proposal(bench, chief), "Voir le rectificatif")
        running = asyncio.create_task(bench.errata.run())
        await fake.until(lambda: "Rectificatif envoyé" in chief.private.texts[-1], 120)
        running.cancel()
    assert [len(told(one.private)) for one in people] == [0] * 10 + [1] * 280
    assert [len(told(one)) for one in groups] == [0, 0] + [1] * 8
    report = chief.private.texts[-1]
    assert "288 conversations averties" in report
    assert "9 personnes ont bloqué le bot" in report
    assert "3 conversations n’existent plus" in report


def _to(chat: int) -> Callable[[Args], bool]:
    return lambda args: args.number("chat_id") == chat


async def test_killed_in_mid_run(newsroom: Newsroom) -> None:
    """A bot that is stopped dead while it sends tells each once, after its restart."""
    people = [Person(newsroom.fake, f"P{n}") for n in range(12)]
    chief = Person(newsroom.fake, "Chef", id_=CHIEF)
    async with newsroom.bot() as bench:
        await looked(bench)
        await read(newsroom, bench, FIRST, [Place(one.id, 0, one.id) for one in people])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        await sent(bench, chief, await proposal(bench, chief), "Voir le rectificatif")
    for kind in (Kind.LOST_REPLY, Kind.HANG, Kind.CUT, Kind.LATE_REPLY):
        async with newsroom.bot() as bench:
            fault = newsroom.fake.faults.add(kind, "sendMessage", after=2)
            newsroom.fake.faults.add(Kind.CUT, "editMessageText", times=100)
            sending = asyncio.create_task(bench.errata.round())
            await newsroom.fake.until(partial(_is_over, fault))
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        newsroom.fake.faults.planned.clear()
    async with newsroom.bot() as bench:
        await bench.errata.round()
    assert [len(told(one.private)) for one in people] == [1] * 12


async def test_killed_while_it_proposes(newsroom: Newsroom) -> None:
    """An administrator who was told before the kill is not told again; the others are."""
    newsroom.access = Access(admins=frozenset({CHIEF, DEPUTY}))
    chief, deputy = (Person(newsroom.fake, name, id_=id_) for name, id_ in _ADMINS)
    async with newsroom.bot() as bench:
        await looked(bench)
        await read(newsroom, bench, FIRST, [Place(9, 0, 9)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        fault = newsroom.fake.faults.add(Kind.HANG, "sendMessage", after=1)
        proposing = asyncio.create_task(bench.errata.look())
        await newsroom.fake.until(partial(_is_over, fault))
        proposing.cancel()
        await asyncio.gather(proposing, return_exceptions=True)
    newsroom.fake.faults.planned.clear()
    async with newsroom.bot() as bench:
        await bench.errata.look()
        await bench.errata.look()
    assert (len(chief.private.texts), len(deputy.private.texts)) == (1, 1)


_ADMINS = (("Chef", CHIEF), ("Adjointe", DEPUTY))


def _is_over(fault: Fault) -> bool:
    return not fault.times


async def test_who_forgets_is_not_told(newsroom: Newsroom) -> None:
    """After ``/forget`` nothing is known of what was read, so that nothing is corrected."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, bob = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Bob")
        chief = Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(one.id, 0, one.id) for one in (ana, bob)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        await sent(bench, chief, await proposal(bench, chief), "Voir le rectificatif")
        ana.say("/oublie")
        await bench.fake.until(lambda: ana.private.texts)
        await bench.errata.round()
        await bench.errata.round()
        assert (told(ana.private), len(told(bob.private))) == ([], 1)
        assert "1 conversation avertie" in chief.private.texts[-1]


async def test_who_could_not_be_reached_is_tried_again(newsroom: Newsroom) -> None:
    """Sent once more, it goes to those alone who had blocked the bot; later it is forgotten."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, bob = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Bob")
        chief = Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(one.id, 0, one.id) for one in (ana, bob)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        shown = await proposal(bench, chief)
        ana.block()
        await bench.idle()
        await sent(bench, chief, shown, "Voir le rectificatif")
        await bench.errata.round()
        await bench.errata.round()
        assert "1 personne a bloqué le bot" in chief.private.texts[-1]
        ana.unblock()
        await bench.idle()
        await sent(bench, chief, shown, "Voir le rectificatif")
        await bench.errata.round()
        assert [len(told(one.private)) for one in (ana, bob)] == [1, 1]
        memory = bench.context.memory
        await memory.do(memory.store.forget_before, newsroom.now + timedelta(days=1))
        assert await memory.do(memory.errata.in_state, ErratumState.SENT) == []


async def test_the_list(newsroom: Newsroom) -> None:
    """``/rectificatifs`` shows what is cited and changed, to administrators alone, and how far."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, chief = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Chef", id_=CHIEF)
        chief.say("/rectificatifs")
        await bench.fake.until(lambda: "Aucune réponse gardée" in "".join(chief.private.texts))
        await read(newsroom, bench, FIRST, [Place(ana.id, 0, ana.id)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        chief.say("/rectificatifs")
        await bench.fake.until(lambda: TITLE in chief.private.texts[-1])
        await sent(bench, chief, chief.private.shown[-1], "1")
        await bench.errata.round()
        chief.say("/rectificatifs")
        await bench.fake.until(lambda: "1 conversation avertie" in chief.private.texts[-1])
        ana.say("/rectificatifs")
        await bench.fake.until(lambda: "réservée aux administrateurs" in ana.private.texts[-1])


@pytest.mark.parametrize("data", ["v1:j:99:0", "v1:g:1:0", "v1:t:1:0:9", "v1:g:1"])
async def test_buttons_of_nobody(newsroom: Newsroom, data: str) -> None:
    """What a reader presses, or what is not there, does nothing."""
    async with newsroom.bot() as bench:
        await looked(bench)
        ana, chief = Person(newsroom.fake, "Ana"), Person(newsroom.fake, "Chef", id_=CHIEF)
        await read(newsroom, bench, FIRST, [Place(ana.id, 0, ana.id)])
        newsroom.publish("phare", TITLE, f"{SECOND} {OPEN}")
        shown = await proposal(bench, chief)
        copy = replace_chat(shown, ana.private)
        click = ana.press(copy, data)
        await bench.fake.until(lambda: click.answers)
        memory = bench.context.memory
        assert await memory.do(memory.errata.in_state, ErratumState.SENDING) == []


def replace_chat(message: Message, chat: Chat) -> Message:
    """A message as if it stood in another chat."""
    return {**message, "chat": chat.as_json}
