"""Europresse, Eureka and Pressedd (CEDROM-SNi): pages, printed pages and copied text.

A document ends with a notice of rights, its number ("news·20060314·FA·1", which holds the day of
publication) and a certificate that holds the day of the download, which is of no use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from retrieval.reading.databases.grammar import (
    WORDS,
    Chunk,
    Cutter,
    Grammar,
    Record,
    body,
    day_of,
    find_day,
    is_day,
    is_page_line,
    iso_day,
    joined_title,
    pattern,
)
from retrieval.reading.documents.pagelines import GOES_ON
from retrieval.reading.pages.markup import line_of, lines_of
from retrieval.reading.text.cleaning import is_sentence
from retrieval.reading.text.titles import is_byline, without_by

if TYPE_CHECKING:
    from re import Match

_WORDS = WORDS["europresse"]
_NUMBER = re.compile(_WORDS["number"], re.I)
_RIGHTS = pattern(WORDS["rights"])
_TAIL = re.compile(_WORDS["tail"], re.I)
_FACTS = pattern(_WORDS["facts"])
_DROPPED = pattern(_WORDS["dropped"])
_ALSO = pattern(_WORDS["also"])
_ALSO_LABEL = pattern(_WORDS["also_label"])
_OUTLET_TAIL = re.compile(_WORDS["outlet_tail"], re.I)
_PANEL = frozenset(_WORDS["panel"])
_SOURCE_NAME = frozenset(_WORDS["source_name"])
_HEAD_LINES = 16  # in which date and newspaper stand
_TAIL_LINES = 12  # that close a document at most
_ABC = re.compile(r"[^\W\d_]")
_GONE = ("footer", "aside", "script", "style", "img", "nav")


def _number(line: str) -> Match[str] | None:
    return _NUMBER.search(line) if len(line) < 800 and ("·" in line or "•" in line) else None


def _closes(line: str) -> bool:
    if len(line) > 800:
        return False
    return bool(_number(line) or _RIGHTS(line) or _TAIL.match(line))


def _cut(lines: Iterable[str]) -> Iterator[Chunk]:
    """Each document ends with the last of the lines that close it, in whatever order."""
    cutter, closing, before = Cutter(), False, ""
    for line in lines:
        text = line.strip()
        goes_on = before.endswith(GOES_ON)
        if closing and text and not (goes_on or _closes(text) or is_page_line(text)):
            yield cutter.take(ended=True)
            closing = False
        cutter.add(line)
        closing = closing or _number(text) is not None
        before = line
    if cutter:
        yield cutter.take(ended=closing)


def _read(chunk: Chunk) -> Record | None:
    numbers = [found for line in chunk.lines if (found := _number(line.strip()))]
    if not numbers:
        return _cut_off(chunk)
    kept = _without_tail(chunk.lines)
    record = _record(kept, numbers[-1])
    return replace(record, removed=record.removed + _notices(chunk.lines[len(kept) :]))


def _cut_off(chunk: Chunk) -> Record | None:
    head = [line for line in chunk.lines if line.strip()]
    if len(head) < 4 or not any(find_day(line) for line in head[:_HEAD_LINES]):
        return None
    record = _record(list(chunk.lines), None)
    return replace(record, problem="cut_record")


def _without_tail(lines: Sequence[str]) -> list[str]:
    end = len(lines)
    for place in range(len(lines) - 1, max(-1, len(lines) - 1 - 3 * _TAIL_LINES), -1):
        text = lines[place].strip()
        if _closes(text):
            end = place
        elif text and not is_page_line(text) and not lines[place - 1].endswith(GOES_ON):
            break
    return list(lines[:end])


def _record(lines: list[str], number: Match[str] | None) -> Record:
    """A document of its lines: newspaper and date stand in its head in either order."""
    lines, panelled = _without_panel(lines)
    filled = [n for n, line in enumerate(lines) if line.strip()][:_HEAD_LINES]
    dated = next((n for n in filled if _is_date_line(lines[n].strip())), None)
    outlet, start = panelled, filled[0] if filled else 0
    day = ""
    if dated is not None:
        day = iso_day(lines[dated].strip())
        above = [lines[n].strip() for n in filled if n < dated]
        outlet = outlet or (above[-1] if above else "")
        start = dated + 1
    start, facts = _facts(lines, start)
    title, author, rest = _parts(lines[start:])
    kept, dropped = _text_lines(rest)
    return Record(
        body(kept),
        title,
        clean_outlet(facts or outlet),
        day or (day_of(number["day"]) if number else ""),
        author,
        number=number["id"] if number else "",
        removed=dropped,
    )


def _is_date_line(line: str) -> bool:
    """Whether a line is section, date and page: "Société, mardi 14 mars 2006, p. 12"."""
    return len(line) < 160 and find_day(line) is not None and line[-1] not in "!?»"


def _facts(lines: Sequence[str], start: int) -> tuple[int, str]:
    for place in range(start, min(len(lines), start + 4)):
        text = lines[place].strip()
        if found := _FACTS(text):
            return place + 1, found["outlet"]
        if text:
            break
    return start, ""


def _without_panel(lines: Sequence[str]) -> tuple[list[str], str]:
    """The lines without the panel beside a document, and the newspaper that it names."""
    kept: list[str] = []
    outlet, label = "", ""
    for line in lines:
        text = line.strip()
        if label and text:
            outlet = outlet or (text if label in _SOURCE_NAME else "")
            label = ""
        elif text.rstrip(" :").lower() in _PANEL:
            label = text.rstrip(" :").lower()
        elif not label:
            kept.append(line)
    return kept, outlet


def _parts(lines: Sequence[str]) -> tuple[str, str, Sequence[str]]:
    filled = [n for n, line in enumerate(lines) if line.strip()]
    if not filled:
        return "", "", ()
    title, end = joined_title(lines, filled[0])
    author = ""
    following = next((n for n in filled if n >= end), None)
    if following is not None and is_byline(lines[following].strip()):
        author, end = without_by(lines[following].strip()), following + 1
    return title, author, lines[end:]


def _text_lines(lines: Iterable[str]) -> tuple[list[str], tuple[str, ...]]:
    """The lines of text; and those that are none, with the list of other newspapers below one."""
    kept, dropped, listing = list[str](), list[str](), False
    for line in lines:
        text = line.strip()
        listing = bool(_ALSO_LABEL(text)) or (listing and (not text or _is_listed(text)))
        if (listing and text) or _DROPPED(text):
            dropped.append(f"not the article: {text}")
        else:
            kept.append(line)
    return kept, tuple(dropped)


def _notices(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"copyright: {text}" for line in lines if (text := line.strip()))


def _is_listed(line: str) -> bool:
    if is_sentence(line):
        return False
    found = find_day(line)
    return found is not None and is_day(line[: found.end]) and _ALSO(line[found.end :]) is not None


def clean_outlet(name: str) -> str:
    """The name of a newspaper without the number of its issue and "(site web)"."""
    name = " ".join(name.split())[:200]
    for _ in range(3):
        name = _OUTLET_TAIL.sub("", name)
    return name.strip(" ,;")


def _knows(lines: Sequence[str]) -> bool:
    numbered = any(map(_number, lines))
    return numbered and any(_TAIL.match(line) or _RIGHTS(line) for line in lines if len(line) < 800)


TEXT = Grammar(_knows, _cut, _read)
"""Printed pages, and text copied from the screen."""


# --- pages -------------------------------------------------------------------------------------


def read_page(html: str) -> Record | None:
    """The document of an HTML export from the element that begins it to the next one."""
    from trafilatura import load_html

    tree = load_html(f"<html><body>{html}</body></html>")
    names = _classed(tree, "docpublicationname") if tree is not None else []
    if tree is None or not names:
        return None
    found = next((found for text in tree.itertext() if (found := _number(text.strip()))), None)
    outlet = next((text for name in names for text in name.itertext() if _ABC.search(text)), "")
    titles = _classed(tree, "titrearticlevisu", "rdp__articletitle") or _classed(
        tree, "titrearticle"
    )
    title = next((line for element in titles if (line := line_of(element))), "")
    day = _day(tree, title)
    text, author, removed = _text(tree, title)
    return Record(
        text,
        title,
        clean_outlet(outlet),
        day or (day_of(found["day"]) if found else ""),
        author,
        number=found["id"] if found else "",
        problem="" if text else "no_text",
        removed=removed,
    )


def _classed(tree: Any, *words: str) -> list[Any]:  # noqa: ANN401 - elements of lxml
    """The elements with a class that ends so, in their order."""
    found = []
    for element in tree.iter():
        is_element = isinstance(element.tag, str)
        names = str(element.get("class") or "").lower().split() if is_element else []
        if any(name.endswith(words) for name in names):
            found.append(element)
    return found


def _day(tree: Any, title: str) -> str:  # noqa: ANN401
    """The date of the line below the newspaper: of its own element, else of the whole header."""
    for element in _classed(tree, "docheader"):
        if day := iso_day(line_of(element)):
            return day
    for line in _header_lines(tree)[:_HEAD_LINES]:
        if title and line.strip() == title:
            break
        if day := iso_day(line):
            return day
    return ""


def _text(tree: Any, title: str) -> tuple[str, str, tuple[str, ...]]:  # noqa: ANN401
    """Text, author and what is left out; a standfirst beside the title begins the text."""
    above = _below_title(tree, title)
    authors = [line for element in _classed(tree, "docauthors") if (line := line_of(element))]
    author = authors[0] if authors else next((line for line in above if is_byline(line)), "")
    holders = (
        _classed(tree, "dococurrcontainer")
        or _classed(tree, "doctext")
        or list(tree.iter("section"))
    )
    if holders:
        lines = lines_of(_html(holders[0])).split("\n")
        lines = [line for line in lines if line not in authors]
        begun = next((n for n, line in enumerate(above) if line == lines[0]), len(above))
        above = _until_rights(above) if begun == len(above) else above[:begun]
        standfirst = [line for line in above if line not in (author, *authors, *lines)]
    else:
        standfirst, lines = [], above
        if lines and is_byline(lines[0]):
            author, lines = lines[0], lines[1:]
    end = next((n for n, line in enumerate(lines) if _number(line)), len(lines))
    kept = _without_tail(lines[: end + 1]) if end < len(lines) else _until_rights(lines)
    written, dropped = _text_lines([*standfirst, *kept])
    return body(written), without_by(author), dropped + _notices(lines[len(kept) :])


def _until_rights(lines: Sequence[str]) -> list[str]:
    last = len(lines) - 1
    while last >= 0 and _closes(lines[last].strip()):
        last -= 1
    return list(lines[: last + 1])


def _below_title(tree: Any, title: str) -> list[str]:  # noqa: ANN401
    """The lines of the header below the title; of a page without a header, all below it."""
    lines = _header_lines(tree)
    place = next((n for n, line in enumerate(lines) if line.strip() == title), None)
    return lines[place + 1 :] if place is not None and title else []


def _header_lines(tree: Any) -> list[str]:  # noqa: ANN401
    header = next(iter(tree.iter("header")), None)
    return lines_of(_html(header if header is not None else tree)).split("\n")


def _html(element: Any) -> str:  # noqa: ANN401
    from lxml.html import tostring

    for name in _GONE:
        for dropped in list(element.iter(name)):
            dropped.drop_tree()
    return str(tostring(element, encoding="unicode", with_tail=False))
