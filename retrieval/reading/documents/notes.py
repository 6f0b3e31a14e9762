"""Notes: what stands around a Markdown text, its header and the marks of the program.

The header is YAML, TOML or JSON as site generators write it, a title block of Pandoc
(``% title``), or lines of MultiMarkdown, Notion and Dataview (``Author: Ada``, ``author:: Ada``).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.reading.claims import folded, known_count, word_set
from retrieval.reading.pieces import removal

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
_MIN_KNOWN = 2
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

    Each value is quoted. An unclosed list under an unknown name is dropped.

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
    match = _ENTRY.fullmatch(line)
    if not match:
        return line
    name, value = match[1], match[2].strip()
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
    head, _, rest = text.partition("\n")
    titled = head.startswith("# ")
    block, _, body = (rest.lstrip("\n") if titled else text).partition("\n\n")
    header = dict(_pairs(block[:_HEADER_CHARS]))
    lines = sum(bool(line.strip()) for line in block.split("\n"))
    if lines != len(header) or known_count(tuple(header)) < _MIN_KNOWN:
        return None
    values: Header = {**header}
    if titled:
        values.setdefault("title", head[2:].strip())
    return values, body


def _pairs(block: str) -> Iterator[tuple[str, str]]:
    for line in block.split("\n"):
        if match := _PROPERTY.fullmatch(line.strip()):
            yield match[1].strip(), match[2].strip()
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


# --- marks of programs for notes -------------------------------------------------------------
# Joplin ends a note with the fields of its database. Logseq writes each paragraph as a bullet with
# properties below it; Dataview has properties in lines of their own (``price:: 12``). Omnivore and
# Readwise add links to their service, and the passages that a reader marked.

_FIELD = re.compile(r"([a-z][a-z_]{0,40}):(?:[ \t](.{0,2000}))?")
_NOTE_ID = re.compile(r"[0-9a-f]{32}")
_NOTE_TYPE = "type_"  # the last field of Joplin: 1 is a note
_CLAIMED = ("author", "source_url")
_PROPERTY_LINE = re.compile(
    r"[ \t]*(?:[-*][ \t]+)?[^\W\d_](?:[\w -]{0,38}\w)?::(?:[ \t]+\S.*|[ \t]*)"
)
_BULLET = re.compile(r"[ \t]*-(?:[ \t]+(.*))?")
_FENCE = re.compile(r"[ \t]{0,12}(?:`{3}|~{3})")
_LINKS = re.compile(r"(?:[-*•|][ \t]*)?\[([^\[\]]{1,60})\]\([^()\s]{1,2000}\)[ \t|•]*")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.{1,80})")


@dataclass(frozen=True, slots=True)
class ToolNote:
    """A note without the marks of its program.

    Args:
        text: its Markdown.
        fields: what the program keeps of the article, by name.
        removed: what was left out, for the report.
        kind: ``other_kind`` when it is a folder or a tag of the program, no note.
    """

    text: str
    fields: dict[str, str]
    removed: tuple[str, ...] = ()
    kind: str = ""


def read_note(body: str, header: str = "") -> ToolNote:
    """A note without what its program added.

    Args:
        body: the Markdown below its header, with line ends of one character.
        header: as it is written; properties in it show an outline of Logseq.
    """
    lines, fields = _without_database(body.rstrip().split("\n"))
    removed: list[str] = []
    outlined = any(map(_PROPERTY_LINE.fullmatch, header[:20_000].split("\n")))
    rest = list(_without_properties(lines, removed))
    if (outlined or removed) and _is_outline(rest):
        rest = list(_paragraphs(rest, removed))
    rest = _without_marked_passages(rest, removed)
    if fields:
        removed.append(removal("fields of the note", " ".join(fields)))
    kind = "other_kind" if fields.get(_NOTE_TYPE, "1") != "1" else ""
    claimed = {name: fields[name] for name in _CLAIMED if fields.get(name)}
    return ToolNote("\n".join(rest), claimed, tuple(removed), kind)


def _without_database(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """The lines above the fields of Joplin, and these: from ``id`` to ``type_``."""
    if not lines[-1].startswith(f"{_NOTE_TYPE}:"):
        return lines, {}
    fields: dict[str, str] = {}
    for place in range(len(lines) - 1, -1, -1):
        match = _FIELD.fullmatch(lines[place])
        if not match:
            break
        fields[match[1]] = (match[2] or "").strip()
        if match[1] == "id" and _NOTE_ID.fullmatch(fields["id"]):
            return lines[:place], fields
    return lines, {}


def _without_properties(lines: Sequence[str], removed: list[str]) -> Iterator[str]:
    """The lines but properties and links of a service; code stays as it is."""
    fenced = False
    for line in lines:
        if _FENCE.match(line):
            fenced = not fenced
        if not fenced and _PROPERTY_LINE.fullmatch(line):
            removed.append(removal("property", line))
        elif not fenced and _is_of_service(line):
            removed.append(removal("link of a service", line))
        else:
            yield line


def _is_of_service(line: str) -> bool:
    """Whether a line is nothing but links such as "Read on Omnivore"."""
    if "](" not in line or len(line) > 4_000:
        return False
    labels = _LINKS.findall(line)
    known = word_set("markdown", "service_links")
    return bool(labels) and not _LINKS.sub("", line).strip() and known.issuperset(
        map(folded, labels)
    )  # fmt: skip


def _is_outline(lines: Sequence[str]) -> bool:
    full = [line for line in lines if line.strip()]
    return (
        bool(full)
        and _BULLET.fullmatch(full[0]) is not None
        and all(line[0] in " \t" or _BULLET.fullmatch(line) for line in full)
    )


def _paragraphs(lines: Sequence[str], removed: list[str]) -> Iterator[str]:
    """The blocks of an outline as paragraphs; what a reader has to do is none of them."""
    task = False
    for line in lines:
        match = _BULLET.fullmatch(line)
        words = (match[1] or "") if match else line.strip()
        if match:
            task = words.partition(" ")[0] in word_set("markdown", "tasks")
        if task:
            removed.append(removal("task", words))
            continue
        yield from ("", words) if match else (words,)


def _without_marked_passages(lines: list[str], removed: list[str]) -> list[str]:
    """The lines without the section of what a reader marked, if the article itself is there."""
    begun = next((at for at, line in enumerate(lines) if _is_sentence(line)), len(lines))
    for place, line in enumerate(lines[begun:], start=begun):
        match = _HEADING.fullmatch(line.strip())
        if not match or folded(match[2]) not in word_set("markdown", "marked_passages"):
            continue
        end = next(
            (at for at in range(place + 1, len(lines)) if _ends(lines[at], len(match[1]))),
            len(lines),
        )
        section = [one for one in lines[place + 1 : end] if one.strip()]
        quoted = bool(section) and all(one.lstrip()[0] in ">-*" for one in section)
        if quoted:
            removed.append(removal("marked passages", " ".join(section)))
            return [*lines[:place], *lines[end:]]
    return lines


def _ends(line: str, level: int) -> bool:
    match = _HEADING.fullmatch(line.strip())
    return match is not None and len(match[1]) <= level


def _is_sentence(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "»", "…"))
