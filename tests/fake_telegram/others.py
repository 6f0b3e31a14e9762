"""The methods that do not write: who the bot is, clicks, commands, files, the webhook."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.fake_telegram import messages
from tests.fake_telegram.args import Args
from tests.fake_telegram.errors import QUERY_TOO_OLD, bad_request
from tests.fake_telegram.world import ME, World

MOST_DOWNLOAD = 20 * 1024 * 1024
_MOST_CALLBACK_CHARS = 200
_MOST_RESULTS, _MOST_RESULT_ID = 50, 64
_RIGHTS = (
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats"
    " can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories"
    " can_edit_stories can_delete_stories"
).split()
"""What Telegram says of every administrator."""


def get_me(world: World, _args: Args) -> dict[str, Any]:
    """The bot."""
    return ME | {"supports_inline_queries": world.inline}


def get_chat(world: World, args: Args) -> dict[str, Any]:
    """A chat."""
    chat = world.chat(args.number("chat_id"))
    return {**chat.as_json, "accent_color_id": 0, "max_reaction_count": 11}


def get_chat_member(world: World, args: Args) -> dict[str, Any]:
    """What somebody is in a chat: one of its administrators, or a member."""
    chat, user = world.chat(args.number("chat_id")), args.number("user_id")
    person = {"id": user, "is_bot": False, "first_name": "?"}
    if user not in chat.admins:
        return {"status": "member", "user": person}
    rights = dict.fromkeys(_RIGHTS, False)
    return {"status": "administrator", "user": person, **rights}


def send_chat_action(world: World, args: Args) -> bool:
    """Typing, as a reader sees it."""
    chat = world.chat(args.number("chat_id"))
    world.actions.append((chat.id, args.text("action")))
    return True


def answer_callback_query(world: World, args: Args) -> bool:
    """The answer to a click: once, and soon."""
    click = world.clicks.get(args.text("callback_query_id"))
    if click is None or click.expired or click.answers:
        raise bad_request(QUERY_TOO_OLD)
    if len(args.text("text")) > _MOST_CALLBACK_CHARS:
        raise bad_request("MESSAGE_TOO_LONG")
    click.answers.append(args.text("text"))
    return True


def answer_inline_query(world: World, args: Args) -> bool:
    """What may be dropped into a chat: once, and soon."""
    typed = world.typed.get(args.text("inline_query_id"))
    if typed is None or typed.expired or typed.answers:
        raise bad_request(QUERY_TOO_OLD)
    results, button = args.value("results") or [], args.value("button") or {}
    if len(results) > _MOST_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    if any(not 1 <= len(result["id"].encode()) <= _MOST_RESULT_ID for result in results):
        raise bad_request("RESULT_ID_INVALID")
    for result in results:
        messages.checked(result["input_message_content"])
    if button and not re.fullmatch(r"[\w-]{1,64}", button["start_parameter"], re.ASCII):
        raise bad_request("START_PARAM_INVALID")
    typed.answers.append({"results": results, "button": button})
    return True


def set_my_commands(world: World, args: Args) -> bool:
    """The commands that a menu lists, for a scope and a language."""
    world.commands[_scope(world, args)] = args.value("commands") or []
    return True


def get_my_commands(world: World, args: Args) -> list[dict[str, str]]:
    """The commands of a scope."""
    return world.commands.get(_scope(world, args), [])


def delete_my_commands(world: World, args: Args) -> bool:
    """No commands of their own for a scope."""
    world.commands.pop(_scope(world, args), None)
    return True


def _scope(world: World, args: Args) -> str:
    """``all_private_chats/fr``, ``chat 12``…"""
    scope = args.value("scope") or {"type": "default"}
    name = str(scope["type"])
    if "chat_id" in scope:
        name += f" {world.chat(int(scope['chat_id'])).id}"
    language = args.text("language_code")
    return f"{name}/{language}" if language else name


def leave_chat(world: World, args: Args) -> bool:
    """The bot goes."""
    world.chat(args.number("chat_id")).left = True
    return True


def get_file(world: World, args: Args) -> dict[str, Any]:
    """Where a file is to be downloaded."""
    file = world.files.get(args.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > MOST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.id,
        "file_size": file.size,
        "file_path": file.path,
    }


def set_message_reaction(world: World, args: Args) -> bool:
    """An emoji under a message."""
    chat = world.chat(args.number("chat_id"))
    world.reactions.append((chat.id, args.number("message_id"), args.value("reaction")))
    return True


def set_webhook(world: World, args: Args) -> bool:
    """Updates are to be posted to an address."""
    url = args.text("url")
    if url and not url.startswith("https://") and "127.0.0.1" not in url:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    world.webhook.clear()
    if url:
        world.webhook |= {
            "url": url,
            "secret_token": args.text("secret_token"),
            "allowed_updates": json.loads(args.text("allowed_updates") or "[]"),
        }
    return True


def delete_webhook(world: World, _args: Args) -> bool:
    """Updates are to be fetched."""
    world.webhook.clear()
    return True


def get_webhook_info(world: World, _args: Args) -> dict[str, Any]:
    """Where updates go."""
    return {
        "url": world.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": 0,
    }


METHODS: dict[str, Callable[[World, Args], Any]] = {
    "getme": get_me,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "sendmessage": messages.send_message,
    "senddocument": messages.send_document,
    "editmessagetext": messages.edit_message_text,
    "editmessagereplymarkup": messages.edit_message_reply_markup,
    "deletemessage": messages.delete_message,
    "sendchataction": send_chat_action,
    "answercallbackquery": answer_callback_query,
    "answerinlinequery": answer_inline_query,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "leavechat": leave_chat,
    "getfile": get_file,
    "setmessagereaction": set_message_reaction,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}
"""Every method but getUpdates, which waits; names are compared without case."""
