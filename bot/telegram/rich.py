"""Formatted text, cut into messages of Telegram's size. Pure.

A message is built of blocks, a block of runs, and only `html` makes tags: whatever an article
or a model says, it is shown as it is and never read as HTML.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.text.segmentation import sentences

if TYPE_CHECKING:
    from retrieval.vocabulary import Span

LIMIT = 3900
"""UTF-16 units in a message: Telegram refuses more than 4,096 characters."""

_TAGS = {"b", "i", "blockquote", "code"}
_JOINER = "\N{ZERO WIDTH JOINER}"
_EXTENDS = {"Mn", "Me", "Mc", "Sk", "Cf"}  # accents, selectors, skin tones
# What Telegram would take away or show as nothing: controls, and marks that turn the text around.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class TextRun:
    """Some text, and the tag around it if any."""

    text: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """What is not to be cut if it can be helped, and what stands before it in a message."""

    runs: tuple[TextRun, ...]
    gap: str = "\n"


@dataclass(frozen=True, slots=True)
class MessageText:
    """A message: as HTML, and as plain text for when the HTML is refused."""

    html: str
    plain: str


def block(text: str, tag: str = "", gap: str = "\n") -> Block:
    """A block of one run."""
    return Block((TextRun(text, tag),), gap)


def emphasised(text: str, words: Span | None) -> tuple[TextRun, ...]:
    """A text with some words of it in bold; plain when these are all of it."""
    if words is None or words.end - words.start >= len(text):
        return (TextRun(text),)
    before, after = text[: words.start], text[words.end :]
    runs = (TextRun(before), TextRun(text[words.start : words.end], "b"), TextRun(after))
    return tuple(run for run in runs if run.text)


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """A text without what cannot be seen."""
    return _UNSEEN.sub("", text)


def messages(blocks: Sequence[Block], limit: int = LIMIT) -> list[MessageText]:
    """The messages that blocks make: whole blocks where they fit, else whole sentences."""
    made: list[list[TextRun]] = []
    room = 0
    for piece in (piece for one in blocks for piece in _pieces(one, limit)):
        size = units(piece.gap) + _size(piece.runs)
        if made and size <= room:
            made[-1] += [TextRun(piece.gap), *piece.runs]
            room -= size
        else:
            made.append(list(piece.runs))
            room = limit - _size(piece.runs)
    return [shown(runs) for runs in made]


def shown(runs: Iterable[TextRun]) -> MessageText:
    """Runs as one message."""
    cleaned = [TextRun(clean(run.text), run.tag) for run in runs]
    return MessageText("".join(map(_html, cleaned)), "".join(run.text for run in cleaned))


def _html(run: TextRun) -> str:
    escaped = html.escape(run.text, quote=False)
    if run.tag not in _TAGS or not run.text:
        return escaped
    return f"<{run.tag}>{escaped}</{run.tag}>"


def _size(runs: Iterable[TextRun]) -> int:
    return sum(units(run.text) for run in runs)


def _pieces(one: Block, limit: int) -> Iterator[Block]:
    """The block itself, or, when no message holds it, its sentences."""
    if _size(one.runs) <= limit:
        yield one
        return
    for run in one.runs:
        for text in _sentences(run.text, limit):
            yield Block((replace(run, text=text),), one.gap)


def _sentences(text: str, limit: int) -> Iterator[str]:
    held = ""
    for span in sentences(text):
        sentence = text[span.start : span.end]
        if held and units(held) + 1 + units(sentence) > limit:
            yield held
            held = ""
        held = f"{held} {sentence}" if held else sentence
        while units(held) > limit:
            at = _cut(held, limit)
            yield held[:at].rstrip()
            held = held[at:].lstrip()
    if held:
        yield held


def _cut(text: str, limit: int) -> int:
    """Where to cut a sentence that no message holds: at a space, else between characters."""
    at = used = 0
    while at < len(text) and used + units(text[at]) <= limit:
        used += units(text[at])
        at += 1
    space = text.rfind(" ", at // 2, at)
    if space > 0:
        return space
    whole = at
    while whole > at - 40 and whole > 1 and _goes_on(text, whole):
        whole -= 1
    return whole if whole > 1 and not _goes_on(text, whole) else at


def _goes_on(text: str, at: int) -> bool:
    """Whether the character at this place belongs to the one before it."""
    if at >= len(text):
        return False
    extends = unicodedata.category(text[at]) in _EXTENDS or text[at] == _JOINER
    return extends or text[at - 1] == _JOINER
