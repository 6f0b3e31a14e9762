"""A correction to 300 chats: floods, lost replies, blocked users, and a bot that is killed.

The server takes what Telegram takes, and loses, cuts or refuses one call in twenty at random.
Each time the bot is killed, with SIGKILL, a moment after a call that was drawn.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import Kiosque
from bot.desk.errata import proposed
from bot.memory.conversation import stored_source
from bot.memory.errata import ErratumStore
from bot.memory.store import Store
from bot.memory.values import Place, StoredAnswer
from config.settings import Settings
from retrieval.vocabulary import Citation
from tests.benchmarks.bot_process import START, BotOrder, running
from tests.benchmarks.common import Setup, caption
from tests.benchmarks.results import table
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.errors import bad_request
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.floods import Limits
from tests.fake_telegram.over_http import served
from tests.fake_telegram.people import Person, new_group
from tests.fake_telegram.world import Chat

TITLE = "A correction to 300 chats"
_PEOPLE, _GROUPS, _BLOCKED, _GONE, _KILLS, _ADMIN = 270, 30, 9, 4, 20, 502
_BAD = (Kind.FLOOD, Kind.LOST_REPLY, Kind.CUT, Kind.BAD_GATEWAY)
_BAD_SHARE = 0.05
_QUOTE, _NOW = "Le pont compte dix-sept arches.", "Le pont compte dix-huit arches."
_WITHIN_S = 1_200.0


@dataclass(slots=True)
class Corrected:
    """What came of one sending."""

    seconds: float = 0.0
    kills: int = 0
    refused: int = 0
    told: Counter[int] = field(default_factory=Counter)
    unreachable: int = 0
    report: str = ""
    reports: int = 0


def corrected(home: Path, folder: Path, kills: int, seed: int) -> Corrected:
    """Send one correction, killing the bot so many times."""
    article = _published(home, folder, _QUOTE)
    fake = FakeTelegram(Limits())
    people = [Person(fake, f"P{n}") for n in range(_PEOPLE)]
    groups = [new_group(fake, f"G{n}") for n in range(_GROUPS)]
    admin = Person(fake, "Chef", id_=_ADMIN)
    places = [Place(one.id, 0, one.id) for one in people] + [Place(g.id, 0, 7) for g in groups]
    _read(home, folder / "bot.db", article, places)
    _published(home, folder, _NOW)
    _ordered(home, folder / "bot.db", article)
    gone = [people[-1].private, *groups[: _GONE - 1]]
    for person in people[:_BLOCKED]:
        person.block()
    fake.updates.pending.clear()
    for chat in gone:
        chat.refusal = bad_request("chat not found")
    dice = random.Random(seed)  # noqa: S311 - no secret
    fake.faults.weather = lambda method: (
        dice.choice(_BAD) if method == "sendmessage" and dice.random() < _BAD_SHARE else None
    )
    (folder / "days").write_text("0", "utf-8")
    chats = [one.private for one in people] + groups
    return asyncio.run(
        _sent(
            fake,
            chats,
            admin,
            BotOrder(
                home,
                folder / "bot.db",
                0,
                folder / "days",
                frozenset({_ADMIN}),
                frozenset(g.id for g in groups),
            ),
            kills,
            dice,
        )
    )


def _published(home: Path, folder: Path, text: str) -> str:
    path = folder / "pont.txt"
    path.write_text(f"Le pont de Brume\n\n{text}\n", encoding="utf-8")
    with Kiosque(Settings(home=home)) as kiosque:
        kiosque.indexer().index([path])
        (entry,) = kiosque.reader.entries()
    return entry.id


def _read(home: Path, memory: Path, id_: str, places: Iterable[Place]) -> None:
    with Kiosque(Settings(home=home)) as kiosque:
        article = kiosque.reader.article(id_)
    start = article.text.index(_QUOTE)
    source = stored_source(Citation(1, article, _QUOTE, start, start + len(_QUOTE)))
    with Store(memory) as store:
        for place in places:
            answer = StoredAnswer(0, place, START, "fr", "Combien d'arches ?", "answered", _QUOTE)
            store.add_answer(answer, [source])


def _ordered(home: Path, memory: Path, id_: str) -> None:
    """As ``kiosque errata ID --send`` does."""
    with Kiosque(Settings(home=home)) as kiosque, Store(memory) as store:
        errata = ErratumStore(store)
        one = proposed(errata, kiosque.reader, id_, START)
        errata.begin(one.erratum, 0, START, [reader.conversation for reader in one.to_tell()])


async def _sent(
    fake: FakeTelegram,
    chats: list[Chat],
    admin: Person,
    order: BotOrder,
    kills: int,
    dice: random.Random,
) -> Corrected:
    found = Corrected()
    async with served(fake) as server:
        order = replace(order, port=server.port)
        begun = time.perf_counter()
        async with running(order) as bot:
            for _ in range(kills):
                calls = len(fake.made("sendMessage")) + dice.randint(1, 2 * len(chats) // kills)
                await fake.until(partial(_has_made, fake, calls, admin), _WITHIN_S)
                await asyncio.sleep(dice.uniform(0, 0.03))
                if _is_over(admin):
                    break
                await bot.kill()
                bot.start()
            await fake.until(lambda: _is_over(admin), _WITHIN_S)
            found.kills = bot.kills
        found.seconds = time.perf_counter() - begun
    found.told = Counter(len(chat.texts) for chat in chats if chat.refusal is None)
    found.unreachable = sum(bool(chat.texts) for chat in chats if chat.refusal is not None)
    found.refused = sum(call.refused == 429 for call in fake.made("sendMessage"))
    reports = [text for text in admin.private.texts if "Rectificatif envoyé" in text]
    found.report, found.reports = reports[-1].splitlines()[-1], len(reports)
    return found


def _has_made(fake: FakeTelegram, calls: int, admin: Person) -> bool:
    return len(fake.made("sendMessage")) >= calls or _is_over(admin)


def _is_over(admin: Person) -> bool:
    return any("Rectificatif envoyé" in text for text in admin.private.texts)


def report(setup: Setup, kills: int = _KILLS) -> str:
    """The section's text."""
    rows: list[tuple[object, ...]] = []
    for name, times in (("undisturbed by kills", 0), (f"killed {kills} times", kills)):
        with setup.temporary_home() as home, TemporaryDirectory() as folder:
            found = corrected(home, Path(folder), times, seed=7)
        more = sum(count for many, count in found.told.items() if many > 1)
        once = f"{found.told[1]} / {more} / {found.told[0]}"
        rows.append((name, found.kills, once, found.refused, f"{found.seconds:.0f}", found.report))
    head = ("bot", "kills", "told once / more / never, of 287", "429s", "seconds", "its report")
    about = (
        f"{_PEOPLE} people and {_GROUPS} groups; {_BLOCKED} people have blocked the bot, {_GONE}"
        f" chats are gone. The server takes 30 messages a second and 20 a minute in a group, and"
        f" floods, cuts or loses {_BAD_SHARE:.0%} of the calls."
    )
    return f"{caption('python-telegram-bot')} {about}\n\n{table(head, rows)}"
