"""What the fake server takes and refuses, without a transport."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.errors import ApiError
from tests.fake_telegram.floods import Floods, Limits
from tests.fake_telegram.people import Person, buttons, new_group
from tests.fake_telegram.world import Message


async def refusal(fake: FakeTelegram, method: str, **form: str) -> str:
    """What the server says to a call that it refuses."""
    with pytest.raises(ApiError) as caught:
        await fake.dispatch(method, form)
    return caught.value.description


async def send(fake: FakeTelegram, chat: int, text: str = "bonjour", **form: str) -> Message:
    """A message of the bot."""
    message: Message = await fake.dispatch(
        "sendMessage", {"chat_id": str(chat), "text": text, **form}
    )
    return message


def keyboard(*data: str) -> str:
    """The JSON of a keyboard of one row."""
    row = [{"text": str(n), "callback_data": d} for n, d in enumerate(data, start=1)]
    return json.dumps({"inline_keyboard": [row]})


async def test_methods_are_known_without_case() -> None:
    """``GETME`` is getMe; what is no method is not found."""
    fake = FakeTelegram()
    assert (await fake.dispatch("GETME", {}))["is_bot"] is True
    assert await refusal(fake, "makeCoffee") == "Not Found: method not found"


async def test_wrong_token_is_refused() -> None:
    """401 for another token."""
    status, body = await FakeTelegram().respond("1:x", "getMe", {})
    assert status == 401
    assert json.loads(body) == {"ok": False, "error_code": 401, "description": "Unauthorized"}


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"text": "  \n"}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "x", "reply_markup": keyboard("é" * 33)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(*"123456789")}, "BUTTONS_TOO_MUCH"),
        (
            {"text": "x", "reply_parameters": '{"message_id": 99999}'},
            "message to be replied not found",
        ),
    ],
)
async def test_messages_that_are_refused(form: dict[str, str], why: str) -> None:
    """What cannot be sent is refused in Telegram's words."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    said = await refusal(fake, "sendMessage", chat_id=str(ana.id), **form)
    assert said == f"Bad Request: {why}"


async def test_length_counts_after_parsing() -> None:
    """Tags and references do not count: 4,096 characters are taken."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    message = await send(fake, ana.id, f"<b>{'&amp;' * 4096}</b>", parse_mode="HTML")
    assert message["text"] == "&" * 4096


async def test_edits() -> None:
    """The same again is not modified; an edit without a keyboard removes it; none is not found."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    first = await send(fake, ana.id, reply_markup=keyboard("v1:s:1:1"))
    same = {"chat_id": str(ana.id), "message_id": str(first["message_id"]), "text": "bonjour"}
    again = await refusal(fake, "editMessageText", **same, reply_markup=keyboard("v1:s:1:1"))
    assert again.startswith("Bad Request: message is not modified: specified new message content")
    edited = await fake.dispatch("editMessageText", same)
    assert buttons(edited) == []
    missing = same | {"message_id": "99999"}
    assert await refusal(fake, "editMessageText", **missing) == (
        "Bad Request: message to edit not found"
    )
    assert ana.private.edits(first["message_id"]) == 1


async def test_reply_to_a_deleted_message_may_be_allowed() -> None:
    """With ``allow_sending_without_reply`` the message is sent alone."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    gone = ana.say("bonjour")
    ana.delete(gone)
    reply = {"message_id": gone["message_id"], "allow_sending_without_reply": True}
    message = await send(fake, ana.id, reply_parameters=json.dumps(reply))
    assert "reply_to_message" not in message


async def test_chats_that_cannot_be_written_to() -> None:
    """Unknown, not started, blocked, kicked, upgraded: each has its own refusal."""
    fake = FakeTelegram()
    ana, new = Person(fake, "Ana"), Person(fake, "Zoé", started=False)
    group = new_group(fake, "Rédaction")

    async def said(chat: int) -> str:
        return await refusal(fake, "sendMessage", chat_id=str(chat), text="x")

    assert await said(4) == await said(new.id) == "Bad Request: chat not found"
    ana.block()
    assert await said(ana.id) == "Forbidden: bot was blocked by the user"
    ana.kick_bot(group)
    assert await said(group.id) == "Forbidden: bot was kicked from the supergroup chat"
    group.upgrade(-100_5)
    with pytest.raises(ApiError) as caught:
        await send(fake, group.id)
    assert caught.value.parameters == {"migrate_to_chat_id": -100_5}
    assert caught.value.description == ("Bad Request: group chat was upgraded to a supergroup chat")


async def test_a_click_is_answered_once_and_soon() -> None:
    """A second answer, or one too late, is refused."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    message = await send(fake, ana.id, reply_markup=keyboard("v1:s:1:1"))
    click, late = ana.click(message, "1"), ana.click(message, "1")
    late.expired = True
    assert await fake.dispatch("answerCallbackQuery", {"callback_query_id": click.id})
    for other in (click, late):
        assert await refusal(fake, "answerCallbackQuery", callback_query_id=other.id) == (
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )


