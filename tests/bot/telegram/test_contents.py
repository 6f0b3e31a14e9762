"""Messages as people send them: quoted parts, captions, pictures, hidden names."""

from __future__ import annotations

from typing import Any

import pytest

from bot.messages.catalogue import Catalogue
from bot.telegram.limits import Access
from tests.bot.telegram.bench import BOT, Scripted, Setup, in_group
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person, new_group

UNREAD = Catalogue("fr").text("telegram.unread")
QUESTION = "Combien coûte une baguette ?"
NO_TEXT: list[dict[str, Any]] = [
    {"voice": {"file_id": "V", "file_unique_id": "V", "duration": 3}},
    {"photo": [{"file_id": "P", "file_unique_id": "P", "width": 9, "height": 9}]},
    {"location": {"latitude": 48.8, "longitude": 2.3}},
    {"contact": {"phone_number": "1", "first_name": "B"}},
    {"dice": {"emoji": "🎲", "value": 3}},
    {"sticker": {"file_id": "S", "file_unique_id": "S", "type": "regular", "width": 9, "height": 9,
                 "is_animated": False, "is_video": False}},
]  # fmt: skip


async def test_a_part_that_is_quoted_is_what_is_asked_about(start: Start) -> None:
    """A reply that quotes a part of an answer asks about that part, not about the conversation."""
    script = Scripted("Le lutteur a 34 ans.", "Jean Dupont, notaire, a été condamné.")
    fake = FakeTelegram()
    async with start(Setup(fake, script)) as bench:
        ana = Person(fake, "Ana")
        ana.say("Qui est Jean Dupont ?")
        await bench.idle()
        ana.reply(ana.private.shown[0], "Il a quel âge ?", "Jean Dupont, notaire")
        await bench.idle()
    request = script.requests[1]
    assert request.text == "Il a quel âge ?"
    assert [turn.text for turn in request.turns] == ["Jean Dupont, notaire"]


async def test_a_part_of_another_chat_is_what_is_asked_about(start: Start) -> None:
    """A reply to a message of another chat is about what it quotes; alone, it asks that."""
    script = Scripted()
    elsewhere: dict[str, Any] = {
        "external_reply": {"origin": {"type": "hidden_user", "date": 1, "sender_user_name": "B"}},
        "quote": {"text": "La baguette coûte 1,20 euro.", "position": 0},
    }
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.say("C'est vrai, ça ?", **elsewhere)
        await bench.idle()
        ana.say(BOT, group, **elsewhere)
        await bench.idle()
    quoted = elsewhere["quote"]["text"]
    assert [turn.text for turn in script.requests[0].turns] == [quoted]
    assert script.requests[1].text == quoted


async def test_a_caption_is_a_question(start: Start) -> None:
    """Under a picture or a document of somebody who is no administrator; in groups a mention."""
    script = Scripted()
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.picture(QUESTION)
        await bench.idle()
        ana.upload("note.pdf", b"%PDF-", caption=QUESTION)
        await bench.idle()
        ana.picture(f"{BOT} {QUESTION}", group)
        await bench.idle()
        ana.picture(QUESTION, group)
        await bench.idle()
    assert [request.text for request in script.requests] == [QUESTION] * 3
    assert len(ana.private.shown) == 2


@pytest.mark.parametrize("content", NO_TEXT, ids=lambda content: next(iter(content)))
async def test_what_is_no_text_gets_one_line_in_private(
    start: Start, content: dict[str, Any]
) -> None:
    """It says what the bot reads; a group gets nothing."""
    setup, group = in_group(Scripted())
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.send(**content)
        ana.send(group, **content)
        await bench.idle()
        await setup.fake.until(lambda: ana.private.texts)
    assert (ana.private.texts, group.shown) == ([UNREAD], [])


async def test_an_album_gets_one_line_or_one_answer(start: Start) -> None:
    """Its pictures are one message; where one has a question as its caption, it is answered."""
    script, fake = Scripted(), FakeTelegram()
    async with start(Setup(fake, script)) as bench:
        ana, bob = Person(fake, "Ana"), Person(fake, "Bob")
        for _ in range(3):
            ana.send(**NO_TEXT[1], media_group_id="1")
        bob.picture(QUESTION, media_group_id="2")
        bob.send(**NO_TEXT[1], media_group_id="2")
        await bench.idle()
        await fake.until(lambda: ana.private.texts)
    assert ana.private.texts == [UNREAD]
    assert [request.text for request in script.requests] == [QUESTION]
    assert len(bob.private.shown) == 1


async def test_who_may_not_ask_is_told_so(start: Start) -> None:
    """Whatever they send; and pictures without end are stopped as commands are."""
    fake = FakeTelegram()
    setup = Setup(fake, Scripted(), Access(users=frozenset({7})), per_minute=1)
    async with start(setup) as bench:
        ana, bob = Person(fake, "Ana"), Person(fake, "Bob", id_=7)
        ana.send(**NO_TEXT[0])
        for _ in range(8):
            bob.send(**NO_TEXT[0])
        await bench.idle()
        await fake.until(lambda: ana.private.texts and len(bob.private.texts) >= 5)
    assert str(ana.id) in ana.private.texts[0]
    assert bob.private.texts.count(UNREAD) == 4
    assert len(bob.private.texts) == 5


@pytest.mark.parametrize("command", ["/Ask", "/ASK", "/Demander", f"/ask{BOT.upper()}"])
async def test_ask_in_any_case(start: Start, command: str) -> None:
    """In private and in groups; other commands too."""
    script = Scripted()
    setup, group = in_group(script)
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.say(f"{command} {QUESTION}")
        await bench.idle()
        ana.say(f"{command} {QUESTION}", group)
        await bench.idle()
        ana.say("/Aide", group)
        await setup.fake.until(lambda: len(group.shown) == 2)
    assert [request.text for request in script.requests] == [QUESTION] * 2
    assert "/nouveau" in group.texts[1]


async def test_administrators_without_a_name_may_ask(start: Start) -> None:
    """In a group that is allowed; their conversation is the group's, and apart from Ana's."""
    script = Scripted()
    setup, group = in_group(script)
    other = new_group(setup.fake, "Ailleurs")
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.say(f"/ask {QUESTION}", group)
        await bench.idle()
        for text in (f"/ask {QUESTION}", f"{BOT} et hier ?", "/nouveau", "/ask Qui ?"):
            ana.say_unnamed(text, group)
            await bench.idle()
        ana.say_unnamed(f"/ask {QUESTION}", other)
        await setup.fake.until(lambda: other.left)
    assert [len(request.turns) for request in script.requests] == [0, 0, 2, 0]
    assert other.shown == []


async def test_a_channel_may_not_ask(start: Start) -> None:
    """What a channel posts in its group is not for the bot."""
    setup, group = in_group(Scripted())
    channel = {"id": -1_002_000_000_001, "type": "channel", "title": "Le Fanal"}
    async with start(setup) as bench:
        Person(setup.fake, "Ana").say(f"/ask {QUESTION}", group, sender_chat=channel)
        await bench.idle()
    assert group.shown == []
