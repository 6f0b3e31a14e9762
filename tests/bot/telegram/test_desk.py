"""What administrators are told without asking, through the fake server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.desk.gaps import weekly_moment
from bot.memory.values import Place, StoredAnswer
from bot.telegram.admin.desk import DeskReports
from config.settings import Settings, TelegramSettings
from retrieval.errors import StorageFull
from retrieval.web.watch_store import EntryRecord, WatchStore
from tests.bot.telegram.bench import Bench, Setup
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person

MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def desk(bench: Bench, *admins: Person, day: str = "monday", now: datetime = MONDAY) -> DeskReports:
    """The reports to some administrators, at a time."""
    telegram = TelegramSettings.model_validate(
        {"admins": tuple(one.id for one in admins), "gaps_day": day}
    )
    bench.context.now = lambda: now
    return DeskReports(bench.context, Settings(telegram=telegram))


async def ask_in_vain(
    bench: Bench, *users: int, question: str = "Quand rouvrira la piscine ?"
) -> None:
    """Questions that found nothing, the day before."""
    memory = bench.context.memory
    for user in users:
        at = MONDAY - timedelta(days=1)
        answer = StoredAnswer(0, Place(user, 0, user), at, "fr", question, "refused", "…")
        await memory.do(memory.store.add_answer, answer, [])


async def test_the_week_once_to_each_administrator(start: Start) -> None:
    """Each gets it in their language, once, also over a restart; next week there is another."""
    fake = FakeTelegram()
    ana, bob = Person(fake, "Ana"), Person(fake, "Bob", "en")
    async with start(Setup(fake=fake)) as bench:
        await bench.context.memory.do(bench.context.memory.store.set_language, bob.id, "en")
        await ask_in_vain(bench, 71, 72)
        for _ in range(2):
            await desk(bench, ana, bob).look()
        (shown,) = ana.private.shown
        assert "Quand rouvrira la piscine ? (2 questions, 2 personnes" in shown["text"]
        assert "2 questions, 2 people" in bob.private.shown[0]["text"]
    async with start(Setup(fake=fake)) as bench:
        await desk(bench, ana, bob).look()
        assert len(ana.private.shown) == 1
        await ask_in_vain(bench, 71, 72, question="Qui dirige le port de Kerluz ?")
        await desk(bench, ana, bob, now=MONDAY + timedelta(days=7)).look()
        assert len(ana.private.shown) == 1  # nothing was asked in vain in that week
        assert len(bob.private.shown) == 1


async def test_a_clock_that_was_ahead_keeps_no_report(start: Start) -> None:
    """A report of a week that is a year away by now holds none of ours back."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    async with start(Setup(fake=fake)) as bench:
        await desk(bench, ana, now=MONDAY + timedelta(days=364)).look()
        await ask_in_vain(bench, 71, 72)
        for _ in range(2):
            await desk(bench, ana).look()
    assert len(ana.private.shown) == 1


async def test_nothing_when_it_is_not_due(start: Start) -> None:
    """Off, on another day, and when nobody asked in vain: silence."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    async with start(Setup(fake=fake)) as bench:
        await desk(bench, ana).look()
        await ask_in_vain(bench, 71, 72)
        await desk(bench, ana, day="off").look()
        await desk(bench, ana, day="saturday").look()
        await desk(bench, ana).look()  # Monday's was empty, and is over
    assert ana.private.shown == []


async def test_an_index_that_cannot_be_made_anew_is_told_once(start: Start) -> None:
    """Why and what to do, in one message also over a restart; and once that it was made."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    full = StorageFull("compaction_no_room", path="/var/lib", needed=900, free=10)
    for _ in range(2):
        async with start(Setup(fake=fake)) as bench:
            for _ in range(2):
                await desk(bench, ana).look()  # nothing is known yet
                bench.context.figures.compaction = full
                await desk(bench, ana).look()
    (said,) = ana.private.texts
    assert "demande 900 Mo dans /var/lib" in said
    assert "Libérez de la place" in said
    async with start(Setup(fake=fake)) as bench:
        bench.context.figures.compaction = True
        for _ in range(2):
            await desk(bench, ana).look()
    (_, well) = ana.private.texts
    assert well == "L’index a été refait en entier\u00a0: tout va bien de nouveau."


async def test_an_administrator_who_blocked_the_bot(start: Start) -> None:
    """The others get it; the one who comes back gets it then."""
    fake = FakeTelegram()
    gone, ana = Person(fake, "Gone"), Person(fake, "Ana")
    async with start(Setup(fake=fake)) as bench:
        await ask_in_vain(bench, 71, 72)
        gone.block()
        await desk(bench, gone, ana).look()
        assert len(ana.private.shown) == 1
        assert gone.private.shown == []
        gone.unblock()
        await desk(bench, gone, ana).look()
    assert (len(gone.private.shown), len(ana.private.shown)) == (1, 1)


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T07:59", "2026-11-16T08:00"),
        ("2026-11-29T23:00", "2026-11-23T08:00"),
        ("2026-03-30T09:00", "2026-03-30T08:00"),  # the day after clocks went forward
        ("2026-10-26T08:30", "2026-10-26T08:00"),  # and back
    ],
)
def test_the_moment_of_a_week(now: str, moment: str) -> None:
    """By the clock of the newsroom, in summer and in winter."""
    local = datetime.fromisoformat(now).replace(tzinfo=PARIS)
    expected = datetime.fromisoformat(moment).replace(tzinfo=PARIS)
    assert weekly_moment(local, 0, 8) == expected


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])  # clocks go forward, and back
def test_a_week_has_one_moment_when_clocks_change(night: str) -> None:
    """An hour that is left out or comes twice makes one report, not none and not two."""
    begin = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=UTC)
    hours = [begin + timedelta(minutes=10 * n) for n in range(-18, 24)]
    moments = [weekly_moment(one.astimezone(PARIS), 6, 2) for one in hours]
    assert len({one.isoformat() for one in moments}) == 2
    assert moments == sorted(moments)


async def test_a_feed_falls_silent_and_comes_back(start: Start, tmp_path: Path) -> None:
    """One message when it does, one when it is back, over a restart; a feed taken off is none."""
    day, url = 86_400.0, "https://fanal.example/feed"
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    with WatchStore(tmp_path / "watch.db") as store:
        store.add_feed(url)
        for at in range(30):
            store.save(entries={url: {str(at): EntryRecord("1")}}, now=at * day)
        silent = replace(store.feed(url), checked=40 * day)
        store.save([silent], now=40 * day)
        telegram = TelegramSettings.model_validate({"admins": (ana.id,), "gaps_day": "off"})
        settings = Settings(home=tmp_path, telegram=telegram)
        for _ in range(2):
            async with start(Setup(fake=fake)) as bench:
                await DeskReports(bench.context, settings).look()
                await DeskReports(bench.context, settings).look()
        assert [("se tait" in one["text"], url in one["text"]) for one in ana.private.shown] == [
            (True, True)
        ]
        store.save(entries={url: {"new": EntryRecord("1")}}, now=40 * day)
        async with start(Setup(fake=fake)) as bench:
            await DeskReports(bench.context, settings).look()
            await DeskReports(bench.context, settings).look()
            assert "de retour" in ana.private.shown[1]["text"]
            store.remove_feed(url)
            await DeskReports(bench.context, settings).look()
    assert len(ana.private.shown) == 2
