"""``kiosque index``: what is shown of each article, what is linked, and when it asks first."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli.index import next_time
from tests.bot.cli.conftest import Kiosque
from tests.bot.cli.typist import typing
from tests.retrieval.embedding.embedding_server import serving

HEAD = "---\ntitle: {title}\npublished: 2017-05-24\noutlet: Le Courrier\n---\n"
PARAGRAPHS = [
    "Le pont de Brume rouvre à la circulation lundi matin, après un an de travaux qui ont coûté"
    " quatre millions d'euros à la commune et au département.",
    "Les ouvriers ont remplacé les 12 piles de bois par des piles de béton, et posé un tablier"
    " plus large que celui de 1931.",
    "Le maire se réjouit : les habitants de la rive gauche ne feront plus le détour.",
]


def write(folder: Path, name: str, title: str, *paragraphs: str) -> Path:
    """An article in a file."""
    path = folder / f"{name}.md"
    path.write_text(HEAD.format(title=title) + "\n\n".join(paragraphs), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an article about the bridge."""
    folder = tmp_path / "articles"
    folder.mkdir()
    write(folder, "a", "Le pont rouvre", *PARAGRAPHS)
    return folder


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """Settings under which the first article that changes is asked about."""
    path = tmp_path / "strict.toml"
    path.write_text("[indexing]\nconfirm_above = 0\n", encoding="utf-8")
    return path


