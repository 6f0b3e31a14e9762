"""A dossier read back from its file: quotes and footnotes, nothing of which is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.dossier.dossier import QuoteMark
from retrieval.errors import BadUse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.reading.pieces import Piece

MAX_BYTES = 5_000_000
"""A longer file is no dossier."""
MAX_QUOTES = 1_000
"""A dossier has thirty; an editor may have put several together."""
_WORD = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_COSTLY = frozenset({"too_large", "too_long", "too_complex", "took_too_long"})


@dataclass(frozen=True, slots=True)
class FiledQuote:
    """A quote of a file.

    Args:
        number: that of its footnote, as the file has it.
        text: the words before the reference, in its paragraph.
        mark: what the footnote says for programs; None when that cannot be read.
    """

    number: str
    text: str
    mark: QuoteMark | None


def read_dossier(raw: bytes) -> tuple[FiledQuote, ...]:
    """The quotes of a dossier, in the order of the file; Markdown or Word, by its bytes.

    It is parsed in a bounded process.

    Raises:
        BadUse: it is too large, it cannot be read, or it holds no footnote.
    """
    from retrieval.reading.parsing import Sandbox
    from retrieval.reading.pieces import Refused

    if len(raw) > MAX_BYTES:
        raise BadUse("dossier_too_large", most=MAX_QUOTES)
    form = "docx_notes" if raw.startswith(_WORD) else "markdown_notes"
    try:
        with Sandbox() as parse:
            pieces = tuple(parse(form, raw))
    except Refused as refused:
        costly = refused.reason in _COSTLY
        key = "dossier_too_large" if costly else "dossier_unreadable"
        raise BadUse(key, most=MAX_QUOTES) from refused
    return _quotes(pieces)


def _quotes(pieces: Sequence[Piece]) -> tuple[FiledQuote, ...]:
    if len(pieces) > MAX_QUOTES:
        raise BadUse("dossier_too_large", most=MAX_QUOTES)
    quotes = tuple(FiledQuote(one.name[:20], one.text, QuoteMark.parse(one.raw)) for one in pieces)
    if not any(quote.mark for quote in quotes):
        raise BadUse("dossier_without_quotes")
    return quotes
