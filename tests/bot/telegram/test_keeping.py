"""An archive kept from Telegram: real updates, real commands, an archive that really changes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.messages.catalogue import Catalogue
from bot.messages.errors import explained
from bot.telegram.admin.administration import Working
from bot.telegram.admin.archive_jobs import IndexArticles
from bot.telegram.admin.archive_worker import Step
from bot.telegram.admin.background import Compacting, Following
from bot.telegram.admin.order import OrderState
from bot.telegram.post import Post, Target
from config.settings import Settings
from retrieval.change.compaction import Attempts, is_due
from retrieval.errors import Failed, KiosqueError, StorageFull
from retrieval.index.generations import Places
from retrieval.storage import writer_lock
from tests.bot.telegram.admins import (
    ADMIN,
    ARTICLE,
    OTHER,
    QUESTION,
    SECOND,
    actions,
    admin_bench,
    planned,
    says,
    told,
    uploaded,
    waiting,
)
from tests.bot.telegram.bench import labels
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person, new_group
from tests.web_site import Reply, web_site

T2 = "Combien de stations aura la ligne T2 ?"
CORRECTED = (
    "Tramway : Vaubrelles dit oui à la ligne T2\n\n"
    "Le conseil a voté la ligne T2, longue de douze kilomètres. Elle aura vingt-deux stations "
    "et non dix-neuf, comme nous l'avions écrit par erreur.\n"
).encode()
FEED = b"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>
<title>Le Phare</title><item><guid>un</guid><title>Une baleine au port de Kerluz</title>
<description>Une baleine de douze m\xc3\xa8tres s'est \xc3\xa9chou\xc3\xa9e mardi au port de Kerluz,
devant une centaine de curieux venus de tout le canton pour la voir repartir.</description>
<pubDate>Tue, 10 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""


async def test_an_album_is_one_plan_that_can_be_taken_back(own_home: Path, tmp_path: Path) -> None:
    """Two documents make one plan; another administrator confirms it; it is taken back, once."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        other = Person(bench.fake, "Zoé", id_=OTHER)
        chief.upload("phare.txt", ARTICLE, media_group_id="1")
        chief.upload("phare.txt", SECOND, media_group_id="1")
        plan = await planned(bench, chief, "2 articles ajoutés")
        assert len(chief.private.shown) == 1
        assert "phare.txt, phare (2).txt" in plan["text"]
        assert "+ La mairie de Lansec ferme le lundi (date inconnue)" in plan["text"]
        assert (uploaded(own_home), len(waiting(own_home))) == ([], 2)
        other.click(plan, "Confirmer")
        done = await says(bench, chief, "c’est fait")
        assert "Confirmé par Zoé." in done["text"]
        assert "2 articles ajoutés · en " in done["text"]
        said = [version["text"] for version in chief.private.versions[done["message_id"]]]
        assert any("en cours" in text for text in said)
        assert (len(uploaded(own_home)), waiting(own_home)) == (2, [])
        chief.say("/historique")
        assert ", Zoé\u00a0: articles lus" in (await says(bench, chief, "Nᵒ 2"))["text"]
        chief.click(done, "Annuler ce changement")
        chief.click(await planned(bench, chief, "Annuler ce changement, en entier"), "Confirmer")
        await says(bench, chief, "Retour en arrière (nᵒ 2)\u00a0: c’est fait")
        assert len(await asyncio.to_thread(bench.context.reader.entries)) == 14
        chief.click(done, "Annuler ce changement")
        await says(bench, chief, "déjà annulé, par le nᵒ 3")
        assert await actions(bench) == ["plan", "index", "done", "plan", "rollback", "done"]


