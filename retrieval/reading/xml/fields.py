"""Values of XML elements: by their names without prefixes, as clean words, moments and lines."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from retrieval.reading.claims import one_line
from retrieval.reading.pages.markup import html_field, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LOOSE = re.compile(r"[\W_]+")
_CUT_END = re.compile(r"(?:\s{0,9}(?:\[(?:…|\.\.\.)\]|…|\.\.\.))+\s{0,9}$")
# WordPress gives a post without a date the year -0001, which Python takes for 2000.
_RFC_DATE = re.compile(r"(?:[A-Za-z]{3},?\s{1,3})?\d{1,2}\s{1,3}[A-Za-z]{3}\s{1,3}\d{4}\s")
_DAY_CHARS = len("2020-03-02")


def local(element: _Element) -> str:
    """The name of an element without its namespace; ``""`` for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """The children with one of some names, in their order."""
    return (child for child in element if local(child) in names)


def found(element: _Element | None, path: str) -> _Element | None:
    """The first element under a path of names, such as ``head/docdata``."""
    for name in path.split("/"):
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def descendants(element: _Element, *names: str) -> Iterator[_Element]:
    """The elements below one with one of some names, in the order of reading."""
    return (each for each in element.iter() if local(each) in names and each is not element)


def value(element: _Element | None, path: str = "", attribute: str = "") -> str:
    """The words of an element, or one of its attributes, as one line without markup.

    Args:
        element: where the path starts; None has no value.
        path: names of children; ``""`` for the element itself.
        attribute: without a prefix; ``""`` for the text.
    """
    if path:
        element = found(element, path)
    if element is None:
        return ""
    if attribute:
        return one_line(element.get(attribute) or "")
    return one_line(html_field(" ".join("".join(element.itertext()).split())))


def language(element: _Element) -> str:
    """The ``xml:lang`` of an element, or ``""``."""
    return one_line(element.get(_LANGUAGE) or "")


def iso_moment(words: str) -> str:
    """A day or a moment of ISO 8601, basic or extended, or of RFC 822, in extended form.

    Returns:
        ``2020-03-02``, ``2020-03-02T08:00:00+01:00``, or ``""`` for anything else.
    """
    words = words.strip()
    try:
        if len(words) <= _DAY_CHARS:
            return date.fromisoformat(words).isoformat()
        return datetime.fromisoformat(words).isoformat()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(words).isoformat() if _RFC_DATE.match(words) else ""
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def until(words: str) -> str:
    """When an embargo ends, as a moment with an offset; a moment without one is taken as UTC."""
    iso = iso_moment(words)
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def lines(
    element: _Element, silent: Iterable[str] = (), names: dict[str, str] | None = None
) -> str:
    """The text of an element that holds XHTML or the like, a line for each block.

    Args:
        element: it is changed: names lose their namespaces, silent elements go.
        silent: the names of elements that are no text of the article.
        names: elements of other vocabularies, and what they are in HTML.
    """
    from lxml import etree

    for each in list(element.iter()):
        name = local(each)
        if name in set(silent) and each is not element:
            _drop(each)
        elif name:
            each.tag = (names or {}).get(name, name)
    return lines_of(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _drop(element: _Element) -> None:
    """Take an element out, and leave what stands behind it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)


def with_standfirst(text: str, standfirst: str) -> str:
    """The text with its standfirst before it, unless it is the beginning of the text itself."""
    lead = _loosened(_CUT_END.sub("", standfirst))
    if not lead or lead in _loosened(text):
        return text
    return f"{standfirst}\n{text}" if text else standfirst


def _loosened(text: str) -> str:
    return _LOOSE.sub(" ", text).strip().casefold()
