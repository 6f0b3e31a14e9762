"""Lines of a page that its markup does not name: links to other articles, readers' comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from retrieval.reading.pages.leftout import DroppedPart, block_of, take_out, text_of
from retrieval.reading.pages.markup import MarkedLine
from retrieval.reading.pages.parts import page_words, plain

_RELATED = "related links"
_LINE_CHARS = 240  # the title of another article is not longer
_LABEL_WORDS = 6
_LINK_WORDS = 3  # fewer are a name, or "ici"
_SIGNS = 4  # beside a link: a bullet, a colon
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BULLETS = " →➤▶►•·-–—>*"
_QUOTES = '«»“”"'
_ENDED = re.compile(r"[.!?…][\s\"'’»”)\]]{0,4}$")
_COUNT = re.compile(r"^\s*\(?\d{1,5}\)?\s*|\s*\(?\d{1,5}\)?\s*:?\s*$")
_YOU = frozenset(("vous", "votre", "vos", "you", "your"))
_ASKED = 2  # phrases of subscribing in one line to a reader


def line_parts(page: Sequence[MarkedLine], heading: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Take out lines that lead to other articles, ask for an address, or begin the comments."""
    lines = [line for line in page if line.element is not heading]
    gone = _comments(lines, heading)
    found = [*_labelled(lines), *((line, _RELATED) for line in lines if _leads_away(line))]
    found += [(line, "newsletter") for line in lines if _asks(line.text)]
    found += [(line, "share bar") for line in lines if _follows(line.text)]
    found += [(line, "access") for line in lines if _is_access(line.text)]
    for line, name in found:
        block = block_of(line)
        if block is not None and block.getparent() is not None and heading not in (block, *block):
            gone.append(take_out(block, name))
    return gone


def _labelled(lines: list[MarkedLine]) -> list[tuple[MarkedLine, str]]:
    """Labels such as "Sur le même sujet" on a line of their own, with the links below them."""
    found: list[tuple[MarkedLine, str]] = []
    label: list[MarkedLine] = []  # that has no link yet
    below = False
    for line in lines:
        if _is_label(line.text):
            label, below = [line], True
            if _in_heading(line):  # its links may be gone: a list of nothing else
                found.append((line, _RELATED))
                label = []
        elif below and _is_link(line):
            found += [(each, _RELATED) for each in (*label, line)]
            label = []
        else:
            below = False
    return found


def _is_label(text: str) -> bool:
    return len(text) <= _LINE_CHARS and plain(text) in page_words().see_also


def _is_link(line: MarkedLine) -> bool:
    """Whether a line is one link, or several, and the signs between them."""
    return len(line.text) <= _LINE_CHARS and line.linked >= len(line.text) - _SIGNS


def _leads_away(line: MarkedLine) -> bool:
    """Whether a line is a label and links, or the title of another article alone."""
    if len(line.text) > _LINE_CHARS or not line.linked:
        return False
    words = plain(line.text).split()
    known = page_words().see_also
    for count in range(min(_LABEL_WORDS, len(words) - 1), 0, -1):
        if " ".join(words[:count]) in known:
            label = len(" ".join(words[:count]))
            return line.linked >= len(line.text) - label - 2 * _SIGNS
    titled = len(words) >= _LINK_WORDS and not _ENDED.search(line.text)
    return titled and _is_link(line) and not _in_heading(line)


def _in_heading(line: MarkedLine) -> bool:
    around = (line.element, *line.element.iterancestors())
    return any(element.tag in _HEADINGS for element in around[:6])


def _asks(text: str) -> bool:
    """Whether a line speaks to the reader of an address and of subscribing."""
    if len(text) > 2 * _LINE_CHARS:
        return False
    words = plain(text)
    asked = sum(phrase in words for phrase in page_words().subscribing)
    return asked >= _ASKED and not _YOU.isdisjoint(words.split())


def _follows(text: str) -> bool:
    """Whether a line is a request to follow the newspaper elsewhere; a quoted one is news."""
    if len(text) > _LINE_CHARS or not text.lstrip(_BULLETS)[:1].isalpha():
        return False
    words = plain(text)
    said = frozenset(words.split())
    known = page_words()
    asked = words.startswith(known.follow) and bool(said & known.ours) and bool(said & known.places)
    return asked and not any(sign in text for sign in _QUOTES)


def _is_access(text: str) -> bool:
    """Whether a line is a label that says who may read the article."""
    return len(text) <= _LINE_CHARS and plain(text) in page_words().access


def _comments(lines: list[MarkedLine], heading: Any) -> list[DroppedPart]:  # noqa: ANN401
    """The heading of the readers' comments, and all that follows it where it stands."""
    for line in lines:
        if plain(_COUNT.sub("", line.text)) in page_words().comment_heads and _in_heading(line):
            first = block_of(line)
            if first is None or first.getparent() is None:
                continue
            following = list(first.itersiblings())
            if not any(heading in (each, *each.iter()) for each in following):
                return [
                    take_out(each, "reader comments")
                    for each in (first, *following)
                    if _is_element(each)
                ]
    return []


def _is_element(node: Any) -> bool:  # noqa: ANN401
    return isinstance(node.tag, str) and bool(text_of(node))
