"""Checks and quotes in Telegram: commands, replies, forwarded texts."""

from __future__ import annotations

from tests.bot.telegram.bench import labels
from tests.bot.telegram.conftest import Start
from tests.fake_telegram.people import Person

WRITTEN = "Armand Quillivic a été condamné à trois ans de prison, dont deux avec sursis."
QUOTE = "ne peut plus vivre avec un seul axe"


async def test_commands(start: Start) -> None:
    """The text behind the command, in both languages; sources are buttons."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        for text in (f"/verifier {WRITTEN}", f"/check {WRITTEN}", f"/citation {QUOTE}"):
            ana.say(text)
            await bench.idle()
        for text in ("/quote", "/follow", "/citation les poules auront des dents"):
            ana.say(text)
            await bench.idle()
    checked, again, quote, how, follow_how, never = ana.private.shown
    for answer in (checked, again):
        assert "Le Fanal" in answer["text"]
        assert labels(answer)[0] == "[1]"
    for answer in (checked, again, quote):  # neither is a subject that goes on
        assert "👍" in labels(answer)
        assert "🔔 Suivre" not in labels(answer)
    assert labels(never) == []
    assert "Que faut-il suivre" in follow_how["text"]
    assert QUOTE in quote["text"]
    assert "/citation" in how["text"]


async def test_a_reply_with_the_command(start: Start) -> None:
    """The message that is replied to is checked."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        said = ana.say("Il a vendu 41 fausses cartes marines, dit Armand Quillivic.")
        await bench.idle()
        ana.say("/verifier", reply_to_message=said)
        await bench.idle()
    assert "41 fausses cartes" in ana.private.texts[-1]


async def test_a_forwarded_text_is_checked(start: Start) -> None:
    """A post of 3,000 characters; a forwarded question is answered."""
    post = f"{WRITTEN}\n" + "Bravo à toutes et à tous ! " * 110
    origin = {"type": "hidden_user", "sender_user_name": "Un canal", "date": 1_700_000_000}
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        ana.say(post, forward_origin=origin)
        await bench.idle()
        ana.say("Combien de stations aura la ligne T2 ?", forward_origin=origin)
        await bench.idle()
    checked, answered = ana.private.texts
    assert WRITTEN in checked
    assert "dix-sept" in answered


async def test_a_text_too_long_to_be_a_question(start: Start) -> None:
    """How to have it checked is said, and works."""
    async with start() as bench:
        ana = Person(bench.fake, "Ana")
        said = ana.say(f"{WRITTEN}\n" + "Bravo à toutes et à tous ! " * 110)
        await bench.idle()
        ana.say("/verifier", reply_to_message=said)
        await bench.idle()
    refused, checked = ana.private.texts
    assert "répondez-lui par /verifier" in refused
    assert WRITTEN in checked
