"""The body of a response: whole or not at all, and no bigger unpacked than it may be."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from retrieval.web.failures import FetchFailed

ACCEPTED = "gzip"
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_GZIP_WBITS = 31


def read_body(chunks: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    """The bytes of a body as they were before they were sent.

    Args:
        chunks: as they come.
        encoding: the ``Content-Encoding``; only what was asked for is understood.
        most_bytes: of the body, unpacked.

    Raises:
        FetchFailed: ``too_large``, or ``encoding`` when it cannot be unpacked.
    """
    named = encoding.strip().lower()
    if named not in _PLAIN | _GZIP:
        raise FetchFailed("encoding", encoding[:100])
    body = bytearray()
    for piece in chunks if named in _PLAIN else _unpacked(chunks, most_bytes):
        body += piece
        if len(body) > most_bytes:
            raise FetchFailed("too_large", f"more than {most_bytes} bytes")
    return bytes(body)


def _unpacked(chunks: Iterable[bytes], most_bytes: int) -> Iterable[bytes]:
    """What gzip packed; never more of it at once than one byte too much."""
    unpacker = zlib.decompressobj(_GZIP_WBITS)
    try:
        for chunk in chunks:
            yield unpacker.decompress(chunk, most_bytes + 1)
    except zlib.error as error:
        raise FetchFailed("encoding", str(error)) from None
    if not unpacker.eof:
        raise FetchFailed("encoding", "it ends too early")