async def test_files_have_a_limit() -> None:
    """A file of more than 20 MB is not given."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    small = ana.upload("a.txt", b"texte")["document"]["file_id"]
    large = ana.upload("b.txt", b"", size=21 << 20)["document"]["file_id"]
    found = await fake.dispatch("getFile", {"file_id": small})
    assert fake.download(found["file_path"]) == b"texte"
    assert await refusal(fake, "getFile", file_id=large) == "Bad Request: file is too big"


async def test_polling_waits_confirms_and_repeats() -> None:
    """getUpdates waits for news; what is not confirmed comes again."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    waiting = asyncio.create_task(fake.dispatch("getUpdates", {"timeout": "5"}))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    ana.say("bonjour")
    (update,) = await waiting
    assert await fake.dispatch("getUpdates", {}) == [update]
    assert await fake.dispatch("getUpdates", {"offset": str(update["update_id"] + 1)}) == []


async def test_the_older_of_two_pollers_is_told() -> None:
    """The poll that waits gets the conflict, the new one goes on."""
    fake = FakeTelegram()
    older = asyncio.create_task(fake.dispatch("getUpdates", {"timeout": "5"}))
    await asyncio.sleep(0.01)
    newer = asyncio.create_task(fake.dispatch("getUpdates", {"timeout": "5"}))
    with pytest.raises(ApiError) as caught:
        await older
    assert caught.value.code == 409
    assert caught.value.description.startswith(
        "Conflict: terminated by other getUpdates request; make sure that only one bot"
    )
    newer.cancel()


async def test_only_what_is_asked_for_comes() -> None:
    """Reactions are not sent unless a bot asks for them."""
    fake = FakeTelegram()
    ana = Person(fake, "Ana")
    message = await send(fake, ana.id)
    ana.react(message, "👍")
    assert await fake.dispatch("getUpdates", {}) == []
    await fake.dispatch("getUpdates", {"allowed_updates": '["message_reaction"]'})
    ana.react(message, "👍")
    ana.say("bonjour")
    (update,) = await fake.dispatch("getUpdates", {})
    assert "message_reaction" in update


async def test_commands_are_kept_by_scope_and_language() -> None:
    """A list for a chat that never started the bot is refused: chat not found."""
    fake = FakeTelegram()
    new = Person(fake, "Zoé", started=False)
    commands = json.dumps([{"command": "ask", "description": "Poser une question"}])
    scope = json.dumps({"type": "all_private_chats"})
    await fake.dispatch(
        "setMyCommands", {"commands": commands, "scope": scope, "language_code": "fr"}
    )
    assert fake.world.commands["all_private_chats/fr"][0]["command"] == "ask"
    own = json.dumps({"type": "chat", "chat_id": new.id})
    assert await refusal(fake, "setMyCommands", commands=commands, scope=own) == (
        "Bad Request: chat not found"
    )


async def test_privacy_mode_hides_what_is_not_for_the_bot() -> None:
    """In a group a bot sees commands, mentions and replies to it; all of it without privacy."""
    fake = FakeTelegram()
    ana, group = Person(fake, "Ana"), new_group(fake, "Rédaction")
    said = await send(fake, group.id)
    ana.say("rien pour toi", group)
    ana.say("et toi @kiosque_test_bot ?", group)
    ana.reply(said, "qui ?")
    group.privacy = False
    ana.say("tout", group)
    texts = [u["message"]["text"] for u in await fake.dispatch("getUpdates", {})]
    assert texts == ["et toi @kiosque_test_bot ?", "qui ?", "tout"]


def test_floods() -> None:
    """A private chat: a burst, then one a second; a group: twenty a minute; thirty in all."""
    floods = Floods(Limits())
    assert [floods.wait(1, 0.0) for _ in range(4)] == [0, 0, 0, 1]
    assert floods.wait(1, 1.01) == 0
    assert [floods.wait(-5, 2.0 + n / 10) for n in range(21)] == [0] * 20 + [58]
    assert [floods.wait(user, 100.0) for user in range(10, 41)] == [0] * 30 + [1]


async def test_a_flood_says_how_long() -> None:
    """Sends and edits of a chat share its limit, and the refusal has the seconds."""
    fake = FakeTelegram(Limits(private_burst=1))
    ana = Person(fake, "Ana")
    message = await send(fake, ana.id)
    edit: dict[str, Any] = {
        "chat_id": str(ana.id),
        "message_id": str(message["message_id"]),
        "text": "autre",
    }
    with pytest.raises(ApiError) as caught:
        await fake.dispatch("editMessageText", edit)
    assert caught.value.body() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    await fake.dispatch("sendChatAction", {"chat_id": str(ana.id), "action": "typing"})
