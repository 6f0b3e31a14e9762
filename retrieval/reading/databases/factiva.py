"""Factiva (Dow Jones): its display form, and its indexed form with two-letter codes.

The display form has no labels, but an order: heading, title, by-line, "312 mots", date,
newspaper, code, page, language, rights, text, and last "Document FANAL00020180509ee590000a".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from retrieval.reading.claims import language_code
from retrieval.reading.databases.grammar import (
    WORDS,
    Chunk,
    Grammar,
    Record,
    body,
    cut_behind,
    day_of,
    find_day,
    is_day,
    is_page_line,
    is_rights,
    is_word_count,
    iso_day,
    like,
    pattern,
    wraps,
)
from retrieval.reading.text.titles import is_byline, without_by

_WORDS = WORDS["factiva"]
_LANGUAGES = frozenset(WORDS["languages"])
_NUMBER = pattern(_WORDS["number"])
_END = pattern(_WORDS["end"])
_TIME = pattern(_WORDS["time"])
_FACT = pattern(_WORDS["fact"])
_SHORT = 12
_MAX_FACTS = 9  # lines between the newspaper and the text
_FIELD_NAMES = ("title", "author", "published", "outlet", "language", "text", "document")
_FIELDS = {code: name for name in _FIELD_NAMES for code in _WORDS[name]}
_FIELDS |= dict.fromkeys([*_WORDS["before"], *_WORDS["behind"]], "other")
_IN_TEXT = frozenset([*_WORDS["text"], *_WORDS["behind"], *_WORDS["document"]])
_CODE = re.compile(r"(?P<code>[A-Z]{2,3})(?:[\s|:]+(?P<value>.*))?")
_FIRST = "HD"
_LAST = "AN"


def _read_display(chunk: Chunk) -> Record | None:
    lines = [line for line in chunk.lines if not is_page_line(line.strip())]
    start = _start_of_head(lines)
    if start is None:
        return None
    end = _NUMBER(lines[-1].strip()) if chunk.ended else None
    title, author = _headline(lines[:start])
    head = _head(lines, start)
    text = body(lines[head.end : -1] if end else _uncut(lines[head.end :]))
    day = head.published or (day_of(end["day"]) if end else "")
    number, problem = (end["id"], "") if end else ("", "cut_record")
    return Record(text, title, head.outlet, day, author, head.language, number, problem)


def _start_of_head(lines: Sequence[str]) -> int | None:
    counts = (n for n, line in enumerate(lines) if is_word_count(line.strip()))
    days = (n for n, line in enumerate(lines) if is_day(line.strip()))
    return next(counts, next(days, None))


def _uncut(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if _END(line.strip()):
            return
        yield line


def _headline(lines: Sequence[str]) -> tuple[str, str]:
    """Title and author; what stands above the title are headings of sections."""
    flat = [line.strip() for line in lines if line.strip()]
    if not flat:
        return "", ""
    if len(flat) == 1 or not is_byline(flat[-1]):
        return _title(_blocks(lines)[-1]), ""
    above = _blocks(lines[: max(n for n, line in enumerate(lines) if line.strip() == flat[-1])])
    return _title(above[-1]), without_by(flat[-1])


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    """Lines between blank ones; the mark of a line that goes on stays."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _title(block: Sequence[str]) -> str:
    """The last line of a block, with those before it that go on into it."""
    title = block[-1].strip()
    for before in reversed(block[:-1]):
        if not (title[:1].islower() or wraps(before, title)):
            break
        title = f"{before.strip()} {title}"
    return title


@dataclass(slots=True)
class _DisplayHead:
    """The head between the word count and the text; ``end`` is the first line of the text."""

    published: str = ""
    outlet: str = ""
    language: str = ""
    end: int = 0
    facts: int = 0


def _head(lines: Sequence[str], start: int) -> _DisplayHead:
    """Date, newspaper, codes, language and rights; the first line of text ends them."""
    head = _DisplayHead(end=start)
    for place in range(start, len(lines)):
        line = lines[place].strip()
        if line and not _belongs(head, line):
            break
        head.end = place + 1
        if is_rights(line) and head.outlet:
            break
    return head


