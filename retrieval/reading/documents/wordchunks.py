"""Chunks of other formats in a Word file (``w:altChunk``): programs put whole articles there.

Word reads them when it opens the file. The package is apart from them: they are bytes of any
format, which is told by what they begin with, as their names may say anything.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy

from retrieval.reading.documents.wordprocessors import plain_text
from retrieval.reading.pages.markup import lines_of
from retrieval.reading.text.decoding import NotText, decode

_MAX_BYTES = 20_000_000
_HEAD_BYTES = 2_000
_PACKAGE = b"PK\x03\x04"
_RTF = b"{\\rtf"
_MAIL = re.compile(rb"\s{0,9}(?:MIME-Version|Content-Type|From|Subject|Date):", re.I)
_HTML = re.compile(r"<(?:!doctype html|html|head|body|p|div|h[1-6]|span|table)\b", re.I)
_CHARSET = re.compile(rb"charset\s{0,3}=\s{0,3}[\"']?([\w-]{1,40})", re.I)


def is_word(raw: bytes) -> bool:
    """Whether a chunk is a Word file itself."""
    return raw.startswith(_PACKAGE)


def chunk_text(raw: bytes) -> str:
    """The text of a chunk of HTML, MHTML, RTF or plain text; ``""`` for another format."""
    if len(raw) > _MAX_BYTES:
        return ""
    try:
        if raw.startswith(_RTF):
            return plain_text(raw.decode("latin-1")).strip()
        return _page_of_mail(raw) if _MAIL.match(raw) else _shown(raw)
    except (NotText, ValueError, LookupError):
        return ""


def _page_of_mail(raw: bytes) -> str:
    """The text of the page that MHTML holds."""
    message = message_from_bytes(raw, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "text/plain"):
            body = part.get_payload(decode=True)
            charset = part.get_content_charset() or ""
            return _shown(body, charset) if isinstance(body, bytes) else ""
    return ""


def _shown(raw: bytes, charset: str = "") -> str:
    declared = _CHARSET.search(raw[:_HEAD_BYTES])
    text = decode(raw, charset or (declared[1].decode() if declared else ""))
    return lines_of(text).strip() if _HTML.search(text[:_HEAD_BYTES]) else text.strip()
