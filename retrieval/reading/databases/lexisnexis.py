"""LexisNexis ("3 of 25 DOCUMENTS", labels in capitals) and Nexis Uni ("End of Document")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from retrieval.reading.claims import language_code
from retrieval.reading.databases.grammar import (
    WORDS,
    Chunk,
    Grammar,
    Record,
    body,
    cut_before,
    cut_behind,
    find_day,
    is_page_line,
    is_rights,
    iso_day,
    pattern,
    wraps,
)
from retrieval.reading.text.titles import without_by

_WORDS = WORDS["lexisnexis"]
_LANGUAGE = re.compile(rf"\s+(?:--?|[–—(])\s?(?:{'|'.join(WORDS['languages'])})\)?$", re.I)
_START = pattern(_WORDS["start"])
_COVER = pattern(_WORDS["lines"]["cover"])
_EDITION = pattern(_WORDS["lines"]["edition"])
_ENDS = frozenset(_WORDS["end"])
_BODY = frozenset(_WORDS["body"])
_AFTER = frozenset(_WORDS["after"])
_LABELS = {label: name for name, labels in _WORDS["labels"].items() for label in labels}
_LABEL = re.compile(r"(?P<label>[^\W\d_][\w '’/-]{1,24}?)\s?:(?:\s+(?P<value>.*))?")
_HEAD = frozenset(("author", "length", "highlight", "before", "title"))
_TAIL = frozenset(("language", "loaded", "link", "behind", "highlight"))
_HEAD_LINES = 60
_DATE_CHARS = 100


@dataclass(frozen=True, slots=True)
class _Label:
    """A labelled line; ``name`` is one of the kinds of labels."""

    name: str
    value: str
    capitals: bool


def _label(line: str) -> _Label | None:
    match = _LABEL.fullmatch(line) if len(line) < 600 else None
    name = _LABELS.get(match["label"].lower()) if match else None
    if match is None or name is None:
        return None
    return _Label(name, (match["value"] or "").strip(), match["label"].isupper())


def _read_classic(chunk: Chunk) -> Record | None:
    """The document of a part; the cover before the first holds none."""
    if not chunk.lines or not _START(chunk.lines[0].strip()):
        return None
    split = _split([line for line in chunk.lines[1:] if not is_page_line(line.strip())])
    head = _classic_head(split.head)
    highlight = split.values.get("highlight", "")
    written = [line for line in split.text if line.strip().lower().rstrip(" :") not in _BODY]
    text = body([highlight, "", *written] if highlight else written)
    # The last one without the labels of its end: the file breaks off in the midst of it.
    problem = "" if split.closed or chunk.ended or not text else "cut_record"
    head.title = split.values.get("title", "") or head.title
    return _record(text, head, split.values, problem=problem)


def _record(
    text: str, head: _DocumentHead, values: dict[str, str], number: str = "", problem: str = ""
) -> Record:
    return Record(
        text,
        head.title,
        _LANGUAGE.sub("", head.outlet),
        head.published,
        without_by(values.get("author", "")),
        language_code(re.split(r"[;,]", values.get("language", ""))[0]),
        number,
        problem,
    )


@dataclass(slots=True)
class _Split:
    """The three parts of a document, and what its labels say."""

    head: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    closed: bool = False


def _split(lines: Sequence[str]) -> _Split:
    split = _Split()
    last = _last_of_head(lines)
    split.head = _unlabelled(lines[: last + 1], split.values)
    place = last + 1
    while place < len(lines):
        line = lines[place].strip()
        label = _label(line)
        if label and label.capitals and label.name in _TAIL:
            split.closed = True
            _unlabelled(lines[place:], split.values)
            break
        if is_rights(line) and _is_last(lines, place):
            split.closed = True
            break
        split.text.append(lines[place])
        place += 1
    return split


def _last_of_head(lines: Sequence[str]) -> int:
    """The last line of the labels before the text: a label may reach to a blank line."""
    found, measured = -1, False
    for place, line in enumerate(lines[:_HEAD_LINES]):
        label = _label(line.strip())
        if label and label.capitals and label.name in _HEAD:
            found = _end_of_value(lines, place)
            measured = measured or label.name == "length"
        elif measured and line.strip() and place > found:
            break  # the length stands last, or nearly so: here the text has begun
    if found < 0:  # no label at all: outlet, date and title are three blocks of lines
        return _end_of_blocks(lines, 3)
    return found


def _end_of_value(lines: Sequence[str], place: int) -> int:
    """The last line of the value of a label; a length, and all without blank lines, have one."""
    label = _label(lines[place].strip())
    head = [line.strip() for line in lines[:_HEAD_LINES]]
    while head and not head[-1]:
        head.pop()
    if "" not in head or (label and label.name == "length"):
        return place
    while place + 1 < len(lines) and (following := lines[place + 1].strip()):
        if _label(following):
            break
        place += 1
    return place


def _end_of_blocks(lines: Sequence[str], count: int) -> int:
    blocks = 0
    for place, line in enumerate(lines[:_HEAD_LINES]):
        following = lines[place + 1].strip() if place + 1 < len(lines) else ""
        if line.strip() and not is_rights(line.strip()) and not following:
            blocks += 1
            if blocks == count:
                return place
    return min(count, len(lines)) - 1


def _unlabelled(lines: Sequence[str], values: dict[str, str]) -> list[str]:
    """The lines that belong to no label; what the labels say goes into ``values``."""
    rest: list[str] = []
    place = 0
    while place < len(lines):
        label = _label(lines[place].strip())
        if label is None:
            rest.append(lines[place])
            place += 1
            continue
        end = _end_of_value(lines, place)
        value = [label.value, *(line.strip() for line in lines[place + 1 : end + 1])]
        values.setdefault(label.name, " ".join(part for part in value if part))
        place = end + 1
    return rest


def _is_last(lines: Sequence[str], place: int) -> bool:
    rest = [line.strip() for line in lines[place:] if line.strip()]
    return len(rest) <= 4 and all(len(line) < 200 for line in rest)


@dataclass(slots=True)
class _DocumentHead:
    outlet: str = ""
    published: str = ""
    title: str = ""


def _classic_head(lines: Sequence[str]) -> _DocumentHead:
    """Newspaper, date and title of a head: the date may stand before the title or behind it."""
    head = _DocumentHead()
    for block in _head_blocks(lines):
        first = block[0]
        day = iso_day(first) if len(first) < _DATE_CHARS else ""
        if not head.outlet:
            head.outlet = first
        elif day and not head.published:
            head.published = day
        elif not head.title and not _EDITION(first):
            head.title = " ".join(block)
    return head


def _head_blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Blocks of lines without notices of rights; without blank lines, each line is one."""
    kept = [text for line in lines if not is_rights(text := line.strip())]
    if "" not in kept:
        yield from ([line] for line in kept)
        return
    block: list[str] = []
    for text in [*kept, ""]:
        dated = bool(block) and len(block[0]) < _DATE_CHARS and find_day(block[0]) is not None
        if block and (not text or dated):
            yield block
            block = []
        if text:
            block.append(text)


