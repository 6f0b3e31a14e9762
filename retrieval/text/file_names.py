"""Names of files as texts: one to keep, from which the file is found again, and one to show.

A name on a disk is bytes. Python keeps those that are no UTF-8 as halves of surrogate pairs,
which no database, log or terminal takes. A kept name has a character of a private area for each
such byte (U+EF80 to U+EFFF, as MirBSD does), and so has the bytes of a name that holds one of
these characters already: no two names are kept as one. A shown name has what Windows-1252, the
encoding of most old French disks, says of such a byte, and nothing that a terminal obeys.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from os import PathLike

    from retrieval.vocabulary import LeftOut, Unreadable

_Report = TypeVar("_Report", "Unreadable", "LeftOut")
_ESCAPED, _PRIVATE = 0xDC00, 0xEF00
"""What Python, and what a kept name, adds to a byte that is no UTF-8."""
_BYTES = range(0x80, 0x100)
_KEEPING: dict[int, int | str] = {
    **{_ESCAPED + byte: _PRIVATE + byte for byte in _BYTES},
    **{
        _PRIVATE + byte: "".join(chr(_PRIVATE + each) for each in chr(_PRIVATE + byte).encode())
        for byte in _BYTES
    },
}
_FINDING = {_PRIVATE + byte: _ESCAPED + byte for byte in _BYTES}
_HIDDEN = "\N{REPLACEMENT CHARACTER}"
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the direction of a text: ``txt.exe`` would be shown as ``exe.txt``."""


def _windows(byte: int) -> str:
    shown = bytes([byte]).decode("cp1252", "replace")
    return shown if shown.isprintable() or shown == "\xa0" else _HIDDEN


_HALVES: dict[int, str] = {
    **dict.fromkeys(range(0xD800, 0xE000), _HIDDEN),
    **{start + byte: _windows(byte) for start in (_ESCAPED, _PRIVATE) for byte in _BYTES},
}
_SHOWING: dict[int, str] = {
    **dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), _HIDDEN),
    **{ord(mark): _HIDDEN for mark in _DIRECTIONS},
    **_HALVES,
}


def kept_name(path: str | PathLike[str]) -> str:
    """The text under which a path is kept; the path itself if it is UTF-8."""
    raw = os.fsencode(path)
    return raw.decode("utf-8", "surrogateescape").translate(_KEEPING)


def is_utf8(path: str | PathLike[str]) -> bool:
    """Whether the name of a path is UTF-8: the libraries of the indexes open no other."""
    return not any("\ud800" <= char <= "\udfff" for char in os.fspath(path))


def path_of(kept: str) -> Path:
    """The path that is kept as a text."""
    raw = kept.translate(_FINDING).encode("utf-8", "surrogateescape")
    return Path(os.fsdecode(raw))


def shown_name(path: str | PathLike[str]) -> str:
    """A path, or the name of a source, for people: legible, on one line."""
    return os.fspath(path).translate(_SHOWING)


def legible(text: str) -> str:
    """A text that may have such a name in it, so that it can be encoded; its lines stay."""
    return text.translate(_HALVES)


def told(found: _Report) -> _Report:
    """The report of a source with legible names."""
    return replace(found, source=shown_name(found.source), detail=legible(found.detail))
