"""The words of the project, as frozen values: what an article, a passage or an answer is.

Every other module speaks in these. They hold no connection and do no work beyond
checking what must always be true of them.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class State(StrEnum):
    """Where an article stands: only live and corrected ones may be cited."""

    LIVE = "live"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, order=True)
class PublicationDate:
    """A day, a month or a year: as precise as the source was, never more.

    Args:
        year: four-digit year.
        month: 1 to 12, or 0 when only the year is known.
        day: 1 to 31, or 0 when only the month is known.

    Raises:
        ValueError: the calendar has no such date.
    """

    year: int
    month: int = 0
    day: int = 0

    def __post_init__(self) -> None:
        if self.day and not self.month:
            raise ValueError("a day needs a month")
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, text: str) -> PublicationDate:
        """Read ``2017``, ``2017-05``, ``2017-05-24`` or an ISO 8601 instant.

        Raises:
            ValueError: the text has none of these forms.
        """
        match = re.match(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?$", text.strip())
        if match is None:
            raise ValueError(f"not a date: {text!r}")
        return cls(*(int(group or 0) for group in match.groups()))

    @property
    def first_day(self) -> date:
        """The earliest day that this date may mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        """The latest day that this date may mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part]
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Period:
    """An interval of publication days, both ends included; ``None`` leaves an end open.

    ``words`` is the expression of the question that named it ("en 2017").
    """

    first: date | None = None
    last: date | None = None
    words: str = ""

    def admits(self, published: PublicationDate | None) -> bool:
        """Whether a publication date may fall inside; an unknown date never does."""
        if published is None:
            return False
        after_start = self.first is None or published.last_day >= self.first
        before_end = self.last is None or published.first_day <= self.last
        return after_start and before_end


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader makes of a source, before the archive gives it an identity.

    ``origin`` tells the source apart for ever (a canonical URL, a resolved path, a record
    of an export); ``source`` is the path or URL as it was given; ``raw`` is the source as
    it was read; ``removed`` lists what cleaning took out, for the report; ``titled`` tells
    that the source gives the title, which was not made of its first words.
    """

    origin: str
    source: str
    title: str
    text: str
    published: PublicationDate | None = None
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    language: str = "fr"
    raw: bytes = b""
    removed: tuple[str, ...] = ()
    titled: bool = True


MOSTLY_REMOVED = "more than half left out"
"""The rule, in ``Draft.removed``, that says that more of a source was left out than stayed."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source that gave no article, and why; ``reason`` is a key of the catalogue."""

    source: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not taken in, as it should be: a draft, a private note, a menu.

    Args:
        source: the source, or its part, as people name it.
        reason: a key of the catalogue, under ``left_out``.
        detail: what tells it apart within the reason, such as the ending of a file name.
        until: when it may be taken in; None when that is not a matter of time.
    """

    source: str
    reason: str
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """A source that was not read again: the archive has its article, under this origin."""

    origin: str


@dataclass(frozen=True, slots=True)
class Article:
    """One revision of an article of the archive; offsets elsewhere count in ``text``."""

    id: str
    title: str
    text: str
    published: PublicationDate | None
    outlet: str | None
    author: str | None
    url: str | None
    language: str
    source: str
    digest: str
    revision: int = 1
    state: State = State.LIVE


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (excluded) of a text."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether another span of the same text shares a character with it."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Window:
    """One to three sentences of a passage: what is embedded, and what is quoted."""

    id: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph-sized piece of an article; offsets count in the article's text."""

    id: int
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage found for a question, with its best window and how it scored.

    ``dense`` is a cosine (0.7 to 0.92 for e5), ``lexical`` a BM25 score, ``score`` their
    convex sum (0 to 1). A side that did not find the passage scores it 0.
    """

    article: Article
    passage: Passage
    window: Window
    dense: float
    lexical: float
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A window that the reader has read for a question.

    Args:
        evidence: the passage that the window stands in.
        window: one to three sentences of it.
        probability: that the window answers the question, 0 to 1, calibrated.
        answer: the words that answer, as offsets into the article's text; None when the
            reader marks none.
    """

    evidence: Evidence
    window: Window
    probability: float
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; ``speaker`` is ``user`` or ``assistant``."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asked: text, language (``fr`` or ``en``), period if it names one."""

    text: str
    language: str = "fr"
    period: Period | None = None
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that stands letter for letter in an article.

    ``answer`` marks the words of the quote that answer, as offsets into the article's text.

    Raises:
        ValueError: the quote is not what the article says between the offsets, or the words
            that answer are not a part of it.
    """

    number: int
    article: Article
    quote: str
    start: int
    end: int
    answer: Span | None = None

    def __post_init__(self) -> None:
        if not self.quote or self.article.text[self.start : self.end] != self.quote:
            raise ValueError(f"not a quote of article {self.article.id}: {self.quote!r}")
        marked = self.answer
        if marked and not self.start <= marked.start < marked.end <= self.end:
            raise ValueError(f"marks no part of a quote of article {self.article.id}: {marked}")


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, and what supports it."""

    text: str
    citations: tuple[Citation, ...]


class Status(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    EXTRACTIVE = "extractive"
    PASSAGES = "passages"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a question was refused."""

    NOT_IN_ARCHIVE = "not_in_archive"
    OUT_OF_PERIOD = "out_of_period"
    FALSE_PREMISE = "false_premise"
    TOO_VAGUE = "too_vague"
    NOT_A_QUESTION = "not_a_question"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the archive holds: how many articles, from when to when, of which outlets."""

    articles: int
    first: PublicationDate | None
    last: PublicationDate | None
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, what the archive covers, and the nearest articles."""

    reason: Reason
    coverage: Coverage
    nearest: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader should know beside the answer: a catalogue key and its values."""

    key: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was understood of a question beyond its words.

    Args:
        question: as it stands alone: as typed, unless it leans on the questions before it.
        intent: the kind of answer that it wants, as `bot.answering.intents.Intent` names it.
        carried: the words that it takes from the questions before it.
        period: the publication days that it asks for.
        outlets: the newspapers that it asks for.
    """

    question: str
    intent: str
    carried: tuple[str, ...] = ()
    period: Period | None = None
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question; ``sources`` holds only what statements cite.

    ``passages`` are what comes nearest, numbered and openable like sources, when nothing sure
    answers. ``evolution`` when the statements are a dated list, one source a line.
    ``confidence`` is the probability that the best statement (or passage) answers, 0 to 1;
    None when nothing judged it. ``understood`` is how the question was taken.
    """

    question: Question
    status: Status
    statements: tuple[Statement, ...] = ()
    as_of: PublicationDate | None = None
    notices: tuple[Notice, ...] = ()
    refusal: Refusal | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    evolution: bool = False
    passages: tuple[Citation, ...] = ()
    confidence: float | None = None
    understood: Understanding | None = None

    @property
    def sources(self) -> tuple[Citation, ...]:
        """The citations of the statements, each once, in the order of their numbers."""
        found = {c.number: c for s in self.statements for c in s.citations}
        return tuple(found[number] for number in sorted(found))

    @property
    def openable(self) -> tuple[Citation, ...]:
        """What a reader may open by its number: the sources, else the passages."""
        return self.sources or self.passages
