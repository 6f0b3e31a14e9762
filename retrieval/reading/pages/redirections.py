"""Where a page sends its readers on by itself: ``meta refresh``, or a script that does no more.

Used by the reader of files, which names the target, and by the fetcher, which follows a refresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

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
    """Where a ``meta refresh`` of a page leads within seconds; ``""`` when there is none.

    One in ``noscript`` is for browsers without scripts, and leads to what such browsers get.

    Args:
        html: the page, or its beginning.

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
        found = _REFRESH.match(unescape(values.get("content", "")))
        if found and int(found[1] or 0) <= _AT_ONCE_S:
            return found[2].strip()
    return ""


def leads_to(html: str) -> str:
    """Where a page leads that has nothing else to do; ``""`` for any other page.

    Args:
        html: the page, whole.
    """
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
    """What a reader sees of a page."""
    body = _BODY.search(html)
    return " ".join(_TAGS.sub(" ", _seen(html[body.start() if body else 0 :])).split())


def _seen(html: str) -> str:
    """Some HTML without comments, scripts and the like."""
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
    while found := _UNSEEN.search(html, place):
        name = (found[1] or "").lower()
        end = _ENDS[name].search(html, found.end())
        place = html.find(">", end.end() - 1) + 1 if end else 0
        place = place or len(html)
        yield name, found.end(), end.start() if end else len(html), place
