"""Following: 200 subjects, 50 changes of the archive, a bot that is killed in between.

Each change is another day, so that a subject may be told of each. What the memory says was told
is compared with what stands in the chats: each notice once, none that it does not know. On days
when no evidence changes (another sentence of an article, a withdrawal, other articles) nothing
may be told at all.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import Kiosque
from bot.memory.store import Store
from bot.memory.subjects import SubjectStore
from bot.memory.values import Place, Subject
from config.settings import Settings
from tests.benchmarks import dossiers
from tests.benchmarks.bot_process import START, BotOrder, BotProcess, running
from tests.benchmarks.common import Setup, caption
from tests.benchmarks.results import table
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.floods import Limits
from tests.fake_telegram.over_http import served
from tests.fake_telegram.people import Person

TITLE = "Following through kills"
_SUBJECTS, _CHANGES, _AT_ONCE, _OTHERS = 200, 50, 5, 120
_KINDS = ("new", "elsewhere", "corrected", "other", "withdrawn")
_TELLING = {"new", "corrected"}
_THINGS = (
    "du phare",
    "du moulin",
    "de la halle",
    "du lavoir",
    "du théâtre",
    "de la chapelle",
    "de la piscine",
    "du port",
    "de la gare",
    "du manoir",
)
_PLACES = (
    "Kerluz",
    "Lansec",
    "Vaubrelles",
    "Mirvolle",
    "Ostrac",
    "Belvane",
    "Tressigny",
    "Corvanne",
    "Doulmes",
    "Fargeac",
    "Guistrel",
    "Hautmire",
    "Jarzenne",
    "Lombric",
    "Nervac",
    "Plougat",
    "Quersac",
    "Rimbeuf",
    "Sauzelle",
    "Valdoux",
)
_FIRST = ("Maud", "Yann", "Anne", "Karim", "Lise", "Paul", "Inès", "Hugo", "Nora", "Marc")
_LAST = ("Tévenin", "Le Goas", "Barrel", "Cazes", "Duroc", "Estève", "Fabre", "Guern")
_WITHIN_S = 600.0


@dataclass(slots=True)
class FollowedDays:
    """What came of so many changes."""

    kills: int = 0
    seconds: float = 0.0
    notices: int = 0
    aimed: int = 0
    told_of_aimed: int = 0
    told_beside: int = 0
    twice: int = 0
    unknown: int = 0
    lost: int = 0
    on_quiet_days: int = 0
    changes: Counter[str] = field(default_factory=Counter)


def _topic(number: int) -> str:
    return f"l'association {_THINGS[number % 10]} de {_PLACES[number // 10 % 20]}"


def _question(number: int) -> str:
    return f"Qui préside {_topic(number)} ?"


def _sentence(number: int, version: int) -> str:
    first, last = _FIRST[(number + version) % 10], _LAST[(number + 3 * version) % 8]
    topic = _topic(number)
    return f"Le président de {topic} est {first} {last}."


@dataclass(slots=True)
class DailyPress:
    """The articles of each day.

    Args:
        folder: holds them.
        kiosque: takes them in.
        dice: draws what changes.
    """

    folder: Path
    kiosque: Kiosque
    dice: random.Random
    versions: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    edits: Counter[int] = field(default_factory=Counter)
    others: int = 0

    def change(self, kind: str) -> list[int]:
        """Make one change; the subjects that it is meant to tell something."""
        live = sorted(self.versions.keys() - self.gone)
        if kind == "withdrawn" and len(live) > _AT_ONCE:
            self._withdraw(self.dice.choice(live))
            return []
        if kind == "other":
            self.others += 1
            path = self.folder / f"autre-{self.others}.md"
            self._index([dossiers.write_one(path, 10_000 + self.others, 1)])
            return []
        if kind == "new" or len(live) < _AT_ONCE:
            fresh = sorted({*range(_SUBJECTS)} - self.versions.keys())
            chosen = self.dice.sample(fresh, min(_AT_ONCE, len(fresh)))
            self.versions.update(dict.fromkeys(chosen, 0))
        else:
            chosen = self.dice.sample(live, _AT_ONCE)
            for one in chosen:
                self.edits[one] += 1
                self.versions[one] += kind == "corrected"
        self._index([self._written(one) for one in chosen])
        return chosen if kind in _TELLING else []

    def _written(self, number: int) -> Path:
        path = self.folder / f"sujet-{number}.txt"
        said = _sentence(number, self.versions[number])
        days = self.edits[number] + 2
        text = f"Nouvelles de {_topic(number)}\n\n{said} Les travaux dureront {days} mois.\n"
        path.write_text(text, encoding="utf-8")
        return path

    def _index(self, paths: list[Path]) -> None:
        self.kiosque.indexer("bench").index(paths)

    def _withdraw(self, number: int) -> None:
        title = f"Nouvelles de {_topic(number)}"
        (id_,) = (one.id for one in self.kiosque.reader.entries() if one.title == title)
        self.kiosque.editor("bench").withdraw([id_], "")
        self.gone.add(number)


def followed(home: Path, folder: Path, subjects: int, changes: int, seed: int) -> FollowedDays:
    """Follow so many subjects through so many changes."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    articles = folder / "articles"
    dossiers.write(articles, dict.fromkeys(range(_OTHERS), 0))
    fake = FakeTelegram(Limits())
    people = [Person(fake, f"P{n}") for n in range(subjects)]
    with Kiosque(Settings(home=home)) as kiosque:
        kiosque.indexer("bench").index([articles])
        newest = kiosque.reader.live_generation() or 0
        with Store(folder / "bot.db") as store:
            for number, person in enumerate(people):
                place = Place(person.id, 0, person.id)
                question = _question(number)
                SubjectStore(store).add(
                    Subject(0, place, START, "fr", question, (), newest, newest), 9
                )
        (folder / "days").write_text("0", "utf-8")
        order = BotOrder(home, folder / "bot.db", 0, folder / "days")
        press = DailyPress(articles, kiosque, dice)
        return asyncio.run(_days(fake, people, order, press, changes, dice))


