"""The text of HTML, one block a line: of a page's tree, or of a piece that a feed carries.

What finds an article inside a page loses sentences in a snippet; a feed's entry is all article,
but for the parts that are not its own voice, and so is a field of an export (`html_field`), which
may be HTML or plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from html.entities import html5
from typing import Any

from retrieval.reading.pieces import Extract

_SPACES = re.compile(r"[ \t\r\f]+")  # not the non-breaking ones
_ENTITY = re.compile(
    r"&(?:#\d{1,7};|#\d{2,5}(?!\d)|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31}(?:;|(?![=\w])))"
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_AMPERSAND = re.compile(r"&amp;(?=#?\w{2,32};)")
# Elements that came after lxml's list was made.
_NEWER = frozenset("dialog frame main nobr noframes picture template".split())
_MARKING = "br hr img p div li h1 h2 h3 h4 h5 h6 blockquote figure iframe".split()
_RUN = re.compile(r"(?<=[^\s>]) {2,}(?=[^\s<])")
_LINE_START = re.compile(r"(?<=[^\s>])[ \t]*\n\s*(?=[^\sa-zà-ÿ<])")
_RUN_START = re.compile(r"(?<=[^\s>]) {2,}(?=[^\sa-zà-ÿ<])")
_RUN_SIGN = "\ufdd0"  # a code point that no text has
_ESCAPINGS = 2  # how often a field may have been escaped
_BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr"
    " ul".split()
)
SILENT = frozenset(
    "script style template noscript iframe object svg math button select head audio video canvas"
    " textarea".split()
)
"""Elements whose text is not shown, or is not prose."""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of text, the element that holds its beginning, and how much of it is links."""

    text: str
    element: Any
    linked: int = 0


def read_snippet(html: str) -> Extract:
    """The text of some HTML without embedded posts, captions, hidden and other foreign parts."""
    from retrieval.reading.pages.leftout import reported
    from retrieval.reading.pages.pruning import prune

    tree = _wrapped(html)
    if tree is None:
        return Extract("")
    gone = prune(tree, None)
    text = "\n".join(line.text for line in marked_lines(tree))
    return Extract(text, reported(gone, text))


def lines_of(html: str) -> str:
    """The whole text of some HTML, a line for each block: nothing is judged."""
    tree = _wrapped(html)
    return "\n".join(line.text for line in marked_lines(tree)) if tree is not None else ""


def title_in(html: str) -> str:
    """All words of a title that may have markup, on one line."""
    return " ".join(lines_of(html).split("\n"))


def _wrapped(html: str) -> Any:  # noqa: ANN401
    from trafilatura import load_html

    return load_html(f"<html><body><div>{html}</div></body></html>")


def marked_lines(tree: Any) -> list[MarkedLine]:  # noqa: ANN401 - an element of lxml
    """The lines of a tree in the order of reading; scripts and styles are not text."""
    lines: list[MarkedLine] = []
    texts: list[str] = []
    holder, linked = tree, 0
    for text, element, in_link in _parts(tree):
        for place, part in enumerate(text.split("\n")):
            if place:
                _end(lines, texts, holder, linked)
                texts, linked = [], 0
            if part:
                holder = holder if any(map(str.strip, texts)) else element
                texts.append(part)
                linked += len(part.strip()) if in_link else 0
    _end(lines, texts, holder, linked)
    return lines


def _end(lines: list[MarkedLine], texts: list[str], holder: Any, linked: int) -> None:  # noqa: ANN401
    line = _SPACES.sub(" ", "".join(texts)).strip(" ")
    if line:
        lines.append(MarkedLine(line, holder, linked))


def _parts(tree: Any) -> Iterator[tuple[str, Any, bool]]:  # noqa: ANN401
    """Texts and line ends in the order of reading, each with its element, and whether it links.

    No recursion: the depth is not ours.
    """
    waiting = [(tree, tree, False, False)]
    while waiting:
        element, parent, linked, left = waiting.pop()
        inside = linked or element.tag == "a"
        block = "\n" if element.tag in _BLOCKS else ""
        if left:
            yield block + _inline(element.tail if element is not tree else ""), parent, linked
        elif not isinstance(element.tag, str) or element.tag in SILENT:
            yield _inline(element.tail), parent, linked
        else:
            yield block + _inline(element.text), element, inside
            waiting.append((element, parent, linked, True))
            waiting.extend((child, element, inside, False) for child in reversed(element))