def _belongs(head: _DisplayHead, line: str) -> bool:
    if not head.outlet and is_word_count(line):
        pass
    elif not head.outlet and not head.published and (day := find_day(line)) and len(line) < 80:
        head.published = day.iso
    elif not head.outlet and _TIME(line):
        pass
    elif not head.outlet and head.published and len(line) < 120:
        head.outlet = line
    elif is_rights(line):
        pass
    elif line.lower() in _LANGUAGES:
        head.language = language_code(line)
    elif head.outlet and head.facts < _MAX_FACTS and _is_fact(line, head.language):
        head.facts += 1
    else:
        return False
    return True


def _is_fact(line: str, language: str) -> bool:
    """Whether a line is a code, a page or an edition; below the language it is a short one."""
    return _FACT(line) is not None and not (language and len(line) > _SHORT)


def _read_indexed(chunk: Chunk) -> Record | None:
    fields = _fields(chunk.lines)
    if "title" not in fields and "text" not in fields:
        return None
    values = {name: " ".join(" ".join(lines).split()) for name, lines in fields.items()}
    number = _NUMBER(values.get("document", ""))
    day = iso_day(values.get("published", "")) or (day_of(number["day"]) if number else "")
    return Record(
        body(fields.get("text", ())),
        values.get("title", ""),
        values.get("outlet", ""),
        day,
        without_by(values.get("author", "")),
        language_code(values.get("language", "")),
        number["id"] if number else "",
        "" if number else "cut_record",
    )


def code_of(line: str) -> tuple[str, str] | None:
    """The code that begins a line, and what follows it; None when there is none."""
    match = _CODE.fullmatch(line)
    if match is None or match["code"] not in _FIELDS:
        return None
    value = (match["value"] or "").strip(" |")
    if _FIELDS[match["code"]] == "language" and value and value.lower() not in _LANGUAGES:
        return None  # "LA" is a word of French too
    return match["code"], value


def _numbers_joined(lines: Iterable[str]) -> Iterator[str]:
    """Lines, with the number that stands below its code put beside it."""
    waiting = False
    for line in lines:
        code = code_of(line.strip())
        if code == (_LAST, ""):
            waiting = True
        elif waiting and line.strip():
            yield f"{_LAST} {line.strip()}" if _NUMBER(line.strip(" \t|")) else line
            waiting = False
        elif not waiting:
            yield line


def _is_last(line: str) -> bool:
    code = code_of(line)
    return code is not None and code[0] == _LAST and _NUMBER(code[1]) is not None


def _fields(lines: Iterable[str]) -> dict[str, list[str]]:
    """The lines of each field; the first of two with one name counts, text is all of it."""
    fields: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        code = code_of(line.strip())
        if code is None or ("text" in fields and code[0] not in _IN_TEXT):
            current.append(line)
            continue
        name = _FIELDS[code[0]]
        if name == "text":
            current = fields.setdefault(name, [])
            current += [""] if current else []
        else:
            current = []
            fields.setdefault(name, current)
        current.append(like(line, code[1]))
    return fields


def _is_display(lines: Sequence[str]) -> bool:
    if not any(map(_NUMBER, lines)) or not any(map(is_day, lines)):
        return False
    return any(map(is_word_count, lines)) or any(map(is_rights, lines))


def _is_indexed(lines: Sequence[str]) -> bool:
    codes = {code[0] for line in lines if (code := code_of(line))}
    return {_FIRST, "SN", "PD"} <= codes and bool(codes & {"LP", "TD", _LAST})


DISPLAY = Grammar(_is_display, partial(cut_behind, is_end=_NUMBER), _read_display)
"""The display form: each document ends with its number."""
INDEXED = Grammar(
    _is_indexed, lambda lines: cut_behind(_numbers_joined(lines), _is_last), _read_indexed
)
"""The form with codes ("HD La conserverie recrute"): each document ends with its number."""
