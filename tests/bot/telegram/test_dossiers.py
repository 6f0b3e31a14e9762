"""Chronologies and dossiers in a chat: asked for, sent as files, verified when they come back."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bot.memory.values import Place
from bot.telegram.dossiers import subject_and_form
from bot.telegram.limits import Access
from tests.bot.telegram.admins import admin_bench, says
from tests.bot.telegram.bench import Bench, Setup, labels
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import USERNAME

SUBJECT = "ligne T2"


async def received(bench: Bench, person: Person, words: str) -> tuple[str, bytes]:
    """The name and the bytes of the file that answers a command."""
    person.say(words)
    await bench.fake.until(lambda: any("document" in m for m in person.private.shown), 30)
    document = next(m for m in person.private.shown if "document" in m)["document"]
    return document["file_name"], bench.fake.world.files[document["file_id"]].content


@pytest.mark.parametrize(("language", "command"), [("fr", "/chrono"), ("en", "/timeline")])
async def test_chronology_is_an_answer(start: Start, language: str, command: str) -> None:
    """Dated lines, oldest first, with the buttons of their sources; in both languages."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana", language=language)
        ana.say(f"{command} {SUBJECT}")
        await bench.idle(30)
    (message,) = ana.private.shown
    assert message["text"].index("2016") < message["text"].index("2018")
    assert "[1]" in labels(message)
    assert ("une par article" in message["text"]) == (language == "fr")


async def test_commands_without_a_subject_say_how(start: Start) -> None:
    """A bare command is answered by how to use it."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("/chrono")
        await bench.fake.until(lambda: len(ana.private.texts) == 1)
        ana.say("/dossier .md")
        await bench.fake.until(lambda: len(ana.private.texts) == 2)
    assert "/chrono" in ana.private.texts[0]
    assert "/dossier" in ana.private.texts[1]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (f"/dossier {SUBJECT}", "dossier-ligne-t2.docx"),
        (f"/dossier .md {SUBJECT}", "dossier-ligne-t2.md"),
    ],
)
async def test_dossier_comes_as_a_file_and_is_verified(start: Start, words: str, name: str) -> None:
    """The file that a reader gets stands when they send it back."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        got, content = await received(bench, ana, words)
        assert got == name
        ana.upload(name, content)
        await says(bench, ana, "tiennent")


async def test_the_other_form_by_a_button(start: Start) -> None:
    """Word or Markdown, of the same subject, weeks later too; one whose command is gone is none."""
    fake = FakeTelegram()
    ana, group = Person(fake, "Ana"), new_group(fake, "Rédaction")
    async with start(Setup(fake)) as bench:
        await received(bench, ana, f"/dossier {SUBJECT}")
    async with start(Setup(fake)) as bench:
        (first,) = ana.private.shown
        assert labels(first) == ["En Markdown (.md)"]
        ana.click(first, "En Markdown (.md)")
        await fake.until(lambda: len(ana.private.shown) == 2, 30)
        second = ana.private.shown[1]
        assert second["document"]["file_name"] == "dossier-ligne-t2.md"
        assert labels(second) == ["En Word (.docx)"]
        await bench.idle()
        for message, data in ((first, "v1:v:2"), (ana.say("Bonjour", group), "v1:v:0")):
            click = ana.press(message, data)
            await fake.until(partial(list.copy, click.answers))
            assert click.answers == ["Ce bouton ne sert plus."]


async def test_subject_without_articles(start: Start) -> None:
    """No file: the refusal of an answer, once, with its button to follow the subject."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("/dossier la culture du manioc au Brésil")
        await bench.idle(30)
        (refused,) = ana.private.shown
        click = ana.click(refused, "🔔 Suivre")
        await bench.fake.until(lambda: click.answers)
        (subject,) = await bench.context.memory.do(
            bench.context.memory.subjects.of_place, Place(ana.id, 0, ana.id)
        )
    assert "ne contient pas la réponse" in refused["text"]
    assert subject.question == "la culture du manioc au Brésil"


async def test_reply_lost_is_told_and_not_sent_twice(start: Start) -> None:
    """When nobody knows whether the file arrived, it is not sent again, and that is said."""
    fake = FakeTelegram()
    fake.faults.add(Kind.LOST_REPLY, "sendDocument")
    async with start(Setup(fake)) as bench:
        ana = Person(fake, "Ana")
        ana.say(f"/dossier {SUBJECT}")
        await says(bench, ana, "redemandez-le")
    assert len(fake.made("sendDocument")) == 1


def _said(person: Person, count: int) -> bool:
    return len(person.private.shown) == count


async def test_what_is_no_dossier(start: Start) -> None:
    """A file that calls itself a dossier is told what it is not; another is for administrators."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.upload("dossier-t2.md", b"# Un article\n\nSans note.\n")
        await says(bench, ana, "pas un dossier")
        for number, name in enumerate(("article.md", "photo.png"), start=2):
            ana.upload(name, b"# Un article\n\nSans note.\n")
            await bench.fake.until(partial(_said, ana, number), 30)
            await says(bench, ana, "administrateurs")


async def test_not_for_those_who_may_not_ask(start: Start) -> None:
    """Neither commands nor files of somebody who is not admitted are looked at."""
    setup = Setup(access=Access(users=frozenset({1})))
    async with start(setup) as bench:
        eve = Person(bench.fake, "Eve")
        eve.upload("dossier.md", b"> x[^1]\n\n[^1]: y\n")
        await says(bench, eve, "administrateurs")
        eve.say(f"/dossier {SUBJECT}")
        await says(bench, eve, "quelques lecteurs")
    assert not bench.fake.made("sendDocument")


async def test_group(start: Start) -> None:
    """In a group the bot sends the file where it was asked for."""
    setup = Setup(access=Access(chats=frozenset({-1001})))
    async with start(setup) as bench:
        ana = Person(bench.fake, "Ana")
        group = new_group(bench.fake, "Rédaction", -1001)
        ana.say(f"/dossier@{USERNAME} {SUBJECT}", chat=group)
        await bench.fake.until(lambda: any("document" in m for m in group.shown), 30)


async def test_administrator_sends_a_dossier(own_home: Path, tmp_path: Path) -> None:
    """One named so is verified, withdrawn articles with their reason; other files are indexed."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        name, content = await received(bench, chief, f"/dossier .md {SUBJECT}")
        chief.upload(name, content)
        await says(bench, chief, "tiennent")
        chief.upload("dossier-de-presse.md", b"# Un article\n\nLe phare de Kerluz rouvre.\n")
        await says(bench, chief, "dossier-de-presse.md")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ligne T2", ("ligne T2", ".docx")),
        (".md ligne T2", ("ligne T2", ".md")),
        ("ligne T2 md", ("ligne T2", ".md")),
        ("ligne T2 .docx", ("ligne T2", ".docx")),
        ("md", ("md", ".docx")),
        (".md", ("", ".md")),
        ("", ("", ".docx")),
    ],
)
def test_subject_and_form(words: str, expected: tuple[str, str]) -> None:
    """The form may stand before or after the subject."""
    assert subject_and_form(words) == expected
