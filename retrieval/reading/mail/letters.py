"""The text of a letter: the richer of its versions, without the footer of a newsletter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message

from config import data
from retrieval.reading.pages.markup import lines_of
from retrieval.reading.pages.visibility import hides_in_mail
from retrieval.reading.text.decoding import NotText, decode

_WORDS = data.load("reading/mail.toml")
_FURNITURE = re.compile(_WORDS["lines"]["furniture"], re.I)
_FOOT = re.compile(_WORDS["lines"]["foot"], re.I)
_SIGNATURE = re.compile(_WORDS["lines"]["signature"], re.I)
_ENCRYPTED = re.compile(_WORDS["lines"]["encrypted"], re.I)
_FORWARDED = re.compile(_WORDS["forwarded"], re.I)
_ORIGINAL = re.compile(_WORDS["original"], re.I)
_HEADER = {label: name for name, labels in _WORDS["forwarded_header"].items() for label in labels}
_LABEL = re.compile(
    r"[*_ ]{0,3}(?P<label>[^\W\d_][\w '’-]{0,20}?)[*_ ]{0,3}:[*_ ]{0,3}(?P<value>.*)"
)
_LINK = re.compile(
    r"\s?(?:<https?://[^\s<>]{1,2000}>|\[https?://[^\s\[\]]{1,2000}\]|\(https?://[^\s()]{1,2000}\))"
)
_INVISIBLE = re.compile(r"[\u034f\u200b-\u200f\u2060\u00ad\ufeff\u2007]+")
_RICHER = 0.8  # of the plain version's length, and the page is the letter
_LINE_CHARS = 300
_HEADER_LINES = 14
_NOTICE_CHARS = 160
_SEARCHED_LINES = 60
_MAX_CHARS = 4_000_000
_LISTED = 20
_FOOT_FROM = 0.3  # of a letter: what speaks of the subscription above is in its head


@dataclass(frozen=True, slots=True)
class Letter:
    """The text of a letter.

    Args:
        text: without the foot of a newsletter.
        source: as it was sent, decoded.
        removed: what was left out, each as ``rule: words``.
        forwarded: what the header of a forwarded letter says, by ``sender``, ``date``,
            ``subject``; empty when it was not forwarded.
        encrypted: whether only its receiver can read it.
    """

    text: str
    source: str = ""
    removed: tuple[str, ...] = ()
    forwarded: Mapping[str, str] = field(default_factory=dict)
    encrypted: bool = False


def letter_of(parts: Iterable[Message], *, borne: bool) -> Letter:
    """The text of the parts of a message; attachments are ignored.

    Args:
        parts: of the message, in their order.
        borne: whether its subject says that it was forwarded.
    """
    plain, page = _versions(parts)
    if _ENCRYPTED.search(plain[:2000]):
        return Letter("", encrypted=True)
    shown = _page_lines(page) if page else []
    lines = plain.split("\n")
    if shown and sum(map(len, shown)) >= _RICHER * len(_LINK.sub("", plain)):
        lines, source = shown, page
    else:
        source = plain
    forwarded, lines = _unwrapped(lines, borne)
    kept, removed = _without_foot(lines)
    return Letter("\n".join(kept).strip(), source, removed, forwarded)


def _versions(parts: Iterable[Message]) -> tuple[str, str]:
    """The plain text and the page of a letter; several of one kind follow one another."""
    plain: list[str] = []
    page: list[str] = []
    for part in parts:
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_flowed(part, _content(part)))
        elif kind == "text/html":
            page.append(_content(part))
    return "\n".join(plain)[:_MAX_CHARS], "\n".join(page)[:_MAX_CHARS]


def _content(part: Message) -> str:
    """The text of a part, in the encoding that it says or in the one that it has."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or not payload.strip():
        return ""
    try:
        return decode(payload, str(part.get_content_charset() or "")).replace("\r\n", "\n")
    except NotText:
        return payload.decode("latin-1").replace("\r\n", "\n")


