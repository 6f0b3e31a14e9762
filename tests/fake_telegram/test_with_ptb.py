"""python-telegram-bot against the fake, in process and over HTTP: the same errors, real faults."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.request import HTTPXRequest

from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.faults import Kind
from tests.fake_telegram.in_process import InProcess
from tests.fake_telegram.over_http import served
from tests.fake_telegram.people import Person, new_group

Connect = Callable[[FakeTelegram], AbstractAsyncContextManager[Bot]]


@asynccontextmanager
async def in_process(fake: FakeTelegram) -> AsyncIterator[Bot]:
    """A bot that calls the core."""
    bot = Bot(fake.token, request=InProcess(fake), get_updates_request=InProcess(fake))
    async with bot:
        yield bot


@asynccontextmanager
async def over_http(fake: FakeTelegram) -> AsyncIterator[Bot]:
    """A bot that opens connections."""
    async with served(fake) as server:
        requests = [HTTPXRequest(read_timeout=0.2) for _ in range(2)]
        bot = Bot(
            fake.token,
            server.base_url,
            server.base_file_url,
            request=requests[0],
            get_updates_request=requests[1],
        )
        async with bot:
            yield bot


@pytest.fixture(params=[in_process, over_http])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Either way."""
    chosen: Connect = request.param
    return chosen


async def test_a_message_goes_both_ways(connect: Connect) -> None:
    """A question is polled, an answer with buttons is read back as it was sent."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    asked = ana.say("/ask Qui ?")
    async with connect(fake) as bot:
        (update,) = await bot.get_updates(timeout=1)
        assert update.message is not None
        assert update.message.parse_entities() == {update.message.entities[0]: "/ask"}
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("1", callback_data="v1:s:1:1")]])
        sent = await bot.send_message(
            ana.id,
            "<b>Elle</b>",
            parse_mode="HTML",
            reply_to_message_id=asked["message_id"],
            reply_markup=markup,
        )
    assert sent.reply_markup == markup
    assert sent.reply_to_message is not None
    assert ana.private.texts == ["Elle"]


async def test_files_are_downloaded(connect: Connect) -> None:
    """What somebody uploads can be fetched, and a document can be sent."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    name = ana.upload("un été.txt", "texte é".encode())["document"]["file_id"]
    async with connect(fake) as bot:
        file = await bot.get_file(name)
        assert bytes(await file.download_as_bytearray()) == "texte é".encode()
        await bot.send_document(ana.id, b"x", filename="a.txt")
    assert ana.private.shown[0]["document"]["file_name"] == "a.txt"


async def test_refusals_become_ptb_errors(connect: Connect) -> None:
    """Each refusal is the error that PTB makes of it."""
    fake = FakeTelegram()
    ana, group = Person(fake, "Ana"), new_group(fake, "Rédaction")
    fake.faults.add(Kind.FLOOD, "sendMessage", retry_after=7)
    async with connect(fake) as bot:
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(ana.id, "x")
        assert caught.value.retry_after == 7
        with pytest.raises(BadRequest, match="Can't parse entities: unsupported start tag"):
            await bot.send_message(ana.id, "<p>", parse_mode="HTML")
        ana.block()
        with pytest.raises(Forbidden):
            await bot.send_message(ana.id, "x")
        group.upgrade(-5)
        with pytest.raises(ChatMigrated):
            await bot.send_message(group.id, "x")
        fake.token = "1:other"
        with pytest.raises(InvalidToken):
            await bot.get_me()


@pytest.mark.parametrize(
    ("kind", "done", "error"),
    [
        (Kind.CUT, False, NetworkError),
        (Kind.LOST_REPLY, True, NetworkError),
        (Kind.HANG, False, TimedOut),
        (Kind.LATE_REPLY, True, TimedOut),
        (Kind.BAD_GATEWAY, False, NetworkError),
    ],
)
async def test_faults(connect: Connect, kind: Kind, done: bool, error: type[Exception]) -> None:
    """A fault is an error for the bot, whether the work was done or not; then all is well."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    fake.faults.add(kind, "sendMessage", after=1)
    async with connect(fake) as bot:
        await bot.send_message(ana.id, "un")
        with pytest.raises(error):
            await bot.send_message(ana.id, "deux")
        await bot.send_message(ana.id, "trois")
    assert ana.private.texts == ["un", *(["deux"] if done else []), "trois"]


async def test_a_closed_port_opens_again() -> None:
    """While the port is closed nothing connects; it opens under the same number."""
    fake = FakeTelegram()
    async with served(fake) as server, over_http(fake) as other:
        assert (await other.get_me()).username
        request = HTTPXRequest(read_timeout=0.2)
        bot = Bot(fake.token, server.base_url, server.base_file_url, request=request)
        await request.initialize()
        await server.close()
        with pytest.raises(NetworkError):
            await bot.get_me()
        await server.open()
        assert (await bot.get_me()).id == (await other.get_me()).id
        await request.shutdown()
