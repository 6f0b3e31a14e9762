"""Press reviews: clippings one after the other, each under the name and date of its newspaper.

They have no separator. Only clear beginnings are split: a page or a paragraph that begins with the
name of a newspaper and a full date; two of them at least must differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.reading.databases.grammar import (
    WORDS,
    Record,
    body,
    find_day,
    is_day,
    is_page_line,
    is_rights,
    iso_day,
    joined_title,
    pattern,
)
from retrieval.reading.pieces import Refused
from retrieval.reading.text.cleaning import is_sentence
from retrieval.reading.text.titles import is_byline, is_name, without_by

_WORDS = WORDS["clippings"]
_REVIEW = pattern(_WORDS["words"]["review"])
_CONTENTS = pattern(_WORDS["words"]["contents"])
_NEWSPAPER = pattern(_WORDS["words"]["newspaper"])
_FACTS = pattern(_WORDS["words"]["facts"])
_LABELS = {label: name for name, labels in _WORDS["labels"].items() for label in labels}
_LABEL = re.compile(r"(?P<label>[^\W\d_][\w '’()./²]{1,30}?)\s?:\s*(?P<value>.{0,200})")
_BELOW_BOX = 4  # lines
_BOX_LINES = 40
_ENOUGH_LABELS = 3
_ENOUGH_CHARS = 200
_OUTLET_CHARS = 45
_TITLE_CHARS = 200
_ENOUGH_CONTENTS = 3
_ENDS = (".", "!", "?", "…", ";", ",")

Split = list[tuple[Record, str]]
"""Records, each with its part of the source."""


@dataclass(frozen=True, slots=True)
class _Masthead:
    """The name and date of a newspaper, and where they end; a box may name an author too.

    Args:
        boxed: labels say it, as in the box that an agency adds.
        paged: the number of a page stands beside the date.
    """

    outlet: str
    published: str
    end: int
    author: str = ""
    boxed: bool = False
    paged: bool = False

    @property
    def issue(self) -> tuple[str, str]:
        """The key of a clipping: the next one has another."""
        return self.outlet.lower(), self.published


Begun = list[tuple[_Masthead, list[str]]]
"""Mastheads, each with the lines below it."""


def split_pages(pages: Sequence[Sequence[str]]) -> Split:
    """The clippings of some pages; none when their mastheads are not sure.

    Raises:
        Refused: they are a press review, and it cannot be split.
    """
    begun: Begun = []
    for page in pages:
        masthead = _of_page(page)
        if masthead and not (begun and begun[-1][0].issue == masthead.issue):
            begun.append((masthead, _below(page, masthead)))
        elif begun:
            begun[-1][1].extend(page if masthead is None else _below(page, masthead))
    return _checked(begun, [line for page in pages for line in page])


def split_lines(lines: Sequence[str]) -> Split:
    """The clippings of the paragraphs of a document; none when it is one article.

    Raises:
        Refused: they are a press review, and it cannot be split.
    """
    begun: Begun = []
    place = 0
    while place < len(lines):
        masthead = _of_lines(lines, place)
        if masthead:
            begun.append((masthead, []))
            place = masthead.end
            continue
        if begun:
            begun[-1][1].append(lines[place])
        place += 1
    if any(len(" ".join(text)) < _ENOUGH_CHARS for _, text in begun):
        begun = _short(begun)
    return _checked(begun, lines)


def _short(begun: Begun) -> Begun:
    """Short clippings, recognised by a title over a sentence below each masthead.

    A list of sources, or the dates of a chronicle, have mastheads and no such titles.

    Raises:
        Refused: two of the parts at least are clippings, and others are not sure.
    """
    titled = [(masthead, text) for masthead, text in begun if _is_titled(text)]
    if len(titled) == len(begun):
        return begun
    if len({masthead.issue for masthead, _ in titled}) >= 2:
        raise Refused("many_articles")
    return []


def _is_titled(lines: Sequence[str]) -> bool:
    filled = [text for line in lines if (text := line.strip())]
    if len(filled) < 2 or is_sentence(filled[0]) or len(filled[0]) > _TITLE_CHARS:
        return False
    return any(map(is_sentence, filled[1:]))


def outlet_of_head(line: str) -> str:
    """The newspaper in a running head: "Le Fanal – mardi 14 mars 2006 – p. 12"; or ``""``."""
    found = _in_one_line(line)
    return found[0] if found else ""


def are_labelled(lines: Sequence[str]) -> bool:
    """Whether lines are several articles, each under its title, newspaper and date in labels."""
    counts = Counter(_label(line) for line in lines if len(line) < 2 * _TITLE_CHARS)
    return counts["title"] >= 2 and min(counts["published"], counts["outlet"]) >= 2


def _label(line: str) -> str:
    """The kind of a labelled line: one of the names of the labels, or ``""``."""
    match = _LABEL.fullmatch(line) if ":" in line else None
    return _LABELS.get(match["label"].lower(), "") if match else ""


def _checked(begun: Sequence[tuple[_Masthead, list[str]]], lines: Sequence[str]) -> Split:
    """The clippings, if they are of two issues at least and half of the mastheads are sure."""
    usual = sum(_is_sure(masthead) for masthead, _ in begun)
    if len({masthead.issue for masthead, _ in begun}) >= 2 and 2 * usual >= len(begun):
        return [(_record(masthead, text), _raw(masthead, text)) for masthead, text in begun]
    if _is_review(lines):
        raise Refused("many_articles")
    return []


def _is_sure(masthead: _Masthead) -> bool:
    return masthead.boxed or masthead.paged or _is_newspaper(masthead.outlet)


def _is_review(lines: Sequence[str]) -> bool:
    """Whether a document calls itself a press review and lists what it holds."""
    filled = [text for line in lines if (text := line.strip())]
    if not any(map(_REVIEW, filled[:12])):
        return False
    return sum(_CONTENTS(line) is not None for line in filled) >= _ENOUGH_CONTENTS


def _of_page(page: Sequence[str]) -> _Masthead | None:
    """The masthead of a page: in its first lines, or in the box that an agency adds."""
    filled = [place for place, line in enumerate(page) if line.strip()]
    for place in filled[:2]:
        if found := _of_lines(page, place, printed=True):
            return found
    return _of_box(page, filled[:_BOX_LINES])


def _of_lines(lines: Sequence[str], start: int, *, printed: bool = False) -> _Masthead | None:
    """A masthead that begins with this line: a newspaper and its date, in one line or in two."""
    text = lines[start].strip()
    if not text or len(text) > 2 * _OUTLET_CHARS:
        return None
    one = _in_one_line(text)
    if one:
        return _Masthead(*one, start + 1)
    following = [n for n in range(start + 1, min(start + 4, len(lines))) if lines[n].strip()]
    if not following:
        return None
    other = lines[following[0]].strip()
    # At the top of a page the place suffices; `_checked` wants half of the names to be usual.
    is_named = _may_be_newspaper if printed or _has_page(other) else _is_newspaper
    if is_named(text) and _is_dated(other):
        return _Masthead(text, iso_day(other), following[0] + 1, paged=_has_page(other))
    if printed and is_day(text) and _is_newspaper(other):
        return _Masthead(other, iso_day(text), following[0] + 1)
    return None


def _is_newspaper(line: str) -> bool:
    return _may_be_newspaper(line) and _NEWSPAPER(line) is not None


def _may_be_newspaper(line: str) -> bool:
    """Whether a line has the shape of a name: short, no sentence, no label."""
    if not line or len(line) > _OUTLET_CHARS or line.endswith(_ENDS) or ":" in line:
        return False
    return line[0].isupper() and find_day(line) is None and _REVIEW(line) is None


def _is_dated(line: str) -> bool:
    """Whether a line is a full date, with the number of a page at most."""
    found = find_day(line)
    if found is None or len(found.iso) < 10:
        return False
    rest = line[found.end :].strip(" ,;|•–—-")
    return is_day(line) or (is_day(line[: found.end]) and _FACTS(rest) is not None)


def _has_page(line: str) -> bool:
    """Whether a date has the number of a page beside it, as under the name of a newspaper."""
    found = find_day(line)
    return found is not None and _FACTS(line[found.end :].strip(" ,;|•–—-")) is not None


def _in_one_line(line: str) -> tuple[str, str] | None:
    """Newspaper and date of "Le Fanal – mardi 14 mars 2006 – p. 12"."""
    found = find_day(line)
    if found is None or len(found.iso) < 10:
        return None
    parts = re.split(r"\s+[-–—|•]\s+|,\s+", line[: found.start])
    name, beside = parts[0].strip(), " ".join(parts[1:])
    rest = line[found.end :].strip(" ,;|•–—-")
    if not _is_newspaper(name) or (rest and not _FACTS(rest)):
        return None
    if len(parts) < 2 or not is_day(f"{beside} {line[found.start : found.end]}"):
        return None
    return name, found.iso


def _of_box(page: Sequence[str], filled: Sequence[int]) -> _Masthead | None:
    """The masthead of a box with labels ("Date : …", "Journaliste : …", "Pays : …")."""
    values: dict[str, str] = {}
    labels, last = 0, 0
    for place in filled:
        match = _LABEL.fullmatch(page[place].strip())
        name = _LABELS.get(match["label"].lower()) if match else None
        if match and name:
            values.setdefault(name, match["value"].strip())
            labels, last = labels + 1, place + 1
    day = find_day(values.get("published", ""))
    if labels < _ENOUGH_LABELS or day is None:
        return None
    named = _name_beside(page, [place for place in filled if place < last + _BELOW_BOX])
    outlet = values.get("outlet", "")
    if not outlet and named is not None:
        outlet, last = page[named].strip(), max(last, named + 1)
    author = values.get("author", "")
    return _Masthead(outlet, day.iso, last, author if is_name(author) else "", boxed=True)


def _name_beside(page: Sequence[str], places: Sequence[int]) -> int | None:
    """The line that names the newspaper: above a box, within it, or right below."""
    return next((place for place in places if _is_newspaper(page[place].strip())), None)


def _below(page: Sequence[str], masthead: _Masthead) -> list[str]:
    """The lines of a page below its masthead, and the title that stands in the midst of a box."""
    kept = [line for line in page[: masthead.end] if _is_text(line.strip(), masthead)]
    return [*kept, *page[masthead.end :]]


def _is_text(line: str, masthead: _Masthead) -> bool:
    if not line or _label(line):
        return False
    return line != masthead.outlet and find_day(line) is None and not is_page_line(line)


def _record(masthead: _Masthead, lines: Sequence[str]) -> Record:
    """A clipping: its title is the first line below the masthead."""
    kept = [line for line in lines if not _is_furniture(line.strip())]
    filled = [place for place, line in enumerate(kept) if line.strip()]
    if not filled:
        return Record(outlet=masthead.outlet, published=masthead.published, problem="no_text")
    title, end = joined_title(kept, filled[0])
    if len(title) > _TITLE_CHARS or title.endswith("."):
        title, end = "", filled[0]
    author, end = _author(kept, end)
    text = body(kept[end:])
    problem = "" if text else "no_text"
    author = masthead.author or author
    return Record(text, title, masthead.outlet, masthead.published, author, problem=problem)


def _author(lines: Sequence[str], start: int) -> tuple[str, int]:
    place = next((n for n in range(start, len(lines)) if lines[n].strip()), None)
    if place is None or len(lines[place]) > 80 or not is_byline(lines[place].strip()):
        return "", start
    name = without_by(lines[place].strip())
    return (name, place + 1) if is_name(name) else ("", start)


def _is_furniture(line: str) -> bool:
    if _label(line):
        return True
    return bool(line) and (is_page_line(line) or is_rights(line) or _FACTS(line) is not None)


def _raw(masthead: _Masthead, lines: Sequence[str]) -> str:
    return "\n".join([masthead.outlet, masthead.published, *(line.strip() for line in lines)])
