"""Notices beside an answer: its period, its age, the days it refers to, changed sources. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.answering.understanding import understanding_of
from retrieval.text.analysis import analyse
from retrieval.text.relative_days import days_meant
from retrieval.vocabulary import Notice, Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.request import Request
    from bot.answering.understanding import UnderstoodQuestion
    from retrieval.vocabulary import Article, Citation, PublicationDate

_RECENT = timedelta(days=90)
"""An older article may not tell how things stand now."""
_DAYS = 3
"""Days that are told beside an answer at most."""


def newest(articles: Sequence[Article]) -> PublicationDate | None:
    """The publication date of the newest of some articles; None when none is dated."""
    dates = [article.published for article in articles]
    return max((day for day in dates if day), key=lambda day: day.last_day, default=None)


def notices(
    asked: UnderstoodQuestion, cited: Sequence[Citation], request: Request, *, differ: bool
) -> tuple[Notice, ...]:
    """The notices of an answer: how its question was taken, the language and age of its articles.

    Args:
        asked: what was asked.
        cited: what the answer shows of the articles.
        request: how it was asked, and on which day.
        differ: whether the articles say different things.
    """
    articles, today = [citation.article for citation in cited], request.today
    said = [*understood_notices(asked, request)]
    if articles and asked.question.language not in {article.language for article in articles}:
        said.append(Notice("other_language"))
    said += day_notices(cited)
    last, now = newest(articles), asked.about_now
    if last and now and today - last.last_day > _RECENT:
        said.append(Notice("may_have_changed", (("date", str(last)),)))
    elif last and (now or differ):
        said.append(Notice("as_of", (("date", str(last)),)))
    return tuple(said)


def day_notices(cited: Sequence[Citation]) -> tuple[Notice, ...]:
    """The days that words of the quotes refer to ("jeudi"), from their articles' dates."""
    found: dict[tuple[str, str], None] = {}
    for one in cited:
        for span, day in days_meant(one.quote, one.article.published, one.article.language):
            found.setdefault((one.quote[span.start : span.end], day.isoformat()))
    return tuple(
        Notice("day_told", (("words", words), ("date", day))) for words, day in list(found)[:_DAYS]
    )


def understood_notices(asked: UnderstoodQuestion, request: Request) -> tuple[Notice, ...]:
    """What was understood beyond the words: what a follow-up asks, its period, its newspaper."""
    known = understanding_of(asked, request)
    said = []
    if known.carried or (request.typed and request.typed != known.question):
        said.append(Notice("understood_as", (("question", known.question),)))
    said += period_notice(known.period)
    if known.outlets:
        said.append(Notice("outlet", (("outlet", ", ".join(known.outlets)),)))
    if asked.left_outlet:
        said.append(Notice("outlet_left", (("outlet", asked.left_outlet),)))
    return tuple(said)


def period_notice(period: Period | None) -> tuple[Notice, ...]:
    """The period that was understood."""
    if period is None:
        return ()
    days = (("first", period.first), ("last", period.last))
    known = tuple((name, day.isoformat()) for name, day in days if day is not None)
    return (Notice("period", (("words", period.words), *known)),)


@dataclass(frozen=True, slots=True)
class Since:
    """What became of a cited source: its article was corrected or withdrawn.

    Args:
        withdrawn: whether its article is not to be cited; else it was corrected.
        reason: why it was withdrawn, if somebody said so.
        before: the quote as it was; empty when that is kept no more.
        now: the passage that comes nearest to it today.
    """

    withdrawn: bool
    reason: str = ""
    before: str = ""
    now: str = ""


def nearest(quote: str, texts: Sequence[str]) -> int:
    """The index of the text that shares most words with a quote; the first of equals."""
    wanted = set(analyse(quote))
    shares = [len(wanted & set(analyse(text))) for text in texts]
    return shares.index(max(shares))
