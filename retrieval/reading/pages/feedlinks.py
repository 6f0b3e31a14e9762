"""Which feeds a page names: in its head (``rel=alternate``), or by links to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from config.data import load
from retrieval.reading.claims import one_line
from retrieval.reading.pieces import Claims, Parsed, Piece
from retrieval.reading.text.decoding import decode

_MOST_LINKS = 3000
_MOST_FEEDS = 40


def parse_feed_links(raw: bytes) -> Parsed:
    """The feeds that a page names: a piece each, its address as the page writes it.

    Those of its head come first, in their order: a site puts its main one first. Feeds of
    comments are none of articles. The address of ``about`` is the base of the others, if any.

    Raises:
        Refused: it is no text.
    """
    from trafilatura import load_html

    tree = load_html(decode(raw, ""))
    if tree is None:
        return Parsed((), Claims("page"))
    found: dict[str, Piece] = {}
    for href, title in (*_declared(tree), *_linked(tree)):
        if len(found) < _MOST_FEEDS and not _is_other(f"{title} {href}"):
            found.setdefault(href, Piece(title or href, Claims("page", title=title, url=href)))
    base = next((str(each.get("href") or "") for each in tree.iter("base")), "")
    return Parsed(tuple(found.values()), Claims("page", url=base))


def _declared(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - an element of lxml
    """What the head declares; a feed in JSON comes after those in XML."""
    kinds = _words()["types"]
    links = [
        (kinds.index(kind), _href(link), one_line(link.get("title")))
        for link, _ in zip(tree.iter("link"), range(_MOST_LINKS), strict=False)
        if {"alternate", "feed"} & set(str(link.get("rel") or "").lower().split())
        and (kind := str(link.get("type") or "").partition(";")[0].strip().lower()) in kinds
        and _href(link)
    ]
    last = kinds.index("application/feed+json")
    for of_json in (False, True):
        yield from ((href, title) for kind, href, title in links if (kind == last) is of_json)


def _linked(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Links whose address ends as that of a feed."""
    for link, _ in zip(tree.iter("a"), range(_MOST_LINKS), strict=False):
        href = _href(link)
        if any(pattern.search(href.lower()) for pattern in _patterns("links")):
            yield href, one_line(" ".join(link.itertext()))


def _href(link: Any) -> str:  # noqa: ANN401
    href = str(link.get("href") or "").strip()
    return href if len(href) <= 2000 and not href.lower().startswith(("javascript:", "#")) else ""


def _is_other(words: str) -> bool:
    return any(pattern.search(words.lower()) for pattern in _patterns("others"))


@cache
def _words() -> dict[str, list[str]]:
    found: dict[str, list[str]] = load("reading/pages.toml")["feeds"]
    return found


@cache
def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(words) for words in _words()[key])
