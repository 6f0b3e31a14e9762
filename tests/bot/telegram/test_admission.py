"""Admission by code, through the fake server: who asks, who decides, who is removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.memory.members import MAX_OPEN, AdmissionRequest, AdmissionState, MemberStore
from bot.memory.store import Store
from bot.telegram.limits import Access
from bot.telegram.start import run
from config.settings import Settings
from retrieval.errors import BadSettings
from tests.bot.telegram.bench import Bench, Scripted, Setup, labels, whole
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.people import Person
from tests.fake_telegram.world import Message

CHIEF, DEPUTY = 502, 503
ACCESS = Access(admins=frozenset({CHIEF, DEPUTY}), by_code=True)


def closed(fake: FakeTelegram | None = None, access: Access = ACCESS) -> Setup:
    """A bot that admits by code, with two administrators."""
    return Setup(fake or FakeTelegram(), Scripted("Une phrase."), access)


def people(fake: FakeTelegram) -> tuple[Person, Person, Person]:
    """Two administrators and somebody else."""
    return (
        Person(fake, "Chef", id_=CHIEF),
        Person(fake, "Adjointe", id_=DEPUTY),
        Person(fake, "Ana"),
    )


async def asked(
    bench: Bench, reader: Person, admins: Sequence[Person], text: str = "/start"
) -> str:
    """Somebody writes to the bot; the code, once all were told."""
    members, memory = MemberStore(bench.context.memory.store), bench.context.memory
    before = sum(len(one.private.shown) for one in admins)
    reader.say(text)
    all_told = before + len(admins)
    await bench.fake.until(
        lambda: reader.private.shown and sum(len(one.private.shown) for one in admins) == all_told
    )
    while True:  # the messages are noted once they are there
        found = await memory.do(members.open, bench.context.now())
        (request,) = (one for one in found if one.user == reader.id)
        if len(request.notices) >= len(admins):
            assert request.code in reader.private.texts[-1]
            return request.code


def later(bench: Bench, days: int) -> None:
    """Have it be so many days later for the bot."""
    now, context = datetime.now(UTC) + timedelta(days=days), bench.context
    context.now = lambda: now
    context.times = replace(context.times, stale=1e7)


def last(person: Person) -> Message:
    """The last message to somebody."""
    return person.private.shown[-1] if person.private.shown else {"text": ""}


async def test_a_reader_is_admitted_with_a_button(start: Start) -> None:
    """The code is shown to both; one presses; the reader is told and answered, also later on."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        code = await asked(bench, ana, (chief, deputy))
        assert code.isdigit()
        assert "programme" in ana.private.texts[-1]  # what answers is said before all else
        for admin in (chief, deputy):
            assert (code in last(admin)["text"], "Ana" in last(admin)["text"]) == (True, True)
            assert labels(last(admin)) == ["Admettre", "Refuser"]
        chief.click(last(chief), "Admettre")
        await bench.idle()
        await fake.until(lambda: "Accès donné par Chef" in last(deputy)["text"])
        assert labels(last(deputy)) == labels(last(chief)) == []
        assert "acceptée" in last(ana)["text"]
        ana.say("Quoi ?")
        await fake.until(lambda: whole(last(ana)))
    async with start(closed(fake)) as bench:  # in another process
        ana.say("Et puis ?")
        await bench.idle()
        assert len([one for one in ana.private.shown if whole(one)]) == 2


async def test_nobody_is_answered_before(start: Start) -> None:
    """Neither questions nor commands nor old buttons; no list of users is needed for that."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        await asked(bench, ana, (chief, deputy), "Quoi ?")
        for words in ("/articles", "/chrono ligne T2", "/suivre la ligne T2", "/membres"):
            ana.say(words)
        ana.press(last(chief), "v1:m:1:1")  # a button that somebody else was shown
        await bench.idle()
        assert bench.context.metrics.made == 0
        assert not any(whole(one) for one in ana.private.shown)
        members = MemberStore(bench.context.memory.store)
        assert await bench.context.memory.do(members.users) == frozenset()


async def test_a_refusal_is_told_to_who_asks_again(start: Start) -> None:
    """The administrators hear no more of it while the refusal holds; then it may be asked anew."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    for days in (0, 3):
        async with start(closed(fake)) as bench:
            later(bench, days)
            if not days:
                await asked(bench, ana, (chief, deputy))
                deputy.click(last(deputy), "Refuser")
                await fake.until(lambda: "refusé par Adjointe" in last(chief)["text"])
                assert len(ana.private.shown) == 1
            else:
                ana.say("Quoi ?")
                await fake.until(lambda: "pas été acceptée" in last(ana)["text"])
                assert (len(chief.private.shown), len(deputy.private.shown)) == (1, 1)
    async with start(closed(fake)) as bench:
        later(bench, 8)
        await asked(bench, ana, (chief, deputy))
        assert len(chief.private.shown) == 2