async def test_corrected_then_withdrawn_from_the_viewer(own_home: Path, tmp_path: Path) -> None:
    """Under an old answer: both texts after a correction, the reason alone after a withdrawal."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.say(T2)
        await bench.idle()
        answer = chief.private.shown[0]
        chief.click(answer, "[1]")
        await bench.fake.until(lambda: "Corriger" in labels(chief.private.shown[-1]))
        viewer = chief.private.shown[-1]
        quote = next(
            s.quote
            for s in await bench.context.memory.do(bench.context.memory.store.sources, 1)
            if s.number == 1
        )
        chief.click(viewer, "Corriger")
        asked = await says(bench, chief, "avec le fichier de l’article corrigé")
        assert bench.fake.made("sendMessage")[-1].args.value("reply_markup")["force_reply"]
        chief.reply(asked, "le voici")
        await says(bench, chief, "J’attends un fichier")
        chief.upload("juste.txt", CORRECTED, to=asked)
        plan = await planned(bench, chief, "Corriger «")
        assert "paragraphe" in plan["text"]
        chief.click(plan, "Confirmer")
        corrected = await says(bench, chief, "c’est fait")
        chief.click(answer, "[1]")
        await bench.fake.until(lambda: "maintenant" in chief.private.shown[1]["text"])
        seen = chief.private.shown[1]["text"]
        assert "corrigé depuis" in seen
        assert quote in seen
        assert "vingt-deux stations" in seen
        chief.click(chief.private.shown[1], "Retirer")
        asked = await says(bench, chief, "pourquoi il est retiré")
        chief.reply(asked, "--reason Plainte de la ville")
        chief.click(await planned(bench, chief, "Plainte de la ville"), "Confirmer")
        await says(bench, chief, "c’est fait")
        chief.click(answer, "[1]")
        await bench.fake.until(lambda: "retiré" in chief.private.shown[1]["text"])
        seen = chief.private.shown[1]["text"]
        assert seen.endswith("Raison\u00a0: --reason Plainte de la ville")
        assert quote not in seen
        assert "vingt-deux" not in seen
        assert labels(chief.private.shown[1])[-1] == "Fermer"
        # The button of the correction does not take the withdrawal back.
        chief.click(corrected, "Annuler ce changement")
        assert "retrait" in (await says(bench, chief, "n’est plus le dernier"))["text"]
    assert waiting(own_home) == []


async def test_the_first_articles_of_an_empty_archive(empty_home: Path, tmp_path: Path) -> None:
    """The bot says so, takes the first articles, however often it fails, and answers at once."""
    async with admin_bench(empty_home, tmp_path) as (bench, chief):
        ana = Person(bench.fake, "Ana")
        ana.say(QUESTION)
        await says(bench, ana, "L’archive est encore vide")
        chief.say("/start")
        await says(bench, chief, "Envoyez-moi ici les premiers articles")
        chief.upload("phare.txt", ARTICLE)
        plan = await planned(bench, chief, "1 article ajouté")
        with writer_lock(empty_home):
            chief.click(plan, "Confirmer")
            failed = await planned(bench, chief, "échec")
        assert "Un autre programme écrit dans l’archive" in failed["text"]
        assert uploaded(empty_home) == []
        chief.click(failed, "Confirmer")
        await says(bench, chief, "c’est fait")
        ana.say(QUESTION)
        await says(bench, ana, "61.000 euros")


async def test_a_plan_survives_a_restart_and_a_change(own_home: Path, tmp_path: Path) -> None:
    """Its button works in the next process; what changed meanwhile has it made anew."""
    fake = FakeTelegram()
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        await planned(bench, chief, "1 article ajouté")
    (tmp_path / "lansec.txt").write_bytes(SECOND)
    with Kiosque(Settings(home=own_home)) as kiosque:
        await asyncio.to_thread(kiosque.indexer("cli:lea").index, [tmp_path / "lansec.txt"])
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        said = await told(bench, chief, chief.private.shown[0], "Confirmer")
        assert said.startswith("L’archive a changé depuis ce plan")
        anew = await planned(bench, chief, "L’archive a changé depuis ce plan")
        chief.click(anew, "Confirmer")
        await says(bench, chief, "en cours")
        # Told to stop in mid-work: nothing was done, and it can be confirmed again.
    assert "interrompu" in chief.private.texts[0]
    assert labels(chief.private.shown[0]) == ["Confirmer", "Annuler"]
    assert (uploaded(own_home), waiting(own_home)) == ([], ["phare.txt"])
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.click(chief.private.shown[0], "Confirmer")
        await says(bench, chief, "c’est fait")
        assert len(await asyncio.to_thread(bench.context.reader.entries)) == 16
    assert len(chief.private.shown) == 1


@pytest.mark.parametrize("ended_well", [False, True])
async def test_a_bot_killed_in_mid_change_says_how_it_ended(
    own_home: Path, tmp_path: Path, ended_well: bool
) -> None:
    """At its next start: done, when the history has it; else undone, and it may be confirmed."""
    fake = FakeTelegram()
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        await planned(bench, chief, "1 article ajouté")
        book = bench.context.memory.orders
        (order,) = await bench.context.memory.do(book.in_state, OrderState.PLANNED)
        # What a kill leaves: an order that is being done, its file not yet among the uploads.
        await bench.context.memory.do(book.claim, order.id, ADMIN, "Chef", 1)
        files = bench.orders.admin.boxes.placed(order.box)
        if ended_well:
            with Kiosque(Settings(home=own_home)) as kiosque:
                await asyncio.to_thread(kiosque.indexer(f"telegram:{ADMIN}").index, files)
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        said = await says(bench, chief, "arrêté au milieu d’un changement")
        assert ("c’est fait" if ended_well else "L’archive est restée comme avant") in said["text"]
        wanted = ["Annuler ce changement"] if ended_well else ["Confirmer", "Annuler"]
        assert labels(said) == wanted
        assert len(await asyncio.to_thread(bench.context.reader.entries)) == 14 + ended_well
    assert uploaded(own_home) == (["phare.txt"] if ended_well else [])
    assert waiting(own_home) == ([] if ended_well else ["phare.txt"])


async def test_a_feed_is_indexed_followed_and_left(own_home: Path, tmp_path: Path) -> None:
    """What the feed of a site brings is planned, done, followed, listed, and followed no more."""
    private = "[fetch]\nallow_private = true\nrobots = false\nfull_articles = false\n"
    with web_site() as site:
        home = b"<head><link rel=alternate type='application/rss+xml' href='/flux'></head><p>Une"
        site.paths |= {"/": Reply(home), "/flux": Reply(FEED, "application/rss+xml")}
        async with admin_bench(own_home, tmp_path, more=private) as (bench, chief):
            chief.say(f"/flux {site.url}/")
            plan = await planned(bench, chief, "Suivre http")
            assert f"{site.url}/flux" in plan["text"]
            assert "+ Une baleine au port de Kerluz (10 novembre 2026)" in plan["text"]
            chief.click(plan, "Confirmer")
            await says(bench, chief, "c’est fait")
            entries = await asyncio.to_thread(bench.context.reader.entries)
            assert "Une baleine au port de Kerluz" in [entry.title for entry in entries]
            site.paths["/flux"] = Reply(b"rien", "text/html", 500)
            await Following(bench.orders.admin, 900, lambda: True).round()
            assert bench.context.figures.followed_at is not None
            chief.say("/status")
            await says(bench, chief, "suivis\u00a0: relevés à")
            chief.say("/flux")
            listed = await says(bench, chief, "1. http")
            chief.click(listed, "Ne plus suivre le nᵒ 1")
            chief.click(await planned(bench, chief, "Ne plus suivre http"), "Confirmer")
            await says(bench, chief, "c’est fait")
            chief.say("/flux")
            await says(bench, chief, "Aucun flux n’est suivi")


async def test_base_of_the_indexes_is_made_anew_beside(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a change brought is in the base soon after: the bot looks, and has it made.

    What fails is left alone for an hour, said if it fails again, be it by a fault of ours, and
    tried at once when there is room for it. Once it is made, by whomever, all is well.
    """
    places, moments = Places(own_home), [1_000.0]
    (file := tmp_path / "phare.txt").write_bytes(ARTICLE + CORRECTED)
    async with admin_bench(own_home, tmp_path, more="[indexing]\ntail_share = 0.01\n") as (
        bench,
        _,
    ):
        admin = bench.orders.admin
        await admin.worker.run(IndexArticles([file], (), "tests"), 600)
        assert is_due(places, 0.01)
        bench.context.clock = lambda: moments[-1]
        compacting, figures = Compacting(admin), bench.context.figures
        worker = admin.worker.another()

        def known() -> bool | KiosqueError:
            return figures.compaction

        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", str(tmp_path / "nothing"))
            for _ in range(2):
                await compacting.look(worker)
            assert compacting.attempts == Attempts(1, 4_600.0)
            assert known() is False
            moments.append(4_600.0)
            await compacting.look(worker)
        assert isinstance(problem := known(), Failed)
        assert "référence" in explained(problem, Catalogue("fr")).message
        huge = places.generation(places.numbers()[0]) / "huge"
        with huge.open("wb") as sparse:
            sparse.truncate(1 << 43)  # the base is said to be bigger than any disk
        moments.append(91_000.0)
        await compacting.look(worker)
        assert isinstance(full := known(), StorageFull)
        assert full.facts["free"] != 0
        assert compacting.attempts == Attempts(3, 177_400.0, for_room=True)
        await compacting.look(worker)
        assert compacting.attempts.failed == 3
        huge.unlink()
        await compacting.look(worker)
        assert not is_due(places, 0.01)
        assert compacting.attempts == Attempts()
        assert known() is True
        figures.compaction = StorageFull("compaction_no_room")
        await compacting.look(worker)  # as if it had failed, and somebody had made it by hand
        assert known() is True
        await worker.close()
        assert len(await asyncio.to_thread(bench.context.reader.entries)) == 15


