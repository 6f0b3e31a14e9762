"""Readers of one article in one text file: plain text, and Markdown with front matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.reading.claims import Claims, claims_from
from retrieval.reading.decoding import NotText, decode
from retrieval.reading.drafting import Desk, Source, make_draft
from retrieval.reading.metadata import metadata_beside
from retrieval.reading.parsing import Parsed, Piece, Refused
from retrieval.reading.wrapping import flow
from retrieval.vocabulary import Draft, Unreadable

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAKS = {"softbreak": "\n", "hardbreak": "\u2028"}
_HEADER_CHARS = 20_000
_NULLS = ("null", "Null", "NULL", "~")
_VERBATIM = ("text", "code_inline")


def file_source(path: Path, given: str, raw: bytes) -> Source:
    """A file as a source: told apart by where it really is, whatever path led to it."""
    return Source(f"file:{path.resolve().as_posix()}", given, raw, path.name)


def row_claims(path: Path) -> list[Claims]:
    """What a ``metadata.csv`` beside a file says of it: nothing, or one place's claims."""
    claims = metadata_beside(path.parent).claims_of(path)
    return [claims] if claims else []


def read_text(
    raw: bytes, source: Source, told: Sequence[Claims], desk: Desk
) -> Iterator[Draft | Unreadable]:
    """Read plain text."""
    try:
        text = decode(raw)
    except NotText as error:
        yield Unreadable(source.given, error.reason, error.detail)
        return
    yield from make_draft(source, text, told, desk)


def parse_markdown(raw: bytes) -> Parsed:
    """Parse Markdown: its front matter is what it claims, its marks are not its text.

    Raises:
        Refused: it is no text, or its header cannot be read.
    """
    text = decode(raw)
    try:
        header, body = front_matter(text)
    except Exception as error:  # whatever a YAML parser makes of a broken header
        raise Refused("bad_front_matter", str(error).replace("\n", " ")[:300]) from error
    return Parsed((Piece(plain_text(body), claims_from(header, "front matter")),), Claims("file"))


def front_matter(text: str) -> tuple[dict[str, object], str]:
    """The header of a Markdown text and what follows; no header is an empty one.

    Values stay as they are written: a month that does not exist is for dating to refuse.

    Raises:
        ValueError, yaml.YAMLError, RecursionError: the header is no YAML, or no header's size.
    """
    import yaml
    from frontmatter.default_handlers import YAMLHandler

    text = text.lstrip("\ufeff\r\n ")
    handler = YAMLHandler()
    try:
        header, body = handler.split(text) if handler.detect(text) else ("", text)
    except ValueError:  # a line of dashes with no second one
        return {}, text
    if len(header) > _HEADER_CHARS:
        raise ValueError(f"a front matter of {len(header)} characters")
    # Not the loader in C: a header of brackets within brackets makes it crash the process.
    values = handler.load(header, Loader=yaml.BaseLoader)
    if not isinstance(values, dict):
        return {}, text
    return {str(key): "" if value in _NULLS else value for key, value in values.items()}, body


def plain_text(markdown: str) -> str:
    """The text of Markdown: paragraphs and headings without their marks, pictures left out."""
    from markdown_it import MarkdownIt

    blocks: list[str] = []
    mark = ""
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "list_item_open":
            # A paragraph that begins with "2017." is taken for a list: nothing may be lost.
            mark = f"{token.info}{token.markup} "
        elif token.type == "inline":
            blocks.append(mark + flow(_inline(token.children or ())))
            mark = ""
        elif token.type in ("code_block", "fence"):
            blocks.append(token.content)
    return "\n\n".join(block for block in blocks if block.strip())


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    for token in tokens:
        if token.type in _VERBATIM:
            parts.append(token.content)
        else:
            parts.append(_BREAKS.get(token.type, ""))
    return "".join(parts)