def _read_uni(chunk: Chunk) -> Record | None:
    """The document of a part; covers and lists of contents precede the first."""
    lines = [line for line in chunk.lines if not _is_cover(line.strip())]
    if chunk.ended and lines:
        lines = lines[:-1]
    start = _body_start(lines)
    if start is None:
        return None
    values: dict[str, str] = {}
    head = _uni_head(_plain(lines[:start], values))
    text = body(_until_after(lines[start:], values))
    problem = "" if chunk.ended else "cut_record"
    return _record(text, head, values, values.get("number", ""), problem)


def _is_cover(line: str) -> bool:
    return _COVER(line) is not None or is_page_line(line)


def _body_start(lines: Sequence[str]) -> int | None:
    """The first line of the text: below "Body", else below the last label of the head."""
    found = None
    for place, line in enumerate(lines):
        text = line.strip()
        if text.lower() in _BODY:
            return place + 1
        label = _label(text)
        if label and label.name in ("length", "author", "before") and place < _HEAD_LINES * 20:
            found = place + 1
    return found


def _plain(lines: Sequence[str], values: dict[str, str]) -> list[str]:
    """The lines without labels and notices of rights; blank lines stay."""
    rest: list[str] = []
    for line in lines:
        text = line.strip()
        label = _label(text)
        if label:
            values.setdefault(label.name, label.value)
        elif not is_rights(text) and text.lower() not in _BODY:
            rest.append(line)
    return rest


def _uni_head(lines: Sequence[str]) -> _DocumentHead:
    """Title, newspaper, date: read upwards from the last date above the text."""
    days = [n for n, line in enumerate(lines) if len(line) < _DATE_CHARS and find_day(line)]
    if not days:
        return _DocumentHead()
    place = days[-1]
    above = [n for n in range(place) if lines[n].strip()]
    head = _DocumentHead(published=iso_day(lines[place].strip()))
    if above:
        head.outlet = lines[above[-1]].strip()
    if len(above) > 1:
        head.title = _title_upwards(lines, above[-2])
    return head


def _title_upwards(lines: Sequence[str], place: int) -> str:
    title = lines[place].strip()
    while place and wraps(lines[place - 1], title):
        place -= 1
        title = f"{lines[place].strip()} {title}"
    return title


def _until_after(lines: Sequence[str], values: dict[str, str]) -> list[str]:
    """The text: until its labels or the heading of a part that follows it."""
    for place, line in enumerate(lines):
        text = line.strip()
        label = _label(text)
        if text.lower() in _AFTER or (label and label.name in _TAIL):
            _unlabelled([line for line in lines[place:] if line.strip()], values)
            return list(lines[:place])
    return list(lines)


def _is_classic(lines: Iterable[str]) -> bool:
    return any(map(_START, lines))


def _is_uni(lines: Sequence[str]) -> bool:
    lowered = {line.lower() for line in lines if len(line) < 40}
    labels = {label.name for line in lines if (label := _label(line))}
    closed = bool(lowered & _ENDS)
    return (closed and bool(labels & {"length", "loaded"})) or (
        "body" in lowered and {"length", "loaded"} <= labels
    )


CLASSIC = Grammar(_is_classic, partial(cut_before, is_start=_START), _read_classic)
"""The older form, with labels in capitals: each document begins with its place among all."""
UNI = Grammar(_is_uni, partial(cut_behind, is_end=lambda line: line.lower() in _ENDS), _read_uni)
"""Nexis Uni, Lexis Advance and Nexis ("Length: 512 words"): a line ends each document."""