async def test_what_comes_with_words(own_home: Path, tmp_path: Path) -> None:
    """A caption, a command, an address alone; while somebody works, the next one is told so."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        (entry, *_) = await asyncio.to_thread(bench.context.reader.entries)
        kit = bench.orders.admin
        async with kit.turn:
            kit.working = Working("Zoé", "archives.csv", bench.context.clock())
            chief.say(f"/retirer {entry.id[:6]} Un doublon")
            said = await says(bench, chief, "ce sera juste après")
            assert said["text"].startswith("Zoé change l’archive\u00a0: archives.csv")
            kit.working = None
        plan = await planned(bench, chief, "Retirer cet article")
        assert entry.title in plan["text"]
        assert "raison\u00a0: Un doublon" in plan["text"]
        chief.upload("juste.txt", CORRECTED, caption=f"/corriger {entry.id}")
        plan = await planned(bench, chief, "Corriger «")
        assert "Titre\u00a0: " in plan["text"]
        assert len(waiting(own_home)) == 1
        chief.click(plan, "Annuler")
        await says(bench, chief, "annulé")
        many = [{"text": f"Le conseil de la commune {n} vote. " * 5} for n in range(40)]
        chief.upload("tout.jsonl", "\n".join(map(json.dumps, many)).encode())
        plan = await planned(bench, chief, "lignes de plus")
        chief.click(plan, "Tout voir")
        await bench.fake.until(lambda: "Tout voir" not in labels(chief.private.shown[-1]))
        assert "lignes de plus" not in chief.private.texts[-1]
        chief.click(chief.private.shown[-1], "Annuler")
        await says(bench, chief, "annulé")
        chief.say("http://127.0.0.1:9/article")
        said = await says(bench, chief, "rien à changer")
        assert "réseau privé" in said["text"]
        assert labels(said) == []
        assert await actions(bench) == ["plan", "plan", "cancel", "plan", "cancel"]
    assert waiting(own_home) == []


async def test_the_list_of_articles_has_pages(own_home: Path, tmp_path: Path) -> None:
    """Twenty a page, turned in the same message, by those alone who may ask there."""
    records = [{"text": f"Le conseil de la commune {n} vote. " * 5} for n in range(30)]
    (tmp_path / "tout.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with Kiosque(Settings(home=own_home)) as kiosque:
        await asyncio.to_thread(kiosque.indexer("cli:lea").index, [tmp_path / "tout.jsonl"])
    async with admin_bench(own_home, tmp_path, users=[OTHER]) as (bench, chief):
        entries = await asyncio.to_thread(bench.context.reader.entries)
        chief.say("/articles")
        first = await says(bench, chief, "et 24 autres")
        assert labels(first) == ["après ▶"]
        assert first["text"].count("\n–") == 20
        chief.click(first, "après ▶")
        second = await says(bench, chief, "et 4 autres")
        assert labels(second) == ["◀ avant", "après ▶"]
        assert [entry.id in second["text"] for entry in entries] == [
            20 <= place < 40 for place in range(44)
        ]
        chief.click(second, "après ▶")
        await bench.fake.until(lambda: labels(chief.private.shown[-1]) == ["◀ avant"])
        last = chief.private.shown[-1]
        assert last["text"].count("\n–") == 4
        assert len(chief.private.shown) == 1
        group = new_group(bench.fake, "Rédaction")
        in_group = last | {"chat": group.as_json}
        stranger = Person(bench.fake, "Ève")
        clicks = [stranger.press(last, "v1:e:0"), chief.press(in_group, "v1:e:0")]
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        await bench.idle()
        assert chief.private.texts == [last["text"]]
        assert not any(entry.id in text for entry in entries for text in group.texts)


async def test_what_changed_since_the_plan_is_planned_again(own_home: Path, tmp_path: Path) -> None:
    """Reading under the writer's lock gives another plan: it is shown, and confirmed anew."""
    private = "[fetch]\nallow_private = true\nrobots = false\nfull_articles = false\n"
    page = "<html><title>{0}</title><h1>{0}</h1><p>" + "Le budget est voté, sans débat. " * 9
    with web_site() as site:
        site.paths["/a"] = Reply(page.format("Un budget voté").encode())
        async with admin_bench(own_home, tmp_path, more=private) as (bench, chief):
            chief.say(f"/ajouter {site.url}/a")
            plan = await planned(bench, chief, "+ Un budget voté")
            site.paths["/a"] = Reply(page.format("Un budget rejeté").encode())
            chief.click(plan, "Confirmer")
            anew = await planned(bench, chief, "+ Un budget rejeté")
            assert anew["text"].startswith("L’archive a changé depuis ce plan")
            assert anew["message_id"] == plan["message_id"]
            assert len(await asyncio.to_thread(bench.context.reader.entries)) == 14
            chief.click(anew, "Confirmer")
            await says(bench, chief, "c’est fait")
            assert len(await asyncio.to_thread(bench.context.reader.entries)) == 15
            assert await actions(bench) == ["plan", "index", "outdated", "index", "done"]


