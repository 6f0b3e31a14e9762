"""Subjects: questions that are asked again, without a model, after each change of the archive.

Only an article whose text came after the subject was begun can be news. Of a corrected one, what
it said before in the same words is none; nor is what was already told. When notices are due is
decided here too: pure, the time is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.answering import picking, refusal
from bot.answering.evidence import UnderstoodRequest
from bot.answering.intents import Intent, folded, pattern, squeezed
from bot.answering.overview import Overviews
from bot.answering.request import Request, Stopwatch
from bot.answering.tasks import task_of
from bot.answering.understanding import outlet_named, understand
from bot.memory.values import NewsItem, StoredSource, Subject
from retrieval.errors import BadQuestion
from retrieval.text.analysis import Term, analyse, related, terms
from retrieval.vocabulary import Span, Turn

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.answering.evidence import Finder, GatheredEvidence
    from bot.answering.picking import Pick, PickingLimits
    from bot.answering.understanding import UnderstoodQuestion
    from retrieval.archive.reader import ArchiveReader
    from retrieval.vocabulary import Article, Citation, Reason

MAX_SUBJECTS = 20
"""Subjects that one person may follow."""
MAX_SHOWN = 5
"""Pieces of evidence in a notice, for each of its subjects."""
MAX_QUESTION_CHARS = 300
_MAX_FOUND = 30
_READ_CHARS = 20_000
_JOINED = re.compile(r"[\s'’-]*(?:[^\W\d_a-zà-ÿ]\w*[\s'’-]+)*")
"""What stands between two words of a name: "Le", never a small letter."""


@dataclass(frozen=True, slots=True)
class FoundEvidence:
    """Evidence for a subject; ``changed`` when its article said something else before."""

    citation: Citation
    changed: bool = False


class SubjectSearch:
    """Finds what is new for a subject. Blocking: call from a thread.

    Args:
        finder: finds what may answer.
        reader: the archive.
        limits: when a sentence of an article is said.
    """

    def __init__(self, finder: Finder, reader: ArchiveReader, limits: PickingLimits) -> None:
        self._finder = finder
        self._reader = reader
        self._limits = limits
        self._overviews = Overviews(reader)

    def newest(self) -> int:
        """The newest change of the archive; 0 before the first."""
        return self._reader.live_generation() or 0

    def refusal(self, text: str, before: Sequence[str], today: date) -> Reason | None:
        """Why a question cannot be followed; None when it can.

        Raises:
            BadQuestion: it is too long, or a text to be checked or a quote to be found.
        """
        if task_of(text) is not None:
            raise BadQuestion("follow_task")
        if len(text) > MAX_QUESTION_CHARS:
            raise BadQuestion("follow_too_long", length=len(text), most=MAX_QUESTION_CHARS)
        asked = understand(text, today, _turns(before))
        is_name = partial(self._finder.is_name, request=Request(text, today))
        return refusal.reason_before_searching(asked, is_name)

    def news(self, subject: Subject, told: Sequence[NewsItem], today: date) -> list[FoundEvidence]:
        """What is new for a subject, best first.

        Args:
            subject: what is followed, and since which change.
            told: what was found for it before.
            today: the day on which it is asked.

        Raises:
            KiosqueError: the archive or a model cannot be used.
        """
        later = self._reader.changed_since(subject.looked, subject.begun)
        if not later:
            return []
        known = {(one.source.article_id, one.source.digest) for one in told}
        citations = self._citations(subject, later, today)
        return news_of(citations, known, told, lambda id_: self._said(id_, subject))

    def _said(self, article_id: str, subject: Subject) -> list[str]:
        """What an article said when a subject was begun, and when it was asked last."""
        texts = (
            self._reader.text_before(article_id, change)
            for change in {subject.begun, subject.looked}
        )
        return [text for text in texts if text is not None]

    def _citations(self, subject: Subject, articles: set[str], today: date) -> list[Citation]:
        request = Request(subject.question, today, _turns(subject.before))
        asked = _as_subject(understand(request.text, today, request.turns))
        outlet = outlet_named(request.text, lambda: self._reader.coverage().outlets)
        understood = UnderstoodRequest(request, replace(asked, outlet=outlet), Stopwatch())
        gathered = self._finder.among(understood, articles)
        names = _names(asked)
        picks = [
            one
            for one in self._picks(gathered)
            if one.article.id in articles and _has_names(one.article, asked, names)
        ]
        return [one.cited(number) for number, one in enumerate(picks[:_MAX_FOUND], 1)]

    def _picks(self, gathered: GatheredEvidence) -> list[Pick]:
        asked = gathered.asked
        if asked.intent is not Intent.FACT:
            return self._overviews.picks(gathered)
        terms = frozenset(analyse(asked.search_text, asked.question.language))
        return picking.choose_answers(
            picking.pick_sentences(gathered.hits),
            terms,
            self._limits,
            _MAX_FOUND,
            about_now=asked.about_now,
        )


def _as_subject(asked: UnderstoodQuestion) -> UnderstoodQuestion:
    """A text that asks nothing, "le CHU de Vaubrelles", is followed as an overview."""
    plain = folded(squeezed(asked.question.text))
    if asked.intent is Intent.FACT and not pattern("asks").search(plain):
        return replace(asked, intent=Intent.CHRONOLOGY)
    return asked


def _names(asked: UnderstoodQuestion) -> list[frozenset[str]]:
    """The names of a subject, each the terms of its words; the first word of several tells nothing.

    "Anne Le Goas" is one name, of which an article may say a part.
    """
    text = asked.subject
    own = terms(text, asked.question.language)
    names = [one for one in own if one.is_name and (one.start or len(own) == 1)]
    found: list[list[Term]] = []
    for one in names:
        if found and _JOINED.fullmatch(text, found[-1][-1].end, one.start):
            found[-1].append(one)
        else:
            found.append([one])
    words = ((term for one in each for term in (one.term, *related(one.term))) for each in found)
    return [frozenset(each) for each in words]


def _has_names(
    article: Article, asked: UnderstoodQuestion, names: Sequence[frozenset[str]]
) -> bool:
    """Whether an article has each name of a subject, or is of another language."""
    if not names or article.language != asked.question.language:
        return True
    text = f"{article.title}\n{article.outlet or ''}\n{article.text[:_READ_CHARS]}"
    written = frozenset(analyse(text, article.language))
    return not any(one.isdisjoint(written) for one in names)


def _turns(before: Sequence[str]) -> tuple[Turn, ...]:
    return tuple(Turn("user", text) for text in before)


def news_of(
    citations: Sequence[Citation],
    known: set[tuple[str, str]],
    told: Sequence[NewsItem],
    said: Callable[[str], Sequence[str]],
) -> list[FoundEvidence]:
    """What of the evidence is news: one piece an article.

    Args:
        citations: the evidence, best first, all of articles that came or changed since.
        known: the articles that were told, each with the digest of its text.
        told: what was found before.
        said: what an article said when the subject was begun, and when it was asked last: that
            was told then, or did not answer. Nothing of when it was not there.
    """
    found: dict[str, FoundEvidence] = {}
    for one in citations:
        article = one.article
        if article.id in found or (article.id, article.digest) in known:
            continue
        earlier = [each.source.quote for each in told if each.source.article_id == article.id]
        texts = [*earlier, *said(article.id)]
        if not any(_holds(text, one.quote) for text in texts):
            found[article.id] = FoundEvidence(one, changed=bool(texts))
    return list(found.values())


def _holds(text: str, quote: str) -> bool:
    """Whether a text has the words of a quote, whatever the spaces."""
    return " ".join(quote.split()) in " ".join(text.split())


# --- when it is told -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigestChoice:
    """That somebody wants one notice a day.

    Args:
        hour: of the day in the newspapers' time zone, 0 to 23.
        sent: the last one, or when it was chosen.
    """

    hour: int
    sent: datetime


@dataclass(frozen=True, slots=True)
class SubjectNews:
    """A subject, and what is to be told of it."""

    subject: Subject
    items: tuple[NewsItem, ...]


@dataclass(frozen=True, slots=True)
class NoticePlan:
    """What one message tells: of one subject, or of all those of a person in a chat."""

    subjects: tuple[SubjectNews, ...]
    digest: bool = False


def due(
    waiting: Sequence[SubjectNews],
    digests: Mapping[int, DigestChoice],
    now: datetime,
    zone: ZoneInfo,
) -> list[NoticePlan]:
    """The notices that are due: one a subject and a day, or one a person, chat and day.

    Args:
        waiting: the subjects for which there is news.
        digests: who wants one notice a day.
        now: the time.
        zone: that of the newspapers, which decides when a day begins.
    """
    today = now.astimezone(zone).date()
    gathered: dict[tuple[int, int, int], list[SubjectNews]] = {}
    plans: list[NoticePlan] = []
    for one in waiting:
        place, sent = one.subject.place, one.subject.sent
        choice = digests.get(place.user)
        if choice is not None:
            if is_digest_due(choice, now, zone):
                gathered.setdefault((place.chat, place.thread, place.user), []).append(one)
        elif sent is None or sent.astimezone(zone).date() < today or is_of_a_wrong_clock(sent, now):
            plans.append(NoticePlan((one,)))
    return [*plans, *(NoticePlan(tuple(news), digest=True) for news in gathered.values())]


def is_of_a_wrong_clock(moment: datetime, now: datetime) -> bool:
    """Whether what was done is said to have been done so far ahead that the clock was wrong then.

    Waiting for that moment could take years; a day at most is waited for.
    """
    return moment - now > timedelta(days=1)


def is_digest_due(choice: DigestChoice, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the hour has come since the last notice.

    An hour that the clock skips comes when it would have; one that comes twice, the first time.
    """
    if is_of_a_wrong_clock(choice.sent, now):
        return True
    today = now.astimezone(zone).date()
    hours = (_hour_of(day, choice.hour, zone) for day in (today, today - timedelta(days=1)))
    return any(choice.sent < hour <= now for hour in hours)


