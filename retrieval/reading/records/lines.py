"""Lines of a big file, one at a time: decompressed, decoded, none longer than allowed."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import AnyStr, BinaryIO, cast

from retrieval.reading.text.decoding import NotText, decode, encoding_of
from retrieval.vocabulary import Unreadable

_SAMPLE_BYTES = 262_144
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


def text_lines(path: Path, given: str, limit_bytes: int) -> Iterator[str | Unreadable]:
    """The lines of a text file, gzipped or not; in place of each bad line, its report.

    Args:
        path: the file.
        given: its name in reports.
        limit_bytes: a longer line is not read.

    Raises:
        OSError: the file cannot be read.
    """
    number = 0
    try:
        with _open(path) as file:
            for line in _decoded(file, given, limit_bytes):
                number += 1
                yield line
    except NotText as error:
        yield Unreadable(given, error.reason, error.detail)
    except _DAMAGED as error:
        yield Unreadable(given, "damaged", f"after line {number}: {error}")
    except UnicodeError as error:
        yield Unreadable(given, "encoding", f"after line {number}: {error}")


def _open(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(path, "rb"))
    return path.open("rb")


def _decoded(file: BinaryIO, given: str, limit: int) -> Iterator[str | Unreadable]:
    sample = file.read(_SAMPLE_BYTES)
    encoding = encoding_of(_whole_lines(sample))
    file.seek(0)
    wide_ends = encoding.startswith(("utf-16", "utf-32"))  # a line end is more than one byte
    end = "\r" if _old_mac(sample) else "\n"
    if wide_ends or end == "\r":
        with io.TextIOWrapper(file, encoding, newline=end) as wide:
            for number, text in enumerate(_split(wide.readline, limit, end), start=1):
                yield Unreadable(f"{given}:{number}", "too_large") if text is None else text
        return
    for number, line in enumerate(_split(file.readline, limit, b"\n"), start=1):
        yield _one(line, encoding, f"{given}:{number}")


def _one(line: bytes | None, encoding: str, place: str) -> str | Unreadable:
    """A line in the encoding of the file, or in its own if somebody mixed two."""
    if line is None:
        return Unreadable(place, "too_large")
    try:
        return line.decode(encoding)
    except UnicodeError:
        try:
            return decode(line)
        except NotText as error:
            return Unreadable(place, error.reason, error.detail)


def _split(readline: Callable[[int], AnyStr], limit: int, end: AnyStr) -> Iterator[AnyStr | None]:
    """The lines that a file gives; None stands for one over the limit, which is passed over."""
    while line := readline(limit):
        if line.endswith(end) or len(line) < limit:
            yield line
            continue
        while line and not line.endswith(end):
            line = readline(limit)
        yield None


def _old_mac(sample: bytes) -> bool:
    """Whether lines end as on the old Macintosh, as its Excel still writes CSV."""
    return b"\r" in sample and b"\n" not in sample


def _whole_lines(sample: bytes) -> bytes:
    """The sample up to its last line end, so that no character is cut in two."""
    if len(sample) < _SAMPLE_BYTES:
        return sample
    return sample[: sample.rfind(b"\n") + 1] or sample
