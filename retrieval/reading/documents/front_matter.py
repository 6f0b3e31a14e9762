"""The header of a Markdown text: YAML, TOML or JSON, or the lines of properties that tools write.

Site generators write the first three; Pandoc a title block (``% title``), MultiMarkdown, Notion
and Dataview lines such as ``Author: Ada`` or ``author:: Ada``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from retrieval.reading.records.columns import known_count

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

_HEADER_CHARS = 20_000
_NULLS = ("null", "Null", "NULL", "~")
_TOML = "+++"
_LINK = re.compile(r"\[\[(?:[^\[\]|]{0,200}\|)?([^\[\]|]{0,200})\]\]")
_PROPERTY = re.compile(
    r"(?:[-*]\s{1,3})?\**([^\W\d_][^:\n*]{0,39}?)\**\s?::?\**\s{1,4}(\S.{0,500})"
)
_EMPTY_PROPERTY = re.compile(r"(?:[-*]\s{1,3})?\**([^\W\d_][^:\n*]{0,39}?)\**\s?::?\**\s*")
_LEAST_KNOWN = 2
_ENTRY = re.compile(r"([^\W\d_][\w -]{0,60}):[ \t]+(\S.{0,2000})")
_BRACKETS = {"[": "]", "{": "}"}
_BLOCK_SCALAR = re.compile(r"[|>][-+\d]{0,2}")
_IN_QUOTES = re.compile(r"\"[^\"]*\"|'[^']*'")

Header = dict[str, object]


def front_matter(text: str) -> tuple[Header, str]:
    """The header of a Markdown text and what follows; no header is an empty one.

    Values stay as they are written: a month that does not exist is for dating to refuse.

    Raises:
        ValueError, yaml.YAMLError, RecursionError: the header cannot be read, or has no header's
            size.
    """
    text = text.lstrip("\ufeff\r\n ").replace("\r\n", "\n")
    for read in (_toml, _json, _yaml, _title_block, _properties):
        found = read(text)
        if found is not None:
            header, body = found
            return {str(key): _plain(value) for key, value in header.items()}, body
    return {}, text


def _yaml(text: str) -> tuple[Header, str] | None:
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    if not handler.detect(text):
        return None
    try:
        header, body = handler.split(text)
    except ValueError:  # a line of dashes with no second one
        return None
    _check_size(header)
    # Not the loader in C: a header of brackets within brackets makes it crash the process.
    try:
        values = handler.load(header, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        values = _leniently(header, error)
    return (values, body) if isinstance(values, dict) else None


def _leniently(header: str, broken: MarkedYAMLError) -> object:
    """A header whose values people wrote as they came: ``title: Budget : le vote``.

    Each value is quoted. A list that is not closed under a name that nobody asks for goes.

    Raises:
        ValueError: it is broken in another way; the message is the line, in its own words.
    """
    import yaml

    lines = "\n".join(map(_quoted, header.split("\n")))
    try:
        return yaml.load(lines, Loader=yaml.BaseLoader)  # noqa: S506 - it makes only strings
    except yaml.YAMLError:
        mark = broken.context_mark or broken.problem_mark
        line = header.split("\n")[mark.line : mark.line + 1] if mark else []
        raise ValueError("".join(line).strip()) from broken


def _quoted(line: str) -> str:
    """A line of a header with its value in quotes; one that needs none stays."""
    found = _ENTRY.fullmatch(line)
    if not found:
        return line
    name, value = found[1], found[2].strip()
    if value[0] in _BRACKETS:
        closed = value.endswith(_BRACKETS[value[0]])
        return line if closed or known_count((name,)) else ""
    if _BLOCK_SCALAR.fullmatch(value) or _IN_QUOTES.fullmatch(value):
        return line
    return f"{name}: {json.dumps(value, ensure_ascii=False)}"


def _toml(text: str) -> tuple[Header, str] | None:
    first, _, rest = text.partition("\n")
    if first.strip() != _TOML:
        return None
    header, mark, body = f"\n{rest}\n".partition(f"\n{_TOML}\n")
    if not mark:
        return None
    _check_size(header)
    return tomllib.loads(header), body


def _json(text: str) -> tuple[Header, str] | None:
    """An object that stands alone in its lines, as Hugo writes it."""
    if not text.startswith("{"):
        return None
    try:
        values, end = json.JSONDecoder().raw_decode(text[:_HEADER_CHARS])
    except (ValueError, RecursionError):
        return None  # a text that begins with a brace
    alone = isinstance(values, dict) and text[end : end + 1] in ("", "\n")
    return (values, text[end:]) if alone else None


def _title_block(text: str) -> tuple[Header, str] | None:
    """Up to three lines of Pandoc that begin with ``%``: title, authors, date."""
    if not text.startswith("% "):
        return None
    lines = text.split("\n", 3)
    block = [line[1:].strip() for line in lines[:3] if line.startswith("%")]
    header: Header = dict(zip(("title", "author", "date"), block, strict=False))
    return header, "\n".join(lines[len(block) :])


def _properties(text: str) -> tuple[Header, str] | None:
    """Lines of names and values, at the top or below the title."""
    head, _, rest = text.partition("\n")
    titled = head.startswith("# ")
    block, _, body = (rest.lstrip("\n") if titled else text).partition("\n\n")
    header = dict(_pairs(block[:_HEADER_CHARS]))
    lines = sum(bool(line.strip()) for line in block.split("\n"))
    if lines != len(header) or known_count(tuple(header)) < _LEAST_KNOWN:
        return None
    values: Header = {**header}
    if titled:
        values.setdefault("title", head[2:].strip())
    return values, body


def _pairs(block: str) -> Iterator[tuple[str, str]]:
    for line in block.split("\n"):
        if found := _PROPERTY.fullmatch(line.strip()):
            yield found[1].strip(), found[2].strip()
        elif empty := _EMPTY_PROPERTY.fullmatch(line.strip()):
            yield empty[1].strip(), ""


def _check_size(header: str) -> None:
    if len(header) > _HEADER_CHARS:
        raise ValueError(f"a front matter of {len(header)} characters")


def _plain(value: object) -> object:
    """A value without what only links notes: ``[[Ada]]`` is Ada."""
    if isinstance(value, str):
        return "" if value in _NULLS else _LINK.sub(r"\1", value)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        inner = value[0]  # `author: [[Ada]]`, which YAML takes for a list in a list
        return [_plain(part) for part in inner[:1] if isinstance(part, str)]
    if isinstance(value, list):
        return [_plain(part) if isinstance(part, str) else part for part in value[:100]]
    return value
