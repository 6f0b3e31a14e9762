"""ProQuest: documents between rules, each with labelled fields ("Full text: …")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from retrieval.reading.claims import language_code
from retrieval.reading.databases.grammar import (
    WORDS,
    Chunk,
    Grammar,
    Record,
    body,
    cut_before,
    is_page_line,
    iso_day,
    like,
    pattern,
)
from retrieval.reading.text.titles import without_by

_WORDS = WORDS["proquest"]
_START = pattern(_WORDS["start"])
_RULE = pattern(_WORDS["rule"])
_END = pattern(_WORDS["end"])
_FIELD_NAMES = ("title", "outlet", "published", "author", "language", "document", "text")
_FIELDS = {label: name for name in _FIELD_NAMES for label in _WORDS[name]}
_FIELDS |= {label: f"other: {label}" for label in _WORDS["other"]}
_NO_AUTHOR = frozenset(_WORDS["no_author"])
_CLOSING = frozenset(
    ["title", "outlet", "document", *(f"other: {label}" for label in _WORDS["closing"])]
)
_LABEL = re.compile(r"(?P<label>[^\W\d_°][\w '’°/()-]{1,48}?)\s?:(?:\s+(?P<value>.*))?")


def _read(chunk: Chunk) -> Record | None:
    """The document of a part; notices and lists of contents are none."""
    fields, above = _fields([line for line in chunk.lines if not _is_furniture(line.strip())])
    if "document" not in fields and "text" not in fields:
        return None
    values = {name: " ".join(" ".join(value).split()) for name, value in fields.items()}
    text = body(fields.get("text", ()))
    return Record(
        text,
        values.get("title", "") or " ".join(above),
        values.get("outlet", "").partition(";")[0].strip(),  # "Le Fanal; Cordesse"
        iso_day(values.get("published", "")),
        _named(values.get("author", "")),
        language_code(values.get("language", "")),
        re.sub(r"\D.*", "", values.get("document", "")),
        "" if text else "no_text",
    )


def _named(author: str) -> str:
    """The names of authors; what says that none is known is silence."""
    return "" if author.lower() in _NO_AUTHOR else without_by(author)


def _is_furniture(line: str) -> bool:
    return bool(_begins(line) or _END(line) or is_page_line(line))


def _fields(lines: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The lines of each field, and those above the first one: the title."""
    fields: dict[str, list[str]] = {}
    above: list[str] = []
    current = above
    for line in lines:
        name, value = _label(line.strip())
        if not name and not line.strip() and current is fields.get("author") and any(current):
            current = []  # a blank line ends names; what follows may be a label not known
        elif not name or (current is fields.get("text") and name not in _CLOSING):
            current.append(line)
        else:
            current = [like(line, value)]
            fields.setdefault(name, current)
    return fields, [line.strip() for line in above if line.strip()]


def _label(line: str) -> tuple[str, str]:
    match = _LABEL.fullmatch(line) if line else None
    name = _FIELDS.get(match["label"].strip().lower(), "") if match else ""
    return name, (match["value"] or "").strip() if match else ""


def _knows(lines: Sequence[str]) -> bool:
    names = {_label(line)[0] for line in lines if len(line) < 5000}
    return "document" in names and bool(names & {"text", "outlet"})


def _begins(line: str) -> bool:
    return bool(_RULE(line) or _START(line))


PROQUEST = Grammar(_knows, partial(cut_before, is_start=_begins), _read)
"""ProQuest's text: each document begins with its place among all, or with a rule."""