async def test_administrators_are_told_once_a_day(start: Start) -> None:
    """However often somebody writes, and over restarts; the code stays the same."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    codes = set()
    for _ in range(3):
        async with start(closed(fake)) as bench:
            ana.say("/start")
            await bench.idle()
    for text in ana.private.texts:
        codes.update(re.findall(r"\d{6}", text))
    assert (len(codes), len(ana.private.texts)) == (1, 3)
    assert (len(chief.private.shown), len(deputy.private.shown)) == (1, 1)


async def test_two_administrators_press_at_once(start: Start) -> None:
    """The first decides; the other is told what was decided, and nothing is done twice."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        await asked(bench, ana, (chief, deputy))
        clicks = [chief.click(last(chief), "Admettre"), deputy.click(last(deputy), "Refuser")]
        await bench.idle()
        await fake.until(lambda: all(click.answers for click in clicks))
        await fake.until(lambda: labels(last(chief)) == labels(last(deputy)) == [])
        ana_is_in = "acceptée" in ana.private.texts[-1]
        words = "a maintenant accès" if ana_is_in else "refusé à"
        assert all(words in click.answers[0] for click in clicks)
        members = MemberStore(bench.context.memory.store)
        assert await bench.context.memory.do(members.users) == ({ana.id} if ana_is_in else set())


async def test_a_name_is_no_markup_and_no_flood(start: Start) -> None:
    """A hostile name is shown as it is, on one line, shortened; marks that turn text are gone."""
    fake = FakeTelegram()
    chief, deputy, _ = people(fake)
    eve = Person(fake, "<b>Chef</b>\n\n\u202eAdmis\u200b par Chef " + "x" * 300)
    async with start(closed(fake)) as bench:
        await asked(bench, eve, (chief, deputy))
    first = last(chief)["text"].splitlines()[0]
    assert "<b>Chef</b> Admis par Chef" in first
    assert "\u202e" not in first
    assert len(first) < 150


async def test_requests_are_bounded(start: Start) -> None:
    """Beyond so many that wait, who asks is told to come back; a decision makes room."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        now, memory = bench.context.now(), bench.context.memory
        members = MemberStore(memory.store)
        for user in range(9_000, 9_000 + MAX_OPEN):
            await memory.do(members.ask, AdmissionRequest(0, user, "Zoé", "fr", "123456", now))
        ana.say("/start")
        await fake.until(lambda: "trop de demandes" in last(ana)["text"])
        assert chief.private.shown == []
        await memory.do(members.decide, 1, AdmissionState.REFUSED, now, "Chef")
    async with start(closed(fake)) as bench:
        await asked(bench, ana, (chief, deputy))


async def test_nobody_takes_all_the_places_for_long(start: Start) -> None:
    """The oldest request gives its place to a new one, once it has had it for a day."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        begun, memory = bench.context.now(), bench.context.memory
        members = MemberStore(memory.store)
        for user in range(9_000, 9_000 + MAX_OPEN):
            at = begun + timedelta(minutes=user - 9_000)
            await memory.do(members.ask, AdmissionRequest(0, user, "Zoé", "fr", "123456", at))
        later(bench, 1)
        await asked(bench, ana, (chief, deputy))
        waiting = await memory.do(members.open, bench.context.now())
    assert [one.user for one in waiting] == [*range(9_001, 9_000 + MAX_OPEN), ana.id]


