"""Telegram's own reading of HTML: which tags it knows, what it refuses, and in which words.

A port of what tdlib's ``parse_html`` does, byte by byte, since its errors name byte offsets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.fake_telegram.errors import bad_request

_KINDS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "span": "spoiler",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,10})|([a-z]{2,4}));?")
_SPACE = b" \t\r\n\0\v"
_ATTRIBUTE_END = _SPACE + b"=>/\"'"
MOST_ENTITIES = 100


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    argument: str
    offset: int


def utf16(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def parsed(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without its tags, and its entities.

    Raises:
        ApiError: the HTML is not what Telegram accepts.
    """
    reader = _Reader(text.encode())
    reader.read()
    return trimmed(reader.text, reader.entities)


def trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """A text without the space around it, its entities moved with it and cut at its ends."""
    body = text.strip()
    if body == text:
        return text, entities[:MOST_ENTITIES]
    shift, length = utf16(text[: len(text) - len(text.lstrip())]), utf16(body)
    kept = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] + entity["length"] - shift, length)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return body, kept[:MOST_ENTITIES]


class _Reader:
    """One pass over the bytes of a text."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._out: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self.entities: list[dict[str, Any]] = []

    @property
    def text(self) -> str:
        """What was read so far, without tags."""
        return "".join(self._out)

    def read(self) -> None:
        """Read all of it."""
        while self._at < len(self._data):
            mark = min(
                (found for c in (b"<", b"&") if (found := self._data.find(c, self._at)) >= 0),
                default=len(self._data),
            )
            self._append(self._data[self._at : mark].decode())
            self._at = mark
            if mark == len(self._data):
                break
            if self._data[mark : mark + 1] == b"&":
                self._append(self._reference())
            elif self._data[mark + 1 : mark + 2] == b"/":
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            raise _unparsable(
                f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"'
            )

    def _append(self, text: str) -> None:
        self._out.append(text)
        self._length += utf16(text)

    def _reference(self) -> str:
        """A character reference; a bare ``&`` stands for itself."""
        match = _REFERENCE.match(self._data, self._at)
        character = ""
        if match:
            code = int(match[1], 16) if match[1] else int(match[2]) if match[2] else 0
            valid = 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000
            character = chr(code) if valid else _NAMED.get(match[3] or b"", "")
        self._at += len(match[0]) if match and character else 1
        return character or "&"

    def _until(self, stops: bytes) -> bytes:
        """The bytes before the next of these."""
        start = self._at
        while self._at < len(self._data) and self._data[self._at] not in stops:
            self._at += 1
        return self._data[start : self._at]

    def _skip_space(self) -> None:
        while self._at < len(self._data) and self._data[self._at] in _SPACE:
            self._at += 1

    def _peek(self) -> bytes:
        return self._data[self._at : self._at + 1]

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        tag = self._until(_SPACE + b">").decode(errors="replace").lower()
        if not self._peek():
            raise _unparsable(f"Unclosed start tag at byte offset {begin}")
        if tag not in _KINDS:
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = self._arguments(tag, begin)
        if tag == "span" and argument != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._at += 1
        self._open.append(_Open(tag, argument, self._length))

    def _arguments(self, tag: str, begin: int) -> str:
        """The one attribute of a tag that means something; others are let through."""
        wanted = {"a": "href", "span": "class", "code": "class", "tg-emoji": "emoji-id"}
        argument = ""
        while True:
            self._skip_space()
            if not self._peek():
                raise _unparsable(f"Unclosed start tag at byte offset {begin}")
            if self._peek() == b">":
                return argument
            name = self._until(_ATTRIBUTE_END).decode(errors="replace")
            if not name:
                raise _unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._skip_space()
            value = self._value(begin) if self._peek() == b"=" else ""
            if name == wanted.get(tag):
                argument = value
            elif (tag, name) == ("blockquote", "expandable"):
                argument = "1"

    def _value(self, begin: int) -> str:
        self._at += 1
        self._skip_space()
        quote = self._peek()
        if quote not in (b"'", b'"') or not quote:
            start = self._at
            token = re.compile(rb"[0-9A-Za-z.\-]*").match(self._data, start)
            self._at += len(token[0]) if token else 0
            if self._peek() and self._peek() not in (b">", *(bytes([c]) for c in _SPACE)):
                raise _unparsable(f"Unexpected end of name token at byte offset {start}")
            return self._data[start : self._at].decode().lower()
        self._at += 1
        value = []
        while self._peek() and self._peek() != quote:
            if self._peek() == b"&":
                value.append(self._reference())
            else:
                value.append(self._until(quote + b"&").decode(errors="replace"))
        if not self._peek():
            raise _unparsable(f"Unclosed start tag at byte offset {begin}")
        self._at += 1
        return "".join(value)

    def _end_tag(self) -> None:
        begin = self._at
        self._at += 2
        if not self._open:
            raise _unparsable(f"Unexpected end tag at byte offset {begin}")
        tag = self._until(_SPACE + b">").decode(errors="replace")
        self._skip_space()
        if self._peek() != b">":
            raise _unparsable(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        opened = self._open.pop()
        if tag and tag != opened.tag:
            raise _unparsable(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>",'
                f' found "</{tag}>"'
            )
        if self._length > opened.offset:
            self.entities.append(self._entity(opened))

    def _entity(self, opened: _Open) -> dict[str, Any]:
        kind = _KINDS[opened.tag]
        length = self._length - opened.offset
        entity = {"type": kind, "offset": opened.offset, "length": length}
        if kind == "text_link":
            entity["url"] = opened.argument
        elif kind == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        return entity


def _unparsable(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")
