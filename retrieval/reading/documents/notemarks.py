"""What programs for notes and clippings add to a Markdown file beside the article.

Joplin ends a note with the fields of its database. Logseq writes each paragraph as a bullet with
properties below it; Dataview has properties in lines of their own (``price:: 12``). Omnivore and
Readwise add links to their service, and the passages that a reader marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.reading.records.columns import folded, word_set

_SHOWN_CHARS = 80
_FIELD = re.compile(r"([a-z][a-z_]{0,40}):(?:[ \t](.{0,2000}))?")
_NOTE_ID = re.compile(r"[0-9a-f]{32}")
_NOTE_TYPE = "type_"  # the last field of Joplin: 1 is a note
_CLAIMED = ("author", "source_url")
_PROPERTY = re.compile(r"[ \t]*(?:[-*][ \t]+)?[^\W\d_](?:[\w -]{0,38}\w)?::(?:[ \t]+\S.*|[ \t]*)")
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
        header: as it is written; properties in it tell an outline of Logseq.
    """
    lines, fields = _without_database(body.rstrip().split("\n"))
    removed: list[str] = []
    outlined = any(map(_PROPERTY.fullmatch, header[:20_000].split("\n")))
    rest = list(_without_properties(lines, removed))
    if (outlined or removed) and _is_outline(rest):
        rest = list(_paragraphs(rest, removed))
    rest = _without_marked_passages(rest, removed)
    if fields:
        removed.append(_told("fields of the note", " ".join(fields)))
    kind = "other_kind" if fields.get(_NOTE_TYPE, "1") != "1" else ""
    claimed = {name: fields[name] for name in _CLAIMED if fields.get(name)}
    return ToolNote("\n".join(rest), claimed, tuple(removed), kind)


def _without_database(lines: list[str]) -> tuple[list[str], dict[str, str]]:
    """The lines above the fields of Joplin, and these: from ``id`` to ``type_``."""
    if not lines[-1].startswith(f"{_NOTE_TYPE}:"):
        return lines, {}
    fields: dict[str, str] = {}
    for place in range(len(lines) - 1, -1, -1):
        found = _FIELD.fullmatch(lines[place])
        if not found:
            break
        fields[found[1]] = (found[2] or "").strip()
        if found[1] == "id" and _NOTE_ID.fullmatch(fields["id"]):
            return lines[:place], fields
    return lines, {}


def _without_properties(lines: Sequence[str], removed: list[str]) -> Iterator[str]:
    """The lines but properties and links of a service; code stays as it is."""
    fenced = False
    for line in lines:
        if _FENCE.match(line):
            fenced = not fenced
        if not fenced and _PROPERTY.fullmatch(line):
            removed.append(_told("property", line))
        elif not fenced and _is_of_service(line):
            removed.append(_told("link of a service", line))
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
    """Whether all lines are bullets, or indented below one."""
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
        found = _BULLET.fullmatch(line)
        words = (found[1] or "") if found else line.strip()
        if found:
            task = words.partition(" ")[0] in word_set("markdown", "tasks")
        if task:
            removed.append(_told("task", words))
            continue
        yield from ("", words) if found else (words,)


def _without_marked_passages(lines: list[str], removed: list[str]) -> list[str]:
    """The lines without the section of what a reader marked, if the article itself is there."""
    begun = next((at for at, line in enumerate(lines) if _is_sentence(line)), len(lines))
    for place, line in enumerate(lines[begun:], start=begun):
        found = _HEADING.fullmatch(line.strip())
        if not found or folded(found[2]) not in word_set("markdown", "marked_passages"):
            continue
        end = next(
            (at for at in range(place + 1, len(lines)) if _ends(lines[at], len(found[1]))),
            len(lines),
        )
        section = [one for one in lines[place + 1 : end] if one.strip()]
        quoted = bool(section) and all(one.lstrip()[0] in ">-*" for one in section)
        if quoted:
            removed.append(_told("marked passages", " ".join(section)))
            return [*lines[:place], *lines[end:]]
    return lines


def _ends(line: str, level: int) -> bool:
    found = _HEADING.fullmatch(line.strip())
    return found is not None and len(found[1]) <= level


def _is_sentence(line: str) -> bool:
    """Whether a line of the article's own ends as a sentence does."""
    return line.rstrip().endswith((".", "!", "?", "»", "…"))


def _told(rule: str, words: str) -> str:
    return f"{rule}: {' '.join(words[: 4 * _SHOWN_CHARS].split())[:_SHOWN_CHARS]}"