def _flowed(part: Message, text: str) -> str:
    """Text with its paragraphs whole again (RFC 3676)."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    closes = str(part.get_param("delsp", "")).lower() == "yes"
    joined: list[str] = []
    open_line = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line
        if open_line and line:
            joined[-1] += line
        else:
            joined.append(line)
        open_line = line.endswith(" ") and line != "-- "
        if open_line and closes:
            joined[-1] = joined[-1][:-1]
    return "\n".join(joined)


def _page_lines(html: str) -> list[str]:
    from lxml.html import tostring
    from trafilatura import load_html

    tree = load_html(html)
    if tree is None:
        return lines_of(html).split("\n")
    for element in [element for element in tree.iter() if hides_in_mail(element)]:
        if element.getparent() is not None:
            element.drop_tree()
    text = lines_of(str(tostring(tree, encoding="unicode")))
    return _INVISIBLE.sub("", text).split("\n")


def _unwrapped(lines: list[str], borne: bool) -> tuple[dict[str, str], list[str]]:
    """The header of a forwarded letter and the letter; no header when it was not forwarded."""
    for place, line in enumerate(lines[:_SEARCHED_LINES]):
        start = _header_start(line.strip(), place, borne)
        if start is None:
            continue
        values, end = _forwarded_header(lines, start)
        if {"sender", "subject"} <= values.keys() or {"sender", "date"} <= values.keys():
            inner, rest = _unwrapped(_unquoted(lines[end:]), borne)
            return inner or values, rest
    return {}, lines


def _header_start(line: str, place: int, borne: bool) -> int | None:
    """The first line of the header of a forwarded letter: below a notice, or its sender."""
    if not line or len(line) > _NOTICE_CHARS:
        return None
    if _FORWARDED.fullmatch(line) or (borne and _ORIGINAL.fullmatch(line)):
        return place + 1
    label = _LABEL.fullmatch(line) if borne else None
    return place if label and _HEADER.get(label["label"].strip().lower()) == "sender" else None


def _forwarded_header(lines: Sequence[str], start: int) -> tuple[dict[str, str], int]:
    """The values of a header, and the line after it; a value may stand below its label."""
    values: dict[str, str] = {}
    waiting, end = "", start
    for place in range(start, min(len(lines), start + _HEADER_LINES)):
        text = lines[place].lstrip("> \t").rstrip()
        match = _LABEL.fullmatch(text) if len(text) < 1000 else None
        name = _HEADER.get(match["label"].strip().lower(), "") if match else ""
        if match and name:
            waiting = "" if match["value"].strip() else name
            values.setdefault(name, match["value"].strip(" *_"))
        elif waiting and text:
            values[waiting], waiting = text, ""
        elif text and values:
            break
        end = place + 1
    return values, end


def _unquoted(lines: list[str]) -> list[str]:
    filled = [line for line in lines if line.strip()]
    if filled and sum(line.lstrip().startswith(">") for line in filled) > 0.8 * len(filled):
        return [re.sub(r"^\s*>\s?", "", line) for line in lines]
    return lines


def _without_foot(lines: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    kept: list[str] = []
    removed: list[str] = []
    end = _foot(lines)
    for line in lines[:end]:
        text = _LINK.sub("", line).strip()
        if text and len(text) < _LINE_CHARS and _FURNITURE.fullmatch(text):
            removed.append(f"newsletter: {text[:80]}")
        else:
            kept.append(_LINK.sub("", line).rstrip() if text else "")
    removed += [f"foot of a newsletter: {text[:80]}" for text in _filled(lines[end:])]
    return kept, tuple(removed[:_LISTED])


def _filled(lines: Iterable[str]) -> Iterator[str]:
    return (line.strip() for line in lines if line.strip())


def _foot(lines: Sequence[str]) -> int:
    """The first line of the footer; a line about the subscription at the top is none."""
    total = sum(map(len, lines))
    seen = 0
    for place, line in enumerate(lines):
        text = line.strip()
        if seen > _FOOT_FROM * total and text and _is_foot(text):
            return place
        seen += len(line)
    return len(lines)


def _is_foot(line: str) -> bool:
    if len(line) >= _LINE_CHARS:
        return False
    return bool(_FOOT.fullmatch(line) or _SIGNATURE.fullmatch(line))
