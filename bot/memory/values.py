"""What is remembered, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    """A question that is being answered.

    Args:
        place: where it was asked.
        message: the one that asks.
        at: when it was taken.
        question: its words.
        shown: the message of its answer, or 0.
        begun: how often it was begun again after a crash.
    """

    place: Place
    message: int
    at: datetime
    question: str
    shown: int = 0
    begun: int = 0


NOTICE = "notice"
"""The status of an answer that nobody asked for: it tells what is new for a subject."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A question that is asked again after each change of the archive.

    Args:
        id: its number; 0 before it is stored.
        place: who follows it, and where that is told.
        at: since when.
        language: that of its notices.
        question: as it was typed.
        before: the questions before it, which it may lean on.
        begun: the newest change of the archive then; what came later is news.
        looked: the change after which it was asked last.
        sent: the last notice; None before the first.
        asleep: whether the chat takes no message.
    """

    id: int
    place: Place
    at: datetime
    language: str
    question: str
    before: tuple[str, ...] = ()
    begun: int = 0
    looked: int = 0
    sent: datetime | None = None
    asleep: bool = False


@dataclass(frozen=True, slots=True)
class NewsItem:
    """Evidence that is new for a subject; ``notice`` is the answer that shows it, 0 when none."""

    id: int
    source: StoredSource
    changed: bool = False
    notice: int = 0


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice that is being sent: it may have been shown or not.

    Args:
        answer: the number of what it shows.
        place: where it is told.
        after: the newest message that was known before it was sent.
        html, plain: its text.
        buttons: rows of labels and data.
        reply_to: the message that it replies to, or 0.
    """

    answer: int
    place: Place
    after: int
    html: str
    plain: str
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    reply_to: int = 0


class ErratumState(StrEnum):
    """How far an erratum is.

    ``outdated``: the article changed again before everybody was told.
    """

    PROPOSED = "proposed"
    SENDING = "sending"
    SENT = "sent"
    OUTDATED = "outdated"


class ErratumOutcome(StrEnum):
    """What became of an erratum for one conversation."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    TOLD = "told"
    BLOCKED = "blocked"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Erratum:
    """A correction for those who read an answer that cites an article.

    Args:
        id: its number.
        article_id: the article.
        version: what the article is since (`bot.desk.errata.CitedArticle.version`).
        title: that of the article.
        at: when it was proposed; once it was sent, when that began.
        state: how far it is.
        sender: who had it sent, or 0 for a terminal.
    """

    id: int
    article_id: str
    version: str
    title: str
    at: datetime
    state: ErratumState
    sender: int = 0


@dataclass(frozen=True, slots=True)
class QuoteReading:
    """That somebody read a quote of an article in an answer.

    Args:
        answer: the number of the answer.
        place: where it was read.
        at: when.
        language: the one that the reader chose, else that of the answer.
        source: the quote.
        message: the message that shows the answer, or 0.
        corrects: whether it was an erratum that showed it.
    """

    answer: int
    place: Place
    at: datetime
    language: str
    source: StoredSource
    message: int = 0
    corrects: bool = False


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
