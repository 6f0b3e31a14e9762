"""Links of a page that are followed: redirections, and the feeds that it names.

A page redirects by ``meta refresh``, or by a script that does nothing else. The reader of files
reports the target, the fetcher follows a refresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from config import data
from retrieval.reading.claims import one_line
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.text.decoding import decode

_HEAD = 65_536
_AT_ONCE_S = 10  # a page that is loaded again after minutes is a live one
_SMALL = 20_000  # characters of a page that does nothing but lead elsewhere
_UNSEEN = re.compile(r"<!--|<(script|noscript|style|template)\b[^<>]{0,2000}>", re.I)
_ENDS = {
    name: re.compile(f"</{name}" if name else "-->", re.I)
    for name in ("", "script", "noscript", "style", "template")
}
_META = re.compile(r"<meta\b([^<>]{0,3000})>", re.I)
_ATTRIBUTE = re.compile(
    r"([a-z-]{1,20})\s{0,9}=\s{0,9}"
    r"""("[^"]{0,2500}"|'[^']{0,2500}'|[^\s"'>]{1,2500})""",
    re.I,
)
_REFRESH = re.compile(
    r"""\s{0,9}(\d{0,9})(?:\.\d{0,9})?\s{0,9}[;,\s]\s{0,9}(?:url\s{0,9}=\s{0,9})?["']?([^"']{1,2000})""",
    re.I,
)
_MOVES = re.compile(
    r"""\blocation(?:\.href)?\s{0,9}=\s{0,9}["']([^"'\s]{1,2000})["']"""
    r"""|\blocation\.(?:replace|assign)\s{0,9}\(\s{0,9}["']([^"'\s]{1,2000})["']\s{0,9}\)"""
)
_SCRIPT_CHARS = 1000
_BODY = re.compile(r"<body\b", re.I)
_TAGS = re.compile(r"<[^<>]{0,3000}>")
_SHOWN_CHARS = 300


def refresh_target(html: str) -> str:
    """The target of a ``meta refresh`` within seconds; ``""`` when there is none.

    One in ``noscript`` is for browsers without scripts, and leads to what such browsers get.

    Returns:
        the address as the page writes it, mostly a relative one.
    """
    head = html[:_HEAD]
    if "http-equiv" not in head.lower():
        return ""
    for meta in _META.finditer(_seen(head)):
        values = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(meta[1])}
        if values.get("http-equiv", "").strip().lower() != "refresh":
            continue
        match = _REFRESH.match(unescape(values.get("content", "")))
        if match and int(match[1] or 0) <= _AT_ONCE_S:
            return match[2].strip()
    return ""


def leads_to(html: str) -> str:
    """The target of a page that only redirects; ``""`` for any other page."""
    if target := refresh_target(html):
        return target
    if len(html) > _SMALL:
        return ""
    scripts = [html[start:end] for name, start, end, _ in _unseen(html) if name == "script"]
    scripts = [script for script in scripts if script.strip()]
    moves = [
        found
        for script in scripts
        if len(script) < _SCRIPT_CHARS
        for found in _MOVES.finditer(script)
    ]
    if len(moves) != 1 or len(scripts) > 2 or len(_shown(html)) > _SHOWN_CHARS:
        return ""
    return moves[0][1] or moves[0][2]


def _shown(html: str) -> str:
    body = _BODY.search(html)
    return " ".join(_TAGS.sub(" ", _seen(html[body.start() if body else 0 :])).split())


def _seen(html: str) -> str:
    parts, place = [], 0
    for _, start, _, after in _unseen(html):
        parts.append(html[place : html.rfind("<", 0, start)])
        place = after
    return " ".join([*parts, html[place:]])


def _unseen(html: str) -> Iterator[tuple[str, int, int, int]]:
    """Comments and scripts: their name, where their inside starts and ends, and what follows.

    One that is not closed goes on to the end, as it does in a browser.
    """
    place = 0
    while match := _UNSEEN.search(html, place):
        name = (match[1] or "").lower()
        end = _ENDS[name].search(html, match.end())
        place = html.find(">", end.end() - 1) + 1 if end else 0
        place = place or len(html)
        yield name, match.end(), end.start() if end else len(html), place


# --- feeds of a page -------------------------------------------------------------------------

_MAX_LINKS = 3000
_FILE = "reading/pages.toml"
_MAX_FEEDS = 40


def parse_feed_links(raw: bytes) -> tuple[Piece, ...]:
    """The feeds that a page names: a piece each; its address may be relative to that of the page.

    Those of its head come first, in their order: a site puts its main one first. Feeds of
    comments are none of articles.

    Raises:
        Refused: it is no text.
    """
    from trafilatura import load_html

    tree = load_html(decode(raw, ""))
    if tree is None:
        return ()
    base = next((str(each.get("href") or "") for each in tree.iter("base")), "")
    found: dict[str, Piece] = {}
    for href, title in (*_declared(tree), *_linked(tree)):
        if len(found) < _MAX_FEEDS and not _is_other(f"{title} {href}"):
            claims = Claims("page", title=title, url=_joined(base, href))
            found.setdefault(href, Piece(title or href, claims))
    return tuple(found.values())


def _declared(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - an element of lxml
    """The feeds that the head declares; those in JSON come after those in XML."""
    kinds = data.load(_FILE)["feeds"]["types"]
    links = [
        (kinds.index(kind), _href(link), one_line(link.get("title")))
        for link in islice(tree.iter("link"), _MAX_LINKS)
        if {"alternate", "feed"} & set(str(link.get("rel") or "").lower().split())
        and (kind := str(link.get("type") or "").partition(";")[0].strip().lower()) in kinds
        and _href(link)
    ]
    last = kinds.index("application/feed+json")
    for of_json in (False, True):
        yield from ((href, title) for kind, href, title in links if (kind == last) is of_json)


def _linked(tree: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    for link in islice(tree.iter("a"), _MAX_LINKS):
        href = _href(link)
        if any(pattern.search(href.lower()) for pattern in data.patterns(_FILE, "feeds", "links")):
            yield href, one_line(" ".join(link.itertext()))


def _href(link: Any) -> str:  # noqa: ANN401
    href = str(link.get("href") or "").strip()
    return href if len(href) <= 2000 and not href.lower().startswith(("javascript:", "#")) else ""


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def _is_other(words: str) -> bool:
    return any(pattern.search(words.lower()) for pattern in data.patterns(_FILE, "feeds", "others"))
