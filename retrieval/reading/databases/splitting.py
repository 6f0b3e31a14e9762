"""Splitting: the press database of a text, a page or printed pages, and the articles in it."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import BinaryIO

from retrieval.reading.databases import clippings, europresse, factiva, lexisnexis, proquest
from retrieval.reading.databases.grammar import (
    Chunk,
    Grammar,
    Record,
    is_day,
    is_rights,
    is_word_count,
    read_chunk,
)
from retrieval.reading.pages.markup import lines_of
from retrieval.reading.pieces import Piece, Refused
from retrieval.reading.text.cleaning import is_sentence
from retrieval.reading.text.decoding import STRAY_BYTES, declared_encoding, encoding_of

_HEAD_CHARS = 65_536
_LINE_CHARS = 5_000
_MAX_RAW = 1_000_000
_MANY = 3
_MAX_LINES = 100_000  # of a press review; an export has no bound
_NOTICE_CHARS = 100
# One of these is in every export; most texts have none, and are not searched further.
_HINTS = ("·2", "·1", "•2", "•1", "ocument", "okument", "OCUMENT", "PD", "ProQuest", "LENGTH")
# What none but the page of an export has: `lines_of` takes its time.
_PAGE_HINTS = ("End of Document", "Fin du document", "ProQuest document", "document ProQuest")
_NUMBERS = (
    ("·", re.compile(r"·(?:19|20)\d{6}·")),
    ("&middot;", re.compile(r"&middot;(?:19|20)\d{6}&middot;")),
    ("Document", re.compile(r"Document\s[A-Z]{2}[A-Z0-9]{0,13}(?:19|20)\d{6}")),
)
_GRAMMARS = (
    europresse.TEXT,
    factiva.INDEXED,
    factiva.DISPLAY,
    lexisnexis.CLASSIC,
    lexisnexis.UNI,
    proquest.PROQUEST,
)
_TAG = re.compile(r"<(?:html|body|head|article|div|table|span|p|br)\b", re.I)
_CLASS = r"""<\w+\b[^<>]{0,300}?\bclass\s*=\s*["']?[^"'<>]{0,200}?"""
_EUROPRESSE = re.compile(_CLASS + r"DocPublicationName", re.I)
_NAMED = re.compile("DocPublicationName|docpublicationname")
_ARTICLE = re.compile(r"<article\b", re.I)
_FACTIVA = re.compile(r"""<div\b[^<>]{0,200}?\bclass\s*=\s*["']?(?:article\s+)?[a-z]{2}Article\b""")
_LEXISNEXIS = re.compile(r"\b\d{1,6} (?:of|de|sur|von) \d{1,6} DOCUMENT")


def is_export(head: bytes) -> bool:
    """Whether the beginning of a text or a page shows that a press database wrote it."""
    text = _rough(head)
    if _is_page(text):
        return _page_start(text) is not None
    lines = _lines(text)
    try:
        known = _may_be(text) and _grammar(lines) is not None
        return known or bool(clippings.split_lines(lines)) or _looks_like_many(lines)
    except Refused:
        return True


def read_export(file: BinaryIO) -> Iterator[Piece]:
    """The articles of an export, one by one.

    Raises:
        Refused: it is no text, or cannot be cut into its articles (``many_articles``).
    """
    blocks = blocks_of(file)
    first = next(blocks)
    whole = chain([first], blocks)
    start = _page_start(first) if _is_page(first) else None
    grammar = None if start else _grammar(_lines(first[:_HEAD_CHARS]))
    if start:
        yield from _refusing_none(_page_pieces(parts_of(whole, start)))
    elif grammar:
        yield from _refusing_none(_text_pieces(grammar, lines_of_blocks(whole)))
    else:
        yield from _refusing_none(split_lines(list(islice(lines_of_blocks(whole), _MAX_LINES))))


def split_lines(lines: Sequence[str]) -> tuple[Piece, ...]:
    """The articles of a document's lines; none when it holds one article.

    Args:
        lines: of an RTF or Word file, a paragraph each, blank ones between them.

    Raises:
        Refused: it holds several articles that cannot be separated.
    """
    return _split(lines, lambda: clippings.split_lines(lines))


def split_pages(pages: Sequence[Sequence[str]]) -> tuple[Piece, ...]:
    """The articles of the printed pages of an export or of a press review; else none.

    Args:
        pages: the lines of each page, as `documents.pagelines.lines_apart` gives them.

    Raises:
        Refused: it holds several articles that cannot be separated.
    """
    return _split([line for page in pages for line in page], lambda: clippings.split_pages(pages))


def _split(lines: Sequence[str], clipped: Callable[[], clippings.Split]) -> tuple[Piece, ...]:
    grammar = _grammar(lines)
    if grammar:
        return tuple(_refusing_none(_text_pieces(grammar, lines)))
    split = tuple(record.piece(raw) for record, raw in clipped())
    if not split and _looks_like_many([line.strip() for line in lines]):
        raise Refused("many_articles")
    return split


def split_page(html: str) -> tuple[Piece, ...]:
    """The articles of a page that a database wrote; none when it is any other page."""
    start = _page_start(html)
    if start:
        return tuple(_refusing_none(_page_pieces(parts_of([html], start))))
    numbered = any(sign in html and pattern.search(html) for sign, pattern in _NUMBERS)
    if not numbered and not any(hint in html for hint in _PAGE_HINTS):
        return ()
    lines = lines_of(html).split("\n")
    grammar = _grammar(lines)
    return tuple(_refusing_none(_text_pieces(grammar, lines))) if grammar else ()


def _looks_like_many(lines: Sequence[str]) -> bool:
    """Whether lines have the marks of several articles: dates, and rights or lengths, of each."""
    if clippings.are_labelled(lines):
        return True
    counts = sum(map(is_word_count, lines))
    rights = {line for line in lines if len(line) < _NOTICE_CHARS and is_rights(line)}
    if counts < _MANY and len(rights) < _MANY:
        return False
    return sum(map(is_day, lines)) >= _MANY


def _refusing_none(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces; an export that gives none cannot be separated."""
    empty = True
    for piece in pieces:
        empty = False
        yield piece
    if empty:
        raise Refused("many_articles")


def _rough(head: bytes) -> str:
    """Some bytes as text, by the mark of their encoding or the commonest two."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    try:
        # Not the last of them: the beginning of a file may end within a character.
        return codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")


def _may_be(text: str) -> bool:
    return any(hint in text for hint in _HINTS)


def _is_page(text: str) -> bool:
    return _TAG.search(text[:_HEAD_CHARS]) is not None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _grammar(lines: Sequence[str]) -> Grammar | None:
    """The grammar of the database that wrote some lines; None when none did."""
    short = [line.strip() for line in lines if len(line) < _LINE_CHARS]
    if not any(map(_may_be, short)):
        return None
    return next((grammar for grammar in _GRAMMARS if grammar.knows(short)), None)


def _text_pieces(grammar: Grammar, lines: Iterable[str]) -> Iterator[Piece]:
    """The pieces of a text; the last is cut where others have an end that it lacks."""
    whole = False
    for chunk in grammar.cut(lines):
        record = read_chunk(grammar, chunk)
        if record is None:
            continue
        if record.problem == "cut_record" and not whole and is_sentence(record.text):
            record = replace(record, problem="")
        whole = whole or not record.problem
        yield record.piece("\n".join(chunk.lines)[:_MAX_RAW])


def _page_start(html: str) -> re.Pattern[str] | None:
    """A pattern of the beginning of each article in a page of a database; None for others."""
    if _NAMED.search(html) and _EUROPRESSE.search(html):
        return _ARTICLE if _ARTICLE.search(html) else _EUROPRESSE
    if ("articleParagraph" in html or ">HD<" in html) and _FACTIVA.search(html):
        return _FACTIVA
    if "DOCUMENT" in html and _LEXISNEXIS.search(html) and _TAG.search(html):
        return _LEXISNEXIS
    return None


def _page_pieces(parts: Iterable[Part]) -> Iterator[Piece]:
    """The pieces of the parts of a page; a part may lack what the next one has."""
    held = ""
    for part in parts:
        html = held + part.html
        record = _page_record(html)
        if record is None or (not record.number and record.problem and len(html) < 20_000):
            held = html
            continue
        held = ""
        yield _of(record, part).piece(html[:_MAX_RAW])
    if held and (record := _page_record(held)):
        yield record.piece(held[:_MAX_RAW])


def _of(record: Record, part: Part) -> Record:
    return Record(title=record.title, problem="too_long") if part.too_long else record


def _page_record(html: str) -> Record | None:
    if _EUROPRESSE.search(html):
        return europresse.read_page(html)
    if _FACTIVA.search(html):
        lines = lines_of(html).split("\n")
        grammar = factiva.INDEXED if factiva.INDEXED.knows(lines) else factiva.DISPLAY
        chunk = next(iter(grammar.cut(lines)), None)
        return read_chunk(grammar, chunk) if chunk else None
    if _LEXISNEXIS.search(html):
        return read_chunk(lexisnexis.CLASSIC, Chunk(tuple(lines_of(html).split("\n"))))
    return None


# --- blocks, lines and parts of a file -------------------------------------------------------
# Memory holds one record of it.

SAMPLE_BYTES = 262_144
_BLOCK_BYTES = 65_536
_MAX_LINE = 1_000_000
_MAX_PART = 8_000_000
_MARGIN = 2_000  # characters that the start of a part may be cut at


def blocks_of(file: BinaryIO) -> Iterator[str]:
    """The text of a file, block by block, with ``\\n`` for every line end.

    Raises:
        NotText: it is no text.
    """
    sample = file.read(SAMPLE_BYTES)
    encoding = _encoding(sample)
    errors = STRAY_BYTES if encoding == "utf-8" else "replace"
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)(errors), translate=True
    )
    yield str(decoder.decode(sample))
    while block := file.read(_BLOCK_BYTES):
        yield str(decoder.decode(block))
    yield str(decoder.decode(b"", final=True))


