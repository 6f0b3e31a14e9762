"""The buttons under an answer: the viewer of its sources, its pages, its end, the thumbs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.app import Kiosque
from bot.telegram.limits import Access
from config.settings import Settings
from retrieval.text.segmentation import sentences
from retrieval.vocabulary import Answer, Citation, Question, Span, Status
from tests.bot.telegram.bench import Bench, Scripted, Setup, benched, labels
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person, buttons, new_group
from tests.fake_telegram.world import Message
from tests.sample_home import TODAY

QUESTION = "Combien de stations aura la ligne T2 ?"


async def answered(bench: Bench, person: Person) -> Message:
    """An answer with real sources."""
    person.say(QUESTION)
    await bench.idle()
    return person.private.shown[-1]


def bold(message: Message) -> list[str]:
    """What is in bold."""
    units = message["text"].encode("utf-16-le")
    return [
        units[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in message["entities"]
        if e["type"] == "bold"
    ]


def near(kiosque: Kiosque) -> Answer:
    """The first sentence of an article and a part of another's, which are no answer."""
    found = [kiosque.reader.article(one.id) for one in kiosque.reader.entries()[:2]]
    spans = [next(iter(sentences(article.text))) for article in found]
    quotes = [(a, a.text[s.start : s.end], s) for a, s in zip(found, spans, strict=True)]
    words = Span(spans[0].start, spans[0].start + len(quotes[0][1].split()[0]))
    passages = tuple(
        Citation(n, article, quote, span.start, span.end, words if n == 1 else None)
        for n, (article, quote, span) in enumerate(quotes, 1)
    )
    return Answer(Question("Quoi ?"), Status.PASSAGES, passages=passages)


async def test_a_click_opens_the_passage(start: Start) -> None:
    """Title, outlet, date, what answers in bold within its passage, as a reply to the answer."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        answer = await answered(bench, ana)
        click = ana.click(answer, "[1]")
        await bench.fake.until(lambda: len(ana.private.shown) == 2)
    viewer = ana.private.shown[1]
    assert click.answers == [""]
    title, origin, _passage = viewer["text"].split("\n", 2)
    assert title.startswith("[1] Tramway")
    assert origin == "Le Courrier de Vaubrelles, 12 octobre 2016"
    words = bold(viewer)[1]
    assert words in answer["text"]
    assert words in bold(answer) or words == answer["text"].partition(" [1]")[0]
    assert any(e["type"] == "blockquote" for e in viewer["entities"])
    assert viewer["reply_to_message"]["message_id"] == answer["message_id"]
    assert "Fermer" in labels(viewer)


async def test_pages_and_close(start: Start) -> None:
    """Before and after turn the pages of the article in the same viewer; close takes it away."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        answer = await answered(bench, ana)
        ana.click(answer, "[1]")
        await bench.fake.until(lambda: len(ana.private.shown) == 2)
        first = ana.private.shown[1]
        page = "après ▶" if "après ▶" in labels(first) else "◀ avant"
        ana.click(first, page)
        await bench.fake.until(lambda: ana.private.shown[1] != first)
        second = ana.private.shown[1]
        assert (second["message_id"], len(ana.private.shown)) == (first["message_id"], 2)
        assert second["text"] != first["text"]
        ana.click(second, "Fermer")
        await bench.fake.until(lambda: len(ana.private.shown) == 1)
        ana.click(answer, "[1]")
        await bench.fake.until(lambda: len(ana.private.shown) == 2)


async def test_a_double_click_opens_one_viewer(start: Start) -> None:
    """Two clicks at once are both answered, and there is one viewer."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        answer = await answered(bench, ana)
        clicks = [ana.click(answer, "[1]") for _ in range(2)]
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        await bench.idle()
        await bench.fake.until(lambda: len(bench.fake.made("editMessageText")) >= 1)
    assert len(ana.private.shown) == 2


async def test_a_click_after_a_restart(start: Start) -> None:
    """What a button needs is in our database: it works in the next process."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    async with start(Setup(fake)) as bench:
        answer = await answered(bench, ana)
    async with start(Setup(fake)) as bench:
        ana.click(answer, "[1]")
        await fake.until(lambda: len(ana.private.shown) == 2)


