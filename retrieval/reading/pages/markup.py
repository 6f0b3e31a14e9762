"""Markup: the lines of a tree of HTML, and parts that are taken out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_SPACES = re.compile(r"[ \t\r\f]+")  # not the non-breaking ones
BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr"
    " ul".split()
)
SILENT = frozenset(
    "script style template noscript iframe object svg math button select head audio video canvas"
    " textarea".split()
)
"""Elements whose text is not shown, or is not prose."""


INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby"
    " s samp small span strike strong sub sup time tt u var wbr".split()
)
HIDDEN = "hidden"
"""The name of the part that is not seen."""


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of text, the element that holds its beginning, and how much of it is links."""

    text: str
    element: Any
    linked: int = 0


def lines_of(html: str) -> str:
    """The whole text of some HTML, a line for each block: nothing is judged."""
    tree = snippet_tree(html)
    return "\n".join(line.text for line in marked_lines(tree)) if tree is not None else ""


def title_in(html: str) -> str:
    """All words of a title that may have markup, on one line."""
    return " ".join(lines_of(html).split("\n"))


def snippet_tree(html: str) -> Any:  # noqa: ANN401 - an element of lxml
    """The tree of a piece of HTML; None when nothing can be made of it."""
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
        block = "\n" if element.tag in BLOCKS else ""
        if left:
            yield block + _inline(element.tail if element is not tree else ""), parent, linked
        elif not isinstance(element.tag, str) or element.tag in SILENT:
            yield _inline(element.tail), parent, linked
        else:
            yield block + _inline(element.text), element, inside
            waiting.append((element, parent, linked, True))
            waiting.extend((child, element, inside, False) for child in reversed(element))


def _inline(text: str | None) -> str:
    """Text between two tags: a line end is a space, a blank line ends a paragraph."""
    if not text or "\n" not in text:
        return text or ""
    lines = (line.strip(" \t\r") for line in text.split("\n"))
    return " " + " ".join(line or "\n" for line in lines).strip(" ") + " "


# --- What is taken out of a page's tree: the cut, and its entry in the report ----------------

_SHOWN_CHARS = 80
_NOT_TEXT = ("script", "style")
_MAX_ENTRIES = 60
_DEEP = 12  # inline elements around a line, at most


@dataclass(frozen=True, slots=True)
class DroppedPart:
    """A part that was taken out: its kind, its text, its element, and what held that."""

    name: str
    text: str
    element: Any
    holder: Any

    def __str__(self) -> str:
        shown = self.text[:_SHOWN_CHARS].rstrip()
        return f"{self.name}: {shown}{'…' * (len(self.text) > _SHOWN_CHARS)}"


def take_out(element: Any, name: str) -> DroppedPart:  # noqa: ANN401 - an element of lxml
    """Cut an element out of its tree; what follows it stays, after a block on its own line."""
    parent = element.getparent()
    if not is_inline(element) and element.tail and element.tail.strip():
        line_end = element.makeelement("br")
        element.addprevious(line_end)
        line_end.tail, element.tail = element.tail, None
    element.drop_tree()
    return DroppedPart(name, _told(element), element, parent)


def _told(element: Any) -> str:  # noqa: ANN401
    """The text of an element that is out of its tree; its scripts go for good."""
    if element.tag in SILENT:
        return ""
    for part in list(element.iter(*SILENT)):
        part.drop_tree()
    return " ".join(" ".join(element.itertext()).split())


def reported(parts: Sequence[DroppedPart], text: str, more: Iterable[str] = ()) -> tuple[str, ...]:
    """The entries of the report; the first says whether more was left out than is kept.

    Args:
        parts: what was left out of the article's own element.
        text: what is kept.
        more: entries of other kinds.
    """
    entries = [*map(str, parts), *more][:_MAX_ENTRIES]
    lost = sum(len(part.text) for part in parts if part.name != HIDDEN)
    if lost > len(text):
        entries.insert(0, f"more than half left out: {lost / (lost + len(text)):.0%}")
    return tuple(entries)


def text_of(element: Any) -> str:  # noqa: ANN401
    """All text of an element on one line, scripts and styles aside."""
    silent = {part for tag in _NOT_TEXT for part in element.iter(tag)}
    if not silent:
        return line_of(element)
    return " ".join(" ".join(line.text for line in marked_lines(element)).split())


def line_of(element: Any) -> str:  # noqa: ANN401
    """All text of an element on one line, scripts and styles included."""
    return " ".join("".join(element.itertext()).split())


def is_inline(element: Any) -> bool:  # noqa: ANN401
    """Whether an element is a part of a line of text."""
    return element.tag in INLINE


def is_in(tree: Any, element: Any) -> bool:  # noqa: ANN401
    """Whether an element is still in a tree: another part may have taken it along."""
    return any(each is tree for each in element.iterancestors())


def block_of(line: MarkedLine) -> Any:  # noqa: ANN401
    """The outermost element that holds a line and nothing else, or None."""
    wanted = "".join(line.text.split())
    found, element = None, line.element
    for _ in range(_DEEP):
        held = _held(element, len(wanted)) if element is not None else None
        if held is None:
            break
        found = element if held == wanted else found
        element = element.getparent()
    return found


def _held(element: Any, max_chars: int) -> str | None:  # noqa: ANN401
    """The text of an element without spaces; None, and no more is read, if it is longer."""
    parts: list[str] = []
    size = 0
    for text in element.itertext():
        parts.append("".join(text.split()))
        size += len(parts[-1])
        if size > max_chars:
            return None
    return "".join(parts)
