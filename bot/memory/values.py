"""What the bot remembers, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrieval.vocabulary import Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody speaks: what a conversation is kept by."""

    chat: int
    thread: int
    user: int


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source of an answer, or a passage that came near: where it stands, what it said then.

    ``answer`` marks the words of the quote that answer, as offsets into the article's text.
    """

    number: int
    article_id: str
    start: int
    end: int
    quote: str
    title: str
    outlet: str | None
    published: str | None
    url: str | None
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer that was given.

    ``asked`` is the message that asked, ``viewer`` the one that shows its sources, or 0.
    """

    id: int
    place: Place
    at: datetime
    language: str
    question: str
    status: str
    text: str
    asked: int = 0
    viewer: int = 0


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question that was taken and not answered in full; ``shown`` is its message, or 0."""

    place: Place
    message: int
    at: datetime
    question: str
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody thought of an answer."""

    at: datetime
    user: int
    good: bool
    answer: StoredAnswer


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What an administrator did."""

    at: datetime
    user: int
    action: str
    detail: str
