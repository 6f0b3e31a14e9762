"""Decoding: from bytes to text in the encodings of French articles; what is no text is refused."""

from __future__ import annotations

import codecs
import gzip
import re
import unicodedata
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from retrieval.reading.pieces import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The one-byte encodings that French was ever saved in. Left free, a detector takes a short
# French text for Polish or Chinese.
_WESTERN = ["cp1252", "iso8859_15", "mac_roman", "cp850"]
# Accents inside words: é, â, ç, ê, ë of MS-DOS (code pages 437 and 850), which are quotes and
# signs of Windows that no word holds; é, è of Mac OS; all of Windows and ISO 8859.
_IN_WORD = rb"(?<=[A-Za-z\x80-\x9f])%b(?=[A-Za-z\x80-\x9f])"
_DOS_ACCENTS = re.compile(_IN_WORD % rb"[\x82\x83\x87\x88\x89]")
_OTHER_ACCENTS = re.compile(rb"(?<=[A-Za-z])[\x8e\x8f\xc0-\xff](?=[A-Za-z])")
_MIN_DOS_ACCENTS = 3
_BELIEVED = re.compile(r"iso-?8859-\d+|latin-?\d|windows-\d+|cp\d+|macintosh|mac-?roman|utf-16")
_ACCENTS_A_STRAY = 4
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.I
)
_HEAD_BYTES = 4096
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROLS = 0.01
_SAMPLE_BYTES = 65_536
_GLYPHS = re.compile(r"\(cid:\d{1,6}\)")
_STRANGE = frozenset({"Cc", "Co", "Cn", "Cs"})
_MAX_STRANGE = 0.1
_FEW_CHARS, _FEW_LETTERS = 60, 200
_LATIN, _VOWELS = frozenset("abcdefghijklmnopqrstuvwxyzœæøß\u0131"), frozenset("aeiouyœæø\u0131")
_MIN_VOWELS = 0.24  # French has 0.45, English 0.39, Czech 0.4; French shifted by three 0.17
_FORMATS = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF")


DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What is raised where a file cannot be unpacked."""


def opened(path: Path) -> BinaryIO:
    """A file, open for reading; unpacked if its name ends in ``.gz`` (then `DAMAGED` is raised).

    Raises:
        OSError: it cannot be read.
    """
    packed = path.name.lower().endswith(".gz")
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


class NotText(Refused):
    """The bytes are not text; ``reason`` is ``binary`` or ``encoding``."""


def decode(data: bytes, declared: str = "") -> str:
    """The text of a whole file.

    Args:
        data: the bytes.
        declared: the encoding that the file says it has, believed if UTF-8 fails.

    Raises:
        NotText: the bytes are a picture, an archive, noise, or damaged text.
    """
    encoding = encoding_of(data, declared)
    try:
        return data.decode(encoding, STRAY_BYTES if encoding == "utf-8" else "strict")
    except (UnicodeError, LookupError) as error:
        raise NotText("encoding", f"not {encoding}: {error}") from error


def declared_encoding(data: bytes) -> str:
    """The encoding that a page declares in its beginning; ``""`` when it declares none."""
    declared = _DECLARED.search(data[:_HEAD_BYTES])
    return declared[1].decode() if declared else ""


def encoding_of(data: bytes, declared: str = "") -> str:
    """The name of the encoding of some text, by its mark, else UTF-8, else as it looks.

    Text that is UTF-8 but for a few stray bytes is UTF-8.

    Raises:
        NotText: the bytes are a picture, an archive or noise, or in no encoding known here.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    wide = _wide(data[:_SAMPLE_BYTES])
    if wide:
        return wide
    if looks_binary(data[:_SAMPLE_BYTES]):
        raise NotText("binary")
    if _mostly_utf8(data):
        return "utf-8"
    if _BELIEVED.fullmatch(declared.lower()) and _decodes(data, declared):
        return declared
    return _western(data)


def looks_binary(sample: bytes) -> bool:
    """Whether the beginning of a file is a known binary format or full of control characters."""
    if sample.startswith(_FORMATS) or b"\x00" in sample:
        return True
    return len(_CONTROLS.findall(sample)) > _MAX_CONTROLS * len(sample)


def looks_garbled(text: str) -> bool:
    """Whether the letters of a document are not those that its readers see.

    A font without a table of characters gives the numbers of its glyphs: control characters,
    characters for private use, or letters shifted through the alphabet, of which few are vowels.
    A short text, and one in another alphabet than Latin, is believed.
    """
    seen = "".join(text[:_SAMPLE_BYTES].split())
    if len(seen) < _FEW_CHARS:
        return False
    glyphs = sum(len(number) for number in _GLYPHS.findall(seen))
    strange = sum(unicodedata.category(character) in _STRANGE for character in seen)
    if glyphs + strange + seen.count("\ufffd") > _MAX_STRANGE * len(seen):
        return True
    letters = [c for c in unicodedata.normalize("NFD", seen).lower() if c.isalpha()]
    latin = [letter for letter in letters if letter in _LATIN]
    if len(latin) < _FEW_LETTERS or len(latin) < 0.9 * len(letters):
        return False
    return sum(letter in _VOWELS for letter in latin) < _MIN_VOWELS * len(latin)


def _mostly_utf8(data: bytes) -> bool:
    if _decodes(data, "utf-8"):
        return True
    text = data[:_SAMPLE_BYTES].decode("utf-8", "replace")
    stray = text.count("\ufffd")
    accented = sum(character > "\x7f" for character in text) - stray
    return accented > _ACCENTS_A_STRAY * stray


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as the Windows character that it probably was."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "ignore"), error.end


STRAY_BYTES = "kiosque-stray-bytes"
codecs.register_error(STRAY_BYTES, _stray)


def _wide(sample: bytes) -> str:
    """UTF-16 that lost its mark: in Western text every second byte is nearly always zero."""
    half = len(sample) // 2
    if half < 2:
        return ""
    if sample[1::2].count(0) > 0.8 * half and sample[::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.8 * half and sample[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return ""


def _is_of_dos(data: bytes) -> bool:
    """Whether the accents of a text stand where MS-DOS has them; its two code pages agree there."""
    sample = data[:_SAMPLE_BYTES]
    accents = len(_DOS_ACCENTS.findall(sample))
    others = len(_OTHER_ACCENTS.findall(sample))
    return accents >= _MIN_DOS_ACCENTS and accents > _ACCENTS_A_STRAY * others


def _western(data: bytes) -> str:
    if _is_of_dos(data):
        return "cp850"
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_WESTERN).best()
    if best is None:
        raise NotText("encoding", "neither UTF-8, UTF-16 nor a Western encoding")
    return best.encoding
