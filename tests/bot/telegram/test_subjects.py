"""Following in Telegram: buttons and commands, what is told, once, through blocks and restarts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.memory.values import SentNotice, Subject
from bot.telegram.limits import Access
from config.settings import Settings
from tests.bot.telegram.bench import Bench, labels
from tests.bot.telegram.newsroom import Newsroom
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import Chat

QUESTION = "Qui préside l'association du phare de Kerluz ?"
FIRST = "La présidente de l'association du phare de Kerluz est Maud Tévenin."
SECOND = "Depuis lundi, l'association du phare de Kerluz est présidée par Yann Le Goas."


@pytest.fixture
def newsroom(empty_home: Path, tmp_path: Path) -> Newsroom:
    """One with an article that says nothing of the subject."""
    made = Newsroom(empty_home, tmp_path)
    made.publish("mairie", "La mairie de Lansec ferme", "La mairie de Lansec ferme le lundi.")
    return made


async def says(bench: Bench, chat: Chat, words: str) -> None:
    """Wait until the last message of a chat has these words."""
    await bench.fake.until(lambda: chat.texts and words in chat.texts[-1])


async def follows(bench: Bench, person: Person, text: str = QUESTION) -> None:
    """Have somebody follow a question."""
    person.say(f"/suivre {text}")
    await says(bench, person.private, f"Je suis «\u00a0{text}")


async def followed(bench: Bench) -> list[Subject]:
    """What is followed; the memory is used by its own thread alone, or both may wait for ever."""
    memory = bench.context.memory
    return await memory.do(memory.subjects.to_look_at, 1 << 40, 10)


async def under_way(bench: Bench) -> list[SentNotice]:
    """The notices that may have been shown or not."""
    memory = bench.context.memory
    return await memory.do(memory.subjects.under_way)


def notices(person: Person) -> list[str]:
    """What somebody was told."""
    return [text for text in person.private.texts if "du nouveau depuis" in text]


async def test_new_evidence_is_told_once(newsroom: Newsroom) -> None:
    """What comes is told with its quote, source and date; not again, whatever else changes."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        await bench.notices.round()
        assert notices(ana) == []
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        await bench.notices.round()
        (told,) = notices(ana)
        assert FIRST in told
        assert "23 novembre 2026" in told
        assert "[1]" in labels(ana.private.shown[-1])
        newsroom.now += timedelta(days=1)
        newsroom.publish("marche", "Le marché de Lansec", "Le marché de Lansec change de place.")
        await bench.notices.round()
        assert len(notices(ana)) == 1
        ana.click(ana.private.shown[-1], "[1]")
        await says(bench, ana.private, "Le phare de Kerluz")


