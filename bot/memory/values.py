"""What is remembered, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retrieval.vocabulary import Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation takes place.

    Args:
        chat: a chat of Telegram, or `TERMINAL`.
        thread: a thread of a forum or 0; in a terminal, one conversation.
        user: who asks: a user of Telegram, or `TERMINAL`.
    """

    chat: int
    thread: int
    user: int


TERMINAL = 0
"""The chat and the user of a terminal; Telegram gives no such id."""


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source of an answer, or a passage that came near, as it was when it was cited.

    Args:
        number: its number in the answer.
        article_id: the article.
        start, end: where the quote stands in the article's text, in characters.
        quote: the quote; empty where an earlier version stored none.
        title, outlet, published, url: the article's.
        answer: the words of the quote that answer, as offsets into the article's text.
        digest: that of the article's text; empty where an earlier version stored none.
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
    digest: str = ""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A question and the answer that was given.

    Args:
        id: its number; 0 before it is stored.
        place: the conversation.
        at: when it was answered; the time zone is known.
        language: that of the answer.
        question: as it was typed.
        status: how the answer ended, as `retrieval.vocabulary.Status` names it.
        text: the answer as it was read, with its [1].
        asked: the message that asked, or 0.
        viewer: the message that shows its sources, or 0.
        reason: why it was refused, as `retrieval.vocabulary.Reason` names it, or ``""``.
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
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question that is being answered; ``shown`` is the message of its answer, or 0."""

    place: Place
    message: int
    at: datetime
    question: str
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """A thumb up or down for an answer."""

    at: datetime
    user: int
    good: bool
    answer: StoredAnswer


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An action of an administrator."""

    at: datetime
    user: int
    action: str
    detail: str
