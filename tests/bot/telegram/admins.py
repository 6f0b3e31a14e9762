"""The bot over an archive that may change, with its administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app import Kiosque
from bot.telegram.limits import Access
from config.loading import load
from tests.bot.telegram.bench import Bench, Setup, benched, labels
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person
from tests.fake_telegram.world import Message
from tests.sample_home import TODAY

ADMIN, OTHER = 502, 503
ARTICLE = (
    "Le phare de Kerluz rallumé par ses voisins\n\n"
    "Le phare de Kerluz, éteint depuis 1998, a été rallumé samedi par une association de "
    "quarante riverains, qui a réuni 61.000 euros en deux ans.\n\n"
    "La présidente, Maud Tévenin, espère mille visiteurs dès l'été prochain.\n"
).encode()
SECOND = (
    "La mairie de Lansec ferme le lundi\n\n"
    "Faute de personnel, la mairie de Lansec sera fermée tous les lundis à partir de mars.\n"
).encode()
QUESTION = "Combien d'euros l'association du phare de Kerluz a-t-elle réunis ?"


@asynccontextmanager
async def admin_bench(
    home: Path,
    tmp_path: Path,
    fake: FakeTelegram | None = None,
    more: str = "",
    users: Iterable[int] = (),
) -> AsyncIterator[tuple[Bench, Person]]:
    """A bot over an archive that may change, and its administrator.

    Args:
        home: that of the archive; it begins empty where there is none.
        tmp_path: takes the settings and the bot's memory.
        fake: the server, when one test starts the bot twice.
        more: further settings.
        users: who else may ask in private; everybody without any.
    """
    config = tmp_path / "kiosque.toml"
    config.write_text(f'home = "{home}"\nlanguage = "fr"\n{more}', encoding="utf-8")
    access = Access(admins=frozenset({ADMIN, OTHER}), users=frozenset(users))
    settings = load(config).settings
    setup = Setup(fake=fake or FakeTelegram(), access=access, settings=settings)
    with Kiosque(settings, lambda: TODAY) as kiosque:
        kiosque.begin_archive()
        async with benched(kiosque, tmp_path / "bot.db", setup) as bench:
            yield bench, Person(bench.fake, "Chef", id_=ADMIN)


def uploaded(home: Path) -> list[str]:
    """The files that are kept."""
    return sorted(path.name for path in home.glob("uploads/*"))


def waiting(home: Path) -> list[str]:
    """The files that wait for a word."""
    return sorted(path.name for path in home.glob("waiting/*/new/*"))


async def says(bench: Bench, person: Person, words: str, seconds: float = 60) -> Message:
    """Wait until the last message to a person has these words."""
    shown = person.private
    await bench.fake.until(lambda: shown.texts and words in shown.texts[-1], seconds)
    return shown.shown[-1]


async def planned(bench: Bench, person: Person, words: str) -> Message:
    """Wait until the last message is a plan with these words and its buttons."""
    shown = person.private
    await bench.fake.until(
        lambda: shown.texts and words in shown.texts[-1] and "Confirmer" in labels(shown.shown[-1]),
        60,
    )
    return shown.shown[-1]


async def told(bench: Bench, person: Person, message: Message, label: str) -> str:
    """What a click on a button is answered."""
    click = person.click(message, label)
    await bench.fake.until(lambda: click.answers, 30)
    return click.answers[0]


async def actions(bench: Bench) -> list[str]:
    """The audit."""
    memory = bench.context.memory
    return [row[0] for row in await memory.do(memory.store.rows, "SELECT action FROM acts")]
