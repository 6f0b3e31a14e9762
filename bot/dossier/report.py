"""What is said of a dossier that was read back: for people, and for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bot.dossier.verification import QuoteState
from bot.messages.answers import source_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.dossier.verification import CheckedQuote
    from bot.messages.catalogue import Catalogue

_SHOWN_CHARS = 300
MAX_SHOWN = 50
"""Quotes of which more is said than their number."""


def stands_whole(checked: Iterable[CheckedQuote]) -> bool:
    """Whether each quote stands."""
    return all(one.state is QuoteState.STANDS for one in checked)


def summary_lines(checked: Sequence[CheckedQuote], texts: Catalogue) -> list[str]:
    """How many quotes became what: a line for each state that there is."""
    counts = Counter(one.state for one in checked)
    return [
        texts.text(f"dossier.count.{state.value}", count=counts[state])
        for state in QuoteState
        if counts[state]
    ]


def quote_lines(checked: Iterable[CheckedQuote], texts: Catalogue) -> list[str]:
    """What became of each quote that does not stand, a text of a few lines each."""
    fallen = [one for one in checked if one.state is not QuoteState.STANDS]
    lines = [_quote_line(one, texts) for one in fallen[:MAX_SHOWN]]
    if len(fallen) > MAX_SHOWN:
        lines.append(texts.text("plan.more", count=len(fallen) - MAX_SHOWN))
    return lines


def _quote_line(one: CheckedQuote, texts: Catalogue) -> str:
    parts = [
        texts.text(
            f"dossier.line.{one.state.value}",
            number=one.filed.number or "?",
            quote=_short(one.quote),
        )
    ]
    if one.article is not None:
        parts.append(source_line(texts, one.article))
    if one.reason:
        parts.append(texts.text("since.why", reason=one.reason))
    if one.now:
        parts.append(texts.text("dossier.now", quote=_short(one.now)))
    return "\n    ".join(parts)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def verification_as_json(file: str, checked: Sequence[CheckedQuote]) -> dict[str, Any]:
    """``verify --json``: the number of quotes in each state, then each quote."""
    counts = Counter(one.state for one in checked)
    return {
        "file": file,
        "counts": {state.value: counts[state] for state in QuoteState},
        "quotes": [_quote_as_json(one) for one in checked],
    }


def _quote_as_json(one: CheckedQuote) -> dict[str, Any]:
    mark, article = one.filed.mark, one.article
    return {
        "footnote": one.filed.number,
        "state": one.state.value,
        "quote": one.quote,
        "article_id": mark.article_id if mark else None,
        "start": mark.start if mark else None,
        "end": mark.end if mark else None,
        "title": article.title if article else None,
        "outlet": article.outlet if article else None,
        "published": str(article.published) if article and article.published else None,
        "url": article.url if article else None,
        "now": one.now or None,
        "reason": one.reason or None,
    }
