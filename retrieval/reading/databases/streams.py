"""A big text file as blocks, lines, or the parts of a page: memory holds one record of it."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from retrieval.reading.text.decoding import STRAY_BYTES, encoding_of

SAMPLE_BYTES = 262_144
_BLOCK_BYTES = 65_536
_MAX_LINE = 1_000_000
_MAX_PART = 8_000_000
_MARGIN = 2_000  # characters that the start of a part may be cut at
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I
)


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
    declared = _DECLARED.search(sample[:4096])
    whole = sample
    if len(sample) == SAMPLE_BYTES:  # no character may be cut in two
        whole = sample[: sample.rfind(b"\n") + 1] or sample[: sample.rfind(b" ") + 1] or sample
    return encoding_of(whole, declared[1].decode() if declared else "")


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
    for block in blocks:
        buffer += block
        while found := start.search(buffer, searched, max(searched, len(buffer) - _MARGIN)):
            if begun:
                yield Part(buffer[: found.start()], too_long)
            buffer, begun, too_long = buffer[found.start() :], True, False
            searched = found.end() - found.start()
        searched = max(searched, len(buffer) - 2 * _MARGIN)
        if len(buffer) > _MAX_PART:
            buffer, too_long = buffer[:_MARGIN] + buffer[-2 * _MARGIN :], True
            searched = max(0, len(buffer) - 2 * _MARGIN)
    yield from _last(buffer, begun, start, searched, too_long)


def _last(
    buffer: str, begun: bool, start: re.Pattern[str], searched: int, too_long: bool
) -> Iterator[Part]:
    """The parts in what is left when the page has ended."""
    begin = 0
    for found in start.finditer(buffer, searched):
        if begun:
            yield Part(buffer[begin : found.start()], too_long)
        begin, begun, too_long = found.start(), True, False
    if begun:
        yield Part(buffer[begin:], too_long)