async def test_the_last_step_of_the_work_is_shown(own_home: Path, tmp_path: Path) -> None:
    """While an order is done, its message says which step it is at, and how far that is."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        plan = await planned(bench, chief, "1 article ajouté")
        admin, context = bench.orders.admin, bench.context
        found = await context.memory.do(admin.book.in_state, OrderState.PLANNED)
        post = Post(context.bot, Target(ADMIN, 0, plan["message_id"]), context.ids)
        async with admin.progress_shown(found[0], post, "telegram.order.working") as on_step:
            await says(bench, chief, "en cours")
            on_step(Step("read", 1, 2))
            on_step(Step("build", 3, 12))
            await says(bench, chief, "\nIndex\u00a0: 3 sur 12")


async def test_a_worker_that_is_killed_leaves_everything_as_it_was(
    own_home: Path, tmp_path: Path
) -> None:
    """Who confirmed is told; the file waits, and the next confirmation does it."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.upload("phare.txt", ARTICLE)
        plan = await planned(bench, chief, "1 article ajouté")
        chief.click(plan, "Confirmer")
        await says(bench, chief, "en cours")
        pid = bench.orders.admin.worker.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        failed = await planned(bench, chief, "échec")
        assert "s’est arrêté (code -9)" in failed["text"]
        assert (uploaded(own_home), waiting(own_home)) == ([], ["phare.txt"])
        assert len(await asyncio.to_thread(bench.context.reader.entries)) == 14
        chief.click(failed, "Confirmer")
        await says(bench, chief, "c’est fait")
        assert (uploaded(own_home), waiting(own_home)) == (["phare.txt"], [])