def flat(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def test_plan_for_people(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """A dry run names each article: what is new, what changed in it, what it repeats."""
    kiosque(empty_home, "index", folder)
    write(folder, "a", "Le pont est ouvert", *PARAGRAPHS, "Une fête est prévue.")
    write(folder, "b", "Les ponts", *PARAGRAPHS[:2])
    write(folder, "c", "Le marché déménage", "Le marché de Corvec ira sur le port samedi.")
    shown = flat(kiosque(empty_home, "index", "--dry-run", folder).out)
    for piece in (
        "1 article ajouté – Le marché déménage (24 mai 2017, Le Courrier)",
        "1 article modifié – Le pont est ouvert [",
        "Titre : Le pont rouvre → Le pont est ouvert ; 1 paragraphe ajouté",
        "Les ponts (24 mai 2017, Le Courrier) : à 100 % dans « Le pont est ouvert » [",
    ):
        assert piece in shown


def test_long_plans_are_cut(kiosque: Kiosque, empty_home: Path, tmp_path: Path) -> None:
    """Thirty lines of a kind are shown, then how many there are beside."""
    for number in range(35):
        write(tmp_path, f"{number:02d}", f"Le tram {number}", f"La ligne {number} ferme.")
    shown = kiosque(empty_home, "index", "--dry-run", tmp_path).out
    assert shown.count("Le tram") == 30
    assert "et 5 autres" in shown
    ran = kiosque(empty_home, "index", "--dry-run", tmp_path, "--json", "--explain")
    assert len(ran.json["items"]) == 35


def test_linked_sources_are_shown(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """What repeats an article is counted, listed with it, and found under its name."""
    copy = write(folder, "b", "Les ponts de Brume", *PARAGRAPHS[:2])
    report = kiosque(empty_home, "index", folder, "--json", "--explain").json
    assert (report["added"], report["near_duplicates"]) == (1, 1)
    item = next(item for item in report["items"] if item["kind"] == "near_duplicate")
    assert item["like"]["title"] == "Le pont rouvre"
    shown = kiosque(empty_home, "show", item["article_id"], "--json").json
    assert shown["duplicates"] == [
        {
            "title": "Les ponts de Brume",
            "outlet": "Le Courrier",
            "published": "2017-05-24",
            "url": None,
            "source": str(copy),
            "likeness": item["like"]["likeness"],
        }
    ]
    ran = flat(kiosque(empty_home, "show", item["article_id"]).out)
    assert "Publié aussi ailleurs, 1 fois : – Les ponts de Brume (24 mai 2017" in ran


def test_copies_are_indexed_when_set_so(
    kiosque: Kiosque, empty_home: Path, folder: Path, tmp_path: Path
) -> None:
    """``near_duplicates = "index"`` makes an article of each."""
    settings = tmp_path / "every.toml"
    settings.write_text('[indexing]\nnear_duplicates = "index"\n', encoding="utf-8")
    write(folder, "b", "Les ponts de Brume", *PARAGRAPHS[:2])
    report = kiosque(empty_home, "--config", settings, "index", folder, "--json").json
    assert (report["added"], report["near_duplicates"]) == (2, 0)


def test_big_change_wants_a_yes(
    kiosque: Kiosque, empty_home: Path, folder: Path, strict: Path
) -> None:
    """Without a terminal a big change is refused with 2, whole; ``--yes`` makes it."""
    added = kiosque(empty_home, "--config", strict, "index", folder)
    assert added.code == 0
    write(folder, "a", "Le pont est ouvert", *PARAGRAPHS)
    before = kiosque(empty_home, "articles", "--json").out
    refused = kiosque(empty_home, "--config", strict, "index", folder)
    assert "--yes" in refused.failed(2)
    in_json = kiosque(empty_home, "--config", strict, "index", folder, "--json")
    assert in_json.failed_in_json(2) == "too_many_changes"
    assert kiosque(empty_home, "articles", "--json").out == before
    assert kiosque(empty_home, "--config", strict, "index", "--yes", folder).code == 0
    assert "Le pont est ouvert" in kiosque(empty_home, "articles", "--json").out


def test_pruning_counts_as_a_change(
    kiosque: Kiosque, empty_home: Path, folder: Path, strict: Path
) -> None:
    """Articles to withdraw are asked about too, but not those that are only missing."""
    kiosque(empty_home, "index", folder)
    (folder / "a.md").unlink()
    assert kiosque(empty_home, "--config", strict, "index", folder).code == 0
    refused = kiosque(empty_home, "--config", strict, "index", "--prune", folder)
    refused.failed(2)


@pytest.mark.parametrize(("said", "code", "title"), [("\n", 1, "rouvre"), ("o\n", 0, "ouvert")])
def test_asked_at_a_terminal(
    kiosque: Kiosque,
    empty_home: Path,
    folder: Path,
    strict: Path,
    said: str,
    code: int,
    title: str,
) -> None:
    """The plan is shown and the question asked; no is the answer of Enter, and changes nothing."""
    kiosque(empty_home, "index", folder)
    write(folder, "a", "Le pont est ouvert", *PARAGRAPHS)
    command = ("-m", "bot.cli", "--config", str(strict), "index", str(folder))
    with typing(empty_home, *command) as typist:
        plan = flat(typist.reads("[o/N]"))
        assert "Titre : Le pont rouvre → Le pont est ouvert" in plan
        assert "Remplacer ou retirer 1 article" in plan
        typist.types(said)
        typist.reads("Rien n’a été changé." if code else "1 article modifié")
        assert typist.ends() == code
    (article,) = kiosque(empty_home, "articles", "--json").json
    assert title in article["title"]


def test_others_write_while_somebody_thinks(
    kiosque: Kiosque, empty_home: Path, folder: Path, strict: Path
) -> None:
    """The archive is free while the question stands; a yes that came too late does nothing."""
    kiosque(empty_home, "index", folder)
    write(folder, "a", "Le pont est ouvert", *PARAGRAPHS)
    command = ("-m", "bot.cli", "--config", str(strict), "index", str(folder))
    with typing(empty_home, *command) as typist:
        typist.reads("[o/N]")
        write(folder, "a", "Le pont ferme", *PARAGRAPHS)
        assert kiosque(empty_home, "index", folder, "--json").json["changed"] == 1
        typist.types("o\n")
        typist.reads("ce n’est plus ce qui a été confirmé")
        assert typist.ends() == 1
    (article,) = kiosque(empty_home, "articles", "--json").json
    assert article["title"] == "Le pont ferme"


def test_who_is_in_the_history(kiosque: Kiosque, empty_home: Path, folder: Path) -> None:
    """The history names the user of the terminal, or whom ``--by`` names."""
    kiosque(empty_home, "index", folder)
    write(folder, "a", "Le pont est ouvert", *PARAGRAPHS)
    kiosque(empty_home, "index", folder, "--by", "Anne Roux")
    changes = kiosque(empty_home, "history", "--json").json
    named = [change["by"] for change in changes]
    assert named == ["Anne Roux", f"cli:{getpass.getuser()}"]


@pytest.fixture
def long_run(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Settings under which every estimate is asked about, and an article that takes one."""
    path = tmp_path / "seance.txt"
    lines = (f"Le conseil a voté le point {n} de l'ordre du jour. " * 4 for n in range(5_200))
    path.write_text("Une longue séance\n\n" + "\n".join(lines), encoding="utf-8")
    with serving() as server:
        settings = tmp_path / "long.toml"
        settings.write_text(
            "[indexing]\nconfirm_minutes = 0\n"
            f'[embedding]\nbase_url = "{server.url}"\nmodel = "bge-m3"\n',
            encoding="utf-8",
        )
        yield settings, path


def test_a_long_run_is_asked_about(empty_home: Path, long_run: tuple[Path, Path]) -> None:
    """At a terminal the time that embedding takes is told first, and Enter does not begin it."""
    settings, path = long_run
    command = ("-m", "bot.cli", "--config", str(settings), "index", str(path))
    with typing(empty_home, *command) as typist:
        asked = flat(typist.reads("[o/N]"))
        assert "à la vitesse mesurée ici" in asked
        assert "la même commande reprend" in asked
        assert "Commencer maintenant ?" in asked
        typist.types("\n")
        typist.reads("Rien n’a été changé.")
        assert typist.ends() == 1


def test_a_dry_run_tells_the_time(
    kiosque: Kiosque, empty_home: Path, long_run: tuple[Path, Path]
) -> None:
    """Before anything is there, people and programs learn what embedding will take."""
    settings, path = long_run
    words = ("--config", settings, "index", "--dry-run", path)
    assert "à la vitesse mesurée ici" in flat(kiosque(empty_home, *words).out)
    work = kiosque(empty_home, *words, "--json").json["embedding"]
    assert work["texts"] > 5_000
    assert work["a_second"] > 0


@pytest.mark.parametrize(
    ("hour", "now", "expected"),
    [
        ("07:00", "2026-03-01T22:15+01:00", "2026-03-02T07:00+01:00"),
        ("23:30", "2026-03-01T22:15+01:00", "2026-03-01T23:30+01:00"),
        ("22:15", "2026-03-01T22:15+01:00", "2026-03-02T22:15+01:00"),
        ("07:00", "2026-03-28T22:00+01:00", "2026-03-29T07:00+02:00"),
        ("02:30", "2026-03-28T22:00+01:00", "2026-03-29T03:30+02:00"),
        ("07:00", "2026-10-24T22:00+02:00", "2026-10-25T07:00+01:00"),
        ("00:30", "2026-10-24T22:00+00:00", "2026-10-25T00:30+02:00"),
    ],
)
def test_an_hour_is_the_next_one(hour: str, now: str, expected: str) -> None:
    """``--until`` means the next time that clocks show it, also when they change before it."""
    moment = datetime.fromisoformat(now).astimezone(UTC)
    assert next_time(hour, moment, ZoneInfo("Europe/Paris")) == datetime.fromisoformat(expected)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of the system cannot be set")
def test_an_hour_is_that_of_the_clocks_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a zone it is that of the system, as it will be at that hour."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    try:
        found = next_time("07:00", datetime(2026, 3, 28, 21, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == datetime(2026, 3, 29, 5, tzinfo=UTC)


@pytest.mark.parametrize("hour", ["7h", "25:00", "", "07:00+02:00"])
def test_what_is_no_hour_is_said(
    kiosque: Kiosque, empty_home: Path, folder: Path, hour: str
) -> None:
    """A wrong hour is bad use, said before anything is read."""
    assert "--until 07:00" in kiosque(empty_home, "index", folder, "--until", hour).failed(2)
