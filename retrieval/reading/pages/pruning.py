"""Pruning: parts that the markup marks as no article are taken out of the tree and reported."""

from __future__ import annotations

import re
from typing import Any

from retrieval.reading.pages.inserts import (
    keep_quotations,
    keep_words,
    line_parts,
    posts,
    pull_quotes,
    signed_lines,
)
from retrieval.reading.pages.markup import (
    HIDDEN,
    DroppedPart,
    is_in,
    marked_lines,
    take_out,
    text_of,
)
from retrieval.reading.pages.parts import (
    SURELY,
    PagePart,
    ascii_words,
    part_of,
    phrases,
    standfirst_rank,
)

_ALMOST_ALL = 0.8
_BOX_CHARS = 600  # a form, with what it says around it
_FALLBACK_CHARS = 300  # "Your browser cannot play this video", a link to the file
_SIGNS = 8  # between the links of a list
_LISTS = frozenset(("ul", "ol", "td"))
_LINKS = PagePart("related links")
_MASTHEAD = PagePart("navigation")
_SENTENCE = re.compile(r"^(?=.{40}).*[.!?…][\s\"'’»”)\]]{0,4}$")
_NOT_TEXT = frozenset(("script", "style", "noscript", "template", "head"))
_NAMES = ("class", "id")
_CONTROLS = ("form", "input", "textarea", "select", "button", "iframe", "ins", "time")
_HOLDERS = ("form", "div", "section", "aside", "fieldset", "p")


def prune(tree: Any, heading: Any) -> list[DroppedPart]:  # noqa: ANN401 - elements of lxml
    """Take out of a tree the parts that are not the article's own voice.

    Args:
        tree: of the page; it is changed.
        heading: the element of the article's title, which is in none of these parts, or None.

    Returns:
        what was taken out and had text.
    """
    _drop_fallbacks(tree)
    keep_words(tree)
    keep_quotations(tree)
    dropped = [*_marked(tree, heading), *posts(tree), *_forms(tree), *_frames(tree)]
    lines = marked_lines(tree)
    dropped += [*signed_lines(lines), *line_parts(lines, heading), *pull_quotes(tree)]
    return [part for part in dropped if ascii_words(part.text)]


def _drop_fallbacks(tree: Any) -> None:  # noqa: ANN401
    """Empty the media elements: what they hold is shown only by browsers that cannot play them.

    One that is never closed holds the rest of the page, which stays.
    """
    for element in list(tree.iter("video", "audio", "canvas")):
        if len(text_of(element)) <= _FALLBACK_CHARS:
            element.text = None
            for child in list(element):
                element.remove(child)


class _Weights:
    """The length of the text of each element, and of the links in it; in one pass."""

    def __init__(self, tree: Any) -> None:  # noqa: ANN401
        self.elements = [element for element in tree.iter() if isinstance(element.tag, str)]
        self._all: dict[Any, int] = {}
        self._linked: dict[Any, int] = {}
        for element in reversed(self.elements):
            self._weigh(element)
        self.total = self.own(tree)

    def _weigh(self, element: Any) -> None:  # noqa: ANN401
        size, linked = _size(element.text), 0
        for child in element:
            size += self._all.get(child, 0) + _size(child.tail)
            linked += self._linked.get(child, 0)
        if element.tag in _NOT_TEXT:
            size = linked = 0
        self._all[element] = size
        self._linked[element] = size if element.tag == "a" else linked

    def own(self, element: Any) -> int:  # noqa: ANN401
        """Characters outside links."""
        return self._all[element] - self._linked[element]

    def is_links(self, element: Any) -> bool:  # noqa: ANN401
        """Whether all of the text is several links."""
        links = next(element.iter("a"), None)
        size = self._all[element]
        return links is not None and size > self._all[links] and self.own(element) <= _SIGNS


def _size(text: str | None) -> int:
    return len(text.strip()) if text else 0


def _marked(tree: Any, heading: Any) -> list[DroppedPart]:  # noqa: ANN401
    weights = _Weights(tree)
    titled = {heading, *heading.iterancestors()} if heading is not None else set()
    inside: set[Any] = set()
    found: list[tuple[Any, PagePart]] = []
    own: list[tuple[Any, PagePart]] = []
    for element in weights.elements:
        if element.getparent() in inside:
            inside.add(element)
        elif (part := part_of(element)) and not _is_page(element, part, weights, titled):
            inside.add(element)
            found.append((element, part))
        elif part and _is_own(element, part) and not standfirst_rank(element):
            own.append((element, part))
        elif element.tag in _LISTS and weights.is_links(element):
            inside.add(element)
            found.append((element, _LINKS))
        elif element.tag == "header" and _is_masthead(element, heading, titled):
            inside.add(element)
            found.append((element, _MASTHEAD))
    kept = _too_much([*found, *own], weights)
    for element, _ in own:
        _unname(element)
    for element, part in found:
        if part.loose and part.name in kept:
            _unname(element)
    return [take_out(element, part.name) for element, part in found if part.name not in kept]


