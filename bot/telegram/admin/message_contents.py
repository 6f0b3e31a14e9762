"""What an administrator's message brings, and what it may be meant as. Pure.

Phones share a title and an address; channels are forwarded; articles are pasted. A message that
is nothing but addresses, or addresses under words that nobody asks with, is to be indexed. One
that may be a question as well is asked about; any other is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from telegram import MessageEntity

from bot.telegram.admin.weblinks import Certainty, WebLink, full, web_links, without
from config import data
from retrieval.text.analysis import fold
from retrieval.web.urls import host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from telegram import Message

PART = 3_000
"""Characters from which a text may be the beginning of one that Telegram cut in parts."""

_LONG = 1_000
"""Characters from which words beside an address are an article of their own."""

_ASKED = 400
"""Characters up to which a question mark makes a text a question."""

_SENTENCES, _LINES = 200, 100
_ENDS = re.compile(r"[.!?…](?=[\s»”\"]|$)")
_TAGS = re.compile(r"(?<!\w)[@#]\w+")
_FIRST = re.compile(r"[\w'’-]+")


class Meant(StrEnum):
    """What a message is meant as."""

    INDEX = "index"
    EITHER = "either"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Brought:
    """What a message brings.

    Args:
        text: all that it says.
        links: the addresses in it, each once.
        words: the text without them, and without names of accounts.
        forwarded: whether somebody else wrote it.
    """

    text: str
    links: tuple[WebLink, ...] = ()
    words: str = ""
    forwarded: bool = False

    @property
    def addresses(self) -> list[str]:
        """The addresses."""
        return [link.address for link in self.links]

    @property
    def is_article(self) -> bool:
        """Whether the words are an article of their own, whatever addresses stand by them."""
        return _is_text(self.words) and (not self.links or len(self.words) >= _LONG)


def brought_by(message: Message) -> Brought:
    """What a message brings: in its words, behind them, in its preview, on its buttons."""
    text = (message.text or message.caption or "").strip()
    seen = web_links(text, _marked(message))
    links = [*seen, *_behind(message)] or _beside(message)
    words = " ".join(_TAGS.sub(" ", without(text, seen)).split(" ")).strip()
    return of_parts(text, links, words, forwarded=message.forward_origin is not None)


def of_parts(text: str, links: Iterable[WebLink], words: str, *, forwarded: bool) -> Brought:
    """The same of its parts; Telegram's own pages count only when nothing else is said."""
    once = {link.address: link for link in links}
    apart = [link for link in once.values() if host_of(link.address) not in _own_hosts()]
    kept = apart or (() if _said(words) else once.values())
    return Brought(text, tuple(kept), words, forwarded)


def meant_by(brought: Brought) -> Meant:
    """What a message is meant as."""
    words = _said(brought.words)
    if brought.is_article:
        return Meant.QUESTION if _is_asked(words) and not brought.forwarded else Meant.EITHER
    if not brought.links:
        return Meant.QUESTION
    if not words or brought.forwarded:
        return Meant.INDEX
    surest = max(link.certainty for link in brought.links)
    if _is_asked(words):
        return Meant.EITHER if surest > Certainty.HOST else Meant.QUESTION
    return Meant.INDEX if surest is Certainty.CERTAIN else Meant.EITHER


def joined(parts: Sequence[str]) -> str:
    """The parts of a text that was cut for its length; a cut within a sentence is closed."""
    whole = ""
    for part in parts:
        gap = "\n\n" if _ENDS.search(whole[-2:]) else " "
        whole = f"{whole}{gap}{part.strip()}" if whole else part.strip()
    return whole


# --- words --------------------------------------------------------------------------------


def _said(words: str) -> str:
    """What is said beside the addresses; marks and numbers of a list say nothing."""
    return words.strip() if any(letter.isalpha() for letter in words) else ""


def _is_text(words: str) -> bool:
    """Whether words are a text: of several lines, or of several sentences."""
    lines = [line for line in words.split("\n") if line.strip()]
    if len(words) >= _LINES and len(lines) > 1:
        return True
    return len(words) >= _SENTENCES and len(_ENDS.findall(words)) > 1


def _is_asked(words: str) -> bool:
    """Whether words ask: they are short, and have the mark or the beginning of a question."""
    if len(words) > _ASKED:
        return False
    first = _FIRST.match(fold(words.lstrip("«“\"'— ")))
    begins = first is not None and (
        first[0] in _beginnings() or re.split(r"['’]", first[0])[0] in _beginnings()
    )
    return "?" in words or begins


@lru_cache(maxsize=1)
def _beginnings() -> frozenset[str]:
    return frozenset(data.load("reading/sharing.toml")["asking"]["begins"])


@lru_cache(maxsize=1)
def _own_hosts() -> frozenset[str]:
    return frozenset(data.load("reading/sharing.toml")["links"]["telegram"])


# --- what Telegram says of a message ------------------------------------------------------


def _marked(message: Message) -> list[str]:
    """The parts of the text that Telegram shows as addresses."""
    return list(_entities(message, MessageEntity.URL).values())


def _behind(message: Message) -> list[WebLink]:
    """The addresses behind words."""
    found = _entities(message, MessageEntity.TEXT_LINK)
    return [WebLink(entity.url) for entity in found if entity.url and _is_web(entity.url)]


def _beside(message: Message) -> list[WebLink]:
    """The address of the preview; else those of the buttons that a channel put under it."""
    preview = message.link_preview_options
    if preview is not None and isinstance(preview.url, str):
        return [WebLink(full(preview.url))]
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    addresses = [button.url for row in rows for button in row if button.url]
    return [WebLink(url) for url in addresses if _is_web(url)]


def _entities(message: Message, kind: str) -> dict[MessageEntity, str]:
    if message.text is not None:
        return message.parse_entities([kind])
    return message.parse_caption_entities([kind]) if message.caption is not None else {}


def _is_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))
