"""Refusals: which questions are refused, before a search or after it, and why. Pure.

Before a search, `reason_before_searching` refuses what is not a question or is too vague. After
a search, a model may find no answer (`is_without_answer`); without a model and a sure answer,
`near_passages` gives the passages to show, none where the question is refused. `refused` makes
the refusal: the reason, what the archive covers, the nearest passages.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.answering import notices
from bot.answering.intents import Intent, folded, is_light, pattern, squeezed, table
from bot.answering.picking import nearest
from bot.answering.understanding import understanding_of
from retrieval.text.analysis import Term, terms
from retrieval.vocabulary import Answer, Coverage, Reason, Refusal, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.answering.evidence import GatheredEvidence
    from bot.answering.picking import PickingLimits
    from bot.answering.understanding import UnderstoodQuestion
    from bot.answering.writing import AnswerDraft
    from retrieval.vocabulary import Article, Citation, Period

# --- before a search ---------------------------------------------------------------------


@lru_cache(maxsize=1)
def _orders() -> re.Pattern[str]:
    listed = table()["not_a_question"]
    return re.compile(f"{listed['before']}(?:{'|'.join(listed['orders'])})")


@lru_cache(maxsize=1)
def _talk() -> re.Pattern[str]:
    listed = "|".join(map(re.escape, table()["not_a_question"]["talk"]))
    return re.compile(rf"^\W*(?:(?:{listed})(?:\W+|$))+$")


@lru_cache(maxsize=1)
def _quoted() -> re.Pattern[str]:
    return re.compile(table()["not_a_question"]["quoted"])


_ONLY_MARKS = re.compile(r"^[\W\d_]*$")


def reason_before_searching(
    asked: UnderstoodQuestion, is_name: Callable[[str], bool]
) -> Reason | None:
    """Why a question is refused without a search; None when it is searched for.

    Talk, orders to the program and marks ask nothing. A question is too vague when nothing is
    left of it beside the words that questions are made of, when it is one word that is no name,
    or when its subject is a pronoun that stands for nobody.

    Args:
        asked: the question.
        is_name: whether the archive writes a word that was typed without a capital as a name.
    """
    plain = folded(squeezed(asked.question.text))
    if _talk().match(plain) or _orders().search(_quoted().sub(" ", plain)):
        return Reason.NOT_A_QUESTION
    if asked.intent is Intent.DAY:
        return None
    if _ONLY_MARKS.match(plain):
        return Reason.NOT_A_QUESTION
    if asked.carried:
        return None
    asks = asked.intent is not Intent.FACT or bool(pattern("asks").search(plain))
    own = terms(asked.subject, asked.question.language)
    subject = [term for term in own if not is_light(term)]
    if not subject and pattern("homograph").search(plain):
        return None
    if not subject:
        return Reason.TOO_VAGUE if own or asks else Reason.NOT_A_QUESTION
    if not asks and len(own) == 1 and not subject[0].is_name:
        return None if is_name(subject[0].text) else Reason.TOO_VAGUE  # "kerloc", not "tramway"
    return Reason.TOO_VAGUE if _dangles(plain, subject) else None


def _dangles(plain: str, subject: Sequence[Term]) -> bool:
    """Whether a subject is a pronoun that nothing before it names: "pourquoi a-t-il démissionné ?".

    In "une grève est-elle prévue ?" the noun stands before it; "il" may also stand for nobody.
    """
    match = pattern("subject_pronoun").search(plain)
    if match is None or len(subject) > 1 or subject[0].is_name:
        return False
    if pattern("impersonal").search(plain):
        return False
    return plain.find(folded(subject[0].text)) > match.start()


# --- after a search ----------------------------------------------------------------------


def near_passages(
    gathered: GatheredEvidence, coverage: Coverage, limits: PickingLimits
) -> tuple[Citation, ...]:
    """The passages to show when no answer is sure; empty when the question is refused.

    It is refused when nothing comes near, or when its period lies outside the archive's.
    """
    if is_outside(gathered.asked.question.period, coverage):
        return ()
    return nearest(gathered.hits, limits)


def refused(
    gathered: GatheredEvidence,
    coverage: Coverage,
    limits: PickingLimits,
    reason: Reason | None = None,
) -> Answer:
    """Make the refusal of a question.

    Args:
        gathered: the question, and what was found for it.
        coverage: what the archive holds.
        limits: when a passage comes near.
        reason: why; by default from what was found (`reason_after_searching`).
    """
    question, near = gathered.asked.question, nearest(gathered.hits, limits)
    found = len(gathered.evidence)
    why = reason or reason_after_searching(question.period, coverage, found)
    known = notices.understood_notices(gathered.asked, gathered.request)
    if why is Reason.NOT_A_QUESTION:  # a greeting after a question was understood as nothing
        known = ()
    elif why is Reason.OUT_OF_PERIOD:  # the reason says the period
        known = tuple(notice for notice in known if notice.key != "period")
    gathered.clock.lap("answer")
    return Answer(
        replace(question, text=gathered.request.shown),
        Status.REFUSED,
        notices=known,
        refusal=refusal(why, coverage, near),
        timings_ms=gathered.clock.total(),
        passages=near,
        confidence=gathered.best,
        understood=understanding_of(gathered.asked, gathered.request),
    )


def is_without_answer(draft: AnswerDraft) -> bool:
    """Whether a model that has finished found no answer: it declined, or wrote no statement."""
    return not draft.statements and (draft.declined is not None or not draft.dropped)


def reason_after_searching(period: Period | None, coverage: Coverage, found: int) -> Reason:
    """Why a question is refused after a search.

    Args:
        period: what the question names.
        coverage: what the archive holds.
        found: how many passages were found.
    """
    if is_outside(period, coverage) or (period is not None and not found):
        return Reason.OUT_OF_PERIOD
    return Reason.NOT_IN_ARCHIVE


def is_outside(period: Period | None, coverage: Coverage) -> bool:
    """Whether a period lies wholly before or after what the archive covers."""
    if period is None or coverage.first is None or coverage.last is None:
        return False
    too_late = period.first is not None and period.first > coverage.last.last_day
    too_early = period.last is not None and period.last < coverage.first.first_day
    return too_late or too_early


def refusal(reason: Reason, coverage: Coverage, near: Sequence[Citation]) -> Refusal:
    """A refusal with the articles of the nearest passages, each once."""
    articles: dict[str, Article] = {one.article.id: one.article for one in near}
    return Refusal(reason, coverage, tuple(articles.values()))
