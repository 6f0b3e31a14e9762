"""Judging: what of an answer makes it right, cited, shown or a due correction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Kiosque
from bot.evaluation.outcomes import AnswerOutcome, judged
from bot.evaluation.questions import KnownQuestion
from config.settings import Settings
from retrieval.vocabulary import (
    Answer,
    Article,
    Citation,
    Coverage,
    Question,
    Reason,
    Refusal,
    Statement,
    Status,
)
from tests.sample_home import TODAY

GOLD = "jalonnée de dix-sept stations"
KNOWN = KnownQuestion(
    "1", "Combien ?", articles=("tramway-t2-vote.txt",), quotes=(GOLD,), span="dix-sept stations"
)
UNANSWERABLE = KnownQuestion("2", "Pourquoi seize ?", kind="false-premise", answerable=False)


@pytest.fixture(scope="module")
def app(sample_home: Path) -> Iterator[Kiosque]:
    """Kiosque over the sample articles."""
    with Kiosque(Settings(home=sample_home), lambda: TODAY) as app:
        yield app


@pytest.fixture(scope="module")
def vote(app: Kiosque) -> Article:
    """The article that answers."""
    (id_,) = (e.id for e in app.reader.entries() if e.source.endswith("tramway-t2-vote.txt"))
    return app.reader.article(id_)


def cited(article: Article, quote: str, number: int = 1) -> Citation:
    """A citation of the first place where an article says so."""
    start = article.text.index(quote)
    return Citation(number, article, quote, start, start + len(quote))


def said(text: str, citation: Citation, status: Status = Status.EXTRACTIVE) -> Answer:
    """An answer of one statement."""
    return Answer(Question("?"), status, (Statement(text, (citation,)),), confidence=0.7)


def beginning(article: Article) -> str:
    """Words of an article that are far from the gold quote."""
    words = article.text[:40]
    assert GOLD not in words
    return words


def test_right_by_quote(app: Kiosque, vote: Article) -> None:
    """A citation that overlaps the gold quote is right, whatever the statement says."""
    found = judged(KNOWN, said("Beaucoup.", cited(vote, "de dix-sept")), app.reader)
    assert (found.right_by_quote, found.right_by_span, found.right) == (True, False, True)
    assert (found.cited, found.shown, found.wrong) == (True, True, False)
    assert (found.confidence, found.status) == (0.7, "extractive")


def test_right_by_span(app: Kiosque, vote: Article) -> None:
    """A statement that holds the words that answer is right, and cites the article if it does."""
    found = judged(KNOWN, said("Dix-sept stations.", cited(vote, beginning(vote))), app.reader)
    assert (found.right_by_quote, found.right_by_span, found.right) == (False, True, True)
    assert (found.cited, found.shown) == (True, False)
    (id_,) = (e.id for e in app.reader.entries() if e.source.endswith("crue-mirvolle.txt"))
    other = app.reader.article(id_)
    elsewhere = judged(KNOWN, said("Dix-sept stations.", cited(other, other.text[:30])), app.reader)
    assert (elsewhere.right, elsewhere.cited) == (True, False)


def test_touching_is_not_overlapping(app: Kiosque, vote: Article) -> None:
    """A quote that ends where the gold one begins shares no word with it."""
    start = vote.text.index(GOLD)
    before = Citation(1, vote, vote.text[start - 20 : start], start - 20, start)
    found = judged(KNOWN, said("Rien.", before), app.reader)
    assert (found.right, found.wrong) == (False, True)


def test_nearest_passages_say_nothing(app: Kiosque, vote: Article) -> None:
    """Shown passages may hold the gold quote, and are neither right nor wrong."""
    shown = (cited(vote, beginning(vote)), cited(vote, GOLD, 2))
    answer = Answer(Question("?"), Status.PASSAGES, passages=shown)
    found = judged(KNOWN, answer, app.reader)
    assert (found.said, found.right, found.wrong, found.shown) == (False, False, False, True)
    assert found.nearest_right is False
    first = judged(KNOWN, replace(answer, passages=shown[1:]), app.reader)
    assert first.nearest_right is True


def refused(app: Kiosque, known: KnownQuestion) -> AnswerOutcome:
    """How a refusal of a question is judged."""
    refusal = Refusal(Reason.NOT_IN_ARCHIVE, Coverage(14, None, None))
    return judged(known, Answer(Question("?"), Status.REFUSED, refusal=refusal), app.reader)


def test_refusals(app: Kiosque) -> None:
    """A refusal is due when the archive has no answer, and says its reason."""
    assert refused(app, UNANSWERABLE).succeeded
    assert not refused(app, KNOWN).succeeded
    assert refused(app, KNOWN).text == "not_in_archive"


def test_answer_to_an_unanswerable_question(app: Kiosque, vote: Article) -> None:
    """It is wrong, unless it cites the correction that the file marks."""
    answer = said("Dix-sept, et non seize.", cited(vote, GOLD), Status.ANSWERED)
    wrong = judged(UNANSWERABLE, answer, app.reader)
    assert (wrong.wrong, wrong.succeeded, wrong.shown) == (True, False, None)
    right = judged(replace(UNANSWERABLE, corrections=(GOLD,)), answer, app.reader)
    assert (right.wrong, right.succeeded, right.right) == (False, True, False)


def test_question_with_groups_keeps_to_them(app: Kiosque, vote: Article) -> None:
    """Where a file says what an answer must hold, a citation alone is not enough."""
    known = replace(KNOWN, span="", must_contain=(("dix-huit",),))
    found = judged(known, said("Dix-sept.", cited(vote, GOLD)), app.reader)
    assert (found.right_by_quote, found.right) == (True, False)


def test_quote_that_the_archive_does_not_hold(app: Kiosque, vote: Article) -> None:
    """A quote of an article that says something else by now is inexact."""
    changed = replace(vote, text="x" + vote.text)
    found = judged(KNOWN, said("Dix-sept.", cited(changed, GOLD)), app.reader)
    assert found.inexact_quotes == 1