async def _days(
    fake: FakeTelegram,
    people: list[Person],
    order: BotOrder,
    press: DailyPress,
    changes: int,
    dice: random.Random,
) -> FollowedDays:
    found, begun = FollowedDays(), time.perf_counter()
    async with served(fake) as server:
        order = replace(order, port=server.port)
        async with running(order) as bot:
            for day in range(1, changes + 1):
                order.days.write_text(str(day), "utf-8")
                kind = _KINDS[(day - 1) % len(_KINDS)]
                before = [len(person.private.texts) for person in people]
                aimed = await asyncio.to_thread(press.change, kind)
                await _killed(fake, bot, dice)
                newest = press.kiosque.reader.live_generation() or 0
                await fake.until(lambda: _has_told(order.memory, newest), _WITHIN_S)  # noqa: B023
                told = {
                    number
                    for number, person in enumerate(people)
                    if len(person.private.texts) > before[number]
                }
                aimed = [number for number in aimed if number < len(people)]
                found.changes[kind] += 1
                found.aimed += len(aimed)
                found.told_of_aimed += len(told.intersection(aimed))
                if kind in _TELLING:
                    found.told_beside += len(told.difference(aimed))
                else:
                    found.on_quiet_days += len(told)
                print(f"day {day}, {kind}: {len(aimed)} aimed at, {len(told)} told", flush=True)
            found.kills = bot.kills
    found.seconds = time.perf_counter() - begun
    _compare(found, people, order.memory)
    return found


async def _killed(fake: FakeTelegram, bot: BotProcess, dice: random.Random) -> None:
    """Kill it while it looks, or just after it began to send; then start it again."""
    calls = len(fake.made("sendMessage"))
    if dice.random() < 0.5:
        await asyncio.sleep(dice.uniform(0.0, 3.0))
    else:
        wanted = calls + dice.randint(1, 4)
        with suppress(TimeoutError):
            await fake.until(lambda: len(fake.made("sendMessage")) >= wanted, 6.0)
        await asyncio.sleep(dice.uniform(0.0, 0.02))
    await bot.kill()
    bot.start()


def _has_told(memory: Path, newest: int) -> bool:
    with closing(sqlite3.connect(f"file:{memory}?mode=ro", uri=True)) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM subjects WHERE looked < ?)"
            " + (SELECT count(*) FROM news WHERE notice = 0) + (SELECT count(*) FROM notices)",
            (newest,),
        ).fetchone()
    return not left[0]


def _compare(found: FollowedDays, people: list[Person], memory: Path) -> None:
    """What the memory says was told, against what stands in the chats."""
    with closing(sqlite3.connect(memory)) as connection:
        stored = Counter(
            connection.execute("SELECT chat, text FROM answers WHERE status = 'notice'")
        )
    shown = Counter((person.id, text) for person in people for text in person.private.texts)
    found.notices = shown.total()
    found.twice = sum(
        count - stored[one] for one, count in shown.items() if 0 < stored[one] < count
    )
    found.unknown = sum(count for one, count in shown.items() if not stored[one])
    found.lost = (stored - shown).total()


def report(setup: Setup, subjects: int = _SUBJECTS, changes: int = _CHANGES) -> str:
    """The section's text."""
    with setup.temporary_home() as home, TemporaryDirectory() as folder:
        found = followed(home, Path(folder), subjects, changes, seed=11)
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.changes.items())
    rows: list[tuple[object, ...]] = [
        ("subjects, changes, kills", f"{subjects}, {sum(found.changes.values())}, {found.kills}"),
        ("kinds of changes", kinds),
        ("notices in the chats", found.notices),
        ("… shown twice", found.twice),
        ("… that the memory does not know", found.unknown),
        ("… that the memory says were shown, and were not", found.lost),
        ("told on days when no evidence changed", found.on_quiet_days),
        (
            "subjects that a change was written for, told of it",
            f"{found.told_of_aimed} of {found.aimed}",
        ),
        ("subjects of other names that were told of it too", found.told_beside),
        ("seconds", f"{found.seconds:.0f}"),
    ]
    about = f"{caption('python-telegram-bot', 'onnxruntime')} Without a model."
    return f"{about}\n\n{table(('what', 'measured'), rows)}"
