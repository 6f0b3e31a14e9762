"""Why there is no answer."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answering.evidence import GatheredEvidence
from bot.answering.model_claims import DeclinedAnswer
from bot.answering.picking import load_limits
from bot.answering.refusal import (
    is_outside,
    is_without_answer,
    near_passages,
    reason_after_searching,
    refusal,
    refused,
)
from bot.answering.request import Request, Stopwatch
from bot.answering.writing import AnswerDraft
from retrieval.vocabulary import Citation, Coverage, Period, PublicationDate, Reason, Status
from tests.bot.answering.made import article, asked, hit

COVERAGE = Coverage(3, PublicationDate(2017, 5), PublicationDate(2021, 2, 18))


@pytest.mark.parametrize(
    ("period", "found", "reason"),
    [
        (None, 0, Reason.NOT_IN_ARCHIVE),
        (Period(date(1990, 1, 1), date(1990, 12, 31)), 5, Reason.OUT_OF_PERIOD),
        (Period(date(2022, 1, 1), None), 5, Reason.OUT_OF_PERIOD),
        (Period(date(2018, 1, 1), date(2018, 1, 31)), 0, Reason.OUT_OF_PERIOD),
        (Period(date(2018, 1, 1), date(2018, 1, 31)), 5, Reason.NOT_IN_ARCHIVE),
    ],
)
def test_the_reason(period: Period | None, found: int, reason: Reason) -> None:
    """A period that the archive does not cover, or in which nothing was found, is the reason."""
    assert reason_after_searching(period, COVERAGE, found) is reason


def test_an_archive_without_dates_excludes_nothing() -> None:
    """What is not dated may be of any time."""
    assert not is_outside(Period(date(1990, 1, 1), None), Coverage(2, None, None))


def test_articles_that_come_near_are_named_once() -> None:
    """Two passages of an article name it once."""
    text = article("Le pont a rouvert. Il a coûté cher.")
    near = (Citation(1, text, "Le pont a rouvert.", 0, 18), Citation(2, text, "Il a", 19, 23))
    assert refusal(Reason.NOT_IN_ARCHIVE, COVERAGE, near).nearest == (text,)


BRIDGE = "Le pont de Brume a rouvert lundi après deux ans de travaux."


def gathered(question: str, probability: float) -> GatheredEvidence:
    """A question for which one window was found, which answers with some probability."""
    found = hit(article(BRIDGE), BRIDGE, probability)
    request = Request(question, date(2026, 11, 23))
    return GatheredEvidence(request, asked(question), (found.evidence,), (found,), Stopwatch())


@pytest.mark.parametrize(
    ("question", "probability", "shown"),
    [
        ("Quand le pont a-t-il rouvert ?", load_limits().near, 1),
        ("Quand le pont a-t-il rouvert ?", load_limits().near / 2, 0),
        ("Quand le pont a-t-il rouvert en 1990 ?", 0.9, 0),
    ],
)
def test_without_a_near_passage_of_its_time_a_question_is_refused(
    question: str, probability: float, shown: int
) -> None:
    """Passages are shown when one comes near and the archive covers the period."""
    near = near_passages(gathered(question, probability), COVERAGE, load_limits())
    assert len(near) == shown


def test_a_refusal_says_why_and_what_the_archive_covers() -> None:
    """A refusal outside the archive's period does not repeat the period as a notice."""
    answer = refused(gathered("Le pont en 1990 ?", 0.9), COVERAGE, load_limits())
    assert answer.status is Status.REFUSED
    assert answer.refusal is not None
    assert (answer.refusal.reason, answer.refusal.coverage) == (Reason.OUT_OF_PERIOD, COVERAGE)
    assert answer.notices == ()


@pytest.mark.parametrize(
    ("draft", "without"),
    [
        (AnswerDraft(3), True),
        (AnswerDraft(3, declined=DeclinedAnswer("absent"), dropped=1), True),
        (AnswerDraft(3, dropped=1), False),
    ],
)
def test_a_model_finds_no_answer_when_it_declines_or_writes_nothing(
    draft: AnswerDraft, *, without: bool
) -> None:
    """Statements that were dropped are an answer that could not be proved, not a refusal."""
    assert is_without_answer(draft) is without
