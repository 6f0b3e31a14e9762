"""The methods that write: sendMessage, editMessageText and what belongs to them."""

from __future__ import annotations

from typing import Any

from tests.fake_telegram.args import Args
from tests.fake_telegram.errors import NOT_MODIFIED, bad_request
from tests.fake_telegram.html import parsed, trimmed
from tests.fake_telegram.world import ME, Chat, Message, StoredFile, World

MOST_CHARS = 4096
MOST_BUTTONS, MOST_IN_A_ROW = 100, 8
_MOST_DATA_BYTES, _MOST_COPY_CHARS = 64, 256


def send_message(world: World, args: Args) -> Message:
    """A new message of the bot."""
    chat = world.chat(args.number("chat_id"))
    message = _new(world, chat, args)
    message |= _content(args)
    return world.keep(chat, message)


def send_document(world: World, args: Args) -> Message:
    """A file of the bot."""
    chat = world.chat(args.number("chat_id"))
    upload = args.file("document")
    if upload is None:
        raise bad_request("there is no document in the request")
    message = _new(world, chat, args)
    file = StoredFile(
        f"sent-{message['message_id']}", upload.name, upload.content, len(upload.content)
    )
    world.files[file.id] = file
    message["document"] = {
        "file_id": file.id,
        "file_unique_id": file.id,
        "file_name": upload.name,
        "file_size": len(upload.content),
    }
    message["caption"] = args.text("caption")
    return world.keep(chat, message | _markup(args))


def edit_message_text(world: World, args: Args) -> Message:
    """New words for a message of the bot; without a keyboard, it loses the one it had."""
    chat, old = _edited(world, args)
    return _changed(world, chat, old, _content(args))


def edit_message_reply_markup(world: World, args: Args) -> Message:
    """Another keyboard, or none."""
    chat, old = _edited(world, args)
    content = {name: old[name] for name in ("text", "entities") if name in old}
    return _changed(world, chat, old, content | _markup(args))


def delete_message(world: World, args: Args) -> bool:
    """A message taken away."""
    chat = world.chat(args.number("chat_id"))
    if args.number("message_id") not in chat.messages:
        raise bad_request("message to delete not found")
    world.delete(chat, args.number("message_id"))
    return True


def _new(world: World, chat: Chat, args: Args) -> Message:
    message: Message = {
        "message_id": world.next_message(chat),
        "date": world.now(),
        "chat": chat.as_json,
        "from": {name: ME[name] for name in ("id", "is_bot", "first_name", "username")},
    }
    if args.number("message_thread_id"):
        message["message_thread_id"] = args.number("message_thread_id")
        message["is_topic_message"] = True
    replied = _replied(chat, args)
    if replied is not None:
        message["reply_to_message"] = {k: v for k, v in replied.items() if k != "reply_to_message"}
    return message


def _replied(chat: Chat, args: Args) -> Message | None:
    asked = args.value("reply_parameters") or {}
    if not asked.get("message_id"):
        return None
    found = chat.messages.get(int(asked["message_id"]))
    if found is None and not asked.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return found


def _edited(world: World, args: Args) -> tuple[Chat, Message]:
    chat = world.chat(args.number("chat_id"))
    old = chat.messages.get(args.number("message_id"))
    if old is None:
        raise bad_request("message to edit not found")
    if old["from"]["id"] != ME["id"]:
        raise bad_request("message can't be edited")
    return chat, old


def _changed(world: World, chat: Chat, old: Message, content: dict[str, Any]) -> Message:
    """A message with its new content, unless nothing of it is new."""
    names = ("text", "entities", "reply_markup")
    if {n: old.get(n) for n in names} == {n: content.get(n) for n in names}:
        raise bad_request(NOT_MODIFIED)
    kept = {name: value for name, value in old.items() if name not in names}
    return world.keep(chat, kept | content | {"edit_date": world.now()})


def _content(args: Args) -> dict[str, Any]:
    """What a message says, as Telegram understood it.

    Raises:
        ApiError: it is empty, too long, badly marked, or its keyboard is.
    """
    text, entities = _understood(
        args.text("text"), args.text("parse_mode"), args.value("entities") or []
    )
    content: dict[str, Any] = {"text": text}
    if entities:
        content["entities"] = entities
    return content | _markup(args)


def checked(content: dict[str, Any]) -> None:
    """See that a message of an inline result can be one.

    Raises:
        ApiError: it is empty, too long or badly marked.
    """
    _understood(content["message_text"], content.get("parse_mode", ""), [])


def _understood(
    text: str, mode: str, entities: list[dict[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    text, entities = parsed(text) if mode.lower() == "html" else trimmed(text, entities)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MOST_CHARS:
        raise bad_request("message is too long")
    return text, entities


def _markup(args: Args) -> dict[str, Any]:
    markup = args.value("reply_markup")
    if not markup:
        return {}
    rows = markup.get("inline_keyboard", [])
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise bad_request("BUTTONS_TOO_MUCH")
    for button in (button for row in rows for button in row):
        if len(button.get("callback_data", "").encode()) > _MOST_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        if len(button.get("copy_text", {}).get("text", "")) > _MOST_COPY_CHARS:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        url = button.get("url", "")
        if url and not url.startswith(("http://", "https://", "tg://")):
            raise bad_request(f'inline keyboard button URL "{url}" is invalid: Wrong HTTP URL')
    # A message never shows that a reply was asked for: only what stands under it.
    return {"reply_markup": markup} if rows else {}