async def test_who_blocked_the_bot_is_admitted_all_the_same(start: Start) -> None:
    """The administrators learn that the message did not arrive."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        await asked(bench, ana, (chief, deputy))
        ana.block()
        chief.click(last(chief), "Admettre")
        await fake.until(lambda: "n’est pas arrivé" in last(chief)["text"])
        ana.unblock()
        ana.say("Quoi ?")
        await fake.until(lambda: whole(last(ana)))


async def test_administrators_who_cannot_be_reached(start: Start) -> None:
    """Nobody was told: the next message of the reader tells them, on the same day."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    chief.block()
    deputy.block()
    async with start(closed(fake)) as bench:
        ana.say("/start")
        await fake.until(lambda: ana.private.shown)
        await bench.idle()
        chief.unblock()
    async with start(closed(fake)) as bench:
        await asked(bench, ana, (chief,))
    assert (len(chief.private.shown), len(deputy.private.shown)) == (1, 0)


async def test_a_crash_before_the_administrators_were_told(start: Start, tmp_path: Path) -> None:
    """Who writes again on the same day is told of then."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    now = datetime.now(UTC)
    with Store(tmp_path / "bot.db") as store:
        members = MemberStore(store)
        members.ask(AdmissionRequest(0, ana.id, "Ana", "fr", "123456", now))
        assert members.begin_telling(1, now.date().isoformat(), 0)
    async with start(closed(fake)) as bench:
        assert await asked(bench, ana, (chief, deputy)) == "123456"


async def test_a_request_is_told_once_though_a_worker_begins(start: Start) -> None:
    """One worker is telling of it: another that begins has nobody told again."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    one, two = (replace(closed(fake), worker=number) for number in (1, 2))
    async with start(two) as second:
        memory = second.context.memory
        claim = "INSERT INTO claims VALUES (?, 2)"
        await memory.do(memory.store.rows, claim, ana.id)
        fake.faults.add(
            Kind.CUT, "sendMessage", times=2, when=lambda a: a.number("chat_id") == CHIEF
        )
        ana.say("/start")
        await second.deliver()
        await fake.until(lambda: ana.private.shown and not fake.faults.planned[0].times)
        async with start(one):
            ana.say("/start")
            await second.deliver()
            await fake.until(lambda: len(ana.private.shown) == 2 and deputy.private.shown)
            await fake.until(lambda: second.context.runs.count == 0)
    assert [len(each.private.shown) for each in (chief, deputy)] == [1, 1]


async def test_members_are_listed_and_removed(start: Start, tmp_path: Path) -> None:
    """By an administrator's button, and by a terminal while the bot runs."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        code = await asked(bench, ana, (chief, deputy))
        chief.say("/membres")
        await fake.until(lambda: "1 demande en attente" in last(chief)["text"])
        assert labels(last(chief)) == [f"Admettre {code}", f"Refuser {code}"]
        chief.click(last(chief), f"Admettre {code}")
        await fake.until(lambda: "1 lecteur admis" in last(chief)["text"])
        assert "Ana" in last(chief)["text"]
        chief.click(last(chief), "✕ 1")
        await fake.until(lambda: "0 lecteur" in last(chief)["text"])
        await asked(bench, ana, (chief, deputy))
        deputy.click(last(deputy), "Admettre")
        await fake.until(lambda: "acceptée" in last(ana)["text"])
        with Store(tmp_path / "bot.db") as terminal:
            assert MemberStore(terminal).remove(ana.id)
        ana.say("/articles")
        await bench.idle()
        assert not any(whole(one) for one in ana.private.shown)


async def test_members_count_only_while_they_are_admitted_by_code(start: Start) -> None:
    """With the lists alone, they decide alone."""
    fake = FakeTelegram()
    chief, deputy, ana = people(fake)
    async with start(closed(fake)) as bench:
        await asked(bench, ana, (chief, deputy))
        chief.click(last(chief), "Admettre")
        await fake.until(lambda: "acceptée" in last(ana)["text"])
    listed = replace(ACCESS, by_code=False, users=frozenset({9_999}))
    async with start(closed(fake, listed)) as bench:
        ana.say("Quoi ?")
        await bench.idle()
        assert not any(whole(one) for one in ana.private.shown)


def test_a_bot_that_nobody_could_admit_to_does_not_start(own_home: Path) -> None:
    """Codes without an administrator are a mistake of the settings, said at the start."""
    telegram = {"token": "1:x", "admission": "code"}
    settings = Settings.model_validate({"home": own_home, "telegram": telegram})
    with Kiosque(settings) as kiosque, pytest.raises(BadSettings, match="without_admins"):
        run(kiosque, "fr", (), lambda _number, _socket: ())