def html_field(text: str) -> str:
    """The plain text of a field of an export; see `read_field`."""
    return read_field(text).text


def read_field(text: str) -> Extract:
    """The plain text of a field of an export, which may hold HTML, entities, or neither.

    A field is HTML when an element of HTML is closed in it, or one that has no end tag or
    begins a block is opened; other angle brackets ("5 < 7", "<mairie@exemple.fr>") are text.
    HTML that was escaped once more ("&lt;p&gt;", "&amp;eacute;") is read as what it was.

    Args:
        text: of the field, as the export has it.

    Returns:
        The text, a line for each block of HTML; where no element makes blocks, the line ends
        of the text stay. A text with neither tags nor entities comes back unchanged.
    """
    for _ in range(_ESCAPINGS):
        if "<" in text and _marks().search(text):
            shown = _shown(text)
            return replace(shown, text=named_characters(_AMPERSAND.sub("&", shown.text)))
        named = named_characters(text)
        if named == text:
            break
        text = named
    return Extract(text)


def named_characters(text: str) -> str:
    """The text with its entities read; an ampersand that begins none is one."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    """The character of an entity; HTML lets old ones, and those of numbers, lack the semicolon.

    A name without one runs into no letter and no ``=``: ``?a=1&copy=2`` is part of an address.
    """
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return unescape(entity[0]) if known else entity[0]


def _shown(html: str) -> Extract:
    html = _CDATA.sub("", _without_comments(html))
    if not _block_tags().search(html):  # editors that write no paragraphs mean their line ends
        html = html.replace("\n", "<br>")
    elif _is_loose(html):
        html = _RUN_START.sub("<br>", _LINE_START.sub("<br>", html))
    # Two spaces within a line are where an export lost a line end: `mending` looks for them.
    shown = read_snippet(_RUN.sub(_RUN_SIGN, _text_brackets().sub("&lt;", html)))
    return replace(shown, text=shown.text.replace(_RUN_SIGN, "  "))


def _is_loose(html: str) -> bool:
    """Whether tags of paragraphs are thrown into lines of text, and do not hold them."""
    folded = html.casefold().lstrip()
    return not folded.startswith("<") or folded.count("<p>") + folded.count("<p ") > folded.count(
        "</p>"
    )


def _without_comments(html: str) -> str:
    """The HTML without its comments; one that is never closed is none, and its text stays."""
    parts, at = [], 0
    while (start := html.find("<!--", at)) >= 0 and (end := html.find("-->", start + 4)) >= 0:
        parts.append(html[at:start])
        at = end + 3
    return "".join((*parts, html[at:]))


@cache
def _names() -> str:
    from lxml.html import defs

    return "|".join(sorted({*defs.tags, *_NEWER}, key=len, reverse=True))


@cache
def _marks() -> re.Pattern[str]:
    """What shows that a text is HTML."""
    opened = "|".join(_MARKING)
    return re.compile(
        rf"</(?:{_names()})\s{{0,9}}>|<(?:{opened})(?:\s[^<>]{{0,2000}})?/?>|<!--|<!\[CDATA\[",
        re.IGNORECASE,
    )


@cache
def _block_tags() -> re.Pattern[str]:
    return re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS, key=len))})\b[^<>]{{0,2000}}>", re.I)


@cache
def _text_brackets() -> re.Pattern[str]:
    """A ``<`` that begins no tag, whatever a parser would make of it."""
    return re.compile(rf"<(?!/?(?:(?:{_names()})\b|[a-z][a-z0-9]{{0,19}}[:-]))", re.IGNORECASE)


def _inline(text: str | None) -> str:
    """Text between two tags: a line end is a space, a blank line ends a paragraph."""
    if not text or "\n" not in text:
        return text or ""
    lines = (line.strip(" \t\r") for line in text.split("\n"))
    return " " + " ".join(line or "\n" for line in lines).strip(" ") + " "
