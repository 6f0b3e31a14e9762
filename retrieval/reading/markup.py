"""The whole text of a piece of HTML, one block a line: nothing is judged, nothing is lost.

What finds an article inside a page loses sentences in a snippet; a feed's entry is all article,
and so is a field of an export (`html_field`), which may be HTML or plain text.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from html.entities import html5
from typing import TYPE_CHECKING, Any

_SPACES = re.compile(r"[ \t\r\f]+")  # not the non-breaking ones
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_AMPERSAND = re.compile(r"&amp;(?=#?\w{2,32};)")
# Elements that came after lxml's list was made.
_NEWER = frozenset("dialog frame main nobr noframes picture template".split())
_MARKING = "br hr img p div li h1 h2 h3 h4 h5 h6 blockquote figure iframe".split()
_ESCAPINGS = 2  # how often a field may have been escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr"
    " ul".split()
)
_SILENT = frozenset("script style template noscript iframe object svg math button select".split())


def lines_of(html: str) -> str:
    """The text of some HTML, a line for each block; scripts and styles are not text."""
    from trafilatura import load_html

    tree = load_html(f"<html><body><div>{html}</div></body></html>")
    if tree is None:
        return ""
    lines = (_SPACES.sub(" ", line).strip(" ") for line in "".join(_parts(tree)).split("\n"))
    return "\n".join(line for line in lines if line)


def html_field(text: str) -> str:
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
            return _named(_AMPERSAND.sub("&", _shown(text)))
        named = _named(text) if "&" in text else text
        if named == text:
            break
        text = named
    return text


def _named(text: str) -> str:
    """The text with its entities read; an ampersand that begins none is one."""
    return _ENTITY.sub(_character, text)


def _character(entity: re.Match[str]) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return unescape(entity[0]) if known else entity[0]


def _shown(html: str) -> str:
    html = _CDATA.sub("", _without_comments(html))
    if not _block_tags().search(html):  # editors that write no paragraphs mean their line ends
        html = html.replace("\n", "<br>")
    return lines_of(_text_brackets().sub("&lt;", html))


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


def _parts(tree: Any) -> Iterator[str]:  # noqa: ANN401 - an element of lxml
    """Texts and line ends in the order of reading; no recursion: the depth is not ours."""
    waiting = [(tree, False)]
    while waiting:
        element, left = waiting.pop()
        block = "\n" if element.tag in _BLOCKS else ""
        if left:
            yield block + _inline(element.tail)
        elif not isinstance(element.tag, str) or element.tag in _SILENT:
            yield _inline(element.tail)
        else:
            yield block + _inline(element.text)
            waiting.append((element, True))
            waiting.extend((child, False) for child in reversed(element))


def _inline(text: str | None) -> str:
    """Text between two tags: a line end is a space, a blank line ends a paragraph."""
    if not text or "\n" not in text:
        return text or ""
    lines = (line.strip(" \t\r") for line in text.split("\n"))
    return " " + " ".join(line or "\n" for line in lines).strip(" ") + " "
