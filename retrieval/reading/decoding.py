"""From bytes to text: the encodings that French articles come in, and what is no text at all."""

from __future__ import annotations

import codecs
import re

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
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAX_CONTROLS = 0.01
_SAMPLE_BYTES = 65_536
_FORMATS = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF")


class NotText(ValueError):
    """The bytes are not text; ``reason`` is ``binary`` or ``encoding``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


def decode(data: bytes) -> str:
    """The text of a whole file.

    Raises:
        NotText: the bytes are a picture, an archive, noise, or damaged text.
    """
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise NotText("encoding", f"not {encoding}: {error}") from error


def encoding_of(data: bytes) -> str:
    """The name of the encoding of some text, by its mark, else UTF-8, else as it looks.

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
    try:
        data.decode("utf-8")
    except UnicodeError:
        return _western(data)
    return "utf-8"


def looks_binary(sample: bytes) -> bool:
    """Whether the beginning of a file is a known binary format or full of control characters."""
    if sample.startswith(_FORMATS) or b"\x00" in sample:
        return True
    return len(_CONTROLS.findall(sample)) > _MAX_CONTROLS * len(sample)


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


def _western(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_WESTERN).best()
    if best is None:
        raise NotText("encoding", "neither UTF-8, UTF-16 nor a Western encoding")
    return best.encoding
