"""What a reader should know beside an answer: its period, its language, its age. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from retrieval.periods import is_about_now
from retrieval.vocabulary import Notice, Period

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from retrieval.vocabulary import Article, PublicationDate, Question

_RECENT = timedelta(days=90)
"""An older article may not tell how things stand now."""


def newest(articles: Sequence[Article]) -> PublicationDate | None:
    """The publication date of the newest of some articles; None when none is dated."""
    dates = [article.published for article in articles]
    return max((day for day in dates if day), key=lambda day: day.last_day, default=None)


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


def period_notice(period: Period | None) -> tuple[Notice, ...]:
    """The period that was understood, to be shown back."""
    if period is None:
        return ()
    days = (("first", period.first), ("last", period.last))
    known = tuple((name, day.isoformat()) for name, day in days if day is not None)
    return (Notice("period", (("words", period.words), *known)),)
