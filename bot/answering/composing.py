"""Answers out of what is known: which sentences, in which order, and what to know beside them.

Pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.answering.differences import differing
from bot.answering.extractive import statements
from bot.answering.understanding import Asked, Kind
from retrieval.periods import is_about_now
from retrieval.vocabulary import Notice, Period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.answering.candidates import Candidate
    from bot.answering.prepared import Prepared
    from retrieval.vocabulary import Article, PublicationDate, Question, Statement

_RECENT = timedelta(days=90)
"""An older article may not tell how things stand now."""


def merged(answers: Sequence[Sequence[Candidate]], most: int) -> list[Candidate]:
    """The sentences of a question's parts: the best of each first, each once."""
    kept: list[Candidate] = []
    for depth in range(max(map(len, answers), default=0)):
        for one in answers:
            if depth < len(one) and not _holds(kept, one[depth]):
                kept.append(one[depth])
    return kept[:most]


def _holds(kept: Sequence[Candidate], one: Candidate) -> bool:
    key = (one.evidence.article.id, one.span)
    return any((other.evidence.article.id, other.span) == key for other in kept)


def newest(articles: Sequence[Article]) -> PublicationDate | None:
    """The publication date of the newest of some articles; None when none is dated."""
    dates = [article.published for article in articles]
    return max((day for day in dates if day), key=lambda day: day.last_day, default=None)


def changes(prepared: Prepared) -> tuple[Candidate, ...]:
    """What dated articles answer differently; two questions are one where both ask who."""
    first, *others = prepared.asked
    if not others:
        return differing(first, prepared.judged[0])
    if any(asked.kind is not Kind.PERSON for asked in prepared.asked):
        return ()
    period = period_of(prepared.asked)
    judged = sorted(
        {
            (one.evidence.article.id, one.span): one for part in prepared.judged for one in part
        }.values(),
        key=lambda one: -one.probability,
    )
    return differing(replace(first, question=replace(first.question, period=period)), judged)


def period_of(asked: Sequence[Asked]) -> Period | None:
    """The period that holds those of a question's parts; none when one asks of any time."""
    periods = [one.question.period for one in asked]
    known = [period for period in periods if period is not None]
    if len(known) < len(periods):
        return None
    if len(known) == 1:
        return known[0]
    firsts, lasts = [one.first for one in known], [one.last for one in known]
    return Period(
        None if None in firsts else min(day for day in firsts if day),
        None if None in lasts else max(day for day in lasts if day),
    )


def period_notice(period: Period | None) -> tuple[Notice, ...]:
    """The period that was understood, to be shown back."""
    if period is None:
        return ()
    days = (("first", period.first), ("last", period.last))
    known = tuple((name, day.isoformat()) for name, day in days if day is not None)
    return (Notice("period", (("words", period.words), *known)),)


def notices(
    question: Question, articles: Sequence[Article], today: date, *, differ: bool
) -> tuple[Notice, ...]:
    """Beside an answer: its period, the language of the articles when another, their age.

    Args:
        question: what was asked.
        articles: those that the answer cites.
        today: the day on which it is asked.
        differ: whether the articles say different things.
    """
    said = [*period_notice(question.period)]
    if question.language not in {article.language for article in articles}:
        said.append(Notice("other_language"))
    last, now = newest(articles), is_about_now(question.text)
    if last and now and today - last.last_day > _RECENT:
        said.append(Notice("may_have_changed", (("date", str(last)),)))
    elif last and (now or differ):
        said.append(Notice("as_of", (("date", str(last)),)))
    return tuple(said)


def evolved(said: Sequence[Statement], changed: Sequence[Candidate]) -> tuple[Statement, ...]:
    """What dated articles say differently, oldest first: as it was said, else as they say it.

    Args:
        said: the statements of an answer.
        changed: the sentences that answer differently.
    """
    cited = {citation.article.id for one in said for citation in one.citations}
    missing = [one for one in changed if one.evidence.article.id not in cited]
    first = max((c.number for one in said for c in one.citations), default=0) + 1
    return tuple(sorted((*said, *statements(missing, first)), key=_day))


def _day(statement: Statement) -> str:
    return min((str(c.article.published or "") for c in statement.citations), default="")
