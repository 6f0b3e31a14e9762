"""Parser of what Telegram Desktop exports as JSON: the posts of a channel.

A channel is a publication: it is the outlet of its posts. Chats between people are private, and
left out. Service messages, and pictures without words, are no articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import BinaryIO

from retrieval.reading.claims import one_line
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.records.columns import word_set
from retrieval.reading.records.records import raw_json

_LONGEST = 4096  # characters of a message: what is longer goes on in the next one
_NEAR_LONGEST = 3500
_TOGETHER_S = 5

Json = Mapping[str, object]


def is_telegram(head: Json, shapes: Mapping[str, object]) -> bool:
    """Whether the outline of a JSON file is that of such an export."""
    one = "messages.item" in shapes and "type" in head and "id" in head
    return (one and "date_unixtime" in _keys(shapes, "messages.item")) or (
        "chats.list.item" in shapes and "chats.list.item.messages.item" in shapes
    ) or (one and str(head["type"]) in _chats())  # fmt: skip


def posts(open_again: Callable[[], BinaryIO], head: Json, shapes: Json) -> Iterator[Piece]:
    """The posts of a channel, or of the channels of a whole account."""
    from retrieval.reading.records.jsonfiles import records_at

    if "messages.item" in shapes:
        messages = records_at(open_again(), "messages.item")
        yield from _of_chat(head, (m for m in messages if isinstance(m, Mapping)))
        return
    for chat in records_at(open_again(), "chats.list.item"):
        if isinstance(chat, Mapping) and isinstance(chat.get("messages"), list):
            yield from _of_chat(chat, (m for m in chat["messages"] if isinstance(m, Mapping)))


def _keys(shapes: Mapping[str, object], path: str) -> Json:
    found = shapes.get(path)
    return found if isinstance(found, Mapping) else {}


def _chats() -> frozenset[str]:
    return word_set("json", "channels") | word_set("json", "chats")


def _of_chat(chat: Json, messages: Iterator[Json]) -> Iterator[Piece]:
    chat_id, kind = one_line(chat.get("id")), one_line(chat.get("type"))
    says = Claims("record", outlet=one_line(chat.get("name")))
    if kind not in word_set("json", "channels"):
        yield Piece("", says, f"chat-{chat_id}", left_out="private")
        return
    for group in _groups(messages):
        yield _piece(group, says, f"{chat_id}-{one_line(group[0].get('id'))}")


def _groups(messages: Iterator[Json]) -> Iterator[list[Json]]:
    """The messages, those together that are one text in several parts."""
    group: list[Json] = []
    for message in messages:
        if group and _goes_on(group[-1], message):
            group.append(message)
            continue
        if group:
            yield group
        group = [message]
    if group:
        yield group


def _goes_on(before: Json, message: Json) -> bool:
    """Whether a message goes on with the text of the one before, which was too long for one."""
    text = message_text(before)
    if not _NEAR_LONGEST <= len(text) <= _LONGEST or not message_text(message):
        return False
    if before.get("forwarded_from") != message.get("forwarded_from"):
        return False
    first, second = _unix(before), _unix(message)
    return first is not None and second is not None and 0 <= second - first <= _TOGETHER_S


def _piece(group: list[Json], chat: Claims, name: str) -> Piece:
    first = group[0]
    if first.get("type") != "message":
        return Piece("", chat, name, left_out="other_kind", detail="service")
    text = "\n\n".join(part for part in map(message_text, group) if part.strip())
    if not text.strip():
        return Piece("", chat, name, left_out="attachment")
    says = Claims(
        "record",
        published=_date(first),
        outlet=chat.outlet,
        # A forwarded post is in the words of somebody else.
        author=one_line(first.get("forwarded_from")) or one_line(first.get("author")),
    )
    return Piece(text, says, name, raw=raw_json(group if len(group) > 1 else first))


def message_text(message: Json) -> str:
    """The words of a message: a text, or a list of texts and of entities that hold one."""
    text = message.get("text")
    parts = text if isinstance(text, list) else [text]
    words = (part.get("text") if isinstance(part, Mapping) else part for part in parts)
    return "".join(word for word in words if isinstance(word, str))


def _date(message: Json) -> str:
    """The moment of a message by the clock of whoever exported it, else in UTC."""
    unix = _unix(message)
    local = one_line(message.get("date"))
    if local or unix is None:
        return local
    return datetime.fromtimestamp(unix, UTC).isoformat()


def _unix(message: Json) -> int | None:
    words = one_line(message.get("date_unixtime"))
    return int(words) if words.isdigit() and len(words) <= 11 else None
