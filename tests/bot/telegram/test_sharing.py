"""What administrators share, forward and paste: planned, or asked about with two buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.telegram.admin.order import OrderState
from tests.bot.telegram.admins import (
    ARTICLE,
    OTHER,
    QUESTION,
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
from tests.web_site import Reply, Site, web_site

CASES = Path(__file__).parents[2] / "data" / "cases"
PRIVATE = "[fetch]\nallow_private = true\nrobots = false\nfull_articles = false\n"
TEXT = ARTICLE.decode()
BOTH = ["Indexer", "Répondre", "Vérifier ce texte"]


@contextmanager
def pages() -> Iterator[Site]:
    """A site with two articles."""
    with web_site() as site:
        for name in ("a", "b"):
            body = (
                f"<p>Le conseil de Lansec a voté le budget {name} jeudi soir, sans débat.</p>" * 4
            )
            page = f"<html><title>Budget {name}</title><body><h1>Budget {name}</h1>{body}</body>"
            site.paths[f"/{name}"] = Reply(page.encode())
        yield site


async def test_what_phones_share_is_planned(own_home: Path, tmp_path: Path) -> None:
    """Each message of the case is taken as addresses, with the scheme that it lacks; none asked."""
    messages = (CASES / "telegram-sharing" / "messages.txt").read_text(encoding="utf-8")
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        for number, text in enumerate(messages.split("----\n"), 1):
            chief.say(text.strip())
            await bench.fake.until(
                lambda n=number: "rien à changer" in "".join(chief.private.texts[n - 1 :])  # type: ignore[misc]
            )
        titled, several, bare = chief.private.texts
    assert titled.startswith("https://eclair.example/pain\u00a0: rien à changer")
    assert several.startswith("https://eclair.example/a, https://eclair.example/b\u00a0:")
    assert bare.startswith("https://eclair.example/pain\u00a0: rien à changer")
    assert all("ce site n’existe pas" in text for text in (titled, several, bare))


async def test_addresses_however_they_come(own_home: Path, tmp_path: Path) -> None:
    """Behind words, in a preview, in a forwarded picture, after a command: one plan each."""
    with pages() as site:
        async with admin_bench(own_home, tmp_path, more=PRIVATE) as (bench, chief):
            chief.say(f"Deux budgets : {site.url}/a et {site.url}/b.")
            await planned(bench, chief, "2 articles ajoutés")
            sent: tuple[Callable[[], object], ...] = (
                lambda: chief.link("Lire l’article", "l’article", f"{site.url}/a"),
                lambda: chief.say("À lire", link_preview_options={"url": f"{site.url}/a"}),
                lambda: chief.forward(f"Faut-il voter ? {site.url}/a\nhttps://t.me/fanal"),
                lambda: chief.picture(f"Le budget {site.url}/a"),
                lambda: chief.say(f"/ajouter {site.url}/a {site.url}/b"),
            )
            for number, send in enumerate(sent, 2):
                send()
                await bench.fake.until(lambda n=number: len(chief.private.shown) == n)  # type: ignore[misc]
                plan = await planned(bench, chief, "voici ce qui changerait")
                assert f"{site.url}/a" in plan["text"]
            assert await actions(bench) == ["plan"] * 6
            assert bench.context.metrics.made == 0


async def test_a_question_about_an_address_is_asked(own_home: Path, tmp_path: Path) -> None:
    """Answered when that was meant, once, as a reply to it; else planned; nothing by itself."""
    with pages() as site:
        async with admin_bench(own_home, tmp_path, more=PRIVATE) as (bench, chief):
            asked = chief.say(f"Combien de stations aura la ligne T2 selon {site.url}/a ?")
            choice = await says(bench, chief, "Faut-il indexer cette adresse")
            assert labels(choice) == BOTH[:2]
            assert bench.context.metrics.made == 0
            chief.click(choice, "Répondre")
            chief.click(choice, "Répondre")
            answer = await says(bench, chief, "stations")
            assert answer["reply_to_message"]["message_id"] == asked["message_id"]
            await bench.idle()
            assert (bench.context.metrics.made, labels(chief.private.shown[0])) == (1, [])
            assert await told(bench, chief, choice, "Indexer") == "Ce bouton ne sert plus."
            chief.say(f"Résume {site.url}/a")
            choice = await says(bench, chief, "Faut-il indexer cette adresse")
            chief.click(choice, "Indexer")
            chief.click(choice, "Indexer")
            plan = await planned(bench, chief, "1 article ajouté")
            assert plan["message_id"] == choice["message_id"]
            assert await told(bench, chief, choice, "Répondre") == "Ce bouton ne sert plus."
            assert await actions(bench) == ["plan"]
            assert bench.context.metrics.made == 1


async def test_a_pasted_text_is_asked_planned_and_answered_from(
    own_home: Path, tmp_path: Path
) -> None:
    """Its first line names newspaper and date; the choice and the plan survive restarts."""
    fake = FakeTelegram()
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.say(f"Le Fanal, 12 mai 2019\n{TEXT}")
        choice = await says(bench, chief, "ressemble à un article")
        assert labels(choice) == BOTH
        assert "journal Le Fanal\u202f; date 12 mai 2019" in choice["text"]
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.click(chief.private.shown[0], "Indexer")
        plan = await planned(
            bench, chief, "+ Le phare de Kerluz rallumé par ses voisins (12 mai 2019)"
        )
        assert plan["text"].startswith("Le phare de Kerluz rallumé par ses voisins\u00a0: voici")
        assert uploaded(own_home) == []
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.click(chief.private.shown[0], "Confirmer")
        await says(bench, chief, "c’est fait")
        chief.say(QUESTION)
        answer = await says(bench, chief, "61.000 euros")
        assert (
            "Le phare de Kerluz rallumé par ses voisins — Le Fanal, 12 mai 2019" in answer["text"]
        )
        chief.say(f"Le Fanal, 12 mai 2019\n{TEXT}")
        chief.click(await says(bench, chief, "ressemble à un article"), "Indexer")
        await says(bench, chief, "rien à changer")
    assert waiting(own_home) == []
    assert len(uploaded(own_home)) == 2  # the text, and what is said of it


async def test_a_long_text_with_an_address_may_be_either_of_them(
    own_home: Path, tmp_path: Path
) -> None:
    """Three buttons; the text alone is planned, with the address as its own; or the page alone."""
    with pages() as site:
        async with admin_bench(own_home, tmp_path, more=PRIVATE) as (bench, chief):
            for label, words in (
                ("Indexer le texte", "+ Le phare de Kerluz"),
                ("Indexer le lien", "+ Budget a"),
            ):
                chief.say(
                    TEXT
                    + "\nUne phrase de plus sur le phare et son jardin." * 20
                    + f"\n{site.url}/a"
                )
                choice = await says(bench, chief, "ressemble à un article")
                assert labels(choice) == ["Indexer le texte", "Indexer le lien", *BOTH[1:]]
                chief.click(choice, label)
                plan = await planned(bench, chief, words)
                assert "1 article ajouté" in plan["text"]
            await bench.fake.until(lambda: len(waiting(own_home)) == 2)  # that of the first plan


async def test_the_parts_of_a_long_text_are_one(own_home: Path, tmp_path: Path) -> None:
    """Telegram cuts what is pasted at 4,096 characters: one choice, one article, in its order."""
    line = "Le conseil de la commune a voté la mesure numéro {} de son plan. "
    first, second = (
        "Le plan de Lansec\n\n" + "".join(line.format(n) for n in range(60)),
        "".join(line.format(n) for n in range(60, 110)),
    )
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        chief.say(first.strip())
        chief.say(second.strip())
        chief.say("Fin du plan.")
        choice = await says(bench, chief, "ressemble à un article")
        chief.click(choice, "Indexer")
        await planned(bench, chief, "+ Le plan de Lansec")
        assert len(chief.private.shown) == 1
        (box,) = (own_home / "waiting").iterdir()
        (file,) = (box / "new").glob("*.txt")
        text = file.read_text()
    assert text.index("numéro 59 ") < text.index("numéro 60 ") < text.index("Fin du plan.")


async def test_a_message_that_comes_twice_is_taken_once(own_home: Path, tmp_path: Path) -> None:
    """Telegram may give an update again, at once or to the next process."""
    fake = FakeTelegram()
    with pages() as site:
        async with admin_bench(own_home, tmp_path, fake, PRIVATE) as (bench, chief):
            sent = [
                chief.say(f"Un budget {site.url}/a"),
                chief.say(TEXT),
                chief.upload("phare.txt", ARTICLE),
            ]
            for message in sent:
                chief.again(message)
            await fake.until(lambda: len(chief.private.shown) == 3, 30)
            await fake.until(lambda: all(labels(one) for one in chief.private.shown), 60)
        async with admin_bench(own_home, tmp_path, fake, PRIVATE) as (bench, chief):
            for message in sent:
                chief.again(message)
            await bench.idle()
            await asyncio.sleep(1)
            assert await actions(bench) == ["plan", "plan"]
    assert len(chief.private.shown) == 3


async def test_a_bot_killed_before_it_asked_asks_when_it_is_back(
    own_home: Path, tmp_path: Path
) -> None:
    """What was kept and not shown is shown; killed in mid-plan, the buttons go on working."""
    fake = FakeTelegram()
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.say(TEXT)
        choice = await says(bench, chief, "ressemble à un article")
        book = bench.context.memory.orders
        (order,) = await bench.context.memory.do(book.in_state, OrderState.ASKED)
        await bench.context.memory.do(book.moved, order.id, 0)  # as a kill before the message
    chief.delete(choice)
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        choice = await says(bench, chief, "ressemble à un article")
        assert labels(choice) == BOTH
        async with bench.orders.admin.turn:  # somebody else's plan is being made
            chief.click(choice, "Indexer")
            await asyncio.sleep(0.3)
        await says(bench, chief, "lecture")
        assert labels(chief.private.shown[-1]) == BOTH
    async with admin_bench(own_home, tmp_path, fake) as (bench, chief):
        chief.click(chief.private.shown[-1], "Indexer")
        await planned(bench, chief, "1 article ajouté")


async def test_nobody_else_is_asked(own_home: Path, tmp_path: Path) -> None:
    """A reader's address or text is answered; so is an administrator's in a group."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        eve, group = Person(bench.fake, "Ève"), new_group(bench.fake, "Rédaction")
        eve.say("Le pain augmente https://eclair.example/pain")
        await bench.idle(60)
        eve.say(TEXT)
        await bench.idle(60)
        assert bench.context.metrics.made == 2
        chief.say("@kiosque_bot https://eclair.example/pain", group)
        chief.say(TEXT)
        choice = await says(bench, chief, "ressemble à un article")
        data = [
            b["callback_data"] for row in choice["reply_markup"]["inline_keyboard"] for b in row
        ]
        clicks = [eve.press(choice, one) for one in data]
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        assert {click.answers[0] for click in clicks} == {"Ce bouton ne sert plus."}
        assert await actions(bench) == []
        shown = [*eve.private.texts, *group.texts]
    assert not any("ndexer" in text for text in shown)


