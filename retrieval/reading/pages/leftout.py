"""What is taken out of a page's tree: the cut, and its entry in the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from retrieval.reading.pages.markup import SILENT, MarkedLine, marked_lines
from retrieval.reading.pages.parts import HIDDEN, is_inline

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
    """The entries of the report; the first tells it if more was left out than is kept.

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
        return " ".join("".join(element.itertext()).split())
    return " ".join(" ".join(line.text for line in marked_lines(element)).split())


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


def _held(element: Any, most: int) -> str | None:  # noqa: ANN401
    """The text of an element without spaces; None, and no more is read, if it is longer."""
    parts: list[str] = []
    size = 0
    for text in element.itertext():
        parts.append("".join(text.split()))
        size += len(parts[-1])
        if size > most:
            return None
    return "".join(parts)
