"""A conversation, whatever its front: what follows from an answer, and what a follow-up sees.

Pure: the time is an argument. Earlier answers are never evidence; the turns only show what a
follow-up ("et combien de blessés ?") refers to.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.memory.values import TERMINAL, Place, StoredAnswer, StoredSource
from retrieval.vocabulary import Citation, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from retrieval.vocabulary import Answer, Article

RECENT = timedelta(hours=1)
"""How long a conversation goes on by itself."""

MAX_EXCHANGES = 50
"""Exchanges that a conversation keeps; more than any setting asks for."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The exchanges of one place, oldest first, and the sources of the last."""

    place: Place
    exchanges: tuple[StoredAnswer, ...] = ()
    sources: tuple[StoredSource, ...] = ()

    def turns(self, max_turns: int) -> tuple[Turn, ...]:
        """The last turns, at most so many, beginning with a question."""
        return turns_of(self.exchanges[-(max_turns // 2) :] if max_turns >= 2 else ())

    def followed_by(self, exchange: StoredAnswer, sources: Sequence[StoredSource]) -> Conversation:
        """The conversation with one exchange more."""
        exchanges = (*self.exchanges, exchange)[-MAX_EXCHANGES:]
        return replace(self, exchanges=exchanges, sources=tuple(sources))


def in_a_terminal() -> Conversation:
    """A new conversation of a terminal: a thread of its own, with a random number."""
    return Conversation(Place(TERMINAL, secrets.randbits(62) + 1, TERMINAL))


def turns_of(exchanges: Sequence[StoredAnswer]) -> tuple[Turn, ...]:
    """Exchanges as the turns of a conversation."""
    return tuple(
        turn
        for one in exchanges
        for turn in (Turn("user", one.question), Turn("assistant", one.text))
    )


def goes_on(exchanges: Sequence[StoredAnswer], now: datetime) -> bool:
    """Whether a conversation goes on by itself: its last answer is recent."""
    return bool(exchanges) and timedelta() <= now - exchanges[-1].at <= RECENT


def sources_of(answer: Answer) -> tuple[StoredSource, ...]:
    """What an answer cites, or the passages that came near, as they are stored."""
    return tuple(map(_source, answer.openable))


def reason_of(answer: Answer) -> str:
    """Why an answer was refused, as it is stored; ``""`` when it was not."""
    return answer.refusal.reason.value if answer.refusal else ""


def still_quoted(source: StoredSource, articles: Mapping[str, Article]) -> Citation | None:
    """The quote as it stands; None when its article was changed or withdrawn since.

    Args:
        source: where an answer quoted from.
        articles: the live articles, by their ids.
    """
    article = articles.get(source.article_id)
    if article is None or article.digest != source.digest:
        return None
    quote = article.text[source.start : source.end]
    if not quote:
        return None
    return Citation(source.number, article, quote, source.start, source.end, source.answer)


def _source(citation: Citation) -> StoredSource:
    article = citation.article
    return StoredSource(
        citation.number,
        article.id,
        citation.start,
        citation.end,
        citation.quote,
        article.title,
        article.outlet,
        str(article.published) if article.published else None,
        article.url,
        citation.answer,
        article.digest,
    )