async def test_two_administrators_at_once(own_home: Path, tmp_path: Path) -> None:
    """Each is asked about their own text; the second plan is made anew after the first change."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        other = Person(bench.fake, "Zoé", id_=OTHER)
        second = TEXT.replace("Kerluz", "Brume").replace("61.000", "12.000")
        chief.say(TEXT)
        other.say(second)
        for person in (chief, other):
            person.click(await says(bench, person, "ressemble à un article"), "Indexer")
        plans = [await planned(bench, person, "voici ce qui") for person in (chief, other)]
        chief.click(plans[0], "Confirmer")
        await says(bench, chief, "c’est fait")
        other.click(plans[1], "Confirmer")
        other.click(await planned(bench, other, "L’archive a changé depuis"), "Confirmer")
        await says(bench, other, "c’est fait")
        assert (await actions(bench)).count("done") == 2


async def test_what_was_asked_is_forgotten(own_home: Path, tmp_path: Path) -> None:
    """``/forget`` takes a waiting choice along; one that waited for a day is not kept either."""
    async with admin_bench(own_home, tmp_path) as (bench, chief):
        book, do = bench.context.memory.orders, bench.context.memory.do
        chief.say(TEXT)
        choice = await says(bench, chief, "ressemble à un article")
        chief.say("/oublie")
        await says(bench, chief, "oublié")
        assert await do(book.in_state, OrderState.ASKED) == []
        assert await told(bench, chief, choice, "Répondre") == "Ce bouton ne sert plus."
        chief.say(TEXT)
        choice = await says(bench, chief, "ressemble à un article")
        (order,) = await do(book.in_state, OrderState.ASKED)
        assert "phare" in order.facts["asked"]["text"]
        now = bench.context.now()
        await do(book.expire, now.replace(year=now.year + 1), now.replace(year=now.year - 1))
        (expired,) = await do(book.in_state, OrderState.EXPIRED)
        assert expired.facts == {k: v for k, v in order.facts.items() if k != "asked"}
        assert "plus d’un jour" in await told(bench, chief, choice, "Indexer")
        assert replace(order, facts={}, state=OrderState.EXPIRED) == replace(expired, facts={})
