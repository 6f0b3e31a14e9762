"""News of followed subjects, in words: for notices of chats and for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.answers import shortened
from retrieval.vocabulary import PublicationDate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from bot.memory.values import NewsItem, StoredSource, Subject
    from bot.messages.catalogue import Catalogue

_TITLE_CHARS = 120


def news_heading(texts: Catalogue, subject: Subject, zone: tzinfo) -> str:
    """That there is news of a subject, and since when it was not told."""
    since = (subject.sent or subject.at).astimezone(zone).date()
    return texts.text("follow.news", question=subject.question, date=texts.date(since))


def news_line(texts: Catalogue, item: NewsItem, number: int, max_chars: int) -> str:
    """A piece of evidence: its number, its quote, where it stands, whether it was corrected.

    Args:
        texts: the language.
        item: the evidence.
        number: that of its source.
        max_chars: of a longer quote, the beginning is shown.
    """
    quote = shortened(item.source.quote, max_chars)
    key = "follow.changed_line" if item.changed else "follow.line"
    return texts.text(key, number=number, quote=quote, source=_source_line(texts, item.source))


def more_line(texts: Catalogue, items: Sequence[NewsItem], shown: int) -> str:
    """How many pieces of evidence are not shown; empty when all are."""
    left = len(items) - shown
    return texts.text("follow.more", count=left) if left > 0 else ""


def _source_line(texts: Catalogue, source: StoredSource) -> str:
    published = PublicationDate.parse(source.published) if source.published else None
    title = source.title[:_TITLE_CHARS]
    outlet = source.outlet or texts.text("source.unknown_outlet")
    return texts.text("source.line", title=title, outlet=outlet, date=texts.date(published))