async def test_nobody_else_keeps_the_archive(own_home: Path, tmp_path: Path) -> None:
    """Every command is refused to others, buttons included; in a group even to administrators."""
    commands = ("add http://a.b/c", "flux", "corriger ab", "retirer ab", "annuler", "historique")
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        eve, group = Person(bench.fake, "Ève"), new_group(bench.fake, "Rédaction")
        for number, command in enumerate(commands, 1):
            eve.say(f"/{command}")
            await bench.fake.until(lambda n=number: len(eve.private.texts) == n)  # type: ignore[misc]
        assert {"administrateurs" in text for text in eve.private.texts} == {True}
        chief.say("/annuler", group)
        chief.say("/annuler")
        plan = await planned(bench, chief, "Annuler ce changement, en entier")
        assert group.shown == []
        data = [row[0]["callback_data"] for row in plan["reply_markup"]["inline_keyboard"]]
        clicks = [eve.press(plan, one) for one in (*data, "v1:b:1", "v1:a:1:0", "v1:f:1")]
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        assert {click.answers[0] for click in clicks} == {"Ce bouton ne sert plus."}
        in_group = chief.press(plan | {"chat": group.as_json}, data[0])
        await bench.fake.until(lambda: in_group.answers)
        assert in_group.answers == ["Ce bouton ne sert plus."]
        chief.say("/corriger 0000")
        await says(bench, chief, "Aucun article n’a l’identifiant 0000")
        chief.say("/retirer")
        await says(bench, chief, "ouvrez une source")
        assert await actions(bench) == ["plan"]