def _encoding(sample: bytes) -> str:
    whole = sample
    if len(sample) == SAMPLE_BYTES:  # no character may be cut in two
        whole = sample[: sample.rfind(b"\n") + 1] or sample[: sample.rfind(b" ") + 1] or sample
    return encoding_of(whole, declared_encoding(sample))


def lines_of_blocks(blocks: Iterable[str]) -> Iterator[str]:
    """The lines of some blocks; an endless line is cut."""
    rest = ""
    for block in blocks:
        *lines, rest = re.split(r"[\n\f\v\u2028\u2029]", rest + block)
        yield from lines
        if len(rest) > _MAX_LINE:
            yield rest
            rest = ""
    if rest:
        yield rest


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page, from where it begins to where the next does."""

    html: str
    too_long: bool = False


def parts_of(blocks: Iterable[str], start: re.Pattern[str]) -> Iterator[Part]:
    """Cut a page before each match of a pattern; what stands before the first is left out.

    Args:
        blocks: the page.
        start: matches no more than `_MARGIN` characters.
    """
    buffer, begun, searched, too_long = "", False, 0, False
    for block, margin in chain(((block, _MARGIN) for block in blocks), (("", 0),)):
        buffer += block
        while match := start.search(buffer, searched, max(searched, len(buffer) - margin)):
            if begun:
                yield Part(buffer[: match.start()], too_long)
            buffer, begun, too_long = buffer[match.start() :], True, False
            searched = match.end() - match.start()
        searched = max(searched, len(buffer) - 2 * _MARGIN)
        if len(buffer) > _MAX_PART:
            buffer, too_long = buffer[:_MARGIN] + buffer[-2 * _MARGIN :], True
            searched = max(0, len(buffer) - 2 * _MARGIN)
    if begun:
        yield Part(buffer, too_long)
