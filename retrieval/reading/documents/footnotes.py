"""Parsers of the footnotes of a Markdown or a Word file, each with the text that it is a note to.

A piece a reference, in the order of the text: ``text`` is what stands before it in its paragraph,
after the reference before; ``raw`` is the note, and ``name`` its label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from retrieval.reading.documents.markdown import markdown_parser
from retrieval.reading.documents.word import Story, notes_by_number, opened_story
from retrieval.reading.documents.wordpackage import name_of, value_of
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.text.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_MAX_NOTES = 2_000
_MAX_CHARS = 5_000
"""Characters of a text, or of a note, that are given: the last ones."""
_REFERENCE = "footnoteReference"
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARKED = re.compile(rf"{_OPEN}(-?\d{{1,9}}){_CLOSE}")


def parse_markdown_notes(raw: bytes) -> tuple[Piece, ...]:
    """Parse the footnotes of Markdown.

    Raises:
        Refused: it is no text, or has too many of them.
    """
    text = decode(raw)
    if text.count("[^") > 2 * _MAX_NOTES:
        raise Refused("too_long", f"{_MAX_NOTES} footnotes allowed")
    tokens = markdown_parser().parse(text)
    notes = _markdown_notes(tokens)
    pieces = (
        _piece(before, notes.get(id_, ""), label)
        for token in tokens
        if token.type == "inline"
        for before, id_, label in _references(token.children or ())
    )
    return tuple(pieces)


def _references(children: Sequence[Token]) -> Iterator[tuple[str, int, str]]:
    """The references among some tokens: the text before each, its note, its label."""
    before: list[str] = []
    for child in children:
        if child.type == "footnote_ref":
            yield "".join(before), int(child.meta["id"]), str(child.meta.get("label", ""))
            before = []
        else:
            before.append(_shown(child))


def _shown(child: Token) -> str:
    if child.type in ("softbreak", "hardbreak"):
        return " "
    return child.content if child.type in ("text", "code_inline", "html_inline") else ""


def _markdown_notes(tokens: Sequence[Token]) -> dict[int, str]:
    notes: dict[int, list[str]] = {}
    inside: list[str] | None = None
    for token in tokens:
        if token.type == "footnote_open":
            inside = notes.setdefault(int(token.meta["id"]), [])
        elif token.type == "footnote_close":
            inside = None
        elif token.type == "inline" and inside is not None:
            inside.append("".join(map(_shown, token.children or ())))
    return {id_: " ".join(parts) for id_, parts in notes.items()}


def parse_docx_notes(raw: bytes) -> tuple[Piece, ...]:
    """Parse the footnotes of a Word file.

    Raises:
        Refused: a password is needed, it would grow too large, or it is damaged.
    """
    package, story, body = opened_story(raw)
    _mark(story)
    notes = notes_by_number(package, "footnotes")
    pieces = [
        _piece(before, _note_text(notes.get(id_), body), id_)
        for block in body.blocks(story)
        for before, id_ in _marked(block)
    ]
    if len(pieces) > _MAX_NOTES:
        raise Refused("too_long", f"{_MAX_NOTES} footnotes allowed")
    return tuple(pieces)


def _mark(story: Any) -> None:  # noqa: ANN401 - an element of lxml
    """Put the number of each reference into the text, where `_marked` finds it."""
    for element in list(story.iter()):
        if name_of(element) == _REFERENCE:
            text = element.makeelement(str(element.tag).replace(_REFERENCE, "t"))
            text.text = f"{_OPEN}{value_of(element, 'id')[:9]}{_CLOSE}"
            element.addnext(text)


def _marked(block: str) -> Iterator[tuple[str, str]]:
    """The references of a paragraph: the text before each, and its number."""
    *parts, _ = _MARKED.split(block)
    yield from zip(parts[::2], parts[1::2], strict=True)


def _note_text(note: Any | None, body: Story) -> str:  # noqa: ANN401
    return " ".join(body.blocks(note)) if note is not None else ""


def _piece(text: str, note: str, label: str) -> Piece:
    return Piece(text.strip()[-_MAX_CHARS:], Claims("footnote"), name=label, raw=note[-_MAX_CHARS:])
