"""Uploads of administrators: a plan, their word, the work beside the answers, the outcome."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.telegram.admin.order import OrderState
from bot.telegram.admin.uploads import Boxes, parted, refusal, safe_name
from retrieval.reading.sources import FORMATS, NAMED
from tests.bot.telegram.admins import (
    ARTICLE,
    QUESTION,
    actions,
    admin_bench,
    planned,
    says,
    uploaded,
    waiting,
)
from tests.bot.telegram.bench import labels
from tests.fake_telegram.people import Person
from tests.sample_home import ARTICLES


async def test_a_file_is_planned_confirmed_and_answered_from(
    own_home: Path, tmp_path: Path
) -> None:
    """The plan says one more article; once confirmed, the bot answers from it; twice is known."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        ana = Person(bench.fake, "Ana")
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "1 article ajouté")
        assert labels(chief.private.shown[-1]) == ["Confirmer", "Annuler"]
        chief.click(chief.private.shown[-1], "Confirmer")
        await says(bench, chief, "en cours")
        ana.say("Combien de stations aura la ligne T2 ?")
        await says(bench, ana, "stations")
        await says(bench, chief, "c’est fait")
        assert labels(chief.private.shown[-1]) == ["Annuler ce changement"]
        ana.say(QUESTION)
        await says(bench, ana, "61.000 euros")
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "rien à changer")
        chief.upload("phare.txt", ARTICLE.replace(b"mille", b"deux mille"))
        plan = await planned(bench, chief, "≠ Le phare de Kerluz")
        assert "1 paragraphe modifié" in plan["text"]
        assert await actions(bench) == ["plan", "index", "done", "plan"]
    assert len(chief.private.shown) == 3


async def test_files_of_a_change_are_put_away_later(own_home: Path, tmp_path: Path) -> None:
    """Files that could not be moved when their change was made are moved at the next start."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "1 article ajouté")
        chief.click(chief.private.shown[-1], "Confirmer")
        await says(bench, chief, "c’est fait")
        memory = bench.context.memory
        (order,) = await memory.do(memory.orders.in_state, OrderState.DONE)
    file = own_home / "uploads" / "phare.txt"
    Boxes(own_home).put(order.box, file.name, file.read_bytes())
    file.unlink()
    async with admin_bench(own_home, tmp_path) as (bench, _):
        await bench.fake.until(lambda: uploaded(own_home) == [file.name], 30)
    assert waiting(own_home) == []


async def test_a_plan_that_is_not_wanted(own_home: Path, tmp_path: Path) -> None:
    """Cancelled, the file is taken away again and nothing was changed."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "1 article ajouté")
        chief.click(chief.private.shown[-1], "Annuler")
        await says(bench, chief, "annulé")
        assert await actions(bench) == ["plan", "cancel"]
    assert uploaded(own_home) == []


