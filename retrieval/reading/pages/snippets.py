"""Snippets: the text of a piece of HTML, the entry of a feed or the field of an export.

The extraction for pages loses sentences in a snippet. An entry is all article, except for the
foreign parts that `pruning` removes; so is a field, which may be HTML or plain text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from retrieval.reading.pages.markup import BLOCKS, marked_lines, reported, snippet_tree
from retrieval.reading.pages.pruning import prune
from retrieval.reading.pieces import Extract
from retrieval.reading.text.mending import named_characters

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


def read_snippet(html: str) -> Extract:
    """The text of some HTML without embedded posts, captions, hidden and other foreign parts."""
    tree = snippet_tree(html)
    if tree is None:
        return Extract("")
    dropped = prune(tree, None)
    text = "\n".join(line.text for line in marked_lines(tree))
    return Extract(text, reported(dropped, text))


def html_field(text: str) -> str:
    """The plain text of a field of an export; see `read_field`."""
    return read_field(text).text


def read_field(text: str) -> Extract:
    """The plain text of a field of an export, which may hold HTML, entities, or neither.

    A field is HTML when an element of HTML is closed in it, or one that has no end tag or
    begins a block is opened; other angle brackets ("5 < 7", "<mairie@exemple.fr>") are text.
    HTML that was escaped once more ("&lt;p&gt;", "&amp;eacute;") is read as what it was.

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
    opened = "|".join(_MARKING)
    return re.compile(
        rf"</(?:{_names()})\s{{0,9}}>|<(?:{opened})(?:\s[^<>]{{0,2000}})?/?>|<!--|<!\[CDATA\[",
        re.IGNORECASE,
    )


@cache
def _block_tags() -> re.Pattern[str]:
    return re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS, key=len))})\b[^<>]{{0,2000}}>", re.I)


@cache
def _text_brackets() -> re.Pattern[str]:
    """A ``<`` that begins no tag, whatever a parser would make of it."""
    return re.compile(rf"<(?!/?(?:(?:{_names()})\b|[a-z][a-z0-9]{{0,19}}[:-]))", re.IGNORECASE)
