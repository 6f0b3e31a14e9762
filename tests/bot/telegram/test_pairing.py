"""Before the bot runs: a token that is right or wrong, and a code that one person sends."""

from __future__ import annotations

import asyncio

import pytest

from bot.telegram.pairing import PairingCode, administrator, username
from config.settings import TelegramSettings
from retrieval.errors import BadSettings, Failed
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.over_http import Server, served
from tests.fake_telegram.people import Person, new_group

CODE = "402917"


def at(server: Server) -> TelegramSettings:
    """Where Telegram is."""
    return TelegramSettings(base_url=server.base_url, base_file_url=server.base_file_url)


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        (CODE, True),
        (f" {CODE}\n", True),
        (f"/start {CODE}", True),
        (f"/start@kiosque_bot {CODE}", True),
        ("402918", False),
        (f"{CODE}0", False),
        (f"le code {CODE}", False),
        ("\uff14\uff10\uff12\uff19\uff11\uff17", False),
        ("", False),
    ],
)
def test_only_the_code_is_the_code(text: str, admitted: bool) -> None:
    """Alone, or after /start as a link sends it."""
    assert PairingCode(CODE).admits(1, text) is admitted


def test_a_code_is_not_found_by_trying() -> None:
    """Three tries a sender, and not many for all of them; other messages are no tries."""
    code = PairingCode(CODE)
    for _ in range(3):
        assert not code.admits(1, "Bonjour")
        assert not code.admits(1, "111111")
    assert not code.admits(1, CODE)
    assert code.admits(2, CODE)
    for sender in range(100):
        code.admits(sender, "222222")
    assert not code.admits(1000, CODE)
    assert len({PairingCode().digits for _ in range(50)}) > 40


async def test_a_token_is_known_or_not() -> None:
    """It gives the bot's name; a wrong one, and what is none, are refused without showing it."""
    fake = FakeTelegram()
    async with served(fake) as server:
        assert await username(fake.token, at(server)) == "kiosque_test_bot"
        for wrong in ("12:no-token-of-a-bot", "../x", "un jeton", "12:é", ""):
            with pytest.raises(BadSettings, match="telegram_token_refused") as refused:
                await username(wrong, at(server))
            assert not wrong or wrong not in str(refused.value)
    with pytest.raises(Failed, match="telegram_unreachable"):
        await username(fake.token, TelegramSettings(base_url="http://127.0.0.1:9/bot"))


async def test_who_sends_the_code_administers() -> None:
    """In private, typed by themselves; what was read before is not given to the bot again."""
    fake = FakeTelegram()
    ana, bob, group = Person(fake, "Ana"), Person(fake, "Bob"), new_group(fake, "Rédaction")
    group.privacy = False
    async with served(fake) as server:
        bob.say("Qui dirige le CHU ?")
        bob.say("123456")
        bob.forward(CODE)
        bob.say(CODE, group)
        ana.say(f"/start {CODE}")
        found = await administrator(fake.token, at(server), PairingCode(CODE), "Merci !")
    assert found == ana.id
    assert ana.private.texts == ["Merci !"]
    assert (bob.private.texts, fake.updates.pending) == ([], [])


async def test_nobody_comes() -> None:
    """The wait ends by itself."""
    fake = FakeTelegram()
    async with served(fake) as server:
        Person(fake, "Bob").say("123456")
        assert await administrator(fake.token, at(server), PairingCode(CODE), "", 0.5) is None


async def test_another_program_polls() -> None:
    """Of two that get the messages of one bot, none gets them all: it is said."""
    fake = FakeTelegram()
    async with served(fake) as server:
        waiting = asyncio.create_task(
            administrator(fake.token, at(server), PairingCode(CODE), "", 30)
        )
        await fake.until(lambda: fake.updates.polls)
        await fake.dispatch("getUpdates", {"timeout": "0"})
        with pytest.raises(Failed, match="telegram_conflict"):
            await waiting
