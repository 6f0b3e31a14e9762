"""What is said beside an answer: no model wrote it, its period, its language, its age."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from retrieval.periods import is_about_now
from retrieval.vocabulary import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.answering.candidates import Candidate
    from retrieval.vocabulary import Period, PublicationDate, Question

_RECENT = timedelta(days=90)
"""An older article may not tell how things stand now."""


def newest(kept: Sequence[Candidate]) -> PublicationDate | None:
    """The date of the newest article that is cited; ``None`` when none has a date."""
    dates = [one.evidence.article.published for one in kept]
    return max((day for day in dates if day), key=lambda day: day.last_day, default=None)


def notices(
    question: Question, kept: Sequence[Candidate], today: date, *, differ: bool
) -> tuple[Notice, ...]:
    """Beside the answer: that no model wrote it, its language when another, period and age.

    Args:
        question: the question, with its period.
        kept: the sentences that are said.
        today: the day on which it is asked.
        differ: whether they are what dated articles say differently.
    """
    notices = [Notice("without_model"), *period_notice(question.period)]
    if question.language not in {one.evidence.article.language for one in kept}:
        notices.append(Notice("other_language"))
    last, now = newest(kept), is_about_now(question.text)
    if last and now and today - last.last_day > _RECENT:
        notices.append(Notice("may_have_changed", (("date", str(last)),)))
    elif last and (now or differ):
        notices.append(Notice("as_of", (("date", str(last)),)))
    return tuple(notices)


def period_notice(period: Period | None) -> tuple[Notice, ...]:
    """The period that was understood, to be shown back."""
    if period is None:
        return ()
    days = (("first", period.first), ("last", period.last))
    known = tuple((name, day.isoformat()) for name, day in days if day is not None)
    return (Notice("period", (("words", period.words), *known)),)
