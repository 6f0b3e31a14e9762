"""The content of an administrator's message: its addresses and words, and what it is for. Pure.

Phones share a title and an address; channels are forwarded; articles are pasted. A message that
is nothing but addresses, or addresses under words that are no question, is to be indexed. One
that may be a question as well is asked about; any other is a question.

Telegram marks the addresses whose top-level domain it knows. Others are found here, without a
scheme too: ``www.journal.example/a``, ``journal.example/2019/x.html``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from telegram import MessageEntity

from config import data
from retrieval.reading.sources import FORMATS
from retrieval.text.addresses import host_of, is_url
from retrieval.text.analysis import fold

if TYPE_CHECKING:
    from telegram import Message

PART = 3_000
"""Characters from which a text may be the beginning of one that Telegram cut in parts."""

_FILE = "reading/sharing.toml"
_LONG = 1_000
"""Characters from which words beside an address are an article of their own."""

_ASKED = 400
"""Characters up to which a question mark makes a text a question."""

_SENTENCES, _LINES = 200, 100
_ENDS = re.compile(r"[.!?…](?=[\s»”\"]|$)")
_TAGS = re.compile(r"(?<!\w)[@#]\w+")
_FIRST = re.compile(r"[\w'’-]+")

_STOPS = r"\s<>\"«»“”"
_WITH_SCHEME = re.compile(rf"https?://[^{_STOPS}]{{3,2000}}", re.IGNORECASE)
_LABEL = r"[A-Za-z0-9À-ÖØ-öø-ÿ](?:[A-Za-z0-9À-ÖØ-öø-ÿ-]{0,61})"
_WITHOUT = re.compile(
    rf"(?<![\w@.:/-])(?:{_LABEL}\.){{1,5}}(?:[a-z]{{2,24}}|[A-Z]{{2,24}})(?::\d{{2,5}})?"
    rf"(?:[/?][^{_STOPS}]{{0,2000}})?(?![\w@])"
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_MARKS = ".,;:!?…'’*_`"


class Purpose(StrEnum):
    """What a message is for."""

    INDEX = "index"
    EITHER = "either"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a message holds.

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


def content_of(message: Message) -> MessageContent:
    """The content of a message, with addresses behind words, of its preview and its buttons."""
    text = (message.text or message.caption or "").strip()
    seen = web_links(text, _marked(message))
    links = [*seen, *_behind(message)] or _beside(message)
    words = " ".join(_TAGS.sub(" ", without(text, seen)).split(" ")).strip()
    return content_of_parts(text, links, words, forwarded=message.forward_origin is not None)


def content_of_parts(
    text: str, links: Iterable[WebLink], words: str, *, forwarded: bool
) -> MessageContent:
    """The content of parts; Telegram's own pages count only without words and other links."""
    once = {link.address: link for link in links}
    own = data.words(_FILE, "links", "telegram")
    apart = [link for link in once.values() if host_of(link.address) not in own]
    kept = apart or (() if _said(words) else once.values())
    return MessageContent(text, tuple(kept), words, forwarded)


def purpose_of(content: MessageContent) -> Purpose:
    """What a message is for."""
    words = _said(content.words)
    if content.is_article:
        return Purpose.QUESTION if _is_asked(words) and not content.forwarded else Purpose.EITHER
    if not content.links:
        return Purpose.QUESTION
    if not words or content.forwarded:
        return Purpose.INDEX
    surest = max(link.certainty for link in content.links)
    if _is_asked(words):
        return Purpose.EITHER if surest > Certainty.HOST else Purpose.QUESTION
    return Purpose.INDEX if surest is Certainty.CERTAIN else Purpose.EITHER


def join_parts(parts: Sequence[str]) -> str:
    """The parts of a text that was cut for its length; a cut within a sentence is closed."""
    whole = ""
    for part in parts:
        gap = "\n\n" if _ENDS.search(whole[-2:]) else " "
        whole = f"{whole}{gap}{part.strip()}" if whole else part.strip()
    return whole


# --- words --------------------------------------------------------------------------------


def _said(words: str) -> str:
    """The words beside the addresses; ``""`` when there are only marks and numbers of a list."""
    return words.strip() if any(letter.isalpha() for letter in words) else ""


def _is_text(words: str) -> bool:
    """Whether words are a text: of several lines, or of several sentences."""
    lines = [line for line in words.split("\n") if line.strip()]
    if len(words) >= _LINES and len(lines) > 1:
        return True
    return len(words) >= _SENTENCES and len(_ENDS.findall(words)) > 1


