"""Parser of RTF files: `striprtf` gives the text, what is hidden or deleted is dropped before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.reading.claims import Claims, one_line
from retrieval.reading.databases.splitting import split_lines
from retrieval.reading.parsing import Parsed, Piece, Refused

# A control word, a control sign, a brace, or text without any of these.
_TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'[0-9a-f]{2}|\\[^a-z]|[{}]|[^\\{}]+", re.I)
_FIELD = re.compile(r"(\\fldinst\b[^{}\\]{0,40}(?:\{[^{}]{0,80}?)?)HYPERLINK\b", re.I)
_TITLE = re.compile(
    r"\{\\title\b ?((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d{1,6}+ ?+\??+){1,400}+)\}", re.I
)
_AUTHOR = re.compile(
    r"\{\\author\b ?((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d{1,6}+ ?+\??+){1,200}+)\}", re.I
)
_INFO_CHARS = 20_000
_HIDING = ("v", "deleted")
_PICTURE = re.compile(rb"\\bin(\d{1,9}) ?")
_MAX_BINARIES = 10_000


def parse_rtf(raw: bytes) -> Parsed:
    """Parse an RTF file: an article, or the articles of a press database.

    Raises:
        Refused: it has no text, or holds several articles that cannot be told apart.
    """
    source = _without_binaries(raw).decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \r\n\t")
    text = plain_text("".join(_shown(_FIELD.sub(r"\1LINK", source))))
    if not text.strip():
        raise Refused("no_text")
    if several := split_lines(text.split("\n")):
        return Parsed(several, Claims("document"))
    return Parsed((Piece(text, _says(source)),), Claims("document"))


def plain_text(source: str) -> str:
    """The text of RTF, a paragraph a line.

    Raises:
        ValueError: the source is damaged beyond what the library reads.
    """
    from striprtf.striprtf import rtf_to_text

    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    return text.replace("\x00", "")


def _without_binaries(raw: bytes) -> bytes:
    """The source without the bytes of its pictures, which may look like anything."""
    parts: list[bytes] = []
    start = 0
    for _ in range(_MAX_BINARIES):
        found = _PICTURE.search(raw, start)
        if found is None:
            break
        parts.append(raw[start : found.start()])
        start = min(len(raw), found.end() + int(found[1]))
    return b"".join([*parts, raw[start:]])


def _shown(source: str) -> Iterator[str]:
    """The source without the text that is hidden (``\\v``) or deleted; braces stay in pairs."""
    states: list[bool] = []
    hidden = False
    for token in _TOKEN.finditer(source):
        word = token[1]
        if token[0] == "{":
            states.append(hidden)
        elif token[0] == "}":
            hidden = states.pop() if states else False
        elif word in _HIDING:
            hidden = token[2] != "0"
        elif word == "plain":
            hidden = False
        elif hidden and not word:
            continue
        yield token[0]


def _says(source: str) -> Claims:
    """What the file says of itself; its dates are its own, not those of an article."""
    head = source[:_INFO_CHARS]
    return Claims("document", title=_value(_TITLE, head), author=_value(_AUTHOR, head))


def _value(pattern: re.Pattern[str], head: str) -> str:
    found = pattern.search(head)
    if found is None:
        return ""
    codepage = re.search(r"\\ansicpg\d{3,5}", head)
    return one_line(plain_text(f"{{\\rtf1\\ansi{codepage[0] if codepage else ''} {found[1]}}}"))