async def test_cancelled_in_mid_work(own_home: Path, tmp_path: Path) -> None:
    """The process that indexes is ended, a second change waits, the archive stays."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "1 article ajouté")
        chief.upload("autre.txt", "Une mairie fermée\n\nLa mairie de Lansec ferme lundi.".encode())
        await says(bench, chief, "autre.txt")
        first, _ = chief.private.shown
        await bench.fake.until(lambda: "Confirmer" in labels(chief.private.shown[1]))
        chief.click(first, "Confirmer")
        await bench.fake.until(lambda: "en cours" in chief.private.texts[0])
        refused = chief.click(chief.private.shown[1], "Confirmer")
        await bench.fake.until(lambda: refused.answers)
        assert refused.answers[0].startswith("Chef change l’archive\u00a0: phare.txt")
        chief.click(chief.private.shown[0], "Annuler")
        await bench.fake.until(lambda: "annulé" in chief.private.texts[0])
        articles = await asyncio.to_thread(bench.context.reader.entries)
    assert len(articles) == 14
    assert uploaded(own_home) == []


@pytest.mark.parametrize(
    ("name", "content", "size", "words"),
    [
        ("gros.txt", b"", 21 << 20, "trop gros"),
        ("image.png", b"x", None, "Une image n’a pas de texte"),
        ("vieux.doc", b"x", None, "enregistrez-le en .docx"),
        ("livre.epub", b"x", None, ".txt, .md"),
        ("tout.zip", b"x", None, "Décompressez-le"),
        ("sans-suffixe", b"x", None, ".txt, .md"),
        ("faux.txt", b"%PDF-1.7 x", None, "n’est pas ce que son nom annonce"),
        ("faux.pdf", b"Du texte", None, "n’est pas ce que son nom annonce"),
        ("nul.txt", b"a\0b", None, "n’est pas ce que son nom annonce"),
        ("metadata.csv", b"title,date\n", None, "Sa première ligne nomme les colonnes"),
        ("vide.txt", b"   ", None, "le fichier est vide"),
    ],
)
async def test_files_that_are_not_taken(
    own_home: Path, tmp_path: Path, name: str, content: bytes, size: int | None, words: str
) -> None:
    """Too big, of another kind, something else renamed, empty: said, and nothing is kept."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload(name, content, size=size)
        await says(bench, chief, words)
        assert await actions(bench) == []
        fetched = bench.fake.made("getFile")
    assert bool(fetched) == (size is None and name.endswith((".txt", ".pdf", ".csv")))
    assert uploaded(own_home) == []


async def test_others_are_refused(own_home: Path, tmp_path: Path) -> None:
    """Who is no administrator uploads nothing, re-reads nothing, confirms nothing."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        eve = Person(bench.fake, "Ève")
        eve.upload("phare.txt", ARTICLE)
        await says(bench, eve, "administrateurs")
        eve.say("/reindex")
        await bench.fake.until(lambda: len(eve.private.shown) == 2)
        chief.upload("phare.txt", ARTICLE)
        await says(bench, chief, "1 article ajouté")
        data = chief.private.shown[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        click = eve.press(eve.private.shown[0], data)
        await bench.fake.until(lambda: click.answers)
        assert click.answers == ["Ce bouton ne sert plus."]
        assert await actions(bench) == ["plan"]


async def test_reindex(own_home: Path, tmp_path: Path) -> None:
    """/reindex plans what changed among the uploads; nothing, when nothing did."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.say("/reindex")
        await says(bench, chief, "Aucun fichier")
        (own_home / "uploads").mkdir()
        (own_home / "uploads" / "phare.txt").write_bytes(ARTICLE)
        copy = (ARTICLES / "tramway-t2-vote.txt").read_bytes() + b"\nUne phrase de plus.\n"
        (own_home / "uploads" / "copie.txt").write_bytes(copy)
        chief.say("/reindex")
        plan = await says(bench, chief, "1 article ajouté")
        assert "≈ Tramway\u00a0: Vaubrelles dit oui à la ligne T2\u00a0: à 9" in plan["text"]


@pytest.mark.parametrize("ending", [one for one, form in FORMATS.items() if form not in NAMED])
def test_what_the_command_line_reads_is_taken(ending: str) -> None:
    """Every format, whatever formats there are; a second file of the name keeps its ending."""
    assert refusal(f"article{ending}", 1) is None
    assert refusal(f"ARTICLE{ending.upper()}", 1) is None
    assert parted(f"article{ending}") == ("article", ending)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\un été.txt", "un été.txt"),
        ("..hidden..txt", "hidden.txt"),
        ("a\n\0b<>|.md", "a__b___.md"),
        ("x" * 300 + ".txt", "x" * 76 + ".txt"),
        ("x" * 300 + ".jsonl.gz", "x" * 71 + ".jsonl.gz"),
        (".txt", "txt"),
        ("", ""),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    """No path, no hidden file, no control character, no endless name."""
    assert safe_name(name) == safe