def _is_asked(words: str) -> bool:
    """Whether words are a question: short, with the mark or the beginning of one."""
    if len(words) > _ASKED:
        return False
    first = _FIRST.match(fold(words.lstrip("«“\"'— ")))
    begun = {first[0], re.split(r"['’]", first[0])[0]} if first else set()
    return "?" in words or not begun.isdisjoint(data.words(_FILE, "asking", "begins"))


# --- what Telegram says of a message ------------------------------------------------------


def _marked(message: Message) -> list[str]:
    """The parts of the text that Telegram shows as addresses."""
    return list(_entities(message, MessageEntity.URL).values())


def _behind(message: Message) -> list[WebLink]:
    """The addresses behind words."""
    found = _entities(message, MessageEntity.TEXT_LINK)
    return [WebLink(entity.url) for entity in found if entity.url and is_url(entity.url)]


def _beside(message: Message) -> list[WebLink]:
    """The address of the preview; else those of the buttons that a channel put under it."""
    preview = message.link_preview_options
    if preview is not None and isinstance(preview.url, str):
        return [WebLink(full(preview.url))]
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    addresses = [button.url for row in rows for button in row if button.url]
    return [WebLink(url) for url in addresses if is_url(url)]


def _entities(message: Message, kind: str) -> dict[MessageEntity, str]:
    if message.text is not None:
        return message.parse_entities([kind])
    return message.parse_caption_entities([kind]) if message.caption is not None else {}


# --- addresses in a text ------------------------------------------------------------------


class Certainty(IntEnum):
    """How likely it is that an address was meant: a bare host may be a name, or two words."""

    HOST = 1
    PATH = 2
    CERTAIN = 3


@dataclass(frozen=True, slots=True)
class WebLink:
    """An address in a text, with its scheme; ``start`` and ``end`` are where it stands there."""

    address: str
    certainty: Certainty = Certainty.CERTAIN
    start: int = 0
    end: int = 0


def web_links(text: str, marked: Iterable[str] = ()) -> list[WebLink]:
    """The addresses of a text, in their order.

    Args:
        text: what somebody wrote.
        marked: the parts of it that Telegram knows to be addresses.
    """
    sure = set(marked)
    schemed = (
        _link(text, match.start(), match.end(), Certainty.CERTAIN)
        for match in _WITH_SCHEME.finditer(text)
    )
    bare = (_bare(text, match.start(), match.end(), sure) for match in _WITHOUT.finditer(text))
    found = [*schemed, *(link for link in bare if link)]
    written = {text[link.start : link.end] for link in found}
    return _without_inner([*found, *(_marked_link(text, one) for one in sure - written)])


def without(text: str, links: Sequence[WebLink]) -> str:
    """A text without its addresses."""
    for link in sorted(links, key=lambda one: -one.start):
        if link.end:
            text = f"{text[: link.start]} {text[link.end :]}"
    return text


def full(address: str) -> str:
    """An address with its scheme: where none is written, the web's secure one."""
    scheme, mark, rest = address.strip().partition("://")
    return f"{scheme.lower()}://{rest}" if mark else f"https://{address.strip()}"


def _link(text: str, start: int, end: int, certainty: Certainty) -> WebLink:
    written = _trimmed(text[start:end])
    return WebLink(full(written), certainty, start, start + len(written))


def _bare(text: str, start: int, end: int, marked: set[str]) -> WebLink | None:
    """An address without a scheme; None for the name of a file."""
    link = _link(text, start, end, Certainty.PATH)
    written = text[link.start : link.end]
    host = re.split(r"[/?]", written, maxsplit=1)[0]
    slash = len(host) < len(written)
    link = replace(link, address=full(f"{host.lower()}{written[len(host) :]}"))
    if written.lower().startswith("www.") or (written in marked and slash):
        return replace(link, certainty=Certainty.CERTAIN)
    if slash:
        return link
    if written not in marked and host.lower().endswith(tuple(FORMATS)):
        return None
    return replace(link, certainty=Certainty.HOST)


def _marked_link(text: str, written: str) -> WebLink:
    start = max(text.find(written), 0)
    return WebLink(full(written), Certainty.CERTAIN, start, start + len(written))


def _without_inner(links: Iterable[WebLink]) -> list[WebLink]:
    """The links in their order, without those that stand within another."""
    kept: list[WebLink] = []
    for link in sorted(links, key=lambda one: (one.start, -one.end)):
        if not kept or link.start >= kept[-1].end:
            kept.append(link)
    return kept


def _trimmed(written: str) -> str:
    """An address without the punctuation after it; a bracket stays when it was opened there."""
    while written and (written[-1] in _MARKS or _is_unopened(written)):
        written = written[:-1]
    return written


def _is_unopened(written: str) -> bool:
    """Whether it ends with a bracket that was opened before it."""
    last = written[-1]
    return last in _CLOSING and written.count(_CLOSING[last]) < written.count(last)
