"""Passages and windows: where an article's text is cut, by exact offsets.

A passage is a run of paragraphs of about 1,200 characters, so that a question finds the
context of its answer; a window is one to three sentences of a passage, about 280
characters, which is what an embedding of 384 numbers can still tell apart. The sizes
are those measured best on a French question set; they are settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import sentencex

from retrieval.text.line_breaks import TAG, abbreviations, is_whole, pieces
from retrieval.vocabulary import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABBREVIATION_CHARS = 7  # more than the longest of them, with the sign before and the point
_READABLE = re.compile(r"\S")
_ENDED = re.compile(r"[.!?…:;,\"»”)\]]\s*$")
_HEADING_CHARS = 90
_LINE_CHARS = 10_000
MAX_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class PassageSpans:
    """The offsets of a passage in its article, and of its windows."""

    start: int
    end: int
    windows: tuple[Span, ...]


def sentences(text: str, offset: int = 0) -> list[Span]:
    """The sentences of a text, without the white space around them.

    Args:
        text: any text; a line end always ends a sentence, and so does one that was lost
            (`retrieval.text.line_breaks`).
        offset: added to every position.
    """
    spans: list[Span] = []
    for line in re.finditer(r"[^\n]+", text):
        at = line.start()
        while line.end() - at > _LINE_CHARS:
            # sentencex takes the square of a line's length: a hostile one is read in pieces.
            end = at + (text[at : at + _LINE_CHARS].rfind(" ") + 1 or _LINE_CHARS)
            spans += _of_line(text[at:end], offset + at)
            at = end
        spans += _of_line(text[at : line.end()], offset + at)
    return spans


def _of_line(line: str, offset: int) -> Iterator[Span]:
    if is_whole(line):
        return _of_piece(line, offset)
    return (
        span
        for piece in pieces(line)
        for span in _of_piece(line[piece.start : piece.end], offset + piece.start)
    )


def _of_piece(line: str, offset: int) -> Iterator[Span]:
    start = position = 0
    for piece in sentencex.segment("fr", line):
        position += len(piece)
        following = _READABLE.search(line, position)
        if following and (following[0].islower() or _abbreviated(line, start, position)):
            continue
        span = _trimmed(line, start, position, offset)
        if span is not None:
            yield span
        start = position
    tail = _trimmed(line, start, len(line), offset)
    if tail is not None:
        yield tail


@cache
def _not_an_end() -> re.Pattern[str]:
    """After a title, an initial or a common abbreviation a sentence does not end."""
    known = abbreviations("titles", "others")
    return re.compile(rf"(?:^|[\s(«\"'’\-.]){known}\.[\s\u00a0]*$")


def _abbreviated(line: str, start: int, end: int) -> bool:
    """Whether a piece ends with an abbreviation, which its last characters tell."""
    piece = line[start:end].rstrip()
    return piece[-1:] == "." and _not_an_end().search(piece[-_ABBREVIATION_CHARS:]) is not None


def _trimmed(text: str, start: int, end: int, offset: int = 0) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start + offset, end + offset) if end > start else None


def segment(text: str, passage_chars: int = 1200, window_chars: int = 280) -> list[PassageSpans]:
    """Cut a text into passages and windows.

    Args:
        text: the cleaned text of an article.
        passage_chars: a passage is closed before it would grow beyond this, unless one
            sentence alone is longer.
        window_chars: the same for a window; a longer sentence is a window of its own.

    Returns:
        Passages in their order; they do not overlap, and every sentence is in one window.
    """
    blocks = [
        group
        for line in re.finditer(r"[^\n]+", text)
        for group in _groups(text, sentences(line[0], line.start()), passage_chars * 4 // 3)
    ]
    passages: list[list[Span]] = []
    for block in blocks:
        if passages and _goes_on(text, passages[-1], block, passage_chars):
            passages[-1] += block
        else:
            passages.append(list(block))
    return [
        PassageSpans(spans[0].start, spans[-1].end, tuple(_windows(text, spans, window_chars)))
        for spans in passages
    ]


def _goes_on(text: str, passage: list[Span], block: list[Span], limit: int) -> bool:
    """Whether a paragraph still belongs to the passage before it."""
    if block[-1].end - passage[0].start > limit:
        return False
    half_full = passage[-1].end - passage[0].start > limit // 2
    return not (half_full and _is_heading(text, block[0]))


def _is_heading(text: str, span: Span) -> bool:
    """A short line without a final point announces what follows it."""
    if span.end - span.start > _HEADING_CHARS:
        return False
    return not _ENDED.search(text[span.start : span.end])


def _groups(
    text: str, spans: list[Span], limit: int, max_sentences: int | None = None
) -> Iterator[list[Span]]:
    """Consecutive sentences, joined while they stay within ``limit`` characters."""
    group: list[Span] = []
    for span in spans:
        if group and (
            span.end - group[0].start > limit
            or len(group) == max_sentences
            or _is_apart(text, group[-1], span)
        ):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _is_apart(text: str, before: Span, span: Span) -> bool:
    """Whether a sentence begins something new: after a tag, or as a heading."""
    if span.start - before.end > 2 and TAG.search(text, before.end, span.start):
        return True
    return _is_heading(text, span) and not _is_heading(text, before)


def _windows(text: str, spans: list[Span], limit: int) -> Iterator[Span]:
    for group in _groups(text, spans, limit, MAX_SENTENCES):
        yield Span(group[0].start, group[-1].end)


def embedded_text(title: str, window: str) -> str:
    """What is embedded for a window: its article's title says what it is about."""
    return f"{title}. {window}" if title else window