def _unname(element: Any) -> None:  # noqa: ANN401
    """Take an ambiguous name off an element: extraction would drop it for a part of a word."""
    for name in _NAMES:
        element.attrib.pop(name, None)


def _is_page(element: Any, part: PagePart, weights: _Weights, titled: set[Any]) -> bool:  # noqa: ANN401
    """Whether what looks like a part is around the article, or is its standfirst."""
    if element.tag in ("html", "body"):
        return True
    if part.name == HIDDEN:  # a page may be hidden while it loads
        return element in titled and weights.own(element) > _ALMOST_ALL * weights.total
    if element in titled or (part.labels and _has_sentence(element)):
        return True
    if _is_own(element, part):
        return True
    if part.max_share < 1 and weights.own(element) > part.max_share * weights.total:
        return True
    if part.head and any(map(standfirst_rank, element.iterdescendants("p", "div", "h2"))):
        return True
    return part.max_share < 1 and standfirst_rank(element) == SURELY


def _is_own(element: Any, part: PagePart) -> bool:  # noqa: ANN401
    """Whether the sentences of an element are the article's, whatever word is in its name."""
    if not (part.loose or part.links) or not _has_sentence(element):
        return False
    if not part.loose:
        return next(element.iter("a"), None) is None
    if next(element.iter(*_CONTROLS), None) is not None:
        return False
    lines = marked_lines(element)
    return not any(line.linked and line.linked >= len(line.text) - _SIGNS for line in lines)


def _has_sentence(element: Any) -> bool:  # noqa: ANN401
    return any(_SENTENCE.match(line.text) for line in marked_lines(element))


def _is_masthead(header: Any, heading: Any, titled: set[Any]) -> bool:  # noqa: ANN401
    """Whether a header is the site's: above the title, in no article, and without standfirst."""
    if heading is None or header in titled:
        return False
    if any(each.tag in ("article", "main") for each in header.iterancestors()):
        return False
    return not any(standfirst_rank(each) == SURELY for each in header.iter("p", "div", "h2"))


def _too_much(found: list[tuple[Any, PagePart]], weights: _Weights) -> set[str]:
    """The kinds that hold the article: next to nothing is left without them.

    A live report may be made of elements called comments, a broadcast's page of "podcasts".
    """
    sizes: dict[PagePart, int] = {}
    for element, part in found:
        sizes[part] = sizes.get(part, 0) + weights.own(element)
    rest = weights.total - sum(sizes.values())
    return {part.name for part, size in sizes.items() if size > part.max_share * (size + rest)}


def _forms(tree: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Forms that ask for an address, with the text around them."""
    fields = [*tree.iter("form"), *(f for f in tree.iter("input") if f.get("type") == "email")]
    boxes = (_box_around(field) for field in fields)
    return [take_out(box, "newsletter") for box in boxes if box is not None and is_in(tree, box)]


def _box_around(field: Any) -> Any:  # noqa: ANN401
    """The largest short element around a form that speaks of subscribing, or None."""
    box, asked = None, phrases("subscribing")
    for element in (field, *field.iterancestors(*_HOLDERS)):
        text = text_of(element)
        if len(text) > _BOX_CHARS or element.find(".//h1") is not None:
            break
        if any(phrase in ascii_words(text) for phrase in asked):
            box = element
    return box


def _frames(tree: Any) -> list[DroppedPart]:  # noqa: ANN401
    """Tables within tables with a colour of their own: boxes, when pages had no `aside`."""
    nested = [t for t in tree.iter("table") if t.get("bgcolor") and _within_table(t)]
    framed = [table for table in nested if _single_column(table)]
    return [take_out(t, "box beside the article") for t in framed if is_in(tree, t)]


def _within_table(table: Any) -> bool:  # noqa: ANN401
    return next(table.iterancestors("table"), None) is not None


def _single_column(table: Any) -> bool:  # noqa: ANN401
    """Whether no row has two cells with text: the table is there for its frame."""
    return all(sum(bool(text_of(cell)) for cell in row) <= 1 for row in table.iter("tr"))
