"""A small writer of PDF files: lines of text at places, many pages, a password."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = b"0123456789abcdef"
_RIGHTS = -4


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; ``x`` and ``y`` count in points from the lower left corner."""

    text: str
    x: float = 72
    y: float = 720
    size: float = 11


def column(
    lines: Iterable[str], top: float = 720, x: float = 72, leading: float = 14
) -> list[Line]:
    """Lines below one another; an empty one leaves its place free."""
    return [Line(text, x, top - leading * n) for n, text in enumerate(lines) if text]


def pdf(
    pages: Sequence[Sequence[Line]],
    info: Mapping[str, str] | None = None,
    password: str = "",
    drawn: bytes = b"",
) -> bytes:
    """A PDF file with these pages; ``drawn`` is put on each, in PDF's own operators."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects: list[tuple[bytes, bytes | None]] = [
        (b"<< /Type /Catalog /Pages 2 0 R >>", None),
        (f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(), None),
        (
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            None,
        ),
        (_info(info or {}), None),
    ]
    for number, lines in enumerate(pages):
        objects.append((_page(6 + 2 * number), None))
        objects.append((b"", b"\n".join([*map(_shown, lines), drawn])))
    return _file(objects, password)


def _page(contents: int) -> bytes:
    return (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
        f" /Resources << /Font << /F1 3 0 R >> >> /Contents {contents} 0 R >>"
    ).encode()


def _info(values: Mapping[str, str]) -> bytes:
    wide = {key: ("\ufeff" + value).encode("utf-16-be").hex() for key, value in values.items()}
    inner = " ".join(f"/{key} <{value}>" for key, value in wide.items())
    return f"<< {inner} >>".encode()


def _shown(line: Line) -> bytes:
    text = line.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(")
    text = text.replace(b")", b"\\)")
    place = f"BT /F1 {line.size} Tf {line.x} {line.y} Td (".encode()
    return place + text + b") Tj ET"


def _file(objects: Sequence[tuple[bytes, bytes | None]], password: str) -> bytes:
    owner, user, key = _locks(password) if password else (b"", b"", b"")
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, (head, stream) in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number
        if stream is None:
            out += head
        else:
            data = _rc4(_object_key(key, number), stream) if key else stream
            out += b"<< /Length %d >>\nstream\n" % len(data) + data + b"\nendstream"
        out += b"\nendobj\n"
    start, size = len(out), len(places) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R" % size
    if key:
        out += b" /ID [<%s> <%s>]" % ((_ID.hex().encode(),) * 2)
        out += b" /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P %d" % _RIGHTS
        out += b" /O <%s> /U <%s> >>" % (owner.hex().encode(), user.hex().encode())
    return bytes(out + b" >>\nstartxref\n%d\n%%%%EOF\n" % start)


def _locks(password: str) -> tuple[bytes, bytes, bytes]:
    """What the standard security handler, revision 2, puts in a file, and the key."""
    padded = (password.encode("latin-1") + _PADDING)[:32]
    owner = _rc4(_md5(padded)[:5], padded)
    rights = (_RIGHTS & 0xFFFFFFFF).to_bytes(4, "little")
    key = _md5(padded + owner + rights + _ID)[:5]
    return owner, _rc4(key, _PADDING), key


def _object_key(key: bytes, number: int) -> bytes:
    return _md5(key + number.to_bytes(3, "little") + b"\x00\x00")[: len(key) + 5]


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
