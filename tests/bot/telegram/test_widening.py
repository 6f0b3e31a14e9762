"""The understood question is shown and can be changed: buttons that leave its limits."""

from __future__ import annotations

from dataclasses import replace

from bot.messages.catalogue import Catalogue
from bot.telegram.limits import Access
from bot.telegram.widening import limit_rows
from retrieval.vocabulary import Answer, Period, Question, Statement, Status, Understanding
from tests.bot.telegram.bench import Scripted, Setup, labels
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person, new_group

OUTSIDE = "Combien de spectateurs au festival en 1998 selon Le Fanal ?"
PERIOD, OUTLET, BOTH = "1998 ✕", "Le Fanal ✕", "Élargir"


def limits(message: dict[str, object]) -> list[str]:
    """The buttons that leave a limit."""
    return [label for label in labels(message) if label.endswith("✕") or label == BOTH]


async def test_a_tap_asks_again_in_place(start: Start) -> None:
    """Without the period: the same message, another answer, which has what is left."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.say(OUTSIDE)
        await bench.idle()
        (before,) = ana.private.shown
        assert limits(before) == [PERIOD, OUTLET, BOTH]
        assert "Cherché dans\u00a0: Le Fanal." in before["text"]
        click = ana.click(before, PERIOD)
        await bench.idle()
        (after,) = ana.private.shown
        assert click.answers == [""]
        assert after["message_id"] == before["message_id"]
        assert "38 000" in after["text"]
        assert limits(after) == [OUTLET]
        ana.click(after, OUTLET)
        await bench.idle()
        (last,) = ana.private.shown
        assert limits(last) == []
        memory = bench.context.memory
        kept = await memory.do(memory.store.questions, ana.private.id, 9)
    assert kept == [OUTSIDE] * 3


async def test_all_limits_at_once_after_a_restart(start: Start) -> None:
    """What a button needs is in our database."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    async with start(Setup(fake)) as bench:
        ana.say(OUTSIDE)
        await bench.idle()
    async with start(Setup(fake)) as bench:
        ana.click(ana.private.shown[0], BOTH)
        await bench.idle()
    (after,) = ana.private.shown
    assert limits(after) == []
    assert "1998 (" not in after["text"]


async def test_only_who_asked_may_change_it(start: Start) -> None:
    """In a group, somebody else's tap is answered by one line and changes nothing."""
    fake = FakeTelegram()
    ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
    group = new_group(fake, "Rédaction")
    access = Access(chats=frozenset({group.id}))
    async with start(Setup(fake, access=access)) as bench:
        ana.say(f"/ask {OUTSIDE}", group)
        await bench.idle()
        before = group.shown[-1]
        click = bob.click(before, PERIOD)
        await bench.idle()
        assert click.answers == ["Seule la personne qui a posé cette question peut le faire."]
        assert group.shown[-1] == before
        ana.click(before, PERIOD)
        await bench.idle()
        assert limits(group.shown[-1]) == [OUTLET]


async def test_a_follow_up_says_what_it_was_understood_as(start: Start) -> None:
    """Asked again, it still knows what it leant on; the conversation may be over by then."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        for text in (
            "Combien de stations aura la ligne T2 en 2016 ?",
            "Et combien de kilomètres ?",
        ):
            ana.say(text)
            await bench.idle()
        before = ana.private.shown[-1]
        understood = next(
            line for line in before["text"].splitlines() if line.startswith("Compris comme")
        )
        assert "T2" in understood
        ana.say("/nouveau")
        await bench.idle()
        ana.click(before, "2016 ✕")
        await bench.idle()
        after = next(m for m in ana.private.shown if m["message_id"] == before["message_id"])
        assert understood in after["text"]
        assert limits(after) == []


async def test_what_was_forgotten_cannot_be_changed(start: Start) -> None:
    """After /oublie the button is one that serves no more."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.say(OUTSIDE)
        await bench.idle()
        before = ana.private.shown[0]
        ana.say("/oublie")
        await bench.idle()
        click = ana.click(before, PERIOD)
        await bench.idle()
        assert click.answers == ["Ce bouton ne sert plus."]


async def test_a_double_tap_asks_once(start: Start) -> None:
    """The second is told that the first is being answered, or that nothing is left to change."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.say(OUTSIDE)
        await bench.idle()
        clicks = [ana.click(ana.private.shown[0], BOTH) for _ in range(2)]
        await bench.idle()
        await bench.fake.until(lambda: all(click.answers for click in clicks))
        memory = bench.context.memory
        kept = await memory.do(memory.store.questions, ana.private.id, 9)
        assert not await memory.do(memory.store.pending)
    assert len(kept) == 2
    assert len(ana.private.shown) == 1


async def test_a_longer_answer_leaves_no_piece(start: Start) -> None:
    """Of an answer of several messages, the first is edited and the others go."""
    said = tuple(Statement(f"{n} " + "Une phrase. " * 150, ()) for n in range(4))
    known = Understanding("Qui ?", "fact", period=Period(words="2017"))
    script = Scripted(whole=Answer(Question("Qui ?"), Status.ANSWERED, said, understood=known))
    async with start(Setup(script=script)) as bench:
        ana = Person(bench.fake, "Ana")
        ana.say("Qui ?")
        await bench.idle()
        before = list(ana.private.shown)
        assert len(before) > 1
        script.whole = Answer(Question("Qui ?"), Status.ANSWERED, (Statement("Lui.", ()),))
        ana.click(before[-1], "2017 ✕")
        await bench.idle()
        (after,) = ana.private.shown
    assert after["message_id"] == before[0]["message_id"]
    assert after["text"].startswith("Lui.")
    assert script.requests[-1].known == replace(known, period=None)


def test_buttons_are_short_and_few() -> None:
    """A long name is shortened; a day keeps its day; data fits into Telegram's 64 bytes."""
    texts = Catalogue("fr")
    long = Understanding("Qui ?", "fact", (), Period(words="du 3 au 9 mai 2017"), ("É" * 300,))
    (row,) = limit_rows(999_999_999_999_999, long, texts)
    assert [len(button.label) for button in row] == [20, 26, 7]
    assert all(len(button.data.encode()) <= 64 for button in row)
    day = Understanding("Quoi de neuf ?", "day", (), Period(words="hier"))
    assert limit_rows(1, day, texts) == ()
    assert limit_rows(1, None, texts) == ()


async def test_administrators_change_what_was_asked_in_the_name_of_their_group(
    start: Start,
) -> None:
    """Who clicks has a name, who asked had that of the group; a member who is none may not."""
    fake = FakeTelegram()
    ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
    group = new_group(fake, "Rédaction")
    group.admins.add(ana.id)
    access = Access(chats=frozenset({group.id}))
    async with start(Setup(fake, access=access)) as bench:
        ana.say_unnamed(f"/ask {OUTSIDE}", group)
        await bench.idle()
        before = group.shown[-1]
        refused = bob.click(before, PERIOD)
        await bench.idle()
        assert refused.answers == ["Seule la personne qui a posé cette question peut le faire."]
        assert group.shown[-1] == before
        ana.click(before, PERIOD)
        await bench.idle()
    assert limits(group.shown[-1]) == [OUTLET]