async def test_what_comes_near_can_be_opened(kiosque: Kiosque, start: Start) -> None:
    """Passages that are no answer have buttons like sources, thumbs too, also after a restart."""
    fake, whole = FakeTelegram(), near(kiosque)
    setup = Setup(fake, Scripted(whole=whole))
    ana = Person(fake, "Ana")
    async with start(setup) as bench:
        ana.say("Quoi ?")
        await bench.idle()
    shown = ana.private.shown[0]
    first, second = whole.passages
    assert shown["text"].startswith("Pas de réponse sûre.")
    assert labels(shown) == ["[1]", "[2]", "👍", "👎"]
    async with start(setup) as bench:
        ana.click(shown, "[1]")
        await fake.until(lambda: len(ana.private.shown) == 2)
        assert bold(ana.private.shown[1])[1:] == [first.quote.split()[0]]
        ana.click(shown, "[2]")
        await fake.until(lambda: "[2]" in ana.private.texts[1])
        assert bold(ana.private.shown[1])[1:] == [second.quote]
        ana.say("/sources")
        await fake.until(lambda: len(ana.private.shown) == 3)
    listed = ana.private.texts[2]
    assert listed.startswith("Pas de réponse sûre.")
    assert f"[2] {second.article.title}" in listed
    assert labels(ana.private.shown[2]) == labels(shown)


async def test_buttons_that_have_expired(start: Start) -> None:
    """A forgotten answer, data of no button of ours, another chat's answer: a word, no viewer."""
    async with start() as bench:
        ana, bob = Person(bench.fake, "Ana"), Person(bench.fake, "Bob")
        answer = await answered(bench, ana)
        of_bob = await answered(bench, bob)
        data = next(b["callback_data"] for b in buttons(answer))
        clicks = [bob.press(of_bob, data), ana.press(answer, "v0:x"), ana.press(answer, "v1:y:1")]
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        ana.say("/oublie")
        await bench.fake.until(lambda: "effacée" in ana.private.texts[-1])
        last = ana.click(answer, "[1]")
        await bench.fake.until(lambda: last.answers)
    said = {text for click in (*clicks, last) for text in click.answers}
    assert said == {"Ce bouton ne sert plus."}
    assert len(bob.private.shown) == 1


async def test_a_click_too_late_does_its_work(start: Start) -> None:
    """Telegram takes no answer to an old click; the viewer opens all the same."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        answer = await answered(bench, ana)
        ana.click(answer, "[1]").expired = True
        await bench.fake.until(lambda: len(ana.private.shown) == 2)


async def test_others_in_a_group_may_look(start: Start) -> None:
    """In a group all see the answer, and all may see its sources, in its one viewer."""
    fake = FakeTelegram()
    group = new_group(fake, "Rédaction")
    async with start(Setup(fake, access=Access(chats=frozenset({group.id})))) as bench:
        ana, bob = Person(fake, "Ana"), Person(fake, "Bob", language="en")
        ana.say(f"/ask {QUESTION}", group)
        await bench.idle()
        bob.click(group.shown[0], "[1]")
        await fake.until(lambda: len(group.shown) == 2)
    assert "Close" in labels(group.shown[1])


async def test_thumbs(start: Start) -> None:
    """A thumb is thanked and kept; the last word of a reader counts."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        answer = await answered(bench, ana)
        clicks = [ana.click(answer, thumb) for thumb in ("👍", "👎")]
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        votes = await bench.context.memory.do(bench.context.memory.store.votes)
    assert [(vote.user, vote.good) for vote in votes] == [(ana.id, False)]
    assert votes[0].answer.question == QUESTION


async def test_an_article_withdrawn_since_says_so(own_home: Path, tmp_path: Path) -> None:
    """Weeks later, the viewer of a withdrawn article has its line and the word, not its text."""
    with Kiosque(Settings(home=own_home), lambda: TODAY) as kiosque:
        async with benched(kiosque, tmp_path / "bot.db", Setup()) as bench:
            ana = Person(bench.fake, "Ana")
            answer = await answered(bench, ana)
            with closing(sqlite3.connect(own_home / "archive.db")) as archive, archive:
                archive.execute("UPDATE articles SET state = 'withdrawn'")
            ana.click(answer, "[1]")
            await bench.fake.until(lambda: len(ana.private.shown) == 2)
    said = ana.private.texts[1]
    assert said.startswith("Cet article a été retiré de l’archive depuis")
    assert "Le Courrier de Vaubrelles, 12 octobre 2016" in said
    assert labels(ana.private.shown[1]) == ["Fermer"]


async def test_scripted_sources_that_are_not_in_the_archive(start: Start) -> None:
    """An article that the archive does not know is shown as withdrawn, and nothing fails."""
    async with start(Setup(script=Scripted("Oui."))) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Quoi ?")
        await bench.idle()
        ana.click(ana.private.shown[0], "[1]")
        await bench.fake.until(lambda: len(ana.private.shown) == 2)
    assert "Le pont de Brume rouvre" in ana.private.texts[1]
