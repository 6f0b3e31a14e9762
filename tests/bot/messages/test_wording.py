"""Answers in words: the same sentences for every front."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.messages.catalogue import Catalogue
from bot.messages.wording import (
    answer_text,
    coverage_line,
    notice_line,
    period_text,
    quoted,
    refusal_lines,
    source_line,
)
from retrieval.vocabulary import (
    Coverage,
    Notice,
    Period,
    PublicationDate,
    Reason,
    Refusal,
    Statement,
    Status,
)
from tests.bot.samples import ANSWERED, ARTICLE, OTHER, QUOTE, REFUSED, citation

FRENCH, ENGLISH = Catalogue("fr"), Catalogue("en")


def test_answer_carries_its_numbers() -> None:
    """Each sentence is followed by the numbers of what supports it."""
    expected = "4.000 personnes l'ont traversé à pied. [1] Les travaux ont duré. [1][2]"
    assert answer_text(FRENCH, ANSWERED) == expected


def test_extractive_sentences_stand_apart() -> None:
    """Sentences cut from articles are one a line: they do not follow on."""
    extractive = replace(ANSWERED, status=Status.EXTRACTIVE)
    assert answer_text(FRENCH, extractive).count("\n") == 1


def test_a_speaker_that_a_sentence_does_not_name_is_said_before_it() -> None:
    """A sentence as it stands, and whose it is, in the reader's language."""
    (first, *_) = ANSWERED.statements
    said = replace(ANSWERED, statements=(replace(first, speaker="Ana Lys"),))
    assert answer_text(FRENCH, said).startswith("Selon Ana Lys\u00a0: 4.000 personnes")
    assert answer_text(ENGLISH, said).startswith("According to Ana Lys: 4.000 personnes")


def test_what_dated_articles_say_differently_is_a_list() -> None:
    """One line an article, with its date, or that it has none."""
    dated = citation(1, QUOTE)
    undated = citation(2, OTHER.text, replace(OTHER, published=None))
    statements = tuple(Statement(one.quote, (one,)) for one in (dated, undated))
    answer = replace(ANSWERED, statements=statements, evolution=True)
    first, second = answer_text(FRENCH, answer).split("\n")
    assert first == f"– 18 février 2021\u00a0: {QUOTE} [1]"
    assert second.startswith("– date inconnue\u00a0: Les travaux")
    assert answer_text(ENGLISH, answer).startswith(f"– 18 February 2021: {QUOTE} [1]\n– ")


def test_the_period_that_was_understood_is_said_back() -> None:
    """The words of the question and their days; an open end is said as one."""
    words, first, last = ("words", "en 2017"), ("first", "2017-01-01"), ("last", "2017-12-31")
    said = notice_line(FRENCH, Notice("period", (words, first, last)))
    assert said == ("Période demandée\u00a0: en 2017 (du 1er janvier 2017 au 31 décembre 2017).")
    assert notice_line(ENGLISH, Notice("period", (("words", ""), first))) == (
        "Period asked for: since 1 January 2017."
    )


def test_refusal_says_why_and_what_there_is() -> None:
    """A refusal has its reason with the period, the coverage, and the nearest articles."""
    reason, coverage, nearest, first, second = refusal_lines(FRENCH, REFUSED)
    assert "en 2017 (du 1er janvier 2017 au 31 décembre 2017)" in reason
    assert "4\N{NARROW NO-BREAK SPACE}000 articles" in coverage
    assert "mai 2020 – 18 février 2021" in coverage
    assert "Le Courrier de Brume, La Feuille et L'Écho" in coverage
    assert nearest.startswith("Articles les plus proches")
    assert ARTICLE.title in first
    assert "journal inconnu" in second


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("texts", [FRENCH, ENGLISH])
def test_every_reason_is_said(texts: Catalogue, reason: Reason) -> None:
    """Each reason has a sentence of its own, with nothing left to fill in."""
    assert REFUSED.refusal is not None
    refused = replace(REFUSED, refusal=replace(REFUSED.refusal, reason=reason))
    said = "\n".join(refusal_lines(texts, refused))
    assert not {"{", "}"} & set(said)
    assert "?" not in said


def test_empty_archive_says_how_to_fill_it() -> None:
    """With nothing in the archive, the reason is that and nothing else."""
    empty = Refusal(Reason.NOT_IN_ARCHIVE, Coverage(0, None, None))
    (line,) = refusal_lines(FRENCH, replace(REFUSED, refusal=empty))
    assert "kiosque index" in line


def test_coverage_of_one_date_or_none() -> None:
    """A single date is not a range, and undated articles are only counted."""
    day = PublicationDate(2017, 5)
    assert coverage_line(FRENCH, Coverage(2, day, day)).endswith("mai 2017.")
    assert coverage_line(ENGLISH, Coverage(1, None, None)) == "The archive holds 1 article."


def test_source_line_names_outlet_and_date() -> None:
    """A source is its title, outlet and date, and says if it was corrected."""
    assert source_line(FRENCH, ARTICLE) == (
        "Le pont de Brume rouvre — Le Courrier de Brume, 18 février 2021"
    )
    assert source_line(ENGLISH, OTHER).endswith("unknown outlet, May 2020 (corrected since)")


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period(date(2017, 5, 24), None), "depuis le 24 mai 2017"),
        (Period(None, date(2017, 5, 24)), "jusqu’au 24 mai 2017"),
        (Period(date(2017, 1, 1), date(2017, 1, 31)), "du 1er janvier 2017 au 31 janvier 2017"),
        (None, "toutes les dates"),
    ],
)
def test_periods_in_words(period: Period | None, said: str) -> None:
    """An open end is said as such."""
    assert period_text(FRENCH, period) == said


def test_quote_stands_in_its_paragraph() -> None:
    """The quote is shown between what its own paragraph says before and after."""
    found = quoted(citation(1, QUOTE))
    assert found.quote == QUOTE
    assert found.before == "Après deux ans de travaux, "
    assert found.after.endswith("mars.")


def test_long_context_is_cut_at_a_word() -> None:
    """An ellipsis marks what was left out, and no word is cut."""
    found = quoted(citation(1, QUOTE), context=14)
    assert found.before == "…de travaux, "
    assert found.after == " La mairie…"


def test_notice_without_sentence_shows_its_key() -> None:
    """A notice that the catalogue does not know is never lost."""
    assert notice_line(FRENCH, Notice("brand_new")) == "brand_new"
