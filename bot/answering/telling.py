"""How a statement is told: with its full stop, and with whose words it reports. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.answering.quotations import blanked, quotations
from bot.answering.speech import attributed, is_named, speaker_of
from retrieval.analysis import analyse

if TYPE_CHECKING:
    from bot.answering.gate import Quote

_YES_OR_NO = re.compile(r"(?:oui|non|yes|no)\b[ \u00a0]?[,:;][ \u00a0]*", re.IGNORECASE)
_AROUND = 0.8
"""With this share of its words from outside a quotation, a statement reports no speech."""


def told(text: str, quote: Quote, language: str) -> tuple[str, str | None]:
    """A statement that says whose words it reports, and who that is where it cannot say so.

    Args:
        text: a sentence that a quote supports.
        quote: what supports it.
        language: of the sentence.
    """
    article = quote.evidence.article.text
    speaker = speaker_of(article, quote.span)
    if speaker is None or _is_told_by_the_article(text, article[quote.span.start : quote.span.end]):
        return text, None
    yes_or_no = _YES_OR_NO.match(text)
    head = yes_or_no[0] if yes_or_no else ""
    rest = text[len(head) :]
    said = attributed(rest, speaker, language)
    if said == rest:
        return text, None if is_named(text, speaker) else speaker.name
    return (f"{head}{said[0].lower()}{said[1:]}" if head else said), None


def _is_told_by_the_article(text: str, quoted: str) -> bool:
    """Whether what a statement takes from a sentence stands outside the quotation in it."""
    marks = quotations(quoted)
    if not marks:
        return False
    said, every = frozenset(analyse(text)), frozenset(analyse(quoted))
    around = frozenset(analyse(blanked(quoted, marks)))
    return len(said & around) > _AROUND * len(said & every)


def ended(text: str) -> str:
    """A sentence with its full stop, which models leave out after a mark of citation."""
    bare = text.rstrip(" ,;:–—-")
    return bare if bare.endswith((".", "!", "?", "…", "»", '"', "”")) else f"{bare}."