async def test_a_fault_of_ours_does_not_end_the_notices(
    newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """A round that fails is repeated, whatever went wrong."""
    async with newsroom.bot() as bench:
        ana, memory = Person(newsroom.fake, "Ana"), bench.context.memory
        ana.say(f"/suivre {QUESTION}")
        await says(bench, ana.private, "Je suis «")
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        ((at,),) = await memory.do(memory.store.rows, "SELECT at FROM subjects")
        await memory.do(memory.store.rows, "UPDATE subjects SET at = 'no time'")
        bench.notices.every = 0.01
        running = asyncio.create_task(bench.notices.run())
        await bench.fake.until(lambda: "subjects could not be looked at" in caplog.text)
        await memory.do(memory.store.rows, "UPDATE subjects SET at = ?", at)
        await says(bench, ana.private, FIRST)
        running.cancel()


async def test_a_correction_is_news_only_where_the_evidence_changed(newsroom: Newsroom) -> None:
    """Another sentence of the article may change; the one that answers is told when it does."""
    newsroom.publish("phare", "Le phare de Kerluz", FIRST)
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        newsroom.publish("phare", "Le phare de Kerluz", f"{FIRST} Il est ouvert le samedi.")
        await bench.notices.round()
        assert notices(ana) == []
        newsroom.publish("phare", "Le phare de Kerluz", SECOND)
        await bench.notices.round()
        (told,) = notices(ana)
        assert "Article corrigé" in told
        assert SECOND in told


async def test_once_a_day_and_a_subject(newsroom: Newsroom) -> None:
    """What comes later on the same day waits for the next one."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        await bench.notices.round()
        newsroom.publish("election", "Élection au phare de Kerluz", SECOND)
        newsroom.now += timedelta(hours=3)
        await bench.notices.round()
        newsroom.publish("election", "Élection au phare de Kerluz", f"Il pleut. {SECOND}")
        await bench.notices.round()  # what waits is not lost because its article changed elsewhere
        assert len(notices(ana)) == 1
        newsroom.now += timedelta(hours=20)
        await bench.notices.round()
        assert SECOND in notices(ana)[1]


async def test_what_is_withdrawn_before_it_was_told_is_not(newsroom: Newsroom) -> None:
    """No quote is shown that does not stand any more."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        await bench.notices.look()
        with Kiosque(Settings(home=newsroom.home)) as kiosque:
            (entry,) = (one for one in kiosque.reader.entries() if "phare" in one.title)
            kiosque.editor("test").withdraw([entry.id], "")
        await bench.notices.round()
        assert notices(ana) == []


async def test_a_digest_at_an_hour(newsroom: Newsroom) -> None:
    """Who wants one notice a day gets all subjects in one, when the hour has come."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        await follows(bench, ana, "la mairie de Lansec")
        ana.say("/suivis")
        await says(bench, ana.private, "2 sujets suivis ici")
        click = ana.click(ana.private.shown[-1], "12 h")
        await bench.fake.until(lambda: click.answers)
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        newsroom.publish("mairie2", "Mairie", "La mairie de Lansec rouvre le lundi matin.")
        await bench.notices.round()
        assert notices(ana) == []
        newsroom.now = datetime(2026, 11, 23, 11, 5, tzinfo=UTC)
        await bench.notices.round()
        (told,) = notices(ana)
        assert told.startswith("Vos sujets suivis")
        assert FIRST in told
        assert "rouvre le lundi matin" in told
        await bench.notices.round()
        assert len(notices(ana)) == 1


@pytest.mark.parametrize("kind", [Kind.LOST_REPLY, Kind.CUT])
async def test_a_bot_that_is_stopped_in_doubt_tells_once(newsroom: Newsroom, kind: Kind) -> None:
    """A notice that was sent, or not, before a restart: it is looked for, then there once."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        newsroom.fake.faults.add(Kind.CUT, "editMessageText", times=100)
        newsroom.fake.faults.add(kind, "sendMessage", times=1 if kind is Kind.LOST_REPLY else 100)
        await bench.notices.round()
        assert len(await under_way(bench)) == 1
    newsroom.fake.faults.planned.clear()
    async with newsroom.bot() as bench:
        await bench.notices.round()
        assert len(notices(ana)) == 1
        assert await under_way(bench) == []


async def test_a_lost_reply_is_looked_for(newsroom: Newsroom) -> None:
    """Telegram took the notice, its reply was lost: it is not sent twice."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        newsroom.fake.faults.add(Kind.LOST_REPLY, "sendMessage")
        await bench.notices.round()
        await bench.notices.round()
        assert len(notices(ana)) == 1
        assert await under_way(bench) == []


async def test_who_blocked_the_bot_is_told_later(newsroom: Newsroom) -> None:
    """Subjects sleep while the bot is blocked; what came meanwhile is told once it is not."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        await follows(bench, ana)
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        ana.block()
        await bench.idle()
        await bench.notices.round()
        calls = len(newsroom.fake.made("sendMessage"))
        await bench.notices.round()
        assert len(newsroom.fake.made("sendMessage")) == calls
        ana.unblock()
        await bench.idle()
        await bench.notices.round()
        assert len(notices(ana)) == 1


async def test_in_a_group_only_administrators_follow(newsroom: Newsroom) -> None:
    """Others are told so; what an administrator follows is told to the group."""
    newsroom.access = Access(admins=frozenset({502}), chats=frozenset({-100500}))
    async with newsroom.bot() as bench:
        group = new_group(newsroom.fake, "Rédaction", -100500)
        ana, chief = Person(newsroom.fake, "Ana", id_=7), Person(newsroom.fake, "Chef", id_=502)
        ana.say(f"/suivre {QUESTION}", group)
        await says(bench, group, "seuls les administrateurs")
        chief.say(f"/suivre {QUESTION}", group)
        await says(bench, group, "Je suis «")
        newsroom.publish("phare", "Le phare de Kerluz", FIRST)
        await bench.notices.round()
        assert FIRST in group.texts[-1]
        click = ana.click(group.shown[-1], "Ne plus suivre")
        await bench.fake.until(lambda: click.answers)
        assert len(await followed(bench)) == 1


async def test_follow_by_a_button_and_leave(newsroom: Newsroom) -> None:
    """A button under an answer follows its question; one in the list leaves it."""
    newsroom.publish("phare", "Le phare de Kerluz", FIRST)
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        ana.say(QUESTION)
        shown = ana.private
        await bench.fake.until(lambda: shown.shown and "🔔 Suivre" in labels(shown.shown[-1]), 30)
        click = ana.click(ana.private.shown[-1], "🔔 Suivre")
        await bench.fake.until(lambda: click.answers)
        ana.say("/suivis")
        await says(bench, ana.private, "1 sujet suivi ici")
        ana.click(ana.private.shown[-1], "✕ 1")
        await says(bench, ana.private, "Aucun sujet suivi")


async def test_the_subject_of_a_chronology_is_followed(newsroom: Newsroom) -> None:
    """Not the words that the command put before it."""
    newsroom.publish("phare", "Le phare de Kerluz", FIRST)
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        ana.say("/chrono phare de Kerluz")
        await bench.idle()
        ana.say("/suivre")
        await says(bench, ana.private, "Je suis «\u00a0phare de Kerluz\u00a0»")


@pytest.mark.parametrize(
    "text",
    ["/suivre", "/suivre ???", f"/suivre {'mairie ' * 60}", "/suivre Vérifier : le phare rouvre."],
)
async def test_what_cannot_be_followed(newsroom: Newsroom, text: str) -> None:
    """Nothing, marks alone, far too much, a check: a sentence, and nothing is followed."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        ana.say(text)
        await bench.fake.until(lambda: ana.private.texts)
        assert "Je suis «" not in ana.private.texts[-1]
        assert await followed(bench) == []


async def test_so_many_subjects(newsroom: Newsroom) -> None:
    """There is a limit, which is said; forgetting deletes them all."""
    async with newsroom.bot() as bench:
        ana = Person(newsroom.fake, "Ana")
        for number in range(20):
            await follows(bench, ana, f"Qui dirige la gare numéro {number} de Lansec ?")
        ana.say(f"/suivre {QUESTION}")
        await says(bench, ana.private, "le maximum")
        ana.say("/oublie")
        await says(bench, ana.private, "oublié")
        assert await followed(bench) == []
