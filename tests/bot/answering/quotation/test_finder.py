"""Quotes looked for in the sample archive, by both ways through the pipeline."""

from __future__ import annotations

import pytest

from bot.answering.findings import Publication, QuoteReport
from retrieval.vocabulary import Answer, Status
from tests.bot.answering.conftest import Ask


def found(ask: Ask, text: str) -> QuoteReport:
    """The report of a question that asks for a quote."""
    answer: Answer = ask(text)
    assert isinstance(answer, QuoteReport)
    return answer


def test_an_exact_quote(ask: Ask) -> None:
    """Cut from the article, whatever the marks of the question."""
    report = found(
        ask, 'Qui a dit "une ville de 140 000 habitants ne peut plus vivre avec un seul axe" ?'
    )
    assert (report.publication, report.status) == (Publication.EXACT, Status.EXTRACTIVE)
    (match,) = report.matches
    assert match.citation.quote.endswith("avec un seul axe")
    assert str(match.citation.article.published) == "2016-10-12"


def test_an_altered_quote(ask: Ask) -> None:
    """The nearest that was published, with what was changed."""
    report = found(ask, "Citation : une ville de 140 000 habitants doit vivre avec un seul axe")
    assert report.publication is Publication.NEAREST
    assert [one.published for one in report.matches[0].differences] == ["ne peut plus"]


@pytest.mark.parametrize(
    "quote",
    ["Le soleil se lèvera demain sur nos usines fermées", "We shall fight on the beaches", "xyzzy"],
)
def test_an_invented_quote(ask: Ask, quote: str) -> None:
    """Never published so, and nothing is shown as if it were."""
    report = found(ask, f"Citation : {quote}")
    assert (report.publication, report.statements) == (Publication.NEVER, ())
    assert report.status is Status.REFUSED
    assert report.coverage.articles > 0


def test_one_word(ask: Ask) -> None:
    """A word is found where it stands."""
    assert found(ask, "Citation : brancard").publication is Publication.EXACT


def test_another_speaker(ask: Ask) -> None:
    """A real quote under a name that its article does not have is said to be so."""
    words = "« ne peut plus vivre avec un seul axe »"
    wrong = found(ask, f"Zoé Tanguy a-t-elle dit {words} ?")
    assert [one.key for one in wrong.notices] == ["quote_speaker"]
    assert found(ask, f"Hélène Castagnet a-t-elle dit {words} ?").notices == ()


def test_a_quote_of_100_000_characters(ask: Ask) -> None:
    """Its beginning is looked for; the answer is clear."""
    assert found(ask, "Citation : " + "tramway " * 12_500).publication is Publication.NEVER
