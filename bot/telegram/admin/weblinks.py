"""Web addresses in what people write: with a scheme, or as they are read aloud. Pure.

Telegram marks the addresses whose top-level domain it knows. The others are found here:
``www.journal.example/a``, ``journal.example/2019/x.html``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from retrieval.reading.sources import FORMATS

_STOPS = r"\s<>\"«»“”"
_WITH_SCHEME = re.compile(rf"https?://[^{_STOPS}]{{3,2000}}", re.IGNORECASE)
_LABEL = r"[A-Za-z0-9À-ÖØ-öø-ÿ](?:[A-Za-z0-9À-ÖØ-öø-ÿ-]{0,61})"
_WITHOUT = re.compile(
    rf"(?<![\w@.:/-])(?:{_LABEL}\.){{1,5}}(?:[a-z]{{2,24}}|[A-Z]{{2,24}})(?::\d{{2,5}})?"
    rf"(?:[/?][^{_STOPS}]{{0,2000}})?(?![\w@])"
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_MARKS = ".,;:!?…'’*_`"


class Certainty(IntEnum):
    """How sure it is that an address was meant: a host may be a name, or two words."""

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
    return _apart([*found, *(_at(text, one) for one in sure - written)])


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


def _at(text: str, written: str) -> WebLink:
    start = max(text.find(written), 0)
    return WebLink(full(written), Certainty.CERTAIN, start, start + len(written))


def _apart(links: Iterable[WebLink]) -> list[WebLink]:
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