def _hour_of(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone)


_ROOM_CHARS = 2_800
MAX_QUOTE_CHARS = 420
"""Of a longer quote, a notice shows the beginning; its source shows all of it."""


def split(plan: NoticePlan) -> list[NoticePlan]:
    """A notice as several, each so short that a message holds it."""
    parts: list[list[SubjectNews]] = []
    room = 0
    for one in plan.subjects:
        size = len(one.subject.question) + sum(map(_size, one.items[:MAX_SHOWN]))
        if not parts or size > room:
            parts.append([])
            room = _ROOM_CHARS
        parts[-1].append(one)
        room -= size
    return [replace(plan, subjects=tuple(part)) for part in parts]


def _size(item: NewsItem) -> int:
    return min(len(item.source.quote), MAX_QUOTE_CHARS) + 150


def numbered(plan: NoticePlan) -> list[tuple[SubjectNews, tuple[StoredSource, ...]]]:
    """The subjects of a notice with the sources that it shows, numbered through."""
    shown, number = [], 0
    for one in plan.subjects:
        items = one.items[:MAX_SHOWN]
        sources = [replace(i.source, number=number + place) for place, i in enumerate(items, 1)]
        shown.append((one, tuple(sources)))
        number += len(items)
    return shown


def standing(items: Sequence[NewsItem], articles: Mapping[str, Article]) -> list[NewsItem]:
    """The evidence that its live article still has to the letter, where it stands now."""
    found = ((one, articles.get(one.source.article_id)) for one in items)
    anchored = [_anchored(one, article) for one, article in found if article is not None]
    return [one for one in anchored if one is not None]


def _anchored(item: NewsItem, article: Article) -> NewsItem | None:
    """Evidence at the place that it has in its article today; None when it has none."""
    source = item.source
    if source.digest == article.digest:
        return item
    start = article.text.find(source.quote)
    if start < 0 or not source.quote:
        return None
    end, moved, words = start + len(source.quote), start - source.start, source.answer
    answer = Span(words.start + moved, words.end + moved) if words else None
    now = replace(source, start=start, end=end, answer=answer, digest=article.digest)
    return replace(item, source=now)
